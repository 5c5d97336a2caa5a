"""Factor bindings: kept answers of the factors service. A resolved one never changes, so it is also kept in memory."""

from collections.abc import Iterable
from typing import Any

from contracts.factor_questions import Resolution
from kernel.database import Session
from kernel.identifiers import uuid7
from kernel.postgres import driver
from services.inventory.domain.bindings import Binding, Combination, Unbound, bind
from services.inventory.domain.cells import Bindings

_COLUMNS = "activity_type, region, year, unit, method"
_WANTED = "unnest($1::text[], $2::text[], $3::int[], $4::text[], $5::text[])"


class BindingCache:
    """The resolved bindings that this process has met."""

    def __init__(self) -> None:
        self._resolved: dict[Combination, Binding] = {}

    def knows(self, combination: Combination) -> bool:
        return combination in self._resolved

    async def read(self, session: Session, combinations: Iterable[Combination]) -> Bindings:
        """What is kept for these combinations; those that were never asked are absent."""
        found: Bindings = {}
        missing = []
        for combination in set(combinations):
            resolved = self._resolved.get(combination)
            if resolved is None:
                missing.append(combination)
            else:
                found[combination] = resolved
        if missing:
            for binding in await _select(session, missing):
                found[binding.combination] = binding
                if isinstance(binding, Binding):
                    self._resolved[binding.combination] = binding
        return found


async def _select(session: Session, combinations: list[Combination]) -> list[Binding | Unbound]:
    connection = await driver(session)
    rows = await connection.fetch(
        f"SELECT {_COLUMNS}, answer FROM factor_binding JOIN {_WANTED} AS wanted({_COLUMNS}) USING ({_COLUMNS})",
        *_columns(combinations),
    )
    return [bind(_combination(row), Resolution.model_validate(row["answer"])) for row in rows]


async def keep(session: Session, answers: dict[Combination, Resolution]) -> None:
    """Keep answers; a resolved combination keeps its first, one without a factor takes a later one."""
    combinations = sorted(answers)
    connection = await driver(session)
    await connection.execute(
        f"INSERT INTO factor_binding (id, {_COLUMNS}, state, answer, asked_at)"
        f" SELECT given.id, {_COLUMNS}, given.state, given.answer, clock_timestamp()"
        f" FROM unnest($1::text[], $2::text[], $3::int[], $4::text[], $5::text[], $6::uuid[], $7::text[], $8::jsonb[])"
        f" AS given({_COLUMNS}, id, state, answer)"
        f" ON CONFLICT ({_COLUMNS}) DO UPDATE SET state = excluded.state, answer = excluded.answer, asked_at = excluded.asked_at"
        " WHERE factor_binding.state <> 'resolved'",
        *_columns(combinations),
        [uuid7() for _ in combinations],
        ["no_factor" if answers[combination].factor is None else "resolved" for combination in combinations],
        [answers[combination].model_dump_json() for combination in combinations],
    )


async def combinations_without_factor(session: Session, activity_types: list[str]) -> list[Combination]:
    """The combinations of these activity types for which there was no factor when they were asked."""
    connection = await driver(session)
    rows = await connection.fetch(
        f"SELECT {_COLUMNS} FROM factor_binding WHERE state = 'no_factor' AND activity_type = ANY($1::text[])", activity_types
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


def _columns(combinations: list[Combination]) -> list[list[Any]]:
    return [[getattr(combination, name) for combination in combinations] for name in _COLUMNS.split(", ")]


def _combination(row: Any) -> Combination:
    return Combination(row["activity_type"], row["region"], row["year"], row["unit"], row["method"])
