"""Freight (Table 8), business travel and commuting (Table 10)."""

from functools import cache

from services.factors.catalogue.contribution import Contribution, new_factor
from services.factors.catalogue.importers.us_epa_hub.gases import carbon_dioxide, methane, nitrous_oxide
from services.factors.catalogue.importers.us_epa_hub.workbook import HubRow, HubSheet
from services.factors.catalogue.refusals import UnmappedRow
from services.factors.catalogue.taxonomy import table_rows, written_activity_types

# The 2021 edition writes "ton-mile", the later ones "short ton-mile" of the same figures.
_UNITS = {"vehicle-mile": "mi", "ton-mile": "short_ton.mi", "short ton-mile": "short_ton.mi", "passenger-mile": "p.mi"}
_TANK_TO_WHEEL = "Combustion only, without the upstream emissions of the fuel."
_CAR = "Passenger cars are those for at most 12 people below 8,500 lb; vans, pick-ups and SUVs are light-duty trucks."
_CARS = {"vehicle_distance.passenger_car", "vehicle_distance.light_duty_truck"}


def add_transport(sheet: HubSheet, share: Contribution) -> None:
    """Adds Tables 8 and 10; the vehicles that stand in both are taken from Table 8.

    raises    UnmappedRow, if the two tables disagree
    """
    freight = {(row.label("C"), row.label("G")): row for row in sheet.data("8")}
    for row in freight.values():
        _factors("8", row, sheet, share)
    for row in sheet.data("10"):
        if double := freight.get((row.label("C"), row.label("G"))):
            if double.cells != row.cells:
                raise UnmappedRow(f"{row.id}: Table 10 has another value than Table 8: {row.text}")
            sheet.ledger.exclude(f"the same factor as {double.id} in Table 8, checked equal", row.id)
        else:
            _factors("10", row, sheet, share)


@cache
def _places() -> dict[tuple[str, str], dict[str, str]]:
    return {(row["printed"], row["unit"]): row for row in table_rows("us_epa_transport.csv")}


def _factors(table: str, row: HubRow, sheet: HubSheet, share: Contribution) -> None:
    name, printed_unit, dataset = row.label("C"), row.label("G"), sheet.edition.dataset
    place = _places().get((name, printed_unit))
    if place is None:
        raise UnmappedRow(f"{row.id}: unknown transport {name!r} per {printed_unit!r}: add it to tables/us_epa_transport.csv")
    gases = (
        carbon_dioxide(row, "D", printed_unit, dataset),
        methane(row, "E", printed_unit, dataset),
        nitrous_oxide(row, "F", printed_unit, dataset),
    )
    for activity_id in place["activity_types"].split():
        share.factors.append(
            new_factor(
                written_activity_types()[activity_id],
                dataset,
                "US",
                _UNITS[printed_unit],
                gases,
                technology=place["technology"] or None,
                is_default=not place["technology"],
                gas_coverage="CO2+CH4+N2O",
                source_row=f"{row.id}: Table {table}, {name}",
                value_printed="; ".join(gas.printed_value for gas in gases),
                unit_printed=f"kg CO2; g CH4; g N2O per {printed_unit}",
                notes=(_TANK_TO_WHEEL, *filter(None, [place["band"], _CAR if activity_id in _CARS else ""])),
            )
        )
    sheet.ledger.load(row.id)
