"""Freight and passenger transport: activity types composed of a vehicle and its traits."""

from dataclasses import dataclass
from functools import cache

from services.factors.catalogue.importers.fr_ademe.placement import Placement
from services.factors.catalogue.importers.fr_ademe.places import place_of
from services.factors.catalogue.importers.fr_ademe.rows import BASE_CARBONE, Element
from services.factors.catalogue.pack_model import ActivityType
from services.factors.catalogue.printed_numbers import printed_number
from services.factors.catalogue.refusals import UnmappedRow
from services.factors.catalogue.taxonomy import activity_type_of, table_rows, written_activity_types

_OVER_LIFE_CYCLE = {"travel": "travel_life_cycle", "freight": "freight_life_cycle"}
_SCOPE_3 = 3
_ROLES = {"name", "year", "note", "technology", "default technology"}


@dataclass(frozen=True, slots=True)
class _Trait:
    role: str
    id: str
    name_en: str
    name_zh: str


def transport(element: Element) -> Placement:
    """A means of transport; with contrails and without are two technologies of one flight, of which that with answers.

    raises    UnmappedRow, if tables/fr_ademe/vehicles.csv or vehicle_traits.csv does not know a name
    """
    base, *printed = element.row.french
    traits = [_trait(element, base, part) for part in printed if part]
    place = place_of(element.row)
    technologies = [trait for trait in traits if trait.role.endswith("technology")]
    years = [int(part) for part in printed if part and _trait(element, base, part).role == "year"]
    activity = _activity(element, base, [trait for trait in traits if trait.role == "name"])
    return Placement(
        (activity,),
        place,
        technology=technologies[0].name_en if technologies else place.technology,
        is_default=all(trait.role == "default technology" for trait in technologies) and place.technology is None,
        data_year=years[0] if years else None,
        is_whole=activity.scope == _SCOPE_3 and _burns_nothing(element),
        notes=tuple(f"By the publisher: {trait.name_en}." for trait in traits if trait.role == "note"),
    )


def _activity(element: Element, base: str, traits: list[_Trait]) -> ActivityType:
    vehicle = _vehicles().get(_key(element, base))
    if vehicle is None:
        raise UnmappedRow(f"{BASE_CARBONE} {element.row.id}: unknown vehicle {base!r}: add it to tables/fr_ademe/vehicles.csv")
    activity_id = ".".join([vehicle["family"], *(trait.id for trait in traits)])
    if activity_id in written_activity_types():
        return written_activity_types()[activity_id]
    kind = vehicle["kind"]
    if kind in _OVER_LIFE_CYCLE and _burns_nothing(element):
        kind = _OVER_LIFE_CYCLE[kind]
    english = [vehicle["name_en"], *(trait.name_en for trait in traits)]
    chinese = [vehicle["name_zh"], *(trait.name_zh for trait in traits)]
    if kind == "vehicle_distance":
        english.append("by distance")
        chinese.append("按行驶里程")
    return activity_type_of(kind, activity_id, ", ".join(english), "，".join(chinese))


def _key(element: Element, base: str) -> str:
    """One word means several vehicles: an aircraft for passengers carries freight too, and a lorry removals."""
    if "Déménagement" in element.row.category and base == "Articulé":
        return f"{base} (déménagement)"
    if element.row.category.startswith("Transport de marchandises") and base == "Avion passagers":
        return f"{base} (fret)"
    return base


def _burns_nothing(element: Element) -> bool:
    """Whether the vehicle draws electricity, whose emissions the publisher books upstream: its direct zero would answer for all of it."""
    burnt = [item for item in element.items if item.cells["Type poste"] == "Combustion"]
    return bool(burnt) and all(printed_number(item.total) == 0 for item in burnt)


@cache
def _vehicles() -> dict[str, dict[str, str]]:
    return {row["base"]: row for row in table_rows("fr_ademe/vehicles.csv")}


@cache
def _traits() -> dict[str, _Trait]:
    rows = table_rows("fr_ademe/vehicle_traits.csv")
    return {row["printed"]: _Trait(row["role"], row["id"], row["name_en"], row["name_zh"]) for row in rows}


def _trait(element: Element, base: str, printed: str) -> _Trait:
    """What a printed trait means, of this vehicle or of any."""
    found = _traits().get(f"{base}: {printed}") or _traits().get(printed)
    if found is None or found.role not in _ROLES:
        raise UnmappedRow(f"{BASE_CARBONE} {element.row.id}: unknown trait {printed!r}: add it to tables/fr_ademe/vehicle_traits.csv")
    return found
