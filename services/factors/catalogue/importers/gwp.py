"""Refrigerants per kilogram: blends by composition, single gases as themselves; and the file of GWP values."""

from dataclasses import replace
from fractions import Fraction

from ghg.errors import UnknownGas
from ghg.gwp import GWP_SETS, usual_name
from services.factors.catalogue.contribution import Contribution, new_factor
from services.factors.catalogue.pack_model import Dataset, GasPart
from services.factors.catalogue.printed_numbers import printed_number
from services.factors.catalogue.refusals import UnmappedRow
from services.factors.catalogue.row_ledger import RowLedger
from services.factors.catalogue.source_files import CsvRow, SourceFolder
from services.factors.catalogue.taxonomy import activity_type_of

VALUES = "gwp/gwp100_tidy.csv"
BLENDS = "gwp/refrigerant_blend_composition.csv"

# Names that the composition file gives to another gas than the blend holds (ASHRAE 34).
_MISNAMED = {("R-500", "HFC152"): "HFC-152a", ("R-405A", "HFC152"): "HFC-152a", ("R-514A", "HFC1336mzz"): "HFO-1336mzz(Z)"}
_NOT_RELEASED_AS_SUCH = {"CH4_fossil", "CH4_biogenic", "N2O"}

BLENDS_SET = Dataset(
    "refrigerant-blends",
    "Refrigerants by composition",
    "openscm-units contributors",
    "Refrigerant blend compositions (ASHRAE 34)",
    "",
    None,
    None,
    "BSD-3-Clause",
    "Refrigerant blend compositions from openscm-units (BSD-3-Clause)",
    "A",
    None,
    has_vintage=False,
    is_global=True,
    source_files=(),
)
VALUES_SET = Dataset(
    "ipcc-gwp",
    "IPCC GWP-100 values",
    "Intergovernmental Panel on Climate Change",
    "GWP-100 of AR4, AR5 and AR6",
    "AR4, AR5, AR6",
    None,
    None,
    "CC0 and facts",
    "IPCC assessment reports, by openclimatedata/globalwarmingpotentials (CC0) and AR6 WG1 7.SM.7",
    "A",
    None,
    has_vintage=False,
    is_global=True,
    source_files=(),
)


def import_gwp_and_refrigerants(sources: SourceFolder) -> Contribution:
    """Blends and single gases in kg of gas per kg released: CO2e follows from the GWP set in use, so none is stored."""
    share = Contribution()
    in_blends = _blends(sources, share)
    in_values = _values(sources, share)
    for gas, (dataset, row) in sorted((in_blends | in_values).items()):
        part = GasPart(gas, Fraction(1), None, dataset, row, "1", "kg/kg", "1 kg released is 1 kg of the gas")
        _refrigerant(gas, BLENDS_SET if dataset == BLENDS_SET.id else VALUES_SET, (part,), row, share)
    return share


def _refrigerant(name: str, dataset: Dataset, parts: tuple[GasPart, ...], row: str, share: Contribution) -> None:
    activity = activity_type_of("refrigerant", f"refrigerant.{name}", f"{name} released", f"{name} 逸散")
    share.activity_types.append(activity)
    share.factors.append(
        new_factor(
            activity,
            dataset,
            "GLO",
            "kg",
            parts,
            gas_coverage="+".join(part.gas for part in parts),
            source_row=row,
            value_printed="; ".join(part.printed_value for part in parts),
            unit_printed=parts[0].printed_unit,
        )
    )


def _blends(sources: SourceFolder, share: Contribution) -> dict[str, tuple[str, str]]:
    rows = list(sources.csv_rows(BLENDS))
    ledger = RowLedger(BLENDS_SET.id, BLENDS, [(row.id, row.text) for row in rows])
    components: dict[str, tuple[str, str]] = {}
    for name in dict.fromkeys(row.cells["ashrae"] for row in rows):
        parts = tuple(constituent(row) for row in rows if row.cells["ashrae"] == name)
        if sum(part.kg_per_unit for part in parts) != 1:
            raise UnmappedRow(f"{BLENDS}: the components of {name} do not add up to 100 %")
        _refrigerant(name, BLENDS_SET, parts, ", ".join(part.row for part in parts), share)
        ledger.load(*(part.row for part in parts))
        components |= {part.gas: (BLENDS_SET.id, part.row) for part in reversed(parts) if part.gas not in components}
    share.datasets.append(replace(BLENDS_SET, source_files=(ledger.source_file(),)))
    return components


def constituent(row: CsvRow) -> GasPart:
    """One gas of a blend, kg per kg of the blend, under the name of the gas that the blend really holds."""
    cells = row.cells
    name, percent = cells["component"], cells["mass_percent"]
    gas = _MISNAMED.get((cells["ashrae"], name)) or usual_name(name)
    written = f"{percent} % by mass" + (
        f"; the source writes {name}, the blend holds {gas}" if (cells["ashrae"], name) in _MISNAMED else ""
    )
    return GasPart(gas, printed_number(percent) / 100, None, BLENDS_SET.id, row.id, percent, "% by mass", written)


def _values(sources: SourceFolder, share: Contribution) -> dict[str, tuple[str, str]]:
    """The gases of the file of GWP values. The values themselves live in ghg/gwp_values.py; a test compares the two."""
    rows = list(sources.csv_rows(VALUES))
    ledger = RowLedger(VALUES_SET.id, VALUES, [(row.id, row.text) for row in rows])
    gases: dict[str, tuple[str, str]] = {}
    for row in rows:
        if reason := _value_exclusion(row):
            ledger.exclude(reason, row.id)
            continue
        ledger.load(row.id)
        if row.cells["species"] != "CH4":
            gases[usual_name(row.cells["species"])] = (VALUES_SET.id, row.id)
    share.datasets.append(replace(VALUES_SET, source_files=(ledger.source_file(),)))
    share.excluded_rows += ledger.excluded_rows()
    return {gas: place for gas, place in gases.items() if gas not in _NOT_RELEASED_AS_SUCH}


def _value_exclusion(row: CsvRow) -> str | None:
    cells = row.cells
    if cells["gwp_set"] not in GWP_SETS:
        return f"{cells['gwp_set']}: the accounting works with {', '.join(GWP_SETS)}"
    if cells["variant"] == "superseded":
        return f"superseded: {cells['note']}"
    if cells["variant"] == "unsplit":
        return "the accounting tells fossil from biogenic methane"
    try:
        usual_name("CH4_fossil" if cells["species"] == "CH4" else cells["species"])
    except UnknownGas:
        return "not a gas of this accounting"
    return None
