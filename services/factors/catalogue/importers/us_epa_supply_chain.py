"""US EPA: supply chain emission factors per dollar spent, by NAICS-6 commodity: versions 1.2 and 1.3.0 in CO2e, 1.3.0 by gas."""

from dataclasses import dataclass, replace
from functools import cache
from itertools import groupby

from ghg.rounding import ratio_text
from services.factors.catalogue.contribution import Contribution, new_factor
from services.factors.catalogue.pack_model import ActivityType, Dataset, GasPart
from services.factors.catalogue.printed_numbers import printed_number
from services.factors.catalogue.refusals import UnmappedRow
from services.factors.catalogue.row_ledger import RowLedger
from services.factors.catalogue.source_files import CsvRow, SourceFolder
from services.factors.catalogue.taxonomy import activity_type_of, table_rows

_PUBLISHER = "U.S. Environmental Protection Agency"
_LICENCE = "US Government work: public domain"
_CODE, _TITLE, _GAS, _UNIT = "2017 NAICS Code", "2017 NAICS Title", "GHG", "Unit"
_MARGINS = "Margins of Supply Chain Emission Factors"


@dataclass(frozen=True, slots=True)
class _Column:
    """One of the two printed factors. Both are per dollar that the purchaser pays: the unit column says so in every row."""

    name: str
    technology: str | None
    scope: str


_COLUMNS = (
    _Column(
        "Supply Chain Emission Factors with Margins",
        None,
        "Cradle to shelf: with the margins of transport, wholesale and retail, as a purchaser pays them.",
    ),
    _Column(
        "Supply Chain Emission Factors without Margins",
        "without margins",
        "Cradle to factory gate: for goods bought from their producer. Per dollar at purchaser prices too, as its unit column says.",
    ),
)


@dataclass(frozen=True, slots=True)
class _Version:
    dataset: Dataset
    path: str
    price_year: int
    notes: tuple[str, ...]


def _version(version: str, price_year: int, path: str, *notes: str, suffix: str = "", name: str = "") -> _Version:
    title = f"Supply Chain Greenhouse Gas Emission Factors {version} by NAICS-6{name}"
    dataset = Dataset(
        id=f"us-epa-supply-chain-{version.removeprefix('v')}{suffix}",
        name=f"US EPA supply chain factors {version}{name}",
        publisher=_PUBLISHER,
        title=title,
        edition=version,
        year=price_year,
        published_on=None,
        licence=_LICENCE,
        attribution=f"{_PUBLISHER}, {title}",
        tier="A",
        url="https://www.epa.gov/climateleadership/supply-chain-greenhouse-gas-emission-factors",
        has_vintage=True,
        is_global=False,
        source_files=(),
    )
    return _Version(dataset, f"us-epa-supply-chain/{path}", price_year, notes)


V_1_2 = _version(
    "v1.2",
    2021,
    "v1.2_NAICS_CO2e_USD2021.csv",
    "The file names no GWP set: CO2e as printed, on a basis that is not stated.",
    "Superseded by v1.3.0, which is lower for most commodities: a trend that changes version needs a base-year check.",
)
V_1_3 = _version("v1.3.0", 2022, "v1.3.0_NAICS_CO2e_USD2022.csv", "CO2e on AR5: the same version's file by gas gives it with AR5's values.")
V_1_3_BY_GAS = _version(
    "v1.3.0",
    2022,
    "v1.3.0_NAICS_byGHG_USD2022.csv",
    "Methane is fossil and biogenic in one figure: booked as fossil, whose GWP is the higher one. EPA's own CO2e counts it at 28.",
    "HFCs and PFCs that the source does not name are CO2e on AR5 and stay so in every GWP set.",
    suffix="-by-gas",
    name=", by gas",
)
_GWP_BASIS = {V_1_2.dataset.id: "unstated", V_1_3.dataset.id: "AR5"}

_UNNAMED = "HFCs and PFCs, unspecified"
_GASES = {
    "Carbon dioxide": "CO2",
    "Methane": "CH4_fossil",
    "Nitrous oxide": "N2O",
    "Carbon tetrafluoride": "CF4",
    "Hexafluoroethane": "C2F6",
    "Perfluoropropane": "C3F8",
    "Perfluorobutane": "C4F10",
    "Perfluorocyclobutane": "c-C4F8",
    "Perfluorohexane": "C6F14",
    "HFC-23": "HFC-23",
    "HFC-32": "HFC-32",
    "HFC-125": "HFC-125",
    "HFC-134a": "HFC-134a",
    "HFC-143a": "HFC-143a",
    "HFC-236fa": "HFC-236fa",
    "Nitrogen trifluoride": "NF3",
    "Sulfur hexafluoride": "SF6",
    _UNNAMED: "CO2e",
}

# By the version in which the row stands: what a reader who compares versions would stumble over.
_ROW_NOTES = {
    ("v1.3.0", "562212"): "v1.2 prints 10.989 for landfills: v1.3.0 merges them with other waste treatment.",
    ("v1.2", "562212"): "v1.3.0 prints 0.988: it merges landfills with other waste treatment.",
}


def import_us_epa_supply_chain(sources: SourceFolder) -> Contribution:
    """Two factors per commodity and data set, of which the one with margins is the default.

    Of the two data sets of v1.3.0 that by gas answers, since resolution takes gases rather than CO2e alone: its masses can be put to any
    GWP set. Who wants EPA's own CO2e, with 28 for all methane, prefers the other data set.
    """
    share = Contribution()
    activities: dict[str, ActivityType] = {}
    for version in (V_1_2, V_1_3):
        rows = list(sources.csv_rows(version.path))
        ledger = RowLedger(version.dataset.id, version.path, [(row.id, row.text) for row in rows])
        for row in rows:
            _co2e_factors(row, version, _activity(row, activities), share)
            ledger.load(row.id)
        share.datasets.append(replace(version.dataset, source_files=(ledger.source_file(),)))
    _by_gas(sources, activities, share)
    share.activity_types += activities.values()
    return share


@cache
def _chinese_names() -> dict[str, str]:
    return {row["code"]: row["name_zh"] for row in table_rows("naics_names_zh.csv")}


def _activity(row: CsvRow, known: dict[str, ActivityType]) -> ActivityType:
    code, title = row.cells[_CODE], row.cells[_TITLE]
    if code not in _chinese_names():
        raise UnmappedRow(f"{row.id}: unknown NAICS code {code!r}, {title!r}: add it to tables/naics_names_zh.csv")
    activity = activity_type_of("spend", f"spend.naics.{code}", title, _chinese_names()[code], f"NAICS 2017 commodity {code}.")
    if known.setdefault(code, activity) != activity:
        raise UnmappedRow(f"{row.id}: NAICS {code} is {title!r} here and {known[code].name_en!r} in another file")
    return activity


def _co2e_factors(row: CsvRow, version: _Version, activity: ActivityType, share: Contribution) -> None:
    cells = row.cells
    if (cells[_GAS], cells[_UNIT]) != ("All GHGs", f"kg CO2e/{version.price_year} USD, purchaser price"):
        raise UnmappedRow(f"{version.path} {row.id}: unknown gas or unit {cells[_GAS]!r}, {cells[_UNIT]!r}")
    notes = [*version.notes, *_sum_note(row)]
    if (version.dataset.edition, cells[_CODE]) in _ROW_NOTES:
        notes.append(_ROW_NOTES[version.dataset.edition, cells[_CODE]])
    for column in _COLUMNS:
        basis = _GWP_BASIS[version.dataset.id]
        gas = GasPart(
            "CO2e", printed_number(cells[column.name]), basis, version.dataset.id, row.id, cells[column.name], cells[_UNIT], "as printed"
        )
        _factor(activity, version, column, (gas,), f"{row.id}: NAICS {cells[_CODE]}, {column.name}", notes, share)


def _sum_note(row: CsvRow) -> list[str]:
    """A flag where the three printed columns, each rounded, do not add up."""
    with_margins, without = (row.cells[column.name] for column in _COLUMNS)
    margins = row.cells[_MARGINS]
    total = printed_number(without) + printed_number(margins)
    if total == printed_number(with_margins):
        return []
    return [f"The printed columns do not add up: {without} + {margins} = {ratio_text(total)}, printed is {with_margins}."]


def _by_gas(sources: SourceFolder, activities: dict[str, ActivityType], share: Contribution) -> None:
    version = V_1_3_BY_GAS
    rows = list(sources.csv_rows(version.path))
    ledger = RowLedger(version.dataset.id, version.path, [(row.id, row.text) for row in rows])
    for code, of_code in groupby(sorted(rows, key=lambda row: row.cells[_CODE]), key=lambda row: row.cells[_CODE]):
        of_commodity = sorted(of_code, key=lambda row: list(_GASES).index(_checked_gas(row, version)))
        if [row.cells[_GAS] for row in of_commodity] != list(_GASES):
            raise UnmappedRow(f"{version.path}: NAICS {code} does not have each of the {len(_GASES)} gases once")
        activity = _activity(of_commodity[0], activities)
        for column in _COLUMNS:
            gases = tuple(_mass(row, column, version) for row in of_commodity)
            source_row = f"{of_commodity[0].id} and others: NAICS {code}, {column.name}, {len(gases)} rows"
            _factor(activity, version, column, gases, source_row, version.notes, share)
        ledger.load(*(row.id for row in of_commodity))
    share.datasets.append(replace(version.dataset, source_files=(ledger.source_file(),)))


def _checked_gas(row: CsvRow, version: _Version) -> str:
    gas, unit = row.cells[_GAS], row.cells[_UNIT]
    if gas not in _GASES:
        raise UnmappedRow(f"{version.path} {row.id}: unknown gas {gas!r}")
    if unit != f"{'kg CO2e' if gas == _UNNAMED else 'kg'}/{version.price_year} USD, purchaser price":
        raise UnmappedRow(f"{version.path} {row.id}: unknown unit {unit!r} of {gas}")
    return gas


def _mass(row: CsvRow, column: _Column, version: _Version) -> GasPart:
    gas, printed = _GASES[row.cells[_GAS]], row.cells[column.name]
    basis = "AR5" if gas == "CO2e" else None
    return GasPart(gas, printed_number(printed), basis, version.dataset.id, row.id, printed, row.cells[_UNIT], "as printed")


def _factor(
    activity: ActivityType,
    version: _Version,
    column: _Column,
    gases: tuple[GasPart, ...],
    source_row: str,
    notes: list[str] | tuple[str, ...],
    share: Contribution,
) -> None:
    share.factors.append(
        new_factor(
            activity,
            version.dataset,
            "US",
            "USD",
            gases,
            technology=column.technology,
            is_default=column.technology is None,
            gas_coverage="CO2e" if len(gases) == 1 else "CO2+CH4+N2O+HFC+PFC+SF6+NF3",
            source_row=source_row,
            value_printed="; ".join(gas.printed_value for gas in gases),
            unit_printed=gases[0].printed_unit,
            price_year=version.price_year,
            price_basis="purchaser",
            notes=(column.scope, *notes),
        )
    )
