"""Reading activity records: one, a page, all as a stream, and their history; always narrowed to the principal."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date
from typing import Any
from uuid import UUID

from kernel.auth import Principal
from kernel.database import Database, Session
from kernel.postgres import driver
from kernel.problems import not_found
from services.inventory.store.activities import StoredActivity, read_row
from services.inventory.store.narrowing import visible_entities

STREAMED_PAGE = 1_000

_FROM = "FROM activity LEFT JOIN site ON site.id = activity.site_id"

_STANDS = {
    "counted": "activity.quarantine IS NULL AND NOT activity.voided",
    "quarantined": "activity.quarantine IS NOT NULL",
    "voided": "activity.voided",
}

Listed = tuple[StoredActivity, str | None]  # a record, and the external id of its site


@dataclass(frozen=True, slots=True)
class ActivityFilter:
    """What a list is asked for; None does not filter."""

    source_system: str | None = None
    external_id: str | None = None
    site: str | None = None
    activity_type: str | None = None
    outcome: str | None = None
    calculation_state: str | None = None
    period_from: date | None = None
    period_before: date | None = None


class _Conditions:
    """Conditions of a WHERE clause with their parameters."""

    def __init__(self) -> None:
        self.parameters: list[Any] = []
        self._conditions = ["true"]

    def add(self, condition: str, *parameters: Any) -> None:
        """Add a condition in which each `?` stands for the next parameter."""
        for parameter in parameters:
            self.parameters.append(parameter)
            condition = condition.replace("?", f"${len(self.parameters)}", 1)
        self._conditions.append(condition)

    def __str__(self) -> str:
        return " AND ".join(self._conditions)


async def read_one(session: Session, principal: Principal, activity_id: UUID) -> Listed:
    """A record; raises 404 for one that is not there or that the principal may not see."""
    conditions = await _narrowed(session, principal)
    conditions.add("activity.id = ?", activity_id)
    found = await _select(session, conditions, "")
    if not found:
        raise not_found("activity record with this id")
    return found[0]


async def read_page(session: Session, principal: Principal, wanted: ActivityFilter, after: list[str] | None, limit: int) -> list[Listed]:
    """Records by first day and id, after the position of a cursor."""
    conditions = await _narrowed(session, principal)
    _filter(conditions, wanted)
    if after is not None:
        conditions.add("(activity.period_start, activity.id) > (?, ?)", date.fromisoformat(after[0]), UUID(after[1]))
    return await _select(session, conditions, f"ORDER BY activity.period_start, activity.id LIMIT {limit:d}")


async def stream(database: Database, principal: Principal, wanted: ActivityFilter) -> AsyncIterator[Listed]:
    """All records of a filter, read page by page so that no transaction stays open while the client reads."""
    after: list[str] | None = None
    while True:
        async with database.unit_of_work(principal.client_id) as session:
            page = await read_page(session, principal, wanted, after, STREAMED_PAGE)
        for listed in page:
            yield listed
        if len(page) < STREAMED_PAGE:
            return
        last = page[-1][0]
        after = [last.period_start.isoformat(), str(last.id)]


async def read_history(session: Session, activity_id: UUID) -> list[dict[str, Any]]:
    connection = await driver(session)
    rows = await connection.fetch("SELECT * FROM activity_revision WHERE activity_id = $1 ORDER BY revision", activity_id)
    return [
        {
            "revision": row["revision"],
            "outcome": row["outcome"],
            "content": row["content"],
            "reason": row["reason"],
            "principal": row["principal"],
            "recorded_at": row["recorded_at"].astimezone(UTC).isoformat().replace("+00:00", "Z"),
        }
        for row in rows
    ]


async def counted_contents(session: Session, activities: Sequence[StoredActivity]) -> dict[UUID, dict[str, Any]]:
    """What the counted revisions of records say, by record; a record's own content may be of a later one that waits in quarantine."""
    connection = await driver(session)
    rows = await connection.fetch(
        "SELECT activity_id, content FROM activity_revision"
        " JOIN unnest($1::uuid[], $2::int[]) AS counted(activity_id, revision) USING (activity_id, revision)",
        [one.id for one in activities],
        [one.counted_revision for one in activities],
    )
    return {row["activity_id"]: row["content"] for row in rows}


async def activity_types_without_factor(session: Session, start: date, end: date) -> list[str]:
    """The activity types of records in these days for which there was no factor when it was asked for."""
    connection = await driver(session)
    rows = await connection.fetch(
        "SELECT DISTINCT activity_type FROM activity"
        " WHERE calculation_state = 'no_factor' AND calculation_state <> 'calculated' AND counted_revision IS NOT NULL"
        " AND period_start < $2 AND period_end > $1 ORDER BY activity_type",
        start,
        end,
    )
    return [row["activity_type"] for row in rows]


async def _narrowed(session: Session, principal: Principal) -> _Conditions:
    conditions = _Conditions()
    visible = await visible_entities(session, principal)
    if visible is not None:
        conditions.add("site.entity_id = ANY(?::uuid[])", list(visible))
    if principal.source_systems:
        conditions.add("activity.source_system = ANY(?::text[])", list(principal.source_systems))
    return conditions


def _filter(conditions: _Conditions, wanted: ActivityFilter) -> None:
    for column in ("source_system", "external_id", "activity_type"):
        value = getattr(wanted, column)
        if value is not None:
            conditions.add(f"activity.{column} = ?", value)
    if wanted.site is not None:
        conditions.add("site.external_id = ?", wanted.site)
    if wanted.calculation_state is not None:
        conditions.add("activity.calculation_state = ? AND activity.counted_revision IS NOT NULL", wanted.calculation_state)
    if wanted.outcome is not None:
        conditions.add(_STANDS[wanted.outcome])
    if wanted.period_from is not None:
        conditions.add("activity.period_start >= ?", wanted.period_from)
    if wanted.period_before is not None:
        conditions.add("activity.period_start < ?", wanted.period_before)


async def _select(session: Session, conditions: _Conditions, order: str) -> list[Listed]:
    connection = await driver(session)
    rows = await connection.fetch(
        f"SELECT activity.*, site.external_id AS site_name {_FROM} WHERE {conditions} {order}", *conditions.parameters
    )
    return [(read_row(row), row["site_name"]) for row in rows]
