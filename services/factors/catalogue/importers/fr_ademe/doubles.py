"""Elements that say the same twice: in another unit, under another heading, or older under the same name."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from fractions import Fraction

from ghg.units import unit
from services.factors.catalogue.importers.fr_ademe.figures import half_digit
from services.factors.catalogue.importers.fr_ademe.placement import Placement
from services.factors.catalogue.importers.fr_ademe.rows import BASE_CARBONE, AdemeRow, Element
from services.factors.catalogue.importers.fr_ademe.stages import StagedRows
from services.factors.catalogue.importers.fr_ademe.units import PrintedUnit
from services.factors.catalogue.importers.fr_ademe.validity import validity_of
from services.factors.catalogue.printed_numbers import printed_number
from services.factors.catalogue.refusals import UnmappedRow

_PREFERRED_UNITS = ("kWh_net", "kWh_gross", "GJ_net", "GJ_gross", "MJ_net", "toe_net", "toe_gross", "kg", "t", "L", "m3")
_ROUNDING = Fraction(1, 200)  # of what the publisher converted from figures that it had rounded before


@dataclass(frozen=True, slots=True)
class PlacedElement:
    """An element with everything that was found out about it."""

    element: Element
    placement: Placement
    unit: PrintedUnit
    rows: StagedRows

    @property
    def key(self) -> tuple[object, ...]:
        """What a factor answers; two elements of one key would be two answers."""
        placement = self.placement
        activities = tuple(activity.id for activity in placement.activities)
        return activities, placement.place.regions, placement.technology, placement.data_year, unit(self.unit.unit).dimension


@dataclass(frozen=True, slots=True)
class Sorted:
    """The elements that stay, and those that say the same as one of them, with the reason."""

    kept: tuple[PlacedElement, ...]
    doubles: tuple[tuple[str, PlacedElement], ...]


def without_doubles(placed: Iterable[PlacedElement]) -> Sorted:
    """Keep one element for each question, in the preferred unit and the newest; of a farm product one way of growing answers.

    raises    UnmappedRow, if two elements of one unit differ and neither is newer
    """
    groups: dict[tuple[object, ...], list[PlacedElement]] = {}
    for one in placed:
        groups.setdefault(one.key, []).append(one)
    kept: list[PlacedElement] = []
    doubles: list[tuple[str, PlacedElement]] = []
    for group in groups.values():
        group.sort(key=_preference)
        kept.append(group[0])
        for other in group[1:]:
            reason = _reason(group[0], other)
            if reason is None:
                kept.append(_told_apart(other))
            else:
                doubles.append((reason, other))
    return Sorted(tuple(kept), tuple(doubles))


def _preference(one: PlacedElement) -> tuple[int, int, int]:
    rank = _PREFERRED_UNITS.index(one.unit.unit) if one.unit.unit in _PREFERRED_UNITS else 0
    return rank, -(validity_of(one.element.row).last_day or date.min).toordinal(), -int(one.element.id)


def _reason(kept: PlacedElement, other: PlacedElement) -> str | None:
    """Why the other element makes no factor; None if it says something else in another unit."""
    if kept.unit.unit != other.unit.unit:
        is_equal = _is_equal(kept, other)
        return f"the same as element {kept.element.id} in another unit ({kept.unit.printed}), equal within rounding" if is_equal else None
    newest, older = (validity_of(one.element.row).last_day for one in (kept, other))
    if newest is not None and (older is None or older < newest):
        return f"superseded by element {kept.element.id} of the same name and place, valid until {newest.isoformat()}"
    if _is_equal(kept, other):
        return f"the same as element {kept.element.id} under another heading, equal within rounding"
    ids = f"{kept.element.id} and {other.element.id}"
    raise UnmappedRow(f"{BASE_CARBONE}: elements {ids} of one name, place and unit differ: {other.element.row.text}")


def _told_apart(one: PlacedElement) -> PlacedElement:
    stated = f"stated per {one.unit.printed}"
    technology = ", ".join(part for part in (one.placement.technology, stated) if part)
    note = "Differs by more than rounding from the same element in another unit, which answers."
    placement = replace(one.placement, technology=technology, is_default=False, notes=(*one.placement.notes, note))
    return replace(one, placement=placement)


def _is_equal(one: PlacedElement, other: PlacedElement) -> bool:
    if one.rows.by_stage.keys() != other.rows.by_stage.keys():
        return False
    return all(_agree(one, one.rows.by_stage[stage], other, other.rows.by_stage[stage]) for stage in one.rows.by_stage)


def _agree(one: PlacedElement, rows: tuple[AdemeRow, ...], other: PlacedElement, others: tuple[AdemeRow, ...]) -> bool:
    value, half_digit = _per_reference(one, rows)
    other_value, other_half_digit = _per_reference(other, others)
    return abs(value - other_value) <= half_digit + other_half_digit + _ROUNDING * max(value, other_value)


def _per_reference(one: PlacedElement, rows: tuple[AdemeRow, ...]) -> tuple[Fraction, Fraction]:
    """The value per reference unit of the dimension, and half of its last printed digit."""
    ratio = one.unit.printed_per_unit / unit(one.unit.unit).ratio
    value = sum((printed_number(row.total) for row in rows), Fraction(0))
    return value * ratio, sum((half_digit(row.total) for row in rows), Fraction(0)) * ratio
