"""The activity types of the catalogue: one id for one real fuel, gas or service, whichever publisher describes it."""

import csv
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from services.factors.catalogue.pack_model import ActivityType
from services.factors.catalogue.refusals import UnmappedRow

TABLES = Path(__file__).parent / "tables"


@dataclass(frozen=True, slots=True)
class Kind:
    """What all activity types of one kind share; iso14064_category is the one of ISO 14064-1:2018, annex B."""

    scope: int
    category: str
    method: str
    unit_dimensions: tuple[str, ...]
    iso14064_category: str


_SOLID = ("energy_gross", "energy_net", "mass")
_LIQUID = ("energy_gross", "energy_net", "mass", "volume")
_GAS = ("energy_gross", "energy_net", "mass", "normal_volume", "volume")

KINDS = {
    "electricity": Kind(2, "electricity", "location_based", ("energy",), "2.1"),
    "heat": Kind(2, "heat", "none", ("energy",), "2.2"),
    "steam": Kind(2, "steam", "none", ("energy",), "2.2"),
    "bulk_fuel": Kind(1, "stationary_combustion", "none", _LIQUID, "1.1"),  # solids that are also sold by the loose cubic metre
    "solid_fuel": Kind(1, "stationary_combustion", "none", _SOLID, "1.1"),
    "liquid_fuel": Kind(1, "stationary_combustion", "none", _LIQUID, "1.1"),
    "gaseous_fuel": Kind(1, "stationary_combustion", "none", _GAS, "1.1"),
    "vehicle_solid": Kind(1, "mobile_combustion", "none", _SOLID, "1.2"),
    "vehicle_liquid": Kind(1, "mobile_combustion", "none", _LIQUID, "1.2"),
    "vehicle_gas": Kind(1, "mobile_combustion", "none", _GAS, "1.2"),
    "vehicle_distance": Kind(1, "mobile_combustion", "none", ("distance",), "1.2"),
    "refrigerant": Kind(1, "fugitive", "none", ("mass",), "1.4"),
}


def activity_type_of(kind_name: str, activity_id: str, name_en: str, name_zh: str, note: str = "") -> ActivityType:
    """An activity type of one of the KINDS."""
    kind = KINDS[kind_name]
    return ActivityType(
        activity_id, name_en, name_zh, kind.scope, kind.category, kind.method, kind.unit_dimensions, kind.iso14064_category, note
    )


@cache
def written_activity_types() -> dict[str, ActivityType]:
    """The activity types of tables/activity_types.csv by id; refrigerants and vehicles by distance come from the importers."""
    with (TABLES / "activity_types.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    return {row["id"]: activity_type_of(row["kind"], row["id"], row["name_en"], row["name_zh"], row["note"]) for row in rows}


@cache
def _names() -> dict[tuple[str, str], tuple[str, ...]]:
    with (TABLES / "fuel_names.csv").open(encoding="utf-8", newline="") as file:
        return {(row["publisher"], row["name"].casefold()): tuple(row["activity_types"].split()) for row in csv.DictReader(file)}


def activity_types_named(publisher: str, name: str) -> tuple[ActivityType, ...]:
    """The activity types that a publisher means by a fuel's name (letter case ignored).

    raises    UnmappedRow, if tables/fuel_names.csv does not know the name
    """
    ids = _names().get((publisher, name.strip().casefold()))
    if ids is None:
        raise UnmappedRow(f"{publisher}: unknown fuel {name!r}: add it to tables/fuel_names.csv with its activity types")
    return tuple(written_activity_types()[activity_id] for activity_id in ids)
