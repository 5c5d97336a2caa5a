"""What share of an entity's emissions the group takes into its inventory, by approach and by day.

Source: GHG Protocol Corporate Standard (2004), chapter 3, Setting Organizational Boundaries, table 1; ISO 14064-1:2018, clause 5.1.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Literal, get_args

from ghg.errors import InvalidOwnership, OwnershipCycle, UnknownEntity
from ghg.rounding import half_even

ConsolidationApproach = Literal["operational_control", "financial_control", "equity_share"]
APPROACHES: tuple[str, ...] = get_args(ConsolidationApproach)
WHOLE, NOTHING, HALF = Fraction(1), Fraction(0), Fraction(1, 2)


@dataclass(frozen=True, slots=True)
class OwnershipInterval:
    """The direct interest of one owner from `start` to before `end`; None is open. Without an owner: of the parent, else of the group.

    raises  InvalidOwnership for a reversed interval or a share outside 0 to 1
    """

    start: date | None
    end: date | None
    share: Fraction
    owner: str | None = None

    def __post_init__(self) -> None:
        _refuse_reversed(self.start, self.end)
        if not NOTHING <= self.share <= WHOLE:
            raise InvalidOwnership(f"share {self.share} is not between 0 and 1", 'write 60 % as "0.60"')


@dataclass(frozen=True, slots=True)
class ControlInterval:
    """Whether the group has operational and financial control from `start` to before `end`; None is open.

    raises  InvalidOwnership for a reversed interval
    """

    start: date | None
    end: date | None
    operational: bool
    financial: bool

    def __post_init__(self) -> None:
        _refuse_reversed(self.start, self.end)


@dataclass(frozen=True, slots=True)
class GroupEntity:
    """A company of the group, its place in the tree, who owns it and who controls it, over time."""

    id: str
    parent: str | None = None
    ownership: tuple[OwnershipInterval, ...] = ()
    control: tuple[ControlInterval, ...] = ()


class ConsolidationTree:
    """The group over time, answering which share of an entity the group takes.

    raises  InvalidOwnership: an entity twice, an owner or parent that is not in the tree
            OwnershipCycle: an entity that on some day owns itself up the tree
    """

    def __init__(self, entities: Iterable[GroupEntity]) -> None:
        self._entities: dict[str, GroupEntity] = {}
        for entity in entities:
            if entity.id in self._entities:
                raise InvalidOwnership(f"entity {entity.id} stands twice in the tree", "give each entity once")
            self._entities[entity.id] = entity
        self._refuse_unknown_owners()
        self._refuse_cycles()
        self._shares: dict[tuple[str, ConsolidationApproach, date], Fraction] = {}

    def share(self, entity_id: str, approach: ConsolidationApproach, day: date) -> Fraction:
        """The share of the entity's emissions of this day that belongs to the group.

        equity_share         the group's interest, the product up the tree: 60 % of 60 % is 36 %
        operational_control  1 or 0, as the control interval of that day says
        financial_control    1 or 0 likewise. A joint venture under joint financial control is accounted by its equity share; the
                             intervals cannot say "joint", so it stays 1 or 0 here

        Without ownership intervals an entity is wholly its parent's. Without control intervals it is controlled if the group and the
        companies that it controls hold more than one half of it: 60 % of 60 % is controlled, though 36 % of it is the group's. On a
        day that no interval covers, nobody owns or controls.
        raises  UnknownEntity; InvalidOwnership if the owners of a day hold more than the whole, or for another approach
        """
        key = (entity_id, approach, day)
        known = self._shares.get(key)
        if known is None:
            known = self._shares[key] = self._share(self._entity(entity_id), approach, day)
        return known

    def _entity(self, entity_id: str) -> GroupEntity:
        entity = self._entities.get(entity_id)
        if entity is None:
            raise UnknownEntity(f"entity {entity_id} is not in the consolidation tree", "register the entity first")
        return entity

    def _share(self, entity: GroupEntity, approach: ConsolidationApproach, day: date) -> Fraction:
        if approach not in APPROACHES:
            raise InvalidOwnership(f"unknown consolidation approach {approach!r}", f"choose one of {', '.join(APPROACHES)}")
        interests = _interests(entity, day)
        if approach != "equity_share" and entity.control:
            return WHOLE if _control_stated(entity, approach, day) else NOTHING
        held = NOTHING
        for interval in interests:
            owner = interval.owner or entity.parent
            held += interval.share * (WHOLE if owner is None else self.share(owner, approach, day))
        if approach == "equity_share":
            return held
        return WHOLE if held > HALF else NOTHING

    def _refuse_unknown_owners(self) -> None:
        for entity in self._entities.values():
            for owner in (entity.parent, *(interval.owner for interval in entity.ownership)):
                if owner is not None and owner not in self._entities:
                    raise InvalidOwnership(f"{owner}, above {entity.id}, is not in the tree", "register the owner first")

    def _refuse_cycles(self) -> None:
        """Walk up from every entity, keeping the days on which the walk holds; coming back to the start on any day is a cycle."""
        for entity in self._entities.values():
            walk: list[tuple[str, date | None, date | None]] = [(entity.id, None, None)]
            seen = set(walk)
            while walk:
                here, start, end = walk.pop()
                for owner, owner_start, owner_end in _above(self._entities[here]):
                    from_day, to_day = _later(start, owner_start), _earlier(end, owner_end)
                    if from_day and to_day and from_day >= to_day:
                        continue
                    if owner == entity.id:
                        raise OwnershipCycle(f"{entity.id} owns itself up the tree, by way of {here}", "correct the parent or the owner")
                    if (step := (owner, from_day, to_day)) not in seen:
                        seen.add(step)
                        walk.append(step)


def consolidate(milligrams: int, share: Fraction) -> int:
    """The group's share of a figure, half-even to whole milligrams; what is left of the figure is outside the inventory."""
    if share.denominator == 1:
        return milligrams * share.numerator
    return half_even(milligrams * share.numerator, share.denominator)


def consolidated_sum(milligrams: Sequence[int | None], share: Fraction) -> int | None:
    """The sum of the group's share of each figure, every one rounded by itself; None if one is missing."""
    present = [figure for figure in milligrams if figure is not None]
    if len(present) < len(milligrams):
        return None
    if share.denominator == 1:
        return sum(present) * share.numerator
    return sum(half_even(figure * share.numerator, share.denominator) for figure in present)


def _interests(entity: GroupEntity, day: date) -> list[OwnershipInterval]:
    ownership = entity.ownership or (OwnershipInterval(None, None, WHOLE),)
    interests = [interval for interval in ownership if _covers(interval, day)]
    if sum(interval.share for interval in interests) > WHOLE:
        raise InvalidOwnership(f"the owners of {entity.id} hold more than the whole on {day}", "correct the shares of that day")
    return interests


def _control_stated(entity: GroupEntity, approach: ConsolidationApproach, day: date) -> bool:
    that_day = [interval for interval in entity.control if _covers(interval, day)]
    return any(interval.operational if approach == "operational_control" else interval.financial for interval in that_day)


def _above(entity: GroupEntity) -> Iterator[tuple[str, date | None, date | None]]:
    if entity.parent is not None:
        yield entity.parent, None, None
    for interval in entity.ownership:
        if interval.owner is not None:
            yield interval.owner, interval.start, interval.end


def _covers(interval: OwnershipInterval | ControlInterval, day: date) -> bool:
    return (interval.start is None or interval.start <= day) and (interval.end is None or day < interval.end)


def _later(one: date | None, other: date | None) -> date | None:
    return max(one, other) if one and other else one or other


def _earlier(one: date | None, other: date | None) -> date | None:
    return min(one, other) if one and other else one or other


def _refuse_reversed(start: date | None, end: date | None) -> None:
    if start is not None and end is not None and start >= end:
        raise InvalidOwnership(f"interval {start} to {end} has no day", "the end is exclusive and lies after the start")
