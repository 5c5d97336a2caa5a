"""Activity records in the database: inserted and locked in key order, written as sets, with every revision kept."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from kernel.database import Session
from kernel.postgres import driver
from services.inventory.domain.bindings import Combination
from services.inventory.domain.cells import Contribution

# Column → its type. Rows go to PostgreSQL as one JSON document: that costs the driver less than an array for every column.
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
    "binding_numbers": "jsonb",
    "contributions": "jsonb",
    "principal": "text",
}
COLUMNS = tuple(_TYPES)
_COLUMNS = ", ".join(_TYPES)
_GIVEN = f"json_to_recordset($1) AS given({', '.join(f'{name} {kind}' for name, kind in _TYPES.items())})"
_CHANGING = [name for name in _TYPES if name not in ("id", "source_system", "external_id")]

_INSERT = f"""
WITH inserted AS (
    INSERT INTO activity ({_COLUMNS}, recorded_at)
    SELECT {_COLUMNS}, clock_timestamp() FROM {_GIVEN}
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
FROM {_GIVEN} WHERE activity.id = given.id
"""

_REVISE = """
INSERT INTO activity_revision (activity_id, revision, outcome, content, reason, principal, recorded_at)
SELECT id, revision, outcome, content, reason, principal, clock_timestamp()
FROM json_to_recordset($1) AS given(id uuid, revision int, outcome text, content jsonb, reason text, principal text)
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
    binding_numbers: tuple[int, ...]
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
    rows = await connection.fetch(_INSERT, _given(activities))
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
    given = [
        {
            "id": str(revision.activity.id),
            "revision": revision.activity.revision,
            "outcome": revision.outcome,
            "content": revision.activity.content,
            "reason": revision.reason,
            "principal": revision.activity.principal,
        }
        for revision in revisions
    ]
    connection = await driver(session)
    await connection.execute(_REVISE, json.dumps(given))


async def overwrite(session: Session, activities: Sequence[StoredActivity]) -> None:
    """Write the new state of locked records whose content did not change: a calculation that became possible."""
    if not activities:
        return
    connection = await driver(session)
    await connection.execute(_UPDATE, _given(activities))


def _given(activities: Sequence[StoredActivity]) -> str:
    return json.dumps([_as_json(activity) for activity in activities])


def _as_json(activity: StoredActivity) -> dict[str, Any]:
    row = {name: getattr(activity, name) for name in _TYPES}
    row["id"] = str(activity.id)
    row["fingerprint"] = "\\x" + activity.fingerprint.hex()
    row["source_modified_at"] = activity.source_modified_at and activity.source_modified_at.isoformat()
    row["site_id"] = activity.site_id and str(activity.site_id)
    row["period_start"] = activity.period_start.isoformat()
    row["period_end"] = activity.period_end.isoformat()
    row["quantity"] = str(activity.quantity)
    row["combinations"] = [combination.as_json() for combination in activity.combinations]
    row["contributions"] = [part.as_json() for part in activity.contributions]
    return row


def read_row(row: Any) -> StoredActivity:
    """A row of the driver's with all columns of the table."""
    fields = {name: row[name] for name in _TYPES} | {
        "combinations": tuple(Combination(*kept) for kept in row["combinations"]),
        "binding_numbers": tuple(row["binding_numbers"]),
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
    """Counted records in a state without figure, by id."""
    connection = await driver(session)
    rows = await connection.fetch(
        f"SELECT {_COLUMNS} FROM activity"
        " WHERE calculation_state = $1 AND calculation_state <> 'calculated' AND counted_revision IS NOT NULL"
        " AND ($2::text[] IS NULL OR activity_type = ANY($2)) AND ($3::uuid IS NULL OR id > $3)"
        " ORDER BY id LIMIT $4",
        state,
        activity_types,
        after,
        limit,
    )
    return [read_row(row) for row in rows]
