"""Records by the bindings that calculated them: those of a factor update, and those that stay behind when bindings are replaced."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from kernel.database import Session
from kernel.postgres import driver
from services.inventory.domain.inventory_states import CLOSED_STATES
from services.inventory.store.activities import COLUMNS, StoredActivity, read_row

# As domain/bindings.py writes a combination.
_COMBINATION = (
    "jsonb_build_array(activity_type, region, year, unit, method) || CASE stage WHEN '' THEN '[]'::jsonb ELSE jsonb_build_array(stage) END"
)

_REPLACED = f"SELECT {_COMBINATION} AS combination, number, activity_type FROM factor_binding WHERE NOT is_current"
_OF_UPDATE = (
    f"SELECT {_COMBINATION} AS combination, number, activity_type"
    " FROM factor_binding JOIN factor_update_change ON binding_id = id WHERE update_id = $1"
)

# A record whose numbers are not kept was calculated with the first binding of each of its combinations.
_CALCULATED_WITH_BOUND = """
activity.calculation_state = 'calculated' AND activity.counted_revision IS NOT NULL
AND activity.activity_type IN (SELECT activity_type FROM bound)
AND EXISTS (
    SELECT FROM jsonb_array_elements(activity.combinations) WITH ORDINALITY AS used(combination, place)
    JOIN bound ON bound.combination = used.combination
        AND bound.number = coalesce((activity.binding_numbers ->> (used.place - 1)::int)::int, 1))
"""

_CLOSING = f"""
inventory.state IN ({", ".join(f"'{state}'" for state in sorted(CLOSED_STATES))})
AND inventory.period_start < activity.period_end AND activity.period_start < inventory.period_end
"""
_IS_CLOSED = f"EXISTS (SELECT FROM inventory WHERE {_CLOSING})"
_SEEN = "($2::uuid[] IS NULL OR site.entity_id = ANY($2::uuid[]))"

_BEHIND = f"""
WITH bound AS MATERIALIZED ({_REPLACED})
SELECT activity.id, activity.source_system, activity.external_id FROM activity
WHERE {_CALCULATED_WITH_BOUND} AND activity.activity_type = ANY($1::text[]) AND NOT {_IS_CLOSED}
  AND ($2::uuid IS NULL OR activity.id > $2) ORDER BY activity.id LIMIT $3
"""

_TYPES_BEHIND_WITHIN = f"""
WITH bound AS MATERIALIZED ({_REPLACED})
SELECT DISTINCT activity.activity_type FROM activity
WHERE {_CALCULATED_WITH_BOUND} AND NOT {_IS_CLOSED} AND activity.period_start < $2 AND activity.period_end > $1
ORDER BY activity.activity_type
"""

# The content is long and calculates nothing; its item code names the cell of a record without a figure.
_AS_COUNTED = ", ".join(f"activity.{name}" for name in COLUMNS if name not in ("content", "item_code"))

_OPEN_OF_UPDATE = f"""
WITH bound AS MATERIALIZED ({_OF_UPDATE})
SELECT {_AS_COUNTED}, '{{}}'::jsonb AS content, counted.content ->> 'item_code' AS item_code
FROM activity LEFT JOIN site ON site.id = activity.site_id
JOIN activity_revision AS counted ON counted.activity_id = activity.id AND counted.revision = activity.counted_revision
WHERE {_CALCULATED_WITH_BOUND} AND NOT {_IS_CLOSED} AND {_SEEN} ORDER BY activity.id
"""

_CLOSED_OF_UPDATE = f"""
WITH bound AS MATERIALIZED ({_OF_UPDATE})
SELECT inventory.id, inventory.year, inventory.name, inventory.state, inventory.period_start, inventory.period_end,
    count(*) AS records
FROM activity LEFT JOIN site ON site.id = activity.site_id JOIN inventory ON {_CLOSING}
WHERE {_CALCULATED_WITH_BOUND} AND {_SEEN}
GROUP BY inventory.id ORDER BY inventory.year, inventory.name
"""

_CLOSED_RECORDS_OF_UPDATE = f"""
WITH bound AS MATERIALIZED ({_OF_UPDATE})
SELECT count(*) FROM activity LEFT JOIN site ON site.id = activity.site_id WHERE {_CALCULATED_WITH_BOUND} AND {_IS_CLOSED} AND {_SEEN}
"""


async def behind(session: Session, activity_types: Sequence[str], after: UUID | None, limit: int) -> list[tuple[UUID, tuple[str, str]]]:
    """The ids and keys of records of open periods whose bindings were replaced, by id."""
    connection = await driver(session)
    rows = await connection.fetch(_BEHIND, list(activity_types), after, limit)
    return [(row["id"], (row["source_system"], row["external_id"])) for row in rows]


async def activity_types_behind_within(session: Session, start: date, end: date) -> list[str]:
    """The activity types of records in these days whose bindings were replaced and that no closed period holds."""
    connection = await driver(session)
    return [row["activity_type"] for row in await connection.fetch(_TYPES_BEHIND_WITHIN, start, end)]


async def open_of_update(
    session: Session, update_id: UUID, visible: frozenset[UUID] | None, at_once: int
) -> AsyncIterator[list[StoredActivity]]:
    """The records of open periods that the bindings of an update calculate, so many at once; without content but for the item code.

    visible  None for all; else only records of sites of these entities
    """
    connection = await driver(session)
    cursor = await connection.cursor(_OPEN_OF_UPDATE, update_id, None if visible is None else list(visible))
    while rows := await cursor.fetch(at_once):
        yield [read_row(row) for row in rows]


@dataclass(frozen=True, slots=True)
class ClosedInventory:
    """A closed inventory with how many records of an update it holds; a record may lie in several."""

    id: UUID
    year: int
    name: str
    state: str
    period_start: date
    period_end: date
    records: int


async def closed_of_update(session: Session, update_id: UUID, visible: frozenset[UUID] | None) -> tuple[int, list[ClosedInventory]]:
    """How many records of closed periods the bindings of an update calculate, each counted once, and by inventory; `visible` as above."""
    connection = await driver(session)
    chosen = (update_id, None if visible is None else list(visible))
    records = await connection.fetchval(_CLOSED_RECORDS_OF_UPDATE, *chosen)
    rows = await connection.fetch(_CLOSED_OF_UPDATE, *chosen)
    return records, [ClosedInventory(**row) for row in rows]
