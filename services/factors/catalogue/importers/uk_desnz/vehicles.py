"""Vehicles by distance: the activity types that the UK sections of passenger and delivery vehicles name."""

import csv
from functools import cache

from services.factors.catalogue.importers.uk_desnz.rows import DesnzRow
from services.factors.catalogue.pack_model import ActivityType
from services.factors.catalogue.refusals import UnmappedRow
from services.factors.catalogue.taxonomy import TABLES, activity_type_of

BATTERY_ELECTRIC = "Battery Electric Vehicle"
_NO_DRIVE = ("", "", "")  # motorbikes come without a fuel column
_NOTES = {
    BATTERY_ELECTRIC: "No fuel is burned; the electricity drawn is a scope 2 activity of its own.",
    "Plug-in Hybrid Electric Vehicle": "Fuel only; the electricity drawn is a scope 2 activity of its own.",
}


@cache
def _names() -> dict[tuple[str, str, str], tuple[str, str, str]]:
    with (TABLES / "uk_desnz_vehicles.csv").open(encoding="utf-8", newline="") as file:
        return {(row["part"], row["section"], row["printed"]): (row["id"], row["name_en"], row["name_zh"]) for row in csv.DictReader(file)}


def vehicle_activity_type(row: DesnzRow) -> ActivityType:
    """The activity type of a vehicle row: `vehicle_distance.car_average.diesel`.

    raises    UnmappedRow, if tables/uk_desnz_vehicles.csv does not know the body or the drive
    """
    body = _names().get(("body", row.level2, row.level3))
    drive = _names().get(("drive", "", row.column_text)) if row.column_text else _NO_DRIVE
    if body is None or drive is None:
        raise UnmappedRow(f"{row.id}: unknown vehicle {row.text}: add it to tables/uk_desnz_vehicles.csv")
    activity_id = ".".join(part for part in ("vehicle_distance", body[0], drive[0]) if part)
    name_en = ", ".join(part for part in (body[1], drive[1]) if part) + ", by distance"
    name_zh = "，".join(part for part in (body[2], drive[2]) if part) + "，按行驶里程"
    return activity_type_of("vehicle_distance", activity_id, name_en, name_zh, _NOTES.get(row.column_text, ""))
