"""Factor bindings: kept answers of the factors service. A resolved one changes only by an accepted factor update, so it is also kept
in memory."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from contracts.factor_questions import Resolution
from kernel.database import Session
from kernel.identifiers import uuid7
from kernel.postgres import driver
from services.inventory.domain.bindings import Binding, Combination, Unbound, bind
from services.inventory.domain.cells import Bindings

_COLUMNS = "activity_type, region, year, unit, method, stage"
_ARRAYS = "$1::text[], $2::text[], $3::int[], $4::text[], $5::text[], $6::text[]"

UPDATES_ACCEPTED = "(SELECT coalesce(max(accepted_as), 0) FROM factor_update)"


class BindingCache:
    """The resolved bindings that this process has met since the last factor update was accepted, by whichever process."""

    def __init__(self) -> None:
        self._resolved: dict[Combination, Binding] = {}
        self._updates_accepted = 0

    def knows(self, combination: Combination) -> bool:
        return combination in self._resolved

    async def read(self, session: Session, combinations: Iterable[Combination], updates_accepted: int) -> Bindings:
        """What is kept for these combinations; those that were never asked are absent.

        updates_accepted  as the session's transaction has read it before: what was remembered from before the last is forgotten
        """
        if updates_accepted > self._updates_accepted:
            self._resolved, self._updates_accepted = {}, updates_accepted
        found: Bindings = {}
        missing = []
        for combination in set(combinations):
            resolved = self._resolved.get(combination)
            if resolved is None:
                missing.append(combination)
            else:
                found[combination] = resolved
        if missing:
            for binding in await read_current(session, missing):
                found[binding.combination] = binding
                # Another task may have learnt of an acceptance since this one read how many there were.
                if isinstance(binding, Binding) and updates_accepted == self._updates_accepted:
                    self._resolved[binding.combination] = binding
        return found


async def updates_accepted(session: Session) -> int:
    """How many factor updates have been accepted."""
    connection = await driver(session)
    accepted: int = await connection.fetchval(f"SELECT {UPDATES_ACCEPTED}")
    return accepted


async def read_current(session: Session, combinations: Sequence[Combination]) -> list[Binding | Unbound]:
    """The bindings with which these combinations are calculated now; those that were never asked are absent."""
    connection = await driver(session)
    rows = await connection.fetch(
        f"SELECT {_COLUMNS}, number, answer FROM factor_binding"
        f" JOIN unnest({_ARRAYS}) AS wanted({_COLUMNS}) USING ({_COLUMNS}) WHERE is_current",
        *_columns(combinations),
    )
    return [_binding(row) for row in rows]


async def read_used(session: Session, combinations: Sequence[Combination], numbers: Sequence[int]) -> list[Binding | Unbound]:
    """The bindings of these numbers, in the order of their combinations; without numbers the first of each."""
    connection = await driver(session)
    rows = await connection.fetch(
        f"SELECT {_COLUMNS}, number, answer FROM factor_binding"
        f" JOIN unnest({_ARRAYS}, $7::int[]) WITH ORDINALITY AS wanted({_COLUMNS}, number, place)"
        f" USING ({_COLUMNS}, number) ORDER BY place",
        *_columns(combinations),
        list(numbers) or [1] * len(combinations),
    )
    return [_binding(row) for row in rows]


@dataclass(frozen=True, slots=True)
class Kept:
    """A resolved binding that calculates its combination now, as it is kept."""

    id: UUID
    combination: Combination
    answer: Resolution


async def page_of_resolved(session: Session, after: UUID | None, limit: int) -> list[Kept]:
    """Resolved bindings that calculate now, in the order of their ids, those after `after`."""
    connection = await driver(session)
    rows = await connection.fetch(
        f"SELECT id, {_COLUMNS}, answer FROM factor_binding"
        " WHERE is_current AND state = 'resolved' AND ($1::uuid IS NULL OR id > $1) ORDER BY id LIMIT $2",
        after,
        limit,
    )
    return [Kept(row["id"], _combination(row), Resolution.model_validate(row["answer"])) for row in rows]


async def keep(session: Session, answers: dict[Combination, Resolution]) -> None:
    """Keep answers; a resolved combination keeps its first, one without a factor takes a later one."""
    combinations = sorted(answers)
    connection = await driver(session)
    await connection.execute(
        f"INSERT INTO factor_binding (id, {_COLUMNS}, number, is_current, state, answer, asked_at)"
        f" SELECT given.id, {_COLUMNS}, 1, true, given.state, given.answer, clock_timestamp()"
        f" FROM unnest({_ARRAYS}, $7::uuid[], $8::text[], $9::jsonb[]) AS given({_COLUMNS}, id, state, answer)"
        f" ON CONFLICT ({_COLUMNS}) WHERE is_current"
        " DO UPDATE SET state = excluded.state, answer = excluded.answer, asked_at = excluded.asked_at"
        " WHERE factor_binding.state <> 'resolved'",
        *_columns(combinations),
        [uuid7() for _ in combinations],
        ["no_factor" if answers[combination].factor is None else "resolved" for combination in combinations],
        [answers[combination].model_dump_json() for combination in combinations],
    )


async def replace(session: Session, update_id: UUID) -> None:
    """Let the answers of a factor update take the place of the bindings that they were proposed for, as their next numbers."""
    connection = await driver(session)
    await connection.execute(
        "UPDATE factor_binding SET is_current = false FROM factor_update_change AS change"
        " WHERE change.update_id = $1 AND change.binding_id = factor_binding.id",
        update_id,
    )
    await connection.execute(
        f"INSERT INTO factor_binding (id, {_COLUMNS}, number, is_current, state, answer, asked_at)"
        f" SELECT gen_random_uuid(), {_COLUMNS}, number + 1, true,"
        " CASE WHEN change.to_factor IS NULL THEN 'no_factor' ELSE 'resolved' END, change.answer, proposed_at"
        " FROM factor_update_change AS change JOIN factor_update ON factor_update.id = update_id"
        " JOIN factor_binding ON factor_binding.id = binding_id WHERE update_id = $1",
        update_id,
    )


async def combinations_without_factor(session: Session, activity_types: list[str]) -> list[Combination]:
    """The combinations of these activity types for which there was no factor when they were asked."""
    connection = await driver(session)
    rows = await connection.fetch(
        f"SELECT {_COLUMNS} FROM factor_binding WHERE is_current AND state = 'no_factor' AND activity_type = ANY($1::text[])",
        activity_types,
    )
    return [_combination(row) for row in rows]


async def combinations_of_waiting(session: Session) -> list[Combination]:
    """The combinations of counted records that could not be asked for yet."""
    connection = await driver(session)
    rows = await connection.fetch(
        "SELECT DISTINCT combination FROM activity, jsonb_array_elements(combinations) AS combination"
        " WHERE calculation_state = 'awaiting_factor' AND calculation_state <> 'calculated' AND counted_revision IS NOT NULL"
    )
    return [Combination(*row["combination"]) for row in rows]


def _columns(combinations: Sequence[Combination]) -> list[list[Any]]:
    return [[getattr(combination, name) for combination in combinations] for name in _COLUMNS.split(", ")]


def _combination(row: Any) -> Combination:
    return Combination(row["activity_type"], row["region"], row["year"], row["unit"], row["method"], row["stage"])


def _binding(row: Any) -> Binding | Unbound:
    return bind(_combination(row), Resolution.model_validate(row["answer"]), row["number"])
