"""A company of the group as its owner describes it: who owns it and who controls it, by whole months."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from itertools import pairwise

from ghg.consolidation import ControlInterval, GroupEntity, OwnershipInterval
from kernel.problems import Problem, refused


@dataclass(frozen=True, slots=True)
class Ownership:
    """The direct interest of one owner; without one, of the parent, else of the organisation. `share` is kept as it was written."""

    start: date | None
    end: date | None
    share: str
    owner_external_id: str | None


@dataclass(frozen=True, slots=True)
class Control:
    """Which control the group has; without intervals both are taken as given where the group's interest is above one half."""

    start: date | None
    end: date | None
    operational: bool
    financial: bool


@dataclass(frozen=True, slots=True)
class EntityContent:
    """An entity without its id and version, with others named by their business keys."""

    external_id: str
    name: str
    country: str
    parent_external_id: str | None
    ownership: tuple[Ownership, ...]
    control: tuple[Control, ...]

    @property
    def named(self) -> set[str]:
        """The business keys of the other entities that the content names."""
        names = {self.parent_external_id, *(interval.owner_external_id for interval in self.ownership)}
        return {name for name in names if name is not None}

    def same_as(self, other: "EntityContent") -> bool:
        """Whether both say the same: "0.6" is "0.60", and the order of intervals says nothing."""
        return _comparable(self) == _comparable(other)


def _comparable(content: EntityContent) -> tuple[object, ...]:
    ownership = {(interval.start, interval.end, Fraction(interval.share), interval.owner_external_id) for interval in content.ownership}
    return content.external_id, content.name, content.country, content.parent_external_id, ownership, set(content.control)


def refuse_wrong_intervals(content: EntityContent) -> None:
    """Refuse intervals that no month can be accounted by.

    raises  Problem, with the code
            month_start_only      a day that is not the first of a month
            reversed_interval     an interval without a day
            overlapping_interval  two intervals of one owner, or two of control, on one day
            shares_exceed_whole   owners that together hold more than 1 on some day
    """
    for number, interval in enumerate(content.ownership):
        _refuse_wrong_days(f"/ownership/{number}", interval.start, interval.end)
    for number, control in enumerate(content.control):
        _refuse_wrong_days(f"/control/{number}", control.start, control.end)
    for owner in {interval.owner_external_id for interval in content.ownership}:
        _refuse_overlap("/ownership", [(n, one) for n, one in enumerate(content.ownership) if one.owner_external_id == owner])
    _refuse_overlap("/control", list(enumerate(content.control)))
    _refuse_more_than_whole(content.ownership)


def _refuse_wrong_days(pointer: str, start: date | None, end: date | None) -> None:
    for name, day in (("from", start), ("to", end)):
        if day is not None and day.day != 1:
            raise month_start_only(f"{pointer}/{name}", day)
    if start is not None and end is not None and end <= start:
        raise refused(
            f"{pointer}/to",
            "reversed_interval",
            f"The interval from {start} to {end} has no day.",
            "`to` is the first day that is not part of the interval any more; leave it out while the interval is open.",
        )


def month_start_only(pointer: str, day: date) -> Problem:
    """The refusal of a day in the middle of a month."""
    first = day.replace(day=1)
    return refused(pointer, "month_start_only", f"{day} is not the first of a month.", f"Figures are kept by month; take {first}.")


def _refuse_overlap(pointer: str, intervals: Iterable[tuple[int, Ownership | Control]]) -> None:
    ordered = sorted(intervals, key=lambda numbered: _starts(numbered[1]))
    for (_, before), (number, after) in pairwise(ordered):
        if before.end is None or _starts(after) < before.end:
            raise refused(
                f"{pointer}/{number}",
                "overlapping_interval",
                f"On {after.start or 'the first day'} two intervals hold at once.",
                "Let an interval end (`to`) on the day on which the next one begins (`from`).",
            )


def _refuse_more_than_whole(ownership: Sequence[Ownership]) -> None:
    for day in sorted(_starts(interval) for interval in ownership):
        if _held(ownership, day) > 1:
            since = "" if day == date.min else f" on {day}"
            raise refused(
                "/ownership", "shares_exceed_whole", f"The owners together hold more than the whole{since}.", "Correct the shares."
            )


def _held(ownership: Sequence[Ownership], day: date) -> Fraction:
    return sum((Fraction(one.share) for one in ownership if _starts(one) <= day and (one.end is None or day < one.end)), Fraction(0))


def _starts(interval: Ownership | Control) -> date:
    return interval.start or date.min


def control_always(operational: bool | None, financial: bool | None, ownership: Sequence[Ownership]) -> tuple[Control, ...]:
    """Control that is stated once and for always. If one of the two is None, it is given while the owners hold more than one half."""
    if operational is None and financial is None:
        return ()
    if (operational is not None and financial is not None) or not ownership:
        return (Control(None, None, operational is not False, financial is not False),)
    starts = sorted({date.min, *map(_starts, ownership), *(one.end for one in ownership if one.end is not None)})
    intervals = []
    for start, end in zip(starts, [*starts[1:], None], strict=True):
        majority = _held(ownership, start) > Fraction(1, 2)
        given = (majority if operational is None else operational, majority if financial is None else financial)
        intervals.append(Control(None if start == date.min else start, end, *given))
    return tuple(intervals)


def group_entity(content: EntityContent) -> GroupEntity:
    """The entity as the accounting consolidates by it, under its business key."""
    return GroupEntity(
        content.external_id,
        content.parent_external_id,
        tuple(OwnershipInterval(one.start, one.end, Fraction(one.share), one.owner_external_id) for one in content.ownership),
        tuple(ControlInterval(one.start, one.end, one.operational, one.financial) for one in content.control),
    )
