"""China, Ministry of Ecology and Environment: grid CO2 factors, fuel defaults, enforcement constants."""

import re
from dataclasses import dataclass, replace
from fractions import Fraction

from ghg.rounding import ratio_text
from services.factors.catalogue.contribution import Contribution, new_factor, new_property
from services.factors.catalogue.importers.ipcc import IpccTables
from services.factors.catalogue.pack_model import ActivityType, Dataset, Factor, FuelProperty, GasPart
from services.factors.catalogue.printed_numbers import printed_number
from services.factors.catalogue.refusals import UnmappedRow
from services.factors.catalogue.row_ledger import RowLedger
from services.factors.catalogue.source_files import CsvRow, SourceFolder
from services.factors.catalogue.taxonomy import activity_types_named, written_activity_types
from services.factors.catalogue.wording import CO2_ONLY, NM3

ELECTRICITY = "cn-mee/electricity_co2_factors.csv"
FUELS = "cn-mee/fuel_default_coefficients.csv"
CONSTANTS = "cn-mee/other_constants.csv"

CARBON_TO_CO2 = Fraction(44, 12)
_LAST_DIGIT = Fraction(1, 1_000_000)  # of the products that the fuel table prints
FUEL_TABLE = "industry-guideline default table"
OLDER_FUEL_TABLE = "GB/T 2589 NCV + provincial inventory guideline carbon content (older)"

CHINESE_MINISTRY = "Ministry of Ecology and Environment of the People's Republic of China"
NOTICE_LICENCE = "Government notice: facts without copyright (Copyright Law of the PRC, art. 5)"

_PURPOSES = {
    "average": "location_average",
    "excluding market-traded non-fossil electricity": "residual",
    "fossil-fuel electricity only": "fossil",
}
_PROVINCE = re.compile("CN-(AH|BJ|CQ|FJ|GD|GS|GX|GZ|HA|HB|HE|HI|HL|HN|JL|JS|JX|LN|NM|NX|QH|SC|SD|SH|SN|SX|TJ|XJ|YN|ZJ)")  # ISO 3166-2:CN
_GRID = re.compile("CN-grid-(north|northeast|east|central|northwest|south|southwest)")

# The IPCC fuel whose CH4 and N2O stand in for a Chinese fuel that has no namesake in the IPCC list.
_IPCC_STAND_INS = {
    "washed coal": "Coking Coal",
    "other washed coal": "Other Bituminous Coal",
    "crude benzene": "Coal Tar",
    "calcium carbide furnace gas": "Oxygen Steel Furnace Gas",
    "other coal gas": "Gas Works Gas",
    "raw coal": "Other Bituminous Coal",
}

# Of the older table these fuels alone are not in the newer one: there they answer, and their calorific value serves, without being named.
_ONLY_IN_OLDER_TABLE = {"raw coal"}
_FROM_OLDER_TABLE = "From the table that the industry guidelines replaced; for comparison with older inventories."
OLDER = "older table: GB/T 2589 and provincial inventory guideline"

_DOUBTS = {"LNG": "Looks low beside other tables (IPCC natural gas: 48.0 GJ/t): prefer the supplier's analysis."}


def import_cn_mee(sources: SourceFolder, ipcc: IpccTables) -> Contribution:
    """Grid factors of 2021 to 2023, fuels of two tables composed gas by gas, ETS constants and the heat default."""
    share = Contribution()
    _electricity(sources, share)
    _fuels(sources, ipcc, share)
    _constants(sources, share)
    return share


def _dataset(dataset_id: str, name: str, title: str, *, edition: str, year: int | None = None, published_on: str | None = None) -> Dataset:
    """A data set of the ministry; without a year it has no vintage. An edition that is an address is known by its year."""
    url = edition if edition.startswith("https://") else None
    return Dataset(
        id=dataset_id,
        name=name,
        publisher=CHINESE_MINISTRY,
        title=title,
        edition=str(year) if url else edition,
        year=year,
        published_on=published_on,
        licence=NOTICE_LICENCE,
        attribution=f"{CHINESE_MINISTRY}, {title}",
        tier="A",
        url=url,
        has_vintage=year is not None,
        is_global=False,
        source_files=(),
    )


def _region(code: str) -> str:
    if code == "CN" or _PROVINCE.fullmatch(code):
        return code
    if grid := _GRID.fullmatch(code):
        return f"grid:CN-{grid[1].upper()}"
    raise UnmappedRow(f"{ELECTRICITY}: unknown region {code!r}")


def _electricity(sources: SourceFolder, share: Contribution) -> None:
    rows = list(sources.csv_rows(ELECTRICITY))
    for year in sorted({int(row.cells["data_year"]) for row in rows}):
        of_year = [row for row in rows if row.cells["data_year"] == str(year)]
        notice, published = of_year[0].cells["source_document"], of_year[0].cells["published"]
        title = f"{notice.removeprefix('MEE & NBS ')} (with the National Bureau of Statistics): CO2 factors of electricity {year}"
        name = f"China grid CO2 factors {year}"
        dataset = _dataset(f"cn-mee-electricity-{year}", name, title, edition=notice, year=year, published_on=published)
        ledger = RowLedger(dataset.id, ELECTRICITY, [(row.id, row.text) for row in of_year])
        for row in of_year:
            share.factors.append(_grid_factor(row, dataset))
            ledger.load(row.id)
        share.datasets.append(replace(dataset, source_files=(ledger.source_file(),)))


def _grid_factor(row: CsvRow, dataset: Dataset) -> Factor:
    cells = row.cells
    if (cells["unit"], cells["gas_coverage"]) != ("kgCO2/kWh", "CO2 only"):
        raise UnmappedRow(f"{ELECTRICITY} {row.id}: unknown unit or gas {cells['unit']!r}, {cells['gas_coverage']!r}")
    if cells["kind"] not in _PURPOSES:
        raise UnmappedRow(f"{ELECTRICITY} {row.id}: unknown kind of factor {cells['kind']!r}")
    purpose = _PURPOSES[cells["kind"]]
    gas = GasPart("CO2", printed_number(cells["value"]), None, dataset.id, row.id, cells["value"], cells["unit"], "as printed")
    return new_factor(
        written_activity_types()["electricity.grid"],
        dataset,
        _region(cells["region_code"]),
        "kWh",
        (gas,),
        purpose=purpose,
        is_default=purpose == "location_average",
        gas_coverage="CO2",
        source_row=f"{row.id}: {cells['region_zh']} {cells['region_en']}, {cells['kind']}",
        value_printed=cells["value"],
        unit_printed=cells["unit"],
        quality=cells["verification"],
        notes=(CO2_ONLY,),
    )


@dataclass(frozen=True, slots=True)
class _Fuel:
    """One row of the fuel table, in the unit that its factor has: tonne, or standard cubic metre (the table prints 10 000)."""

    row: CsvRow
    unit: str
    gj_per_unit: Fraction
    co2_kg_per_unit: Fraction
    co2_derivation: str

    @property
    def is_default(self) -> bool:
        """Whether the fuel answers without being named: each of the newer table, and what that one lacks."""
        return self.row.cells["table"] == FUEL_TABLE or self.row.cells["fuel_en"] in _ONLY_IN_OLDER_TABLE


def _fuel(row: CsvRow) -> _Fuel:
    cells = row.cells
    divisors = {("GJ/t", "tCO2/t"): ("t", 1), ("GJ/1e4 Nm3", "tCO2/1e4 Nm3"): ("Nm3", 10_000)}
    if (cells["ncv_unit"], cells["co2_unit"]) not in divisors or cells["carbon_unit"] != "tC/GJ":
        raise UnmappedRow(f"{FUELS} {row.id}: unknown units {cells['ncv_unit']!r}, {cells['carbon_unit']!r}, {cells['co2_unit']!r}")
    unit, divisor = divisors[cells["ncv_unit"], cells["co2_unit"]]
    gj = printed_number(cells["ncv"]) / divisor
    co2 = gj * printed_number(cells["carbon_content"]) * printed_number(cells["oxidation_rate"]) * CARBON_TO_CO2 * 1000
    if abs(co2 * divisor / 1000 - printed_number(cells["co2_factor"])) > _LAST_DIGIT:
        raise UnmappedRow(
            f"{FUELS} {row.id}: prints {cells['co2_factor']} {cells['co2_unit']}, which is not the product of its own figures"
        )
    printed = f"{cells['ncv']} {cells['ncv_unit']} × {cells['carbon_content']} tC/GJ × {cells['oxidation_rate']} × 44/12 × 1000 kg/t"
    return _Fuel(row, unit, gj, co2, printed + (f" ÷ {divisor}" if divisor != 1 else ""))


def _fuels(sources: SourceFolder, ipcc: IpccTables, share: Contribution) -> None:
    newer = "Default net calorific values, carbon contents and oxidation rates of the industry accounting guidelines"
    older = "Calorific values of GB/T 2589, carbon contents and oxidation rates of the provincial inventory guideline"
    datasets = {
        FUEL_TABLE: _dataset("cn-mee-fuels", "China fuel defaults", newer, edition=FUEL_TABLE),
        OLDER_FUEL_TABLE: _dataset("cn-fuels-older", "China fuel defaults, older table", older, edition=OLDER_FUEL_TABLE),
    }
    rows = list(sources.csv_rows(FUELS))
    if unknown := {row.cells["table"] for row in rows} - datasets.keys():
        raise UnmappedRow(f"{FUELS}: unknown table {sorted(unknown)}")
    for table, dataset in datasets.items():
        of_table = [row for row in rows if row.cells["table"] == table]
        ledger = RowLedger(dataset.id, FUELS, [(row.id, row.text) for row in of_table])
        for row in of_table:
            _fuel_row(row, dataset, ipcc, share)
            ledger.load(row.id)
        share.datasets.append(replace(dataset, source_files=(ledger.source_file(),)))


def _fuel_row(row: CsvRow, dataset: Dataset, ipcc: IpccTables, share: Contribution) -> None:
    """The factors of one fuel, and its calorific value, of which one serves in China: that of the newer table."""
    fuel = _fuel(row)
    activities = activity_types_named("cn-mee", row.cells["fuel_en"])
    ncv = new_property(
        activities,
        dataset,
        "CN",
        name="net_calorific_value",
        value=fuel.gj_per_unit,
        unit=f"GJ_net/{fuel.unit}",
        row=row.id,
        printed_value=row.cells["ncv"],
        printed_unit=row.cells["ncv_unit"],
    )
    properties = (ncv,) if fuel.is_default else ()
    share.properties += properties
    share.factors += [_fuel_factor(activity, fuel, properties, dataset, ipcc) for activity in activities]


def _fuel_factor(activity: ActivityType, fuel: _Fuel, properties: tuple[FuelProperty, ...], dataset: Dataset, ipcc: IpccTables) -> Factor:
    cells = fuel.row.cells
    printed = f"{cells['ncv']}; {cells['carbon_content']}; {cells['oxidation_rate']}"
    units = f"{cells['ncv_unit']}; {cells['carbon_unit']}; oxidation rate"
    co2 = GasPart("CO2", fuel.co2_kg_per_unit, None, dataset.id, fuel.row.id, printed, units, fuel.co2_derivation)
    per_tj = ipcc.methane_and_nitrous_oxide(activity, _IPCC_STAND_INS.get(cells["fuel_en"]))
    others = tuple(
        replace(
            part,
            kg_per_unit=part.kg_per_unit * fuel.gj_per_unit / 1000,
            derivation=f"{part.printed_value} kg/TJ × {ratio_text(fuel.gj_per_unit)} GJ/{fuel.unit} ÷ 1000 GJ/TJ",
        )
        for part in per_tj.gases
    )
    return new_factor(
        activity,
        dataset,
        "CN",
        fuel.unit,
        (co2, *others),
        gas_coverage="CO2+CH4+N2O",
        conditions=NM3 if fuel.unit == "Nm3" else None,
        properties=tuple(used.id for used in properties),
        technology=None if fuel.is_default else OLDER,
        is_default=fuel.is_default,
        source_row=f"{fuel.row.id}: {cells['fuel_zh']} {cells['fuel_en']}",
        value_printed=cells["co2_factor"],
        unit_printed=cells["co2_unit"],
        quality=cells["verification"],
        notes=(
            "CO2 is NCV × carbon content × oxidation rate × 44/12 exactly; the printed, rounded product is not used.",
            f"CH4 and N2O: IPCC 2006, {per_tj.description}, with this row's NCV.",
            *([_DOUBTS[cells["fuel_en"]]] if cells["fuel_en"] in _DOUBTS else []),
            *([_FROM_OLDER_TABLE] if cells["table"] == OLDER_FUEL_TABLE else []),
        ),
    )


def _constants(sources: SourceFolder, share: Contribution) -> None:
    rows = list(sources.csv_rows(CONSTANTS))
    years = {
        "national grid average CO2 factor used in the national ETS and older enterprise guidelines": 2021,
        "national grid average CO2 factor (2022 ETS notice, Feb 2023)": 2022,
    }
    for row in rows:
        name, cells = row.cells["name"], row.cells
        if name in years:
            title, what, year = "Grid emission factor for the national emissions trading system", "China ETS grid factor", years[name]
            dataset = _dataset(f"cn-ets-electricity-{year}", f"{what} {year}", title, edition=cells["source"], year=year)
            share.factors.append(_constant(row, dataset, "electricity.grid", ("tCO2/MWh", "kWh", Fraction(1)), "ets_compliance"))
        elif name == "purchased heat/steam default":
            title = "Default CO2 factor of purchased heat and steam"
            dataset = _dataset("cn-heat-default", "China heat default", title, edition=cells["source"])
            unit = ("tCO2/GJ", "GJ", Fraction(1000))
            share.factors += [_constant(row, dataset, activity, unit, None) for activity in ("heat.purchased", "steam.purchased")]
        else:
            raise UnmappedRow(f"{CONSTANTS} {row.id}: unknown constant {name!r}")
        ledger = RowLedger(dataset.id, CONSTANTS, [(row.id, row.text)])
        ledger.load(row.id)
        share.datasets.append(replace(dataset, source_files=(ledger.source_file(),)))


def _constant(row: CsvRow, dataset: Dataset, activity: str, unit: tuple[str, str, Fraction], purpose: str | None) -> Factor:
    printed_unit, factor_unit, kg_per_printed = unit
    cells = row.cells
    if cells["unit"] != printed_unit:
        raise UnmappedRow(f"{CONSTANTS} {row.id}: unit {cells['unit']!r}, expected {printed_unit!r}")
    derivation = f"{cells['value']} {printed_unit} = {ratio_text(printed_number(cells['value']) * kg_per_printed)} kg/{factor_unit}"
    mass = printed_number(cells["value"]) * kg_per_printed
    gas = GasPart("CO2", mass, None, dataset.id, row.id, cells["value"], printed_unit, derivation)
    return new_factor(
        written_activity_types()[activity],
        dataset,
        "CN",
        factor_unit,
        (gas,),
        purpose=purpose,
        is_default=purpose is None,
        gas_coverage="CO2",
        source_row=f"{row.id}: {cells['name']}",
        value_printed=cells["value"],
        unit_printed=printed_unit,
        quality=cells["verification"],
        notes=(CO2_ONLY, f"Applies to: {cells['applies_to']}."),
    )
