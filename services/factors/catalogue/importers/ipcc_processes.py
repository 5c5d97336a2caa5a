"""IPCC 2006 Guidelines, volumes 3 and 5: industrial processes and waste, from exports of the Emission Factor Database (EFDB)."""

import html
import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import groupby

from ghg.gwp import usual_name
from ghg.rounding import ratio_text
from services.factors.catalogue.contribution import Contribution, new_factor
from services.factors.catalogue.importers.ipcc import efdb_id, ipcc_dataset
from services.factors.catalogue.pack_model import Dataset, Factor, GasPart
from services.factors.catalogue.printed_numbers import is_range, printed_number
from services.factors.catalogue.refusals import UnmappedRow
from services.factors.catalogue.row_ledger import RowLedger
from services.factors.catalogue.source_files import CsvRow, SourceFolder
from services.factors.catalogue.taxonomy import table_rows, written_activity_types

PROCESSES = "ipcc/efdb_2006_industrial_processes.csv"
WASTE = "ipcc/efdb_2006_waste.csv"


@dataclass(frozen=True, slots=True)
class _Export:
    """One file of the database; `name` is that of its two tables: which rows make a factor, which quantities are parameters.

    methane  fossil from minerals and feedstocks, biogenic from waste
    """

    path: str
    name: str
    dataset: Dataset
    methane: str


_EXPORTS = (
    _Export(
        PROCESSES,
        "ipcc_process",
        ipcc_dataset("ipcc-2006-processes", "IPCC 2006 industrial processes", "Volume 3: industrial processes (EFDB export)", volume=3),
        "CH4_fossil",
    ),
    _Export(
        WASTE, "ipcc_waste", ipcc_dataset("ipcc-2006-waste", "IPCC 2006 waste", "Volume 5: waste (EFDB export)", volume=5), "CH4_biogenic"
    ),
)

_GASES = {
    "CARBON DIOXIDE": "CO2",
    "NITROUS OXIDE": "N2O",
    "Sulphur Hexafluoride": "SF6",
    "Nitrogen Trifluoride": "NF3",
}
_MASSES = {"tonne": Fraction(1000), "kg": Fraction(1), "g": Fraction(1, 1000)}
_PER = {"tonne": "t", "kg": "kg", "m^2": "m2"}
# Mass of a gas per mass or area of something; the something is in the activity type.
_RATIO = re.compile(r"(?P<mass>tonne|kg|g)s? ?\S*(?: (?P<gas>[A-Z]\S*))? ?/ ?(?P<per>tonne|kg|m\^2)s?\b.*", re.IGNORECASE)
_SHARE = re.compile(r"fraction( \[amount of gas emitted per .*)?|% of total quantity of SF6 produced")
_OTHER_UNITS = {
    "kg/plane/year": (Fraction(1), "unit"),
    "g N2O/person/year": (Fraction(1, 1000), "unit"),
    "g/ton MSW wet weight": (Fraction(1, 1000), "t"),  # 6.5 g per kilogram in section 5.4.2: tonnes
    "Kg N2O-N/kg -N": (Fraction(44, 28), "kg"),  # nitrogen to nitrous oxide
}

_IN_GIGAJOULES = {f"EFDB {number}" for number in range(213981, 213986)}
_GIGAJOULES_OF_FUEL = "holds gigajoules of fuel per tonne of ammonia under the unit of an emission factor (29.7 where 1.666 is right)"
_SEVERAL_GASES = "a share of a mixture of several gases: the mass of each gas released goes to refrigerant.*"
_NOT_ONE_NUMBER = "a range, not one number"
_BLANK = "blank: the Guidelines give no value"

_MISPRINTED_GAS = {"EFDB 214177": "the unit says CF4, the row is of C2F6 (table 6.2)"}


def import_ipcc_processes(sources: SourceFolder) -> Contribution:
    """Mass of each gas per unit of product, raw material, gas fed, area or waste treated."""
    share = Contribution()
    for export in _EXPORTS:
        _read(export, sources, share)
    return share


def _read(export: _Export, sources: SourceFolder, share: Contribution) -> None:
    rows = {efdb_id(row): row for row in sources.csv_rows(export.path)}
    ledger = RowLedger(export.dataset.id, export.path, [(row_id, html.unescape(row.text)) for row_id, row in rows.items()])
    meanings = table_rows(f"{export.name}_factors.csv")
    for _, of_factor in groupby(meanings, key=lambda meaning: (meaning["activity_type"], meaning["technology"], meaning["region"])):
        share.factors.append(_factor(list(of_factor), rows, export))
    loaded = {f"EFDB {meaning['efdb_id']}" for meaning in meanings}
    ledger.load(*sorted(loaded))
    for row_id, row in rows.items():
        if row_id not in loaded:
            ledger.exclude(_exclusion(row_id, row, export), row_id)
    share.datasets.append(replace(export.dataset, source_files=(ledger.source_file(),)))
    share.excluded_rows += ledger.excluded_rows()


def _exclusion(row_id: str, row: CsvRow, export: _Export) -> str:
    cells = {name: html.unescape(cell) for name, cell in row.cells.items()}
    if row_id in _IN_GIGAJOULES:
        return _GIGAJOULES_OF_FUEL
    for parameter in table_rows(f"{export.name}_parameters.csv"):
        if cells["quantity"].startswith(parameter["quantity"]):
            return parameter["reason"]
    if not cells["value"]:
        return _BLANK
    if is_range(cells["value"]):
        return _NOT_ONE_NUMBER
    if cells["gas"] not in _GASES and " " in cells["gas"]:
        return _SEVERAL_GASES
    raise UnmappedRow(
        f"{export.path} {row_id}: unknown {cells['quantity']!r}: add it to tables/{export.name}_factors.csv or _parameters.csv"
    )


def _factor(meanings: list[dict[str, str]], rows: dict[str, CsvRow], export: _Export) -> Factor:
    meaning, read = meanings[0], [_part(meaning, rows, export) for meaning in meanings]
    gases, units = tuple(part for part, _ in read), {unit for _, unit in read}
    activity = written_activity_types()[meaning["activity_type"]]
    if len(units) != 1 or len({gas.gas for gas in gases}) != len(gases):
        raise UnmappedRow(f"{export.path}: the rows of {activity.id} are not of one unit and a gas each: {[gas.row for gas in gases]}")
    return new_factor(
        activity,
        export.dataset,
        meaning["region"],
        units.pop(),
        gases,
        technology=meaning["technology"] or None,
        is_default=meaning["is_default"] == "yes",
        gas_coverage="+".join(gas.gas.partition("_")[0] for gas in gases),
        source_row=", ".join(gas.row for gas in gases),
        value_printed="; ".join(gas.printed_value for gas in gases),
        unit_printed="; ".join(dict.fromkeys(gas.printed_unit for gas in gases)),
        notes=tuple(_notes(rows[gases[0].row].cells, gases)),
    )


def _notes(cells: dict[str, str], gases: Iterable[GasPart]) -> Iterable[str]:
    yield f"{html.unescape(cells['quantity'])}."
    for label in ("technology", "conditions", "region", "abatement"):
        text = html.unescape(cells[label])
        if text and "Comments from data provider" not in text:
            yield f"{label.capitalize()}: {text.rstrip('.')}."
    yield from (f"{gas.row}: {_MISPRINTED_GAS[gas.row]}." for gas in gases if gas.row in _MISPRINTED_GAS)


def _part(meaning: dict[str, str], rows: dict[str, CsvRow], export: _Export) -> tuple[GasPart, str]:
    """One gas and the unit that it is counted per; shares are kilograms of the gas per kilogram of gas."""
    row_id = f"EFDB {meaning['efdb_id']}"
    if row_id not in rows:
        raise UnmappedRow(f"{export.path}: {row_id} of tables/{export.name}_factors.csv is not in the file")
    cells = {name: html.unescape(cell) for name, cell in rows[row_id].cells.items()}
    if cells["unit"] != meaning["unit_printed"]:
        raise UnmappedRow(f"{export.path} {row_id}: unit {cells['unit']!r}, reviewed was {meaning['unit_printed']!r}")
    gas = export.methane if cells["gas"] == "METHANE" else _GASES.get(cells["gas"]) or usual_name(cells["gas"])
    ratio, unit = _unit(cells["unit"])
    mass, derivation = printed_number(cells["value"]) * ratio, f"2006 IPCC GL {_table(cells['source_table'])}"
    if ratio != 1:
        derivation += f": {cells['value']} {cells['unit']} = {ratio_text(mass)} kg/{unit}"
    return GasPart(gas, mass, None, export.dataset.id, row_id, cells["value"], cells["unit"], derivation), unit


def _unit(text: str) -> tuple[Fraction, str]:
    """Kilograms per printed number, and the unit that the factor is per."""
    if text in _OTHER_UNITS:
        return _OTHER_UNITS[text]
    if _SHARE.fullmatch(text):
        return Fraction(1, 100) if text.startswith("%") else Fraction(1), "kg"
    if found := _RATIO.fullmatch(text):
        return _MASSES[found["mass"].lower()], _PER[found["per"].lower()]
    raise UnmappedRow(f"unknown unit {text!r} in an export of the EFDB")


def _table(source: str) -> str:
    """`Volume 3, Chapter 2, Table 2.1` of the citation of the 2006 Guidelines."""
    found = re.search(r"2006 IPCC Guidelines[^(]*\((Volume 3, [^)]*)\)", source)
    return found[1] if found else source
