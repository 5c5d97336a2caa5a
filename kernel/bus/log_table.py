"""The bus of one process: a log table in PostgreSQL, with one cursor per consumer and topic.

Only the owner's relay appends to a topic, under its advisory lock, so the order of positions is the order of commits.
Every topic has one partition, 0.
"""

import asyncio
import contextlib
import json

from sqlalchemy import text

from kernel.database import Database, Session
from kernel.outbox import Message
from kernel.postgres import driver

LOG_SCHEMA = [
    "CREATE SCHEMA IF NOT EXISTS bus",
    """CREATE TABLE IF NOT EXISTS bus.log (
        topic text NOT NULL, position bigint NOT NULL, key text NOT NULL, headers jsonb NOT NULL, value text NOT NULL,
        appended_at timestamptz NOT NULL DEFAULT clock_timestamp(), PRIMARY KEY (topic, position))""",
    """CREATE TABLE IF NOT EXISTS bus.cursor (
        consumer text NOT NULL, topic text NOT NULL, position bigint NOT NULL DEFAULT 0,
        reading bigint GENERATED ALWAYS AS IDENTITY, PRIMARY KEY (consumer, topic))""",
    "CREATE TABLE IF NOT EXISTS bus.topic (name text PRIMARY KEY, retention_days int)",
    # With its owner's rights, because services may not delete from the log. It looks at the oldest events only, and leaves what somebody
    # has yet to read, and the last of a topic, after which the next one is numbered.
    """CREATE OR REPLACE FUNCTION bus.expire(most int) RETURNS bigint LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog AS $$
        WITH oldest AS (
            SELECT log.topic, log.position FROM bus.topic CROSS JOIN LATERAL (
                SELECT * FROM bus.log WHERE log.topic = topic.name ORDER BY log.position LIMIT most) AS log
            WHERE log.appended_at < clock_timestamp() - make_interval(days => topic.retention_days)
                AND log.position <= (SELECT min(position) FROM bus.cursor WHERE cursor.topic = topic.name)
                AND log.position < (SELECT max(position) FROM bus.log AS all_of_it WHERE all_of_it.topic = topic.name)
        ), gone AS (
            DELETE FROM bus.log USING oldest WHERE log.topic = oldest.topic AND log.position = oldest.position RETURNING true
        ) SELECT count(*) FROM gone $$""",
    "REVOKE EXECUTE ON FUNCTION bus.expire FROM PUBLIC",
]

_APPEND = """
INSERT INTO bus.log (topic, position, key, headers, value)
SELECT m.topic, coalesce(last.position, 0) + row_number() OVER (PARTITION BY m.topic ORDER BY m.place), m.key, m.headers, m.value
FROM unnest($1::text[], $2::text[], $3::jsonb[], $4::text[]) WITH ORDINALITY AS m(topic, key, headers, value, place)
LEFT JOIN LATERAL (SELECT max(position) AS position FROM bus.log WHERE log.topic = m.topic) last ON true
"""

_FETCH = """
SELECT log.topic, log.position, log.key, log.headers, log.value, cursor.position AS begun_at, cursor.reading
FROM unnest($2::text[]) AS wanted(topic)
LEFT JOIN bus.cursor ON cursor.consumer = $1 AND cursor.topic = wanted.topic
CROSS JOIN LATERAL (
    SELECT * FROM bus.log WHERE log.topic = wanted.topic AND log.position > coalesce(cursor.position, 0) ORDER BY log.position LIMIT $3
) log
LIMIT $3
"""

# Positions have no gaps, so their distance is a count; what was let go of before a consumer's first reading counts until it has read.
_LAG = """
SELECT wanted.topic, coalesce(last.position, 0) - coalesce(cursor.position, 0) AS lag
FROM unnest($2::text[]) AS wanted(topic)
LEFT JOIN bus.cursor ON cursor.consumer = $1 AND cursor.topic = wanted.topic
LEFT JOIN LATERAL (SELECT max(position) AS position FROM bus.log WHERE log.topic = wanted.topic) last ON true
"""

EXPIRED_AT_ONCE = 2_000

_BEGIN = "INSERT INTO bus.cursor (consumer, topic) SELECT $1, * FROM unnest($2::text[]) ON CONFLICT DO NOTHING"

# A cursor moves only from where it was read: a rewind deletes it, so what was fetched before belongs to a reading that is over.
_COMMIT = """
UPDATE bus.cursor SET position = moved.until
FROM unnest($2::text[], $3::bigint[], $4::bigint[], $5::bigint[]) AS moved(topic, reading, since, until)
WHERE cursor.consumer = $1 AND cursor.topic = moved.topic AND cursor.reading = moved.reading AND cursor.position = moved.since
"""


class Wakeup:
    """Tells every waiting consumer of this process that something was published."""

    def __init__(self) -> None:
        self._next = asyncio.Event()

    def ring(self) -> None:
        self._next.set()
        self._next = asyncio.Event()

    async def wait(self, seconds: float) -> None:
        # Not wait_for: before Python 3.12 that can lose a cancellation that comes together with the event.
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._next.wait()


class LogTableBus:
    """One service's view of the log table, through the service's own database role."""

    def __init__(self, database: Database, wakeup: Wakeup) -> None:
        self._database = database
        self._wakeup = wakeup
        self._fetched_from: dict[tuple[str, str], tuple[int, int]] = {}  # consumer and topic: the reading, and where it stood

    async def publish(self, session: Session, messages: list[Message]) -> list[int]:
        connection = await driver(session)
        await connection.execute(
            _APPEND,
            [message.topic for message in messages],
            [message.key for message in messages],
            [json.dumps(message.headers) for message in messages],
            [message.value for message in messages],
        )
        return list(range(len(messages)))

    def published(self) -> None:
        self._wakeup.ring()

    async def fetch(self, consumer: str, topics: list[str], limit: int, patience: float = 0) -> list[Message]:
        messages = await self._read(consumer, topics, limit)
        if not messages and patience:
            await self._wakeup.wait(patience)
            messages = await self._read(consumer, topics, limit)
        return messages

    async def _read(self, consumer: str, topics: list[str], limit: int) -> list[Message]:
        async with self._database.one_statement() as connection:
            rows = await connection.fetch(_FETCH, consumer, topics, limit)
            begun = sorted({row["topic"] for row in rows if row["reading"] is None})
            if begun:
                await connection.execute(_BEGIN, consumer, begun)
                rows = await connection.fetch(_FETCH, consumer, topics, limit)
        self._fetched_from |= {(consumer, row["topic"]): (row["reading"], row["begun_at"]) for row in rows}
        return [Message(row["topic"], row["key"], row["headers"], row["value"], position=row["position"]) for row in rows]

    async def commit(self, consumer: str, done: list[Message]) -> None:
        until = {message.topic: message.position for message in sorted(done, key=lambda message: message.position)}
        readings, since = zip(*(self._fetched_from[consumer, topic] for topic in until), strict=True)
        async with self._database.one_statement() as connection:
            await connection.execute(_COMMIT, consumer, list(until), readings, since, list(until.values()))

    async def lag(self, consumer: str, topics: list[str]) -> dict[str, int]:
        async with self._database.one_statement() as connection:
            return {row["topic"]: row["lag"] for row in await connection.fetch(_LAG, consumer, topics)}

    async def rewind(self, session: Session, consumer: str) -> None:
        await session.execute(text("DELETE FROM bus.cursor WHERE consumer = :consumer"), {"consumer": consumer})

    async def leave(self, consumer: str) -> None:
        """Nothing is kept from others: whoever reads next, reads all."""

    async def expire(self) -> int:
        expired = 0
        while True:
            async with self._database.one_statement() as connection:
                gone: int = await connection.fetchval("SELECT bus.expire($1)", EXPIRED_AT_ONCE)
            expired += gone
            if not gone:
                return expired

    async def close(self) -> None:
        """Nothing is held open."""
