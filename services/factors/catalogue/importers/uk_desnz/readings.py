"""What the rows of each section of the UK conversion factors say: which activity, per what, where, at which stage."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache
from typing import Literal

from services.factors.catalogue.importers.uk_desnz.editions import section_of
from services.factors.catalogue.importers.uk_desnz.rows import DesnzRow
from services.factors.catalogue.importers.uk_desnz.ships import ship_activity_type
from services.factors.catalogue.importers.uk_desnz.vehicles import is_vehicle, upstream_vehicle_note, vehicle_activity_type, vehicle_note
from services.factors.catalogue.pack_model import ActivityType
from services.factors.catalogue.refusals import UnmappedRow
from services.factors.catalogue.taxonomy import activity_type_of, activity_types_named, table_rows, written_activity_types

_FUEL_UNITS = {"tonnes": "t", "litres": "L", "cubic metres": "m3", "kwh (gross cv)": "kWh_gross", "kwh (net cv)": "kWh_net"}
# Bioenergy: "All factors are on a net calorific value basis" (2025 full set, sheet Bioenergy, row 8).
_BIOENERGY_UNITS = {"tonnes": "t", "kg": "kg", "litres": "L", "gj": "GJ_net", "kwh": "kWh_net"}
_UNITS = {
    **{"kwh": "kWh", "tonnes": "t", "cubic metres": "m3", "km": "km", "tonne.km": "t.km", "passenger.km": "p.km"},
    **{"room per night": "room.night", "per fte working hour": "FTE.h"},
}

_BIOENERGY_BASIS = "CH4 and N2O as CO2e on a GWP basis that the publisher does not state (several values are the same in 2021 and 2025)."
_HOTEL_BASIS = "CO2e on a mixed GWP basis: the figures of some countries reached the publisher without a split by gas."
_BLEND = "Biogenic CO2 of the fuel blend is not published for this activity."
_WITH_RF = "With radiative forcing: CO2 is raised for the non-CO2 effects of flying at height, so the printed CO2 is no mass of CO2."

Gases = Literal["split", "total", "uplifted total"]


@dataclass(frozen=True, slots=True)
class Reading:
    """One group of rows, understood.

    gases      split: a total with three gases; total: CO2e alone; uplifted total: split in print, but only the total means what it says
    biogenic   where biogenic CO2 comes from: the row of the same name outside of scopes, or there for a fuel blend
    gwp_basis  of CO2e where it is not the edition's own GWP set
    """

    activities: tuple[ActivityType, ...]
    unit: str
    stage: str
    gases: Gases = "split"
    region: str = "GB"
    technology: str | None = None
    is_default: bool = False
    purpose: str | None = None
    biogenic: Literal["same name", "blend"] | None = None
    gwp_basis: str | None = None
    notes: tuple[str, ...] = ()


def reading_of(row: DesnzRow) -> Reading:
    """What the group of this row (its total) says.

    raises    UnmappedRow, if a table does not know the section, its name or its unit
    """
    treatment, _ = section_of(row)
    if treatment not in _TREATMENTS:
        raise UnmappedRow(f"tables/uk_desnz_sections.csv: unknown treatment {treatment!r} of {row.level1!r}")
    return _TREATMENTS[treatment](row)


def _unit(row: DesnzRow, units: dict[str, str] = _UNITS) -> str:
    unit = units.get(row.unit.casefold())
    if unit is None:
        raise UnmappedRow(f"{row.id}: unknown unit {row.unit!r}: {row.text}")
    return unit


def _fuel(row: DesnzRow) -> Reading:
    activities = activity_types_named("uk-desnz", row.level3)
    return Reading(activities, _unit(row, _FUEL_UNITS), "direct", is_default=True, biogenic="blend")


def _bioenergy(row: DesnzRow) -> Reading:
    activities = activity_types_named("uk-desnz", row.level3)
    unit = _unit(row, _BIOENERGY_UNITS)
    reading = Reading(activities, unit, "direct", "total", is_default=True, gwp_basis="unstated", notes=(_BIOENERGY_BASIS,))
    return replace(reading, biogenic="same name")


def _upstream_fuel(row: DesnzRow) -> Reading:
    return Reading(activity_types_named("uk-desnz", row.level3), _unit(row, _FUEL_UNITS), "upstream", "total")


def _upstream_bioenergy(row: DesnzRow) -> Reading:
    activities = activity_types_named("uk-desnz", row.level3)
    return Reading(activities, _unit(row, _BIOENERGY_UNITS), "upstream", "total", gwp_basis="unstated", notes=(_BIOENERGY_BASIS,))


_LOSSES = "of transmission and distribution losses"
# Section of an energy sheet: its stage, and what it is of that stage if not the usual
_ENERGY_STAGES = {
    "electricity generated": ("direct", None),
    "heat and steam": ("direct", None),
    "t&d- uk electricity": ("transmission_losses", None),
    "distribution - district heat & steam": ("transmission_losses", None),
    "wtt- uk electricity (generation)": ("upstream", None),
    "wtt- uk electricity (t&d)": ("upstream", _LOSSES),
    "wtt- overseas electricity (generation)": ("upstream", None),
    "wtt- overseas electricity (t&d)": ("upstream", _LOSSES),
    "wtt- heat and steam": ("upstream", None),
    "wtt- district heat & steam distribution": ("upstream", "of distribution losses"),
}
_ON_SITE = "Onsite heat and steam"
_ABROAD = "wtt- overseas electricity"


def _energy(row: DesnzRow) -> Reading:
    section = row.level2.casefold()
    if section not in _ENERGY_STAGES:
        raise UnmappedRow(f"{row.id}: unknown energy section {row.level2!r}: {row.text}")
    stage, technology = _ENERGY_STAGES[section]
    technology = "on site" if row.level3 == _ON_SITE else technology
    gases: Gases = "total" if stage == "upstream" else "split"
    if section.startswith(_ABROAD):
        region = region_named(row.level3.removeprefix("Electricity: "))
        return Reading((written_activity_types()["electricity.grid"],), _unit(row), stage, gases, region, technology)
    activities = activity_types_named("uk-desnz", row.level3)
    reading = Reading(activities, _unit(row), stage, gases, technology=technology, is_default=stage == "direct" and technology is None)
    if stage == "direct" and activities[0].category == "electricity":
        return replace(reading, purpose="location_average", biogenic="same name")
    return reading


def region_named(printed: str) -> str:
    """The region code of a place as printed; empty for a part of the world that has no code.

    raises    UnmappedRow, if tables/uk_desnz_places.csv does not know the place
    """
    if printed not in _places():
        raise UnmappedRow(f"unknown place {printed!r}: add it to tables/uk_desnz_places.csv")
    return _places()[printed]


@cache
def _places() -> dict[str, str]:
    return {row["printed"]: row["region"] for row in table_rows("uk_desnz_places.csv")}


def _vehicle(row: DesnzRow) -> Reading:
    return _by_vehicle(row, "vehicle_distance")


def _by_vehicle(row: DesnzRow, family: str) -> Reading:
    activity = vehicle_activity_type(row, family)
    return Reading((activity,), _unit(row), "direct", is_default=True, notes=vehicle_note(row, family))


def _vehicle_electricity(row: DesnzRow) -> Reading:
    activity = vehicle_activity_type(row, "vehicle_electricity")
    return Reading((activity,), _unit(row), "direct", is_default=True, purpose="location_average")


def _vehicle_electricity_losses(row: DesnzRow) -> Reading:
    return Reading((vehicle_activity_type(row, "vehicle_electricity"),), _unit(row), "transmission_losses")


def _named(row: DesnzRow) -> Reading:
    (activity,) = _named_activity(row)
    gases: Gases = "split" if activity.stage == "direct" and activity.method == "none" and activity.id not in _HOMEWORKING else "total"
    notes = (_BLEND,) if row.section in _ON_ROADS else ()
    return Reading((activity,), _unit(row), activity.stage, gases, is_default=True, notes=notes)


_ON_ROADS = ("taxis", "bus")
_HOMEWORKING = {"homeworking.heating", "homeworking.office_equipment", "homeworking.total"}


def _named_activity(row: DesnzRow) -> tuple[ActivityType]:
    """The activity type of tables/uk_desnz_activities.csv with the labels and the unit of this row."""
    key = (row.section, row.level3.strip().casefold(), row.level4.strip().casefold(), row.unit.casefold())
    if key not in _activities():
        raise UnmappedRow(f"{row.id}: unknown activity {row.text}: add it to tables/uk_desnz_activities.csv")
    return (written_activity_types()[_activities()[key]],)


@cache
def _activities() -> dict[tuple[str, ...], str]:
    rows = table_rows("uk_desnz_activities.csv")
    return {tuple(row[name].casefold() for name in ("level2", "level3", "level4", "unit")): row["activity_type"] for row in rows}


def _upstream_named(row: DesnzRow) -> Reading:
    return Reading(_named_activity(row), _unit(row), "upstream", "total")


def _flight(row: DesnzRow) -> Reading:
    """With radiative forcing by default: so the publisher asks to report (full sets, sheet Business travel- air, guidance)."""
    activities = _named_activity(row)
    match row.column_text:
        case "With RF":
            technology, notes = "with radiative forcing", (_WITH_RF,)
            return Reading(activities, _unit(row), "direct", "uplifted total", technology=technology, is_default=True, notes=notes)
        case "Without RF":
            return Reading(activities, _unit(row), "direct", technology="without radiative forcing")
    raise UnmappedRow(f"{row.id}: neither with nor without radiative forcing: {row.text}")


def _travel(row: DesnzRow) -> Reading:
    return _by_vehicle(row, "travel_distance") if is_vehicle(row) else _named(row)


def _upstream_travel(row: DesnzRow) -> Reading:
    """Well to tank of the vehicle, whoever drives it and whichever scope its kilometres fall in."""
    if not is_vehicle(row):
        return _upstream_named(row)
    return _upstream_vehicle(row, "vehicle_distance", "travel_distance")


def _upstream_vehicle(row: DesnzRow, *families: str) -> Reading:
    activities = tuple(vehicle_activity_type(row, family) for family in families)
    return Reading(activities, _unit(row), "upstream", "total", notes=upstream_vehicle_note(row))


def _freight(row: DesnzRow) -> Reading:
    if is_vehicle(row):
        return _by_vehicle(row, "freight.road" if row.unit == "tonne.km" else "freight_distance")
    if row.section == "freight flights":
        return _flight(row)
    if row.section == "rail":
        return _named(row)
    return Reading((ship_activity_type(row),), _unit(row), "direct", is_default=True)


def _upstream_freight(row: DesnzRow) -> Reading:
    if is_vehicle(row):
        return _upstream_vehicle(row, *(("freight.road",) if row.unit == "tonne.km" else ("vehicle_distance", "freight_distance")))
    if row.section in ("freight flights", "rail"):
        return _upstream_named(row)
    return Reading((ship_activity_type(row),), _unit(row), "upstream", "total")


def _material(row: DesnzRow) -> Reading:
    material, (technology, route_en, _) = _material_named(row), _route(row, "material")
    name_en = material["name_en"][0].upper() + material["name_en"][1:]
    activity = activity_type_of("material", f"material.{material['id']}", name_en, material["name_zh"], material["note"])
    notes = (f"Source of the material: {route_en}.",)
    return Reading((activity,), _unit(row), "life_cycle", "total", technology=technology or None, is_default=not technology, notes=notes)


def _waste(row: DesnzRow) -> Reading:
    material, (route_id, route_en, route_zh) = _material_named(row), _route(row, "waste")
    name_en, name_zh = f"Waste: {material['name_en']}, {route_en}", f"废物：{material['name_zh']}，{route_zh}"
    activity = activity_type_of("waste", f"waste.{material['id']}.{route_id}", name_en, name_zh)
    return Reading((activity,), _unit(row), "life_cycle", "total", is_default=True)


def _material_named(row: DesnzRow) -> dict[str, str]:
    if row.level3 not in _materials():
        raise UnmappedRow(f"{row.id}: unknown material {row.level3!r}: add it to tables/uk_desnz_materials.csv")
    return _materials()[row.level3]


@cache
def _materials() -> dict[str, dict[str, str]]:
    return {row["printed"]: row for row in table_rows("uk_desnz_materials.csv")}


def _route(row: DesnzRow, section: str) -> tuple[str, str, str]:
    found = _routes().get((section, row.column_text))
    if found is None:
        raise UnmappedRow(f"{row.id}: unknown route {row.column_text!r}: add it to tables/uk_desnz_routes.csv")
    return found


@cache
def _routes() -> dict[tuple[str, str], tuple[str, str, str]]:
    return {(row["section"], row["printed"]): (row["id"], row["name_en"], row["name_zh"]) for row in table_rows("uk_desnz_routes.csv")}


def _hotel(row: DesnzRow) -> Reading:
    activities = (written_activity_types()["accommodation.hotel_night"],)
    technology = "London" if row.level3 == "UK (London)" else None
    reading = Reading(activities, _unit(row), "life_cycle", "total", region_named(row.level3), technology, is_default=technology is None)
    return replace(reading, gwp_basis="unstated", notes=(_HOTEL_BASIS,))


_TREATMENTS: dict[str, Callable[[DesnzRow], Reading]] = {
    "fuels": _fuel,
    "bioenergy": _bioenergy,
    "upstream fuels": _upstream_fuel,
    "upstream bioenergy": _upstream_bioenergy,
    "energy": _energy,
    "vehicles": _vehicle,
    "vehicle electricity": _vehicle_electricity,
    "vehicle electricity losses": _vehicle_electricity_losses,
    "activities": _named,
    "upstream activities": _upstream_named,
    "flights": _flight,
    "upstream flights": _upstream_named,
    "travel": _travel,
    "upstream travel": _upstream_travel,
    "freight": _freight,
    "upstream freight": _upstream_freight,
    "materials": _material,
    "waste": _waste,
    "hotels": _hotel,
}
