"""AMEE process data of 2011: the few default factors that print a unit; the rest are parameters, copies and values without unit."""

import csv
import io
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, replace

from services.factors.catalogue.contribution import Contribution, new_factor
from services.factors.catalogue.pack_model import Dataset, GasPart
from services.factors.catalogue.printed_numbers import printed_number
from services.factors.catalogue.refusals import UnmappedRow
from services.factors.catalogue.row_ledger import RowLedger
from services.factors.catalogue.source_files import SourceFolder
from services.factors.catalogue.taxonomy import table_rows, written_activity_types

PATH = "amee-mit/amee_process_factors_2011_MIT.zip"
_SUFFIX = "__data.csv"
_PRODUCTION = "business__processes__production__"
_ANODES, _CELLS = f"{_PRODUCTION}aluminium__defaults", f"{_PRODUCTION}aluminium__pfc__defaults"
_CARBONATES = f"{_PRODUCTION}lime__carbonate"

_DATASET = Dataset(
    "amee-processes-2011",
    "AMEE process defaults 2011",
    "AMEE",
    "AMEE process data",
    "2011",
    None,
    None,
    "MIT",
    "Copyright (c) 2011 Andrew Berkeley, MIT licence; values of the GHG Protocol's calculation tools and the IPCC",
    "A",
    None,
    has_vintage=False,
    is_global=False,
    source_files=(),
)


@dataclass(frozen=True, slots=True)
class _Columns:
    """The columns that name a row, those that hold a gas, and the unit that must be printed."""

    names: tuple[str, ...]
    gases: dict[str, str]
    unit: str


_COLUMNS = {
    _CELLS: _Columns(("cellType",), {"defCf4EmisFact": "CF4", "defC2f6EmisFact": "C2F6"}, "kg/kgAl"),
    f"{_PRODUCTION}nitricAcid": _Columns(("plantType",), {"defEmFact": "N2O"}, "kgN20/kgHNO"),
    f"{_PRODUCTION}hcfc22__productionDataOnly": _Columns(("type",), {"defEmissFact": "HFC-23"}, "kgHFC-23/kgHCFC-22"),
    f"{_PRODUCTION}pulpAndPaper__directEmissions": _Columns(("type", "chemical"), {"emisFact": "CO2"}, "kgCO2/kgChemical"),
    _CARBONATES: _Columns(("carbonateType",), {"defEF": "CO2"}, "fraction"),
}
_ANODE_COLUMNS = _Columns(("processType",), {"defEmisFact": "CO2"}, "kgCO2/kgAl")
_NOTES = {
    _CELLS: "CO2 of the anode and PFCs of the anode effect, from two tables; a plant's own measurement is better.",
    _CARBONATES: "Mass of CO2 per mass of carbonate, fully calcined. The file gives the last formulas to the wrong carbonates.",
}
_SAME_CARBONATE = ("Soda Ash", "Sodium Carbonate")


@dataclass(frozen=True, slots=True)
class _Row:
    """One data row of one of the tables in the archive."""

    file: str
    line: int
    cells: dict[str, str]

    @property
    def id(self) -> str:
        return f"{self.file} line {self.line}"

    @property
    def text(self) -> str:
        return " | ".join(cell for cell in self.cells.values() if cell)

    def name(self, columns: _Columns) -> str:
        return " | ".join(self.cells[column] for column in columns.names)


def import_amee(sources: SourceFolder) -> Contribution:
    """Factors by mass without region or year; the data set does not declare itself worldwide, so each is used only when named."""
    rows = list(_rows(sources))
    reasons = {row["file"]: row["reason"] for row in table_rows("amee_files.csv")}
    if unknown := sorted({row.file for row in rows} - reasons.keys()):
        raise UnmappedRow(f"{PATH}: unknown table {unknown[0]!r}: add it to tables/amee_files.csv")
    ledger = RowLedger(_DATASET.id, PATH, [(row.id, row.text) for row in rows])
    share = Contribution()
    by_file: dict[str, list[_Row]] = {}
    for row in rows:
        by_file.setdefault(row.file, []).append(row)
        if reason := reasons[row.file]:
            ledger.exclude(reason, row.id)
    _exclude_soda_ash(by_file[_CARBONATES], ledger)
    for file, columns in _COLUMNS.items():
        for row in by_file[file]:
            if row.name(columns) != _SAME_CARBONATE[0]:
                _factor(row, columns, by_file[_ANODES] if file == _CELLS else [], ledger, share)
    share.datasets.append(replace(_DATASET, source_files=(ledger.source_file(),)))
    share.excluded_rows += ledger.excluded_rows()
    return share


def _rows(sources: SourceFolder) -> Iterator[_Row]:
    with zipfile.ZipFile(io.BytesIO(sources.read(PATH))) as archive:
        for name in sorted(archive.namelist()):
            if name.endswith(_SUFFIX):
                reader = csv.DictReader(io.StringIO(archive.read(name).decode(), newline=""))
                for cells in reader:
                    yield _Row(name.removesuffix(_SUFFIX), reader.line_num, cells)


def _exclude_soda_ash(rows: list[_Row], ledger: RowLedger) -> None:
    """Soda ash is sodium carbonate, which has a row of its own.

    raises    UnmappedRow, if the two have different values
    """
    double, kept = ({row.cells["carbonateType"]: row for row in rows}[name] for name in _SAME_CARBONATE)
    if double.cells["defEF"] != kept.cells["defEF"]:
        raise UnmappedRow(f"{double.id}: soda ash and sodium carbonate differ")
    ledger.exclude(f"the same as {kept.id} under another name, checked equal", double.id)


def _factor(row: _Row, columns: _Columns, anodes: list[_Row], ledger: RowLedger, share: Contribution) -> None:
    known = {(one["file"], one["row"]): one for one in table_rows("amee_factors.csv")}.get((row.file, row.name(columns)))
    if known is None:
        raise UnmappedRow(f"{row.id}: unknown process {row.name(columns)!r}: add it to tables/amee_factors.csv")
    parts = _parts(row, columns)
    for anode in anodes:
        if anode.cells["processType"].casefold() in row.name(columns).casefold():
            parts = (*_parts(anode, _ANODE_COLUMNS), *parts)
            ledger.load(anode.id)
    share.factors.append(
        new_factor(
            written_activity_types()[known["activity_type"]],
            _DATASET,
            "GLO",
            "kg",
            parts,
            technology=known["technology"] or None,
            is_default=not known["technology"],
            gas_coverage="+".join(part.gas for part in parts),
            source_row=f"{', '.join(dict.fromkeys(part.row for part in parts))}: {row.name(columns)}",
            value_printed="; ".join(part.printed_value for part in parts),
            unit_printed="; ".join(dict.fromkeys(part.printed_unit for part in parts)),
            notes=(f"Source: {row.cells['source']}.", *([_NOTES[row.file]] if row.file in _NOTES else [])),
        )
    )
    ledger.load(row.id)


def _parts(row: _Row, columns: _Columns) -> tuple[GasPart, ...]:
    if row.cells["units"] != columns.unit:
        raise UnmappedRow(f"{row.id}: unknown unit {row.cells['units']!r}")
    return tuple(
        GasPart(gas, printed_number(row.cells[column]), None, _DATASET.id, row.id, row.cells[column], columns.unit, "as printed")
        for column, gas in columns.gases.items()
    )
