"""Road vehicles: one vehicle makes activity types in five families, by who drives it and by what is counted."""

from dataclasses import dataclass
from functools import cache

from services.factors.catalogue.importers.uk_desnz.rows import DesnzRow
from services.factors.catalogue.pack_model import ActivityType
from services.factors.catalogue.refusals import UnmappedRow
from services.factors.catalogue.taxonomy import activity_type_of, table_rows

BATTERY_ELECTRIC = "battery electric vehicle"
_PLUG_IN_HYBRID = "plug-in hybrid electric vehicle"
_NO_DRIVE = ("", "", "")  # motorbikes come without a fuel column

_FUEL_ONLY = {
    BATTERY_ELECTRIC: "No fuel is burned; the electricity drawn is a scope 2 activity of its own.",
    _PLUG_IN_HYBRID: "Fuel only; the electricity drawn is a scope 2 activity of its own.",
}
_ELECTRICITY_INCLUDED = dict.fromkeys(_FUEL_ONLY, "Includes the electricity drawn and its losses in transmission and distribution.")


@dataclass(frozen=True, slots=True)
class _Family:
    """Activity types of vehicles of one purpose; names hold the vehicle at {}."""

    kind: str
    name_en: str
    name_zh: str
    per: str
    notes: dict[str, str]


_FAMILIES = {
    "vehicle_distance": _Family("vehicle_distance", "{}, by distance", "{}，按行驶里程", "kilometre", _FUEL_ONLY),
    "travel_distance": _Family("travel_distance", "Travel: {}, by distance", "出行：{}，按行驶里程", "kilometre", _ELECTRICITY_INCLUDED),
    "freight_distance": _Family("freight_distance", "Freight: {}, by distance", "货运：{}，按行驶里程", "kilometre", _ELECTRICITY_INCLUDED),
    "freight.road": _Family("freight", "Freight: {}, by tonne-kilometre", "货运：{}，按吨公里", "tonne-kilometre", _ELECTRICITY_INCLUDED),
    "vehicle_electricity": _Family("vehicle_electricity", "Electricity of vehicles: {}", "车辆用电：{}", "", {}),
}


@cache
def _names() -> dict[tuple[str, str, str], tuple[str, str, str]]:
    return {
        (row["part"], row["section"].casefold(), row["printed"].casefold()): (row["id"], row["name_en"], row["name_zh"])
        for row in table_rows("uk_desnz_vehicles.csv")
    }


def vehicle_section(row: DesnzRow) -> str:
    """The block of vehicles, by the name that it had before 2026 renamed the lorries."""
    renamed = _names().get(("section", "", row.section))
    return renamed[0].casefold() if renamed else row.section


def is_vehicle(row: DesnzRow) -> bool:
    """Whether the row is of a block of road vehicles."""
    return any(part == "body" and section == vehicle_section(row) for part, section, _ in _names())


def vehicle_activity_type(row: DesnzRow, family_name: str) -> ActivityType:
    """The activity type of a vehicle row in a family: `vehicle_distance.car_average.diesel`.

    raises    UnmappedRow, if tables/uk_desnz_vehicles.csv does not know the body or the drive
    """
    body = _names().get(("body", vehicle_section(row), row.level3.casefold()))
    drive = _names().get(("drive", "", row.column_text.casefold())) if row.column_text else _NO_DRIVE
    if body is None or drive is None:
        raise UnmappedRow(f"{row.id}: unknown vehicle {row.text}: add it to tables/uk_desnz_vehicles.csv")
    family = _FAMILIES[family_name]
    activity_id = ".".join(part for part in (family_name, body[0], drive[0]) if part)
    vehicle_en = ", ".join(part for part in (body[1], drive[1]) if part)
    vehicle_zh = "，".join(part for part in (body[2], drive[2]) if part)
    note = family.notes.get(row.column_text.casefold(), "")
    if not family.name_en.startswith("{}") and vehicle_en[1].islower():
        vehicle_en = vehicle_en[0].lower() + vehicle_en[1:]
    return activity_type_of(family.kind, activity_id, family.name_en.format(vehicle_en), family.name_zh.format(vehicle_zh), note)


def upstream_vehicle_note(row: DesnzRow) -> tuple[str, ...]:
    """What a well-to-tank factor of the vehicle takes in beside its fuel."""
    return ("Well to tank of the electricity drawn included.",) if row.column_text.casefold() in _FUEL_ONLY else ()


def vehicle_note(row: DesnzRow, family_name: str) -> tuple[str, ...]:
    """What a factor of the vehicle leaves out or takes in."""
    family, drive = _FAMILIES[family_name], row.column_text.casefold()
    own = (family.notes[drive],) if drive in family.notes else ()
    return own if drive == BATTERY_ELECTRIC else (*own, f"Biogenic CO2 of the fuel blend is not published per {family.per}.")
