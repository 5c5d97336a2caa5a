"""CH4 and N2O of road vehicles per mile, by model year (Tables 3 and 4).

They are what a mile adds to the CO2 of the fuel, and are no factor of a vehicle's distance: activity types of their own keep them apart.
"""

from functools import cache

from services.factors.catalogue.contribution import Contribution, declare, new_factor
from services.factors.catalogue.importers.us_epa_hub.gases import methane, nitrous_oxide
from services.factors.catalogue.importers.us_epa_hub.workbook import HubRow, HubSheet
from services.factors.catalogue.pack_model import ActivityType
from services.factors.catalogue.refusals import UnmappedRow
from services.factors.catalogue.taxonomy import activity_type_of, table_rows

_GASOLINE = "Gasoline"
CONTINUED = "(Vans, Pickup Trucks, SUVs)"  # second line of a name that began in the row above
_MOTORCYCLES = "Gasoline Motorcycles"
_BIOFUELS = {"Ethanol", "Biodiesel"}
_WITHOUT_CO2 = "CH4 and N2O only: add the CO2 of the fuel burned (vehicle_fuel)."
_TRANSPOSED = "CH4 and N2O look transposed: the 2021 edition prints 0.0899 g CH4 and 0.0087 g N2O for 1960-1995."
_BLANK_ZEROS = "doubtful: zero for both gases between rows that are not; the 2021 and 2025 editions print values for these model years"


def add_road_vehicles(sheet: HubSheet, share: Contribution) -> None:
    """Adds Tables 3 and 4; none of these factors is a default."""
    vehicle = ""
    for row in sheet.data("3"):
        if row.label("C") and row.label("C") != CONTINUED:
            vehicle = row.label("C")
        if row.value("E") == row.value("F") == 0:
            sheet.ledger.exclude(_BLANK_ZEROS, row.id)
            continue
        notes = [_TRANSPOSED] if vehicle == _MOTORCYCLES and sheet.edition.dataset.year == 2025 else []
        _vehicle(row, ("3", vehicle, _GASOLINE, row.label("D")), "EF", notes, sheet, share)
    fuel = ""
    for row in sheet.data("4"):
        vehicle, fuel = row.label("C") or vehicle, row.label("D") or fuel
        _vehicle(row, ("4", vehicle, fuel, row.label("E")), "FG", [], sheet, share)


def _vehicle(row: HubRow, what: tuple[str, str, str, str], columns: str, notes: list[str], sheet: HubSheet, share: Contribution) -> None:
    table, vehicle, fuel, model_year = what
    activity, dataset = _activity(vehicle, fuel, row), sheet.edition.dataset
    declare((activity,), share)
    gases = (
        methane(row, columns[0], "vehicle-mile", dataset, is_biogenic=fuel in _BIOFUELS),
        nitrous_oxide(row, columns[1], "vehicle-mile", dataset),
    )
    share.factors.append(
        new_factor(
            activity,
            dataset,
            "US",
            "mi",
            gases,
            technology=f"model year {model_year}" if model_year else "all model years",
            is_default=False,
            gas_coverage="CH4+N2O",
            source_row=f"{row.id}: Table {table}, {vehicle}, {fuel}, {model_year or 'all model years'}",
            value_printed=f"{gases[0].printed_value}; {gases[1].printed_value}",
            unit_printed="g CH4; g N2O per vehicle-mile",
            notes=(_WITHOUT_CO2, *notes),
        )
    )
    sheet.ledger.load(row.id)


def _activity(vehicle: str, fuel: str, row: HubRow) -> ActivityType:
    body, drive = _names().get(("vehicle", vehicle)), _names().get(("fuel", fuel))
    if body is None or drive is None:
        raise UnmappedRow(f"{row.id}: unknown vehicle {vehicle!r} or fuel {fuel!r}: add it to tables/us_epa_vehicles.csv")
    return activity_type_of(
        "vehicle_distance",
        f"vehicle_ch4_n2o.{body[0]}.{drive[0]}",
        f"CH4 and N2O of {body[1]}, {drive[1]}, by distance",
        f"{body[2]}（{drive[2]}）的甲烷和氧化亚氮，按行驶里程",
        "Without CO2, which is that of the fuel burned.",
    )


@cache
def _names() -> dict[tuple[str, str], tuple[str, str, str]]:
    return {(row["part"], row["printed"]): (row["id"], row["name_en"], row["name_zh"]) for row in table_rows("us_epa_vehicles.csv")}
