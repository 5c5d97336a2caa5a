"""IPCC 2006 Guidelines, volume 2: stationary and mobile combustion per TJ (net), and net calorific values."""

import html
from collections.abc import Iterable
from dataclasses import dataclass, replace

from services.factors.catalogue.contribution import Contribution, new_factor, new_property
from services.factors.catalogue.pack_model import ActivityType, Dataset, GasPart
from services.factors.catalogue.printed_numbers import printed_number
from services.factors.catalogue.refusals import UnmappedRow
from services.factors.catalogue.row_ledger import RowLedger
from services.factors.catalogue.source_files import CsvRow, SourceFolder
from services.factors.catalogue.taxonomy import activity_types_named

STATIONARY = "ipcc/ipcc2006_stationary_combustion.csv"
MOBILE = "ipcc/efdb_2006_mobile_combustion.csv"
CALORIFIC = "ipcc/ipcc2006_ncv_carbon_content.csv"

DEFAULT_SECTOR = "manufacturing & construction"
ROAD = "1.A.3.b - Road Transportation"

_VOLUMES = {2: "Volume 2: Energy", 3: "Volume 3: Industrial Processes and Product Use", 5: "Volume 5: Waste"}
_LICENCE = "Default values cited as facts; IPCC site terms (free for non-commercial use, no re-compilation) to be checked by counsel"

# Table 3.2.2 gives motor gasoline three times; cars with a catalyst are the usual fleet, so that row answers by default.
_DEFAULT_PETROL = "Oxidaton Catalyst"  # spelled so in the source
_DEFAULT_CATEGORIES = {
    "Jet Kerosene": "1.A.3.a - Civil Aviation",
    "Jet Gasoline": "1.A.3.a - Civil Aviation",
    "Aviation Gasoline": "1.A.3.a - Civil Aviation",
    "Sub-Bituminous Coal": "1.A.3.c - Railways",
}
_MOBILE_GASES = {"METHANE": "CH4_fossil", "NITROUS OXIDE": "N2O"}
_WEIGHTING = "a weighting factor of engine designs, not an emission factor"
_PER_VEHICLE = ("mg/km", "mg/start")  # read by ipcc_vehicles.py into a data set of their own


@dataclass(frozen=True, slots=True)
class PerTerajoule:
    """CH4 and N2O of one fuel and use, kg per TJ on the net calorific basis."""

    gases: tuple[GasPart, GasPart]
    description: str


@dataclass(frozen=True, slots=True)
class MobileUse:
    """One use of a fuel in vehicles that has a full pair of CH4 and N2O per TJ."""

    fuel: str
    category: str
    technology: str
    methane: CsvRow
    nitrous_oxide: CsvRow

    @property
    def label(self) -> str:
        """The use in words: `road transportation, oxidation catalyst`."""
        technology = html.unescape(self.technology).replace("Oxidaton", "Oxidation").removeprefix("Off-Road Source: ")
        return ", ".join(part.lower() for part in (self.category.split(" - ")[1], technology) if part)

    @property
    def is_default(self) -> bool:
        """Whether this use answers when none is named."""
        if self.category != _DEFAULT_CATEGORIES.get(self.fuel, ROAD):
            return False
        return self.fuel != "Motor Gasoline" or self.technology == _DEFAULT_PETROL


def ipcc_dataset(dataset_id: str, name: str, title: str, *, volume: int = 2) -> Dataset:
    """A data set of the 2006 Guidelines: defaults for the whole world, that hold until they are replaced."""
    return Dataset(
        dataset_id,
        name,
        "Intergovernmental Panel on Climate Change",
        title,
        "2006",
        2006,
        None,
        _LICENCE,
        f"IPCC 2006 Guidelines for National Greenhouse Gas Inventories, {_VOLUMES[volume]}",
        "A*",
        None,
        has_vintage=False,
        is_global=True,
        source_files=(),
    )


STATIONARY_SET = ipcc_dataset("ipcc-2006-stationary", "IPCC 2006 stationary combustion", "Tables 2.2 to 2.5: stationary combustion")
MOBILE_SET = ipcc_dataset("ipcc-2006-mobile", "IPCC 2006 mobile combustion", "Chapter 3: mobile combustion (EFDB export)")
CALORIFIC_SET = ipcc_dataset("ipcc-2006-ncv", "IPCC 2006 net calorific values", "Table 1.2: default net calorific values")


def efdb_id(row: CsvRow) -> str:
    """The row's number in the Emission Factor Database."""
    return f"EFDB {row.cells['efdb_id']}"


class IpccTables:
    """The three IPCC files, read once and asked by fuel."""

    def __init__(self, sources: SourceFolder) -> None:
        self.stationary_rows = list(sources.csv_rows(STATIONARY))
        self.mobile_rows = [row for row in sources.csv_rows(MOBILE) if row.cells["unit"] not in _PER_VEHICLE]
        self.calorific_rows = list(sources.csv_rows(CALORIFIC))
        self.biogenic_fuels = {row.cells["fuel"] for row in self.calorific_rows if row.cells["carbon_origin"] == "biogenic"}
        self.stationary = {(row.cells["fuel"], row.cells["sector"], row.cells["gas"].split()[0]): row for row in self.stationary_rows}
        self.mobile_uses = list(_mobile_uses(self.mobile_rows))

    def methane_and_nitrous_oxide(self, activity: ActivityType, stand_in: str | None = None) -> PerTerajoule:
        """CH4 and N2O that IPCC gives for an activity: its own fuel, or `stand_in` where IPCC lists no such fuel.

        Stationary fuels take the sector manufacturing & construction, vehicle fuels their default use.
        """
        fuels = [stand_in] if stand_in else self._fuels_of(activity)
        if activity.category == "mobile_combustion":
            use = next(use for use in self.mobile_uses if use.fuel in fuels and use.is_default)
            return PerTerajoule((self.mobile_part(use.methane), self.mobile_part(use.nitrous_oxide)), f"{use.fuel}, {use.label}")
        pair = (self.stationary_part(fuels[0], DEFAULT_SECTOR, "CH4"), self.stationary_part(fuels[0], DEFAULT_SECTOR, "N2O"))
        return PerTerajoule(pair, f"{fuels[0]}, {DEFAULT_SECTOR}")

    def _fuels_of(self, activity: ActivityType) -> list[str]:
        names = [row.cells["fuel"] for row in self.calorific_rows]
        fuels = [name for name in names if activity in activity_types_named("ipcc", name)]
        if not fuels:
            raise UnmappedRow(f"IPCC 2006 lists no fuel for {activity.id}: name a stand-in")
        return fuels

    def stationary_part(self, fuel: str, sector: str, gas: str) -> GasPart:
        """One gas of stationary combustion, kg per TJ net; CO2 of biogenic fuels keeps the name CO2 and is kept apart by the caller."""
        row = self.stationary[fuel, sector, gas]
        cells = row.cells
        if cells["unit"] != "kg/TJ (net calorific basis)":
            raise UnmappedRow(f"{STATIONARY} {efdb_id(row)}: unknown unit {cells['unit']!r}")
        methane = "CH4_biogenic" if fuel in self.biogenic_fuels else "CH4_fossil"
        names = {"CO2": "CO2", "CO2 (biogenic)": "CO2", "CH4": methane, "N2O": "N2O"}
        if (cells["gas"] == "CO2 (biogenic)") != (gas == "CO2" and fuel in self.biogenic_fuels):
            raise UnmappedRow(f"{STATIONARY} {efdb_id(row)}: {cells['gas']!r} does not fit the carbon origin of {fuel}")
        return GasPart(
            names[cells["gas"]],
            printed_number(cells["value"]),
            None,
            STATIONARY_SET.id,
            efdb_id(row),
            cells["value"],
            cells["unit"],
            f"{cells['table']}, {fuel}, {sector}",
        )

    def mobile_part(self, row: CsvRow) -> GasPart:
        """CH4 or N2O of mobile combustion, kg per TJ net."""
        cells = row.cells
        table = cells["source_table"].rsplit(", ", 1)[1]
        return GasPart(
            _MOBILE_GASES[cells["gas"]],
            printed_number(cells["value"]),
            None,
            MOBILE_SET.id,
            efdb_id(row),
            cells["value"],
            "kg/TJ (net calorific basis)",
            f"2006 IPCC GL Vol 2 {table}, {cells['fuel']}",
        )


def _mobile_uses(rows: Iterable[CsvRow]) -> Iterable[MobileUse]:
    found: dict[tuple[str, str, str], dict[str, CsvRow]] = {}
    for row in rows:
        cells = row.cells
        if cells["unit"] == "kg/TJ" and cells["gas"] in _MOBILE_GASES and cells["fuel"] != "Biogasoline":
            found.setdefault((cells["fuel"], cells["ipcc_category"], cells["technology"]), {})[cells["gas"]] = row
    for (fuel, category, technology), pair in found.items():
        yield MobileUse(fuel, category, technology, pair["METHANE"], pair["NITROUS OXIDE"])


def import_ipcc(ipcc: IpccTables) -> Contribution:
    """Stationary combustion by sector, mobile combustion by use, and net calorific values, all for region GLO."""
    share = Contribution()
    _stationary(ipcc, share)
    _mobile(ipcc, share)
    _calorific_values(ipcc, share)
    return share


def _stationary(ipcc: IpccTables, share: Contribution) -> None:
    ledger = RowLedger(STATIONARY_SET.id, STATIONARY, [(efdb_id(row), row.text) for row in ipcc.stationary_rows])
    for fuel, sector in dict.fromkeys((row.cells["fuel"], row.cells["sector"]) for row in ipcc.stationary_rows):
        carbon_dioxide = ipcc.stationary_part(fuel, sector, "CO2")
        gases = tuple(ipcc.stationary_part(fuel, sector, gas) for gas in ("CH4", "N2O"))
        is_biogenic = fuel in ipcc.biogenic_fuels
        for activity in activity_types_named("ipcc", fuel):
            if activity.category != "stationary_combustion":
                continue
            share.factors.append(
                new_factor(
                    activity,
                    STATIONARY_SET,
                    "GLO",
                    "TJ_net",
                    gases if is_biogenic else (carbon_dioxide, *gases),
                    biogenic_co2=carbon_dioxide if is_biogenic else None,
                    technology=sector,
                    is_default=sector == DEFAULT_SECTOR,
                    gas_coverage="CH4+N2O" if is_biogenic else "CO2+CH4+N2O",
                    source_row=carbon_dioxide.row,
                    value_printed=carbon_dioxide.printed_value,
                    unit_printed=carbon_dioxide.printed_unit,
                    quality=ipcc.stationary[fuel, sector, "CO2"].cells["verification"],
                    notes=(f"IPCC fuel: {fuel}.",),
                )
            )
        ledger.load(carbon_dioxide.row, *(gas.row for gas in gases))
    share.datasets.append(replace(STATIONARY_SET, source_files=(ledger.source_file(),)))


def _mobile(ipcc: IpccTables, share: Contribution) -> None:
    ledger = RowLedger(MOBILE_SET.id, MOBILE, [(efdb_id(row), html.unescape(row.text)) for row in ipcc.mobile_rows])
    for use in ipcc.mobile_uses:
        carbon_dioxide = ipcc.stationary_part(use.fuel, DEFAULT_SECTOR, "CO2")
        gases = (carbon_dioxide, ipcc.mobile_part(use.methane), ipcc.mobile_part(use.nitrous_oxide))
        for activity in activity_types_named("ipcc", use.fuel):
            if activity.category != "mobile_combustion":
                continue
            share.factors.append(
                new_factor(
                    activity,
                    MOBILE_SET,
                    "GLO",
                    "TJ_net",
                    gases,
                    technology=use.label,
                    is_default=use.is_default,
                    gas_coverage="CO2+CH4+N2O",
                    source_row=gases[1].row,
                    value_printed=gases[1].printed_value,
                    unit_printed=gases[1].printed_unit,
                    notes=(f"IPCC fuel: {use.fuel}.", "CO2 per TJ is the same for stationary and mobile combustion (Table 1.4)."),
                )
            )
        ledger.load(efdb_id(use.methane), efdb_id(use.nitrous_oxide))
    for row in ipcc.mobile_rows:
        if reason := _mobile_exclusion(row):
            ledger.exclude(reason, efdb_id(row))
    share.datasets.append(replace(MOBILE_SET, source_files=(ledger.source_file(),)))
    share.excluded_rows += ledger.excluded_rows()


def _mobile_exclusion(row: CsvRow) -> str | None:
    cells = row.cells
    if cells["gas"] == "NITROGEN OXIDES (NO+NO2)":
        return "NOx is not a greenhouse gas of this inventory"
    if cells["unit"] == "kg/TJ":
        return "biogasoline: no full pair of CH4 and N2O for one fleet" if cells["fuel"] == "Biogasoline" else None
    if cells["unit"] != "dimensionless":
        raise UnmappedRow(f"{MOBILE} {efdb_id(row)}: unknown unit {cells['unit']!r}")
    return _WEIGHTING


def _calorific_values(ipcc: IpccTables, share: Contribution) -> None:
    ledger = RowLedger(CALORIFIC_SET.id, CALORIFIC, [(row.cells["fuel"], row.text) for row in ipcc.calorific_rows])
    for row in ipcc.calorific_rows:
        cells = row.cells
        if cells["ncv_unit"] != "TJ/Gg (=GJ/t)":
            raise UnmappedRow(f"{CALORIFIC} {row.id}: unknown unit {cells['ncv_unit']!r}")
        if not cells["ncv"]:
            ledger.exclude("no net calorific value in the source (not applicable)", cells["fuel"])
            continue
        ledger.load(cells["fuel"])
        share.properties.append(
            new_property(
                activity_types_named("ipcc", cells["fuel"]),
                CALORIFIC_SET,
                "GLO",
                name="net_calorific_value",
                value=printed_number(cells["ncv"]),
                unit="GJ_net/t",
                row=_efdb_of_ncv(cells),
                printed_value=cells["ncv"],
                printed_unit=cells["ncv_unit"],
            )
        )
    share.datasets.append(replace(CALORIFIC_SET, source_files=(ledger.source_file(),)))
    share.excluded_rows += ledger.excluded_rows()


def _efdb_of_ncv(cells: dict[str, str]) -> str:
    return f"EFDB {cells['efdb_id_ncv']}: {cells['fuel']}"
