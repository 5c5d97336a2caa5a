"""Activity records in the database: inserted and locked in key order, written as sets, with every revision kept."""

import json
from collections.abc import Sequence
from dataclasses import astuple, dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from kernel.database import Session
from kernel.postgres import driver
from services.inventory.domain.bindings import Combination
from services.inventory.domain.cells import Contribution

# Column → its array type in set-based statements; the order of the columns in every statement here.
_TYPES = {
    "id": "uuid",
    "source_system": "text",
    "external_id": "text",
    "revision": "int",
    "fingerprint": "bytea",
    "source_modified_at": "timestamptz",
    "counted_revision": "int",
    "quarantine": "text",
    "voided": "bool",
    "content": "jsonb",
    "site_id": "uuid",
    "activity_type": "text",
    "item_code": "text",
    "period_start": "date",
    "period_end": "date",
    "quantity": "numeric",
    "unit": "text",
    "category": "text",
    "calculation_state": "text",
    "combinations": "jsonb",
    "contributions": "jsonb",
    "principal": "text",
}
_COLUMNS = ", ".join(_TYPES)
_ARRAYS = ", ".join(f"${place}::{kind}[]" for place, kind in enumerate(_TYPES.values(), start=1))
_CHANGING = [name for name in _TYPES if name not in ("id", "source_system", "external_id")]

_INSERT = f"""
WITH inserted AS (
    INSERT INTO activity ({_COLUMNS}, recorded_at)
    SELECT {_COLUMNS}, clock_timestamp() FROM unnest({_ARRAYS}) AS given({_COLUMNS})
    ORDER BY source_system, external_id
    ON CONFLICT (source_system, external_id) DO NOTHING
    RETURNING id, revision, quarantine, content, principal, recorded_at
), revised AS (
    INSERT INTO activity_revision (activity_id, revision, outcome, content, principal, recorded_at)
    SELECT id, revision, CASE WHEN quarantine IS NULL THEN 'created' ELSE 'quarantined' END, content, principal, recorded_at FROM inserted
)
SELECT id FROM inserted
"""

_LOCK = f"""
SELECT {_COLUMNS} FROM activity
WHERE (source_system, external_id) IN (SELECT * FROM unnest($1::text[], $2::text[]))
ORDER BY source_system, external_id FOR UPDATE
"""

_UPDATE = f"""
UPDATE activity SET {", ".join(f"{name} = given.{name}" for name in _CHANGING)}, recorded_at = clock_timestamp()
FROM unnest({_ARRAYS}) AS given({_COLUMNS}) WHERE activity.id = given.id
"""

_REVISE = """
INSERT INTO activity_revision (activity_id, revision, outcome, content, reason, principal, recorded_at)
SELECT *, clock_timestamp() FROM unnest($1::uuid[], $2::int[], $3::text[], $4::jsonb[], $5::text[], $6::text[])
"""


@dataclass(frozen=True, slots=True)
class StoredActivity:
    """An activity record as the database holds it; the fields are described at services.inventory.tables.Activity."""

    id: UUID
    source_system: str
    external_id: str
    revision: int
    fingerprint: bytes
    source_modified_at: datetime | None
    counted_revision: int | None
    quarantine: str | None
    voided: bool
    content: dict[str, Any]
    site_id: UUID | None
    activity_type: str | None
    item_code: str | None
    period_start: date
    period_end: date
    quantity: Decimal
    unit: str | None
    category: str | None
    calculation_state: str | None
    combinations: tuple[Combination, ...]
    contributions: tuple[Contribution, ...]
    principal: str

    @property
    def key(self) -> tuple[str, str]:
        return self.source_system, self.external_id

    def changed(self, **fields: Any) -> "StoredActivity":
        return replace(self, **fields)


@dataclass(frozen=True, slots=True)
class Revision:
    """A further revision of a record, to be kept in its history."""

    activity: StoredActivity
    outcome: str
    reason: str | None = None


async def insert_new(session: Session, activities: Sequence[StoredActivity]) -> set[UUID]:
    """Insert what is not there yet, with its first revision; returns the ids of those that were inserted, which this transaction holds."""
    connection = await driver(session)
    rows = await connection.fetch(_INSERT, *_arrays(activities))
    return {row["id"] for row in rows}


async def lock(session: Session, keys: Sequence[tuple[str, str]]) -> dict[tuple[str, str], StoredActivity]:
    """Lock records in key order and read them as they are now."""
    connection = await driver(session)
    rows = await connection.fetch(_LOCK, [system for system, _ in keys], [external_id for _, external_id in keys])
    return {stored.key: stored for stored in map(read_row, rows)}


async def lock_one(session: Session, activity_id: UUID) -> StoredActivity | None:
    connection = await driver(session)
    row = await connection.fetchrow(f"SELECT {_COLUMNS} FROM activity WHERE id = $1 FOR UPDATE", activity_id)
    return None if row is None else read_row(row)


async def write(session: Session, revisions: Sequence[Revision]) -> None:
    """Write the new state of locked records, each with a revision of its own."""
    if not revisions:
        return
    activities = [revision.activity for revision in revisions]
    await overwrite(session, activities)
    connection = await driver(session)
    await connection.execute(
        _REVISE,
        [activity.id for activity in activities],
        [activity.revision for activity in activities],
        [revision.outcome for revision in revisions],
        [json.dumps(activity.content) for activity in activities],
        [revision.reason for revision in revisions],
        [activity.principal for activity in activities],
    )


async def overwrite(session: Session, activities: Sequence[StoredActivity]) -> None:
    """Write the new state of locked records whose content did not change: a calculation that became possible."""
    if not activities:
        return
    connection = await driver(session)
    await connection.execute(_UPDATE, *_arrays(activities))


def _arrays(activities: Sequence[StoredActivity]) -> list[list[Any]]:
    encoded = {
        "content": lambda activity: json.dumps(activity.content),
        "combinations": lambda activity: json.dumps([astuple(combination) for combination in activity.combinations]),
        "contributions": lambda activity: json.dumps([part.as_json() for part in activity.contributions]),
    }
    return [
        [encoded[name](activity) for activity in activities] if name in encoded else [getattr(activity, name) for activity in activities]
        for name in _TYPES
    ]


def read_row(row: Any) -> StoredActivity:
    """A row of the driver's with all columns of the table."""
    fields = {name: row[name] for name in _TYPES} | {
        "combinations": tuple(Combination(*kept) for kept in row["combinations"]),
        "contributions": tuple(Contribution.from_json(kept) for kept in row["contributions"]),
    }
    return StoredActivity(**fields)


async def quarantined(session: Session, source_system: str, code: str, after: UUID | None, limit: int) -> list[StoredActivity]:
    """Records of an item code that wait for its mapping, by id."""
    connection = await driver(session)
    rows = await connection.fetch(
        f"SELECT {_COLUMNS} FROM activity WHERE quarantine = 'unmapped_item' AND source_system = $1 AND item_code = $2"
        " AND ($3::uuid IS NULL OR id > $3) ORDER BY id LIMIT $4",
        source_system,
        code,
        after,
        limit,
    )
    return [read_row(row) for row in rows]


async def without_figure(
    session: Session, state: str, activity_types: list[str] | None, after: UUID | None, limit: int
) -> list[StoredActivity]:
    """Counted records in a state without figure, locked, by id; those that another transaction holds are left to it."""
    connection = await driver(session)
    rows = await connection.fetch(
        f"SELECT {_COLUMNS} FROM activity WHERE calculation_state = $1 AND calculation_state <> 'calculated' AND counted_revision IS NOT NULL"
        " AND ($2::text[] IS NULL OR activity_type = ANY($2)) AND ($3::uuid IS NULL OR id > $3)"
        " ORDER BY id LIMIT $4 FOR UPDATE SKIP LOCKED",
        state,
        activity_types,
        after,
        limit,
    )
    return [read_row(row) for row in rows]
