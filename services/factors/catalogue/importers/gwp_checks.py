"""Files of GWP values that make no factor: each row is held against the accounting's own values and against the blends' compositions.

CO2e always follows from a gas and the GWP set in use, so a GWP is never a factor. What these files say is checked at every build.
"""

import csv
import io
import json
from collections.abc import Iterable
from dataclasses import dataclass, replace
from fractions import Fraction

from ghg.errors import MissingGwp, UnknownGas
from ghg.gwp import GWP_SETS, gwp_set, usual_name
from ghg.rounding import ratio_text
from services.factors.catalogue.contribution import Contribution
from services.factors.catalogue.importers.gwp import BLENDS, constituent
from services.factors.catalogue.pack_model import Dataset, GasPart
from services.factors.catalogue.refusals import UnmappedRow
from services.factors.catalogue.row_ledger import RowLedger
from services.factors.catalogue.source_files import SourceFolder

OPENCLIMATEDATA = "gwp/globalwarmingpotentials.csv"
AR6_METRICS = "gwp/ar6_7sm_metrics.csv"
SPLIT_METHANE = {"AR5": "gwp/ar5_fossil_biogenic.json", "AR6": "gwp/ar6_fossil_biogenic.json"}
COMPUTED_BLENDS = "gwp/refrigerant_blend_gwp_computed.csv"

SAME = "a GWP, not a factor: checked to be the value of the accounting"
UNKNOWN_GAS = "a GWP of a gas that this accounting does not have"
UNSPLIT_METHANE = "a GWP, not a factor: AR6 methane without its origin (27.9), where the accounting has 29.8 fossil and 27.0 biogenic"
EARLY_SF6 = "a GWP, not a factor: SF6 of AR6 is 25,200 in an early text, 24,300 in the final table, which the accounting has"
BLEND = "a GWP of a blend, not a factor: checked to be what the composition gives"
MISREAD_BLEND = (
    "a GWP of a blend, not a factor: computed with HFC-152 where the blend holds HFC-152a, and so not what its composition gives"
)

_FORMULAS = {
    "CHF3": "HFC-23",
    "CH2F2": "HFC-32",
    "CHF2CF3": "HFC-125",
    "CH2FCF3": "HFC-134a",
    "CH3CF3": "HFC-143a",
    "CH3CHF2": "HFC-152a",
}
_METHANE = {"MethaneFossil": "CH4_fossil", "MethaneBiogenic": "CH4_biogenic"}
_PERFLUOROCARBONS = {"CF4", "C2F6", "C3F8", "c-C4F8"}
_WITH_HFC_152A = {"R-405A", "R-500"}
_EARLY_SF6 = Fraction(25200)
_AR6_METHANE = Fraction("27.9")


@dataclass(frozen=True, slots=True)
class _Checked:
    """A row with what was found."""

    row: str
    text: str
    reason: str


def import_gwp_checks(sources: SourceFolder) -> Contribution:
    """Five data sets without factors: all rows are excluded, each with what it was checked against."""
    share = Contribution()
    _account("gwp-openclimatedata", "GWP table SAR to AR6", OPENCLIMATEDATA, "CC0 (openclimatedata)", _openclimatedata(sources), share)
    _account("gwp-ar6-metrics", "GWP table of AR6", AR6_METRICS, "MIT (chrisroadmap/ar6)", _ar6_metrics(sources), share)
    for name, path in SPLIT_METHANE.items():
        dataset = f"gwp-{name.lower()}-methane-by-origin"
        _account(
            dataset,
            f"GWPs of {name}, methane by origin",
            path,
            "MIT (agirgol/carbon-accounting-dotnet)",
            _split_methane(sources, name, path),
            share,
        )
    _account("gwp-blends", "GWPs of refrigerant blends", COMPUTED_BLENDS, "BSD-3-Clause (openscm-units)", _blends(sources), share)
    return share


def _account(dataset_id: str, name: str, path: str, licence: str, checked: Iterable[_Checked], share: Contribution) -> None:
    rows = list(checked)
    file = path.rpartition("/")[2]
    dataset = Dataset(
        dataset_id, name, "IPCC values, compiled by others", file, "", None, None, licence, f"IPCC values as compiled in {file}", "A", None,
        has_vintage=False, is_global=True, source_files=(),
    )  # fmt: skip
    ledger = RowLedger(dataset.id, path, [(row.row, row.text) for row in rows])
    for row in rows:
        ledger.exclude(row.reason, row.row)
    share.datasets.append(replace(dataset, source_files=(ledger.source_file(),)))
    share.excluded_rows += ledger.excluded_rows()


def _known(*spellings: str) -> str | None:
    for spelling in filter(None, spellings):
        try:
            return usual_name(spelling)
        except UnknownGas:
            continue
    return None


def _difference(set_name: str, gas: str, printed: str, where: str) -> str:
    """The reason for one value: it is the accounting's, or differs in a way that is known.

    raises    UnmappedRow, if it differs otherwise, or if only one of the two has a value
    """
    try:
        ours: Fraction | None = gwp_set(set_name).of(gas)
    except MissingGwp:
        ours = None
    theirs = Fraction(printed) if printed else None
    if theirs == ours:
        return SAME
    if (set_name, gas, theirs) == ("AR6", "SF6", _EARLY_SF6):
        return EARLY_SF6
    if (set_name, gas, theirs) == ("AR6", "CH4_biogenic", _AR6_METHANE):
        return UNSPLIT_METHANE
    raise UnmappedRow(
        f"{where}: {set_name} {gas} is {printed or 'blank'}, the accounting has {'none' if ours is None else ratio_text(ours)}"
    )


def _openclimatedata(sources: SourceFolder) -> Iterable[_Checked]:
    """The columns of AR4, AR5 and AR6 over 100 years; the other reports and horizons are not those of the accounting."""
    text = sources.read(OPENCLIMATEDATA).decode()
    comments = sum(line.startswith("#") for line in text.splitlines())
    reader = csv.DictReader(io.StringIO("\n".join(text.splitlines()[comments:])))
    for cells in reader:
        row, species = f"line {reader.line_num + comments}", cells["Species"]
        gas = "CH4_biogenic" if species == "CH4" else _known(species)
        reasons = {UNKNOWN_GAS} if gas is None else {_difference(name, gas, cells[f"{name}GWP100"], row) for name in GWP_SETS}
        (reason,) = reasons - {SAME} or {SAME}
        yield _Checked(row, " | ".join(cell for cell in cells.values() if cell), reason)


def _ar6_metrics(sources: SourceFolder) -> Iterable[_Checked]:
    for row in sources.csv_rows(AR6_METRICS):
        cells = row.cells
        gas = "CH4_biogenic" if cells["Formula"] == "CH4" else _known(cells["Acronym"], cells["Formula"], cells["Name"])
        yield _Checked(row.id, row.text, UNKNOWN_GAS if gas is None else _difference("AR6", gas, cells["GWP100"], row.id))


def _split_methane(sources: SourceFolder, set_name: str, path: str) -> Iterable[_Checked]:
    for value in json.loads(sources.read(path))["values"]:
        gas = _METHANE.get(value["gas"]) or _FORMULAS.get(value["formula"]) or usual_name(value["formula"])
        reason = _difference(set_name, gas, str(value["gwp"]), value["gas"])
        yield _Checked(value["gas"], f"{set_name} | {value['formula']} | {value['gwp']}", reason)


def _blends(sources: SourceFolder) -> Iterable[_Checked]:
    """Of all constituents with a GWP, and of hydrofluorocarbons and perfluorocarbons alone; 1/10,000 is the file's last digit."""
    composition: dict[str, list[tuple[str, GasPart]]] = {}
    for row in sources.csv_rows(BLENDS):
        composition.setdefault(row.cells["ashrae"], []).append((row.cells["component"], constituent(row)))
    for row in sources.csv_rows(COMPUTED_BLENDS):
        cells, is_same = row.cells, True
        for name in GWP_SETS:
            left_out = cells[f"{name}_components_without_gwp"].replace(";", " ").split()
            parts = [part for written, part in composition[cells["ashrae"]] if written not in left_out]
            fluorocarbons = [part for part in parts if part.gas.startswith("HFC-") or part.gas in _PERFLUOROCARBONS]
            for column, counted in (("all", parts), ("hfc_pfc_only", fluorocarbons)):
                total = sum((part.kg_per_unit * gwp_set(name).of(part.gas) for part in counted), Fraction(0))
                is_same &= abs(total - Fraction(cells[f"{name}_{column}"])) <= Fraction(1, 10_000)
        if is_same == (cells["ashrae"] in _WITH_HFC_152A):
            raise UnmappedRow(f"{COMPUTED_BLENDS} {row.id}: the GWP of {cells['ashrae']} is not what its composition gives")
        yield _Checked(row.id, row.text, BLEND if is_same else MISREAD_BLEND)
