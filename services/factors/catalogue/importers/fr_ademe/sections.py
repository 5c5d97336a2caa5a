"""The branches of the Base Carbone's tree, and what an element of each is in the catalogue."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache

from services.factors.catalogue.importers.fr_ademe import energy, transport
from services.factors.catalogue.importers.fr_ademe.borrowed_types import BorrowedType, borrowed_types
from services.factors.catalogue.importers.fr_ademe.naming import (
    LONGEST_ID,
    Name,
    activity_id,
    base_name_of,
    is_cut,
    name_of,
    with_reference,
)
from services.factors.catalogue.importers.fr_ademe.placement import Placement
from services.factors.catalogue.importers.fr_ademe.places import farm_place_of, place_of
from services.factors.catalogue.importers.fr_ademe.rows import BASE_CARBONE, AdemeRow, Element
from services.factors.catalogue.importers.fr_ademe.units import printed_unit
from services.factors.catalogue.pack_model import ActivityType
from services.factors.catalogue.refusals import UnmappedRow
from services.factors.catalogue.taxonomy import activity_type_of, table_rows, written_activity_types

DIRECT, EXCLUDED, FOREIGN_GRID, FUEL, SPEND, WASTE = "direct", "excluded", "foreign_grid", "fuel", "spend", "waste"

# As the other publishers of waste factors call them; those of the publisher alone are shortened. EPR: extended producer responsibility.
_WASTE_TREATMENTS = {
    "Incineration": "combustion",
    "Industrial composting": "composting",
    "Methanisation": "anaerobic digestion",
    "Average end of life": "average",
    "Average end of life in the EPR scheme": "epr scheme",
    "Average end of life in the EPR scheme, with upstream losses": "epr scheme with upstream losses",
    "Average end of life in the EPR scheme, without upstream losses": "epr scheme without upstream losses",
    "End of life without recycling": "without recycling",
}

# Printed per kg of live weight like the animals beside which they stand.
_NOT_ALIVE = ("milk", "egg", "wool", "seaweed", "grain")


@dataclass(frozen=True, slots=True)
class Section:
    """How a branch of the publisher's tree is read; kind and family are of activity types made from its names."""

    treatment: str
    kind: str
    family: str
    reason: str


def section_of(row: AdemeRow) -> Section:
    """The longest branch of tables/fr_ademe/sections.csv above a row.

    raises    UnmappedRow, if there is none
    """
    steps = row.category.split(" > ")
    for length in range(len(steps), 0, -1):
        if found := _sections().get(" > ".join(steps[:length])):
            return found
    raise UnmappedRow(f"{BASE_CARBONE} {row.id}: unknown section {row.category!r}: add it to tables/fr_ademe/sections.csv")


@cache
def _sections() -> dict[str, Section]:
    rows = table_rows("fr_ademe/sections.csv")
    return {row["section"]: Section(row["treatment"], row["kind"], row["family"], row["reason"]) for row in rows}


def place_element(element: Element, section: Section) -> Placement:
    """The placement of an element by its section's treatment.

    raises    UnmappedRow, for a name, place or unit that our tables do not know
    """
    treat = _TREATMENTS.get(section.treatment)
    if treat is None:
        raise UnmappedRow(f"{BASE_CARBONE} {element.row.id}: unknown treatment {section.treatment!r} in tables/fr_ademe/sections.csv")
    return treat(element, section)


def _good(element: Element, section: Section) -> Placement:
    """An activity type made from the names, or the one that other publishers have for the same thing."""
    name = with_reference(name_of(element.row), printed_unit(element.row))
    made = _good_id(element, section, name)
    shared = borrowed_types().get(made)
    activity = _written(shared) or activity_type_of(section.kind, shared.id if shared else made, name.english_text, name.chinese)
    place = place_of(element.row)
    technology = (shared.technology if shared else None) or place.technology
    is_default = shared is None or shared.is_default
    return Placement((activity,), place, technology=technology, is_default=is_default, is_direct=section.treatment == DIRECT)


def _written(shared: BorrowedType | None) -> ActivityType | None:
    return written_activity_types().get(shared.id) if shared else None


def _good_id(element: Element, section: Section, name: Name) -> str:
    """Of the English name; waste has its treatment apart, and an id that had to be cut ends with the element's number."""
    if section.family == WASTE:
        treatment = _WASTE_TREATMENTS.get(name.english[-1], name.english[-1])
        return activity_id(activity_id(section.family, *name.english[:-1]), treatment)
    made = activity_id(section.family, *name.english)
    if not is_cut(section.family, made, *name.english):
        return made
    return f"{made[: LONGEST_ID - len(element.id) - 1].rstrip('_')}_{element.id}"


def _shared(element: Element, section: Section) -> Placement:
    """The one activity of a section that is the same thing as other publishers' of that id."""
    return Placement((written_activity_types()[section.family],), place_of(element.row))


def _farm(element: Element, section: Section) -> Placement:
    """One activity type per product, whichever way it was grown: that is its technology."""
    name = base_name_of(element.row)
    if not any(word in name.english_text.lower() for word in _NOT_ALIVE):
        name = with_reference(name, printed_unit(element.row))
    activity = activity_type_of(section.kind, activity_id(section.family, *name.english), name.english_text, name.chinese)
    way = ", ".join(part for part in element.row.english[1:] if part) or ", ".join(part for part in element.row.french[1:] if part)
    return Placement((activity,), replace(farm_place_of(element.row), technology=None), technology=way or None)


_TREATMENTS: dict[str, Callable[[Element, Section], Placement]] = {
    "goods": _good,
    WASTE: _good,
    DIRECT: _good,
    "farm": _farm,
    "shared": _shared,
    FUEL: lambda element, _: energy.fuel(element),
    "grid": lambda element, _: energy.grid(element),
    "generation": lambda element, _: energy.generation(element),
    FOREIGN_GRID: lambda element, _: energy.foreign_grid(element),
    "network": lambda element, _: energy.network(element),
    "transport": lambda element, _: transport.transport(element),
}
