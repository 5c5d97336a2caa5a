"""Dead letters: events that could not be applied, kept with the reason, in order per key, until someone re-drives or drops them."""

import json
from typing import Any, Literal

from sqlalchemy import text

from kernel.database import Session
from kernel.outbox import Message
from kernel.postgres import driver
from kernel.problems import not_found

_PARK = """
INSERT INTO dead_letter (consumer, topic, partition, position, key, headers, value, reason)
VALUES ($1, $2, $3, $4, $5, $6::jsonb, $7, $8) ON CONFLICT (consumer, topic, partition, position) DO NOTHING
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

_COLUMNS = "id, consumer, topic, partition, position, key, headers, value, state, reason, resolution, parked_at"


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


async def list_parked(session: Session, after: int, limit: int) -> list[Any]:
    rows = await session.execute(
        text(f"SELECT {_COLUMNS} FROM dead_letter WHERE state = 'parked' AND id > :after ORDER BY id LIMIT :limit"),
        {"after": after, "limit": limit},
    )
    return list(rows)


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
