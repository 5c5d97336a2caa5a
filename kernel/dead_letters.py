"""Dead letters: events that could not be applied, kept with the reason, in order per key, until someone re-drives or drops them."""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from sqlalchemy import text

from kernel.database import Session
from kernel.outbox import Message
from kernel.postgres import driver
from kernel.problems import not_found

# An event that comes again stays as it is kept, whatever became of it. Another one lies in its place where the topic was made anew:
# the letter is that one's from then on, and gets an id of its own, so that nobody goes on with another event than the one that he saw.
_PARK = """
INSERT INTO dead_letter AS kept (consumer, topic, partition, position, key, headers, value, reason)
VALUES ($1, $2, $3, $4, $5, $6::jsonb, $7, $8)
ON CONFLICT (consumer, topic, partition, position) DO UPDATE
SET id = DEFAULT, key = excluded.key, headers = excluded.headers, value = excluded.value, reason = excluded.reason,
    state = DEFAULT, resolution = NULL, parked_at = DEFAULT
WHERE (kept.headers -> 'ce_id', kept.value) IS DISTINCT FROM (excluded.headers -> 'ce_id', excluded.value)
"""

# The share lock lets whoever applies a new event wait for a re-drive of its key, and then see that the key is free.
_PARKED_KEYS = """
SELECT topic, key FROM dead_letter
WHERE consumer = $1 AND state = 'parked' AND (topic, key) IN (SELECT * FROM unnest($2::text[], $3::text[])) FOR SHARE
"""

_OF_KEY = """
SELECT id, topic, key, headers, value, partition, position FROM dead_letter
WHERE state = 'parked' AND (consumer, topic, key) = (SELECT consumer, topic, key FROM dead_letter WHERE id = :id AND state = 'parked')
ORDER BY partition, position
"""

_PAGE = """
SELECT id, topic, partition, position, key, headers, value, state, reason, resolution, parked_at FROM dead_letter
WHERE id > :after AND (cast(:topic AS text) IS NULL OR topic = :topic) AND (cast(:key AS text) IS NULL OR key = :key)
  AND (cast(:state AS text) IS NULL OR state = :state)
ORDER BY id LIMIT :limit
"""

_BEHIND = """
SELECT later.id FROM dead_letter AS later JOIN dead_letter AS this USING (consumer, topic, key)
WHERE this.id = :id AND later.state = 'parked' AND (later.partition, later.position) > (this.partition, this.position)
ORDER BY later.partition, later.position
"""

State = Literal["parked", "redriven", "dropped"]


@dataclass(frozen=True, slots=True)
class Letter:
    """An event that could not be applied, why not, and what became of it.

    value       its document, as it was published
    resolution  why it was driven again or dropped; None while it is parked
    """

    id: int
    topic: str
    partition: int
    position: int
    key: str
    headers: dict[str, str]
    value: str
    state: State
    reason: str
    resolution: str | None
    parked_at: datetime


async def park(session: Session, consumer: str, message: Message, reason: str) -> None:
    connection = await driver(session)
    await connection.execute(
        _PARK,
        consumer,
        message.topic,
        message.partition,
        message.position,
        message.key,
        json.dumps(message.headers),
        message.value,
        reason,
    )


async def park_held_back(session: Session, consumer: str, batch: list[Message]) -> list[Message]:
    """Park the events whose key waits behind a parked one; returns the others."""
    connection = await driver(session)
    rows = await connection.fetch(_PARKED_KEYS, consumer, [message.topic for message in batch], [message.key for message in batch])
    held = {(row["topic"], row["key"]) for row in rows}
    free = []
    for message in batch:
        if (message.topic, message.key) in held:
            await park(session, consumer, message, "an earlier event of the same key is parked")
        else:
            free.append(message)
    return free


async def page(
    session: Session, after: int, limit: int, *, topic: str | None = None, key: str | None = None, state: State | None = None
) -> list[Letter]:
    """At most `limit` letters in the order in which they were parked, those behind the id `after`."""
    wanted = {"after": after, "limit": limit, "topic": topic, "key": key, "state": state}
    return [Letter(*row) for row in await session.execute(text(_PAGE), wanted)]


async def one(session: Session, letter_id: int) -> Letter:
    """The letter with this id; raises a 404 problem where there is none."""
    found = [letter for letter in await page(session, letter_id - 1, 1) if letter.id == letter_id]
    if not found:
        raise not_found("dead letter with this id")
    return found[0]


async def behind(session: Session, letter_id: int) -> list[int]:
    """The ids of the parked events of a letter's key that come after it, in order."""
    return list(await session.scalars(text(_BEHIND), {"id": letter_id}))


async def count_parked(session: Session) -> int:
    parked: int = await session.scalar(text("SELECT count(*) FROM dead_letter WHERE state = 'parked'")) or 0
    return parked


async def of_key(session: Session, letter_id: int) -> list[tuple[int, Message]]:
    """The parked events of a letter's key with their ids, in order and locked; raises a 404 problem where there is none."""
    await session.execute(text(f"{_OF_KEY} FOR UPDATE"), {"id": letter_id})
    rows = await session.execute(text(_OF_KEY), {"id": letter_id})  # again: one may have been parked while the lock was waited for
    letters = [(row.id, Message(row.topic, row.key, row.headers, row.value, row.partition, row.position)) for row in rows]
    if not letters:
        raise not_found("parked event with this id")
    return letters


async def drop(session: Session, letter_id: int, reason: str) -> list[int]:
    """Never apply a parked event; returns the ids of those of its key that stay parked until they are re-driven or dropped too."""
    letters = await of_key(session, letter_id)
    await resolve(session, [letter_id], "dropped", reason)
    return [number for number, _ in letters if number != letter_id]


async def resolve(session: Session, letter_ids: list[int], state: Literal["redriven", "dropped"], resolution: str) -> None:
    await session.execute(
        text("UPDATE dead_letter SET state = :state, resolution = :resolution WHERE id = ANY(:ids)"),
        {"state": state, "resolution": resolution, "ids": letter_ids},
    )
