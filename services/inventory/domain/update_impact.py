"""What a factor update would move, cell by cell: the same calculation as the recount's, record by record, added up and not written."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from ghg.gwp import GWP_SETS
from services.inventory.domain.cells import Contribution


@dataclass(frozen=True, slots=True)
class Figure:
    """A quantity in the factor's unit × 10^9, and milligrams of CO2e; None if the GWP set lacks a value for a gas: missing is not zero."""

    quantity_nano: int
    co2e_mg: int | None

    def __add__(self, other: "Figure") -> "Figure":
        missing = self.co2e_mg is None or other.co2e_mg is None
        co2e = None if missing else (self.co2e_mg or 0) + (other.co2e_mg or 0)
        return Figure(self.quantity_nano + other.quantity_nano, co2e)


NOTHING = Figure(0, 0)


@dataclass(frozen=True, slots=True)
class Move:
    """The part of a cell that would go over to another factor, or to none: then `then` is None and the records have no figure."""

    cell: UUID
    to_factor: str | None
    to_unit: str | None
    records: int
    now: Figure
    then: Figure | None

    @property
    def difference_mg(self) -> int | None:
        """By how much the totals would move; a figure that ceases leaves them."""
        then = NOTHING if self.then is None else self.then
        return None if self.now.co2e_mg is None or then.co2e_mg is None else then.co2e_mg - self.now.co2e_mg


class Moves:
    """Adds up what records would move between cells, under one GWP set."""

    def __init__(self, gwp_set: str) -> None:
        self._co2e = 1 + GWP_SETS.index(gwp_set)  # after the mass
        self._moves: dict[tuple[UUID, str | None], Move] = {}

    def add(self, now: Sequence[Contribution], then: Sequence[Contribution], *, has_figure: bool) -> None:
        """Add a record: what it contributes, and what it would contribute; the parts of both are of the same months."""
        if not has_figure:
            for part in now:
                self._add(Move(part.cell_id, None, None, part.records, self._figure(part), None))
            return
        for before, after in zip(now, then, strict=True):
            assert after.key is not None, "it was calculated just now"
            is_moved = before.cell_id != after.cell_id or before.as_json() != after.as_json()
            if is_moved:
                key = after.key
                move = Move(before.cell_id, key.factor_id, key.unit, before.records, self._figure(before), self._figure(after))
                self._add(move)

    def _add(self, move: Move) -> None:
        place = move.cell, move.to_factor
        known = self._moves.get(place)
        if known is not None:
            then = None if known.then is None or move.then is None else known.then + move.then
            move = Move(*place, move.to_unit, known.records + move.records, known.now + move.now, then)
        self._moves[place] = move

    def _figure(self, part: Contribution) -> Figure:
        co2e: int | None = 0
        for figures in part.gases.values():
            of_gas = figures[self._co2e]
            co2e = None if co2e is None or of_gas is None else co2e + of_gas
        return Figure(part.quantity_nano, co2e)

    def all(self) -> list[Move]:
        return list(self._moves.values())


@dataclass(frozen=True, slots=True)
class Sum:
    """Moves added up; None where one of them is None."""

    records: int
    records_without_factor: int
    now_mg: int | None
    then_mg: int | None
    difference_mg: int | None


def total(moves: Sequence[Move]) -> Sum:
    """What all moves come to; figures that cease are not in `then_mg`."""
    now = sum((move.now for move in moves), NOTHING).co2e_mg
    then = sum((move.then for move in moves if move.then is not None), NOTHING).co2e_mg
    return Sum(
        records=sum(move.records for move in moves),
        records_without_factor=sum(move.records for move in moves if move.then is None),
        now_mg=now,
        then_mg=then,
        difference_mg=None if now is None or then is None else then - now,
    )
