"""Thailand: factors of organisations (CFO) by the Thailand Greenhouse Gas Management Organization (TGO), April 2022."""

from dataclasses import dataclass, replace
from fractions import Fraction

from ghg.gwp import gwp_set
from ghg.rounding import ratio_text
from services.factors.catalogue.contribution import Contribution, new_factor
from services.factors.catalogue.pack_model import ActivityType, Dataset, Factor, GasPart
from services.factors.catalogue.printed_numbers import printed_number
from services.factors.catalogue.refusals import UnmappedRow
from services.factors.catalogue.row_ledger import RowLedger
from services.factors.catalogue.source_files import CsvRow, SourceFolder
from services.factors.catalogue.taxonomy import activity_types_named, table_rows, written_activity_types

PATH = "thailand-tgo/tgo_cfo_2022-04.csv"
TGO = "Thailand Greenhouse Gas Management Organization (TGO)"
TGO_LICENCE = "Published for footprint calculation, licence not stated; values cited as facts with attribution"

GRID_YEAR = 2018  # the last year of "Grid mix 2016-2018"

# TGO's total counts methane of fossil fuels at 30 and that of biomass at 28 (AR5, with climate-carbon feedback of fossil methane).
_GWPS = {"CO2": Fraction(1), "CH4_fossil": Fraction(30), "CH4_biogenic": Fraction(28), "N2O": Fraction(265)}
_SIGNIFICANT = Fraction(5, 1000)  # of each gas, which is printed with three digits

_UNITS = {"scf": "scf", "MJ": "MJ_net", "kg": "kg", "litre": "L", "m3": "m3", "kWh": "kWh"}
_REFRIGERANTS = {
    "R-22 (HCFC-22)": "HCFC-22",
    "R-32": "HFC-32",
    "R-125": "HFC-125",
    "R-134": "HFC-134",
    "R-134a": "HFC-134a",
    "R-143": "HFC-143",
    "R-143a": "HFC-143a",
}
_BIOGENIC = " (CO2only)"  # the biogenic CO2 of the fuel of that name

_DATASET = Dataset(
    "tgo-cfo-2022-04",
    "Thailand TGO organisation factors",
    TGO,
    "Emission factors for the carbon footprint of organisations (CFO)",
    "April 2022",
    None,
    None,
    TGO_LICENCE,
    f"{TGO}, emission factors CFO, April 2022",
    "A*",
    "https://thaicarbonlabel.tgo.or.th",
    has_vintage=True,
    is_global=False,
    source_files=(),
)
_ZERO = "CH4 and N2O are printed as 0 where IPCC gives no value: they are left out."
_GRID = "Grid mix of 2016 to 2018, combustion in power stations; another series than that of EPPO: never mix the two in one inventory."


@dataclass(frozen=True, slots=True)
class _Use:
    """What a row of the file is in this catalogue."""

    activities: tuple[ActivityType, ...]
    technology: str | None
    is_default: bool


def import_thailand_tgo(sources: SourceFolder) -> Contribution:
    """Fuels in place, on the road and off it, gas by gas; the grid mix; refrigerants are checked against AR5."""
    share = Contribution()
    rows = list(sources.csv_rows(PATH))
    ledger = RowLedger(_DATASET.id, PATH, [(_id(row), row.text) for row in rows])
    biogenic = {row.cells["name"].removesuffix(_BIOGENIC): row for row in rows if row.cells["name"].endswith(_BIOGENIC)}
    for row in rows:
        if reason := _exclusion(row):
            ledger.exclude(reason, _id(row))
            continue
        if not row.cells["name"].endswith(_BIOGENIC):
            share.factors += _factors(row, biogenic.pop(row.cells["name"], None))
        ledger.load(_id(row))
    if biogenic:
        raise UnmappedRow(f"{PATH}: biogenic CO2 of no fuel: {sorted(biogenic)}")
    share.datasets.append(replace(_DATASET, source_files=(ledger.source_file(),)))
    share.excluded_rows += ledger.excluded_rows()
    return share


def _id(row: CsvRow) -> str:
    return f"no. {row.cells['no']}"


def _exclusion(row: CsvRow) -> str | None:
    if row.cells["section"] != "Refrigerants":
        return None
    gas, printed = _REFRIGERANTS.get(row.cells["name"]), printed_number(row.cells["kgCO2e_per_unit_AR5"])
    if gas is None or gwp_set("AR5").of(gas) != printed:
        raise UnmappedRow(f"{PATH} {_id(row)}: {row.cells['name']!r} is unknown, or {ratio_text(printed)} is not its GWP of AR5")
    return "the GWP-100 of AR5, not a mass: one kilogram released is one kilogram of the refrigerant, which the catalogue has"


def _use(row: CsvRow) -> _Use:
    for use in table_rows("tgo_cfo_uses.csv"):
        if (use["section"], use["name"]) == (row.cells["section"], row.cells["name"]):
            activities = activity_types_named("thailand-tgo", use["fuel"])
            in_vehicles = row.cells["section"].startswith("Mobile")
            kept = tuple(one for one in activities if (one.category == "mobile_combustion") == in_vehicles)
            return _Use(kept, use["technology"] or None, use["is_default"] == "yes")
    raise UnmappedRow(f"{PATH} {_id(row)}: unknown {row.cells['section']!r}, {row.cells['name']!r}: add it to tables/tgo_cfo_uses.csv")


def _factors(row: CsvRow, carbon_dioxide: CsvRow | None) -> list[Factor]:
    cells = row.cells
    if cells["unit"] not in _UNITS or (carbon_dioxide and carbon_dioxide.cells["unit"] != cells["unit"]):
        raise UnmappedRow(f"{PATH} {_id(row)}: unknown unit {cells['unit']!r}")
    is_grid = cells["section"] == "Electricity, grid mix"
    use = _Use((written_activity_types()["electricity.grid"],), None, True) if is_grid else _use(row)
    methane = "CH4_biogenic" if carbon_dioxide else "CH4_fossil"
    printed = {"CO2": cells["kgCO2_per_unit"], methane: cells["kgCH4_per_unit"], "N2O": cells["kgN2O_per_unit"]}
    gases = tuple(_part(row, gas, value) for gas, value in printed.items() if value and printed_number(value))
    _check_total(row, gases)
    return [
        new_factor(
            activity,
            _DATASET,
            "TH",
            _UNITS[cells["unit"]],
            gases,
            data_year=GRID_YEAR if is_grid else None,
            purpose="location_average" if is_grid else None,
            technology=use.technology,
            is_default=use.is_default,
            biogenic_co2=None if carbon_dioxide is None else _part(carbon_dioxide, "CO2", carbon_dioxide.cells["kgCO2_per_unit"]),
            gas_coverage="+".join(part.gas.partition("_")[0] for part in gases),
            source_row=f"{_id(row)}: {cells['section']}, {cells['name']}",
            value_printed=cells["kgCO2e_per_unit_AR5"],
            unit_printed=f"kgCO2e/{cells['unit']} (AR5)",
            notes=(
                f"Reference: {cells['reference']}.",
                *([_GRID] if is_grid else []),
                *([_ZERO] if any(value and not printed_number(value) for value in printed.values()) else []),
            ),
        )
        for activity in use.activities
    ]


def _part(row: CsvRow, gas: str, printed: str) -> GasPart:
    unit = f"kg {gas.partition('_')[0]}/{row.cells['unit']}"
    return GasPart(gas, printed_number(printed), None, _DATASET.id, _id(row), printed, unit, "as printed")


def _check_total(row: CsvRow, gases: tuple[GasPart, ...]) -> None:
    """The gases, each printed with three digits, give the printed total by TGO's GWPs."""
    total = sum((part.kg_per_unit * _GWPS[part.gas] for part in gases), Fraction(0))
    printed = printed_number(row.cells["kgCO2e_per_unit_AR5"])
    if abs(total - printed) > total * _SIGNIFICANT + Fraction(1, 20000):
        raise UnmappedRow(f"{PATH} {_id(row)}: its gases give {ratio_text(total)}, it prints {ratio_text(printed)}")
