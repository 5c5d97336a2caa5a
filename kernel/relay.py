"""The relay: carries one service's outbox to the bus, in order and by state.

Draining by position would lose an event whose transaction took its number early and committed late; draining by state
(`published_at IS NULL`) sees both.
"""

import asyncio
import contextlib
import time

import structlog

from kernel.bus import Bus
from kernel.database import Database
from kernel.metrics import EVENTS_PUBLISHED, count_events
from kernel.outbox import Message
from kernel.postgres import driver
from kernel.traces import caused_by

log = structlog.get_logger()

DRAIN_LIMIT = 2_000
POLL_SECONDS = 0.1
GATHERING_SECONDS = 0.05
RETRY_SECONDS = 5

_UNPUBLISHED = """
SELECT id, topic, key, headers, value FROM outbox
WHERE published_at IS NULL AND (topic, key) NOT IN (SELECT * FROM unnest($2::text[], $3::text[])) ORDER BY id LIMIT $1
"""


class Relay:
    """Carries one service's outbox to the bus; of several replicas one drains at a time.

    Topics and keys that would fill whole rounds without being taken are left out for a while, with all that comes behind them.
    """

    def __init__(self, database: Database, bus: Bus) -> None:
        self._database = database
        self._bus = bus
        self._left_out: set[tuple[str, str]] = set()
        self._left_out_until = 0.0

    async def run(self) -> None:
        while True:
            try:
                drained = await self.drain()
            except Exception as error:  # the outbox keeps what could not be sent
                log.warning("outbox_not_drained", service=self._database.schema, error=repr(error))
                drained = 0
                await asyncio.sleep(0.5)
            if drained < DRAIN_LIMIT:
                await self._wait()

    async def _wait(self) -> None:
        """Until something was recorded, and a little longer: what many requests record is carried in one go."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(POLL_SECONDS):
                await self._database.outbox_filled.wait()
            await asyncio.sleep(GATHERING_SECONDS)
        self._database.outbox_filled.clear()

    async def drain(self) -> int:
        """Publish what is unpublished, oldest first, in one transaction: lock, select, send, mark; returns how many the bus took."""
        async with self._database.one_statement() as connection:  # where an idle service's rounds end, ten a second
            if not await connection.fetchval("SELECT EXISTS (SELECT FROM outbox WHERE published_at IS NULL)"):
                return 0
        async with self._database.unit_of_work() as session:
            connection = await driver(session)
            if not await connection.fetchval("SELECT pg_try_advisory_xact_lock(hashtextextended($1, 0))", f"relay {self._database.schema}"):
                return 0
            rows = await connection.fetch(
                _UNPUBLISHED, DRAIN_LIMIT, [topic for topic, _ in self._left_out], [key for _, key in self._left_out]
            )
            if len(rows) < DRAIN_LIMIT and time.monotonic() > self._left_out_until:
                self._left_out.clear()
            if not rows:
                return 0
            messages = [Message(row["topic"], row["key"], row["headers"], row["value"]) for row in rows]
            traces = (message.headers.get("traceparent") for message in messages)
            taken: list[int] = []
            try:
                with caused_by(traces, self._database.schema, "publish", "producer"):
                    taken = await self._bus.publish(session, messages)
            finally:
                self._look_past(messages, set(taken))
            await connection.execute(
                "UPDATE outbox SET published_at = clock_timestamp() WHERE id = ANY($1::bigint[])", [rows[place]["id"] for place in taken]
            )
        self._bus.published()
        count_events(EVENTS_PUBLISHED, self._database.schema, (messages[place] for place in taken))
        return len(taken)

    def _look_past(self, messages: list[Message], taken: set[int]) -> None:
        """After a full round leave out what was not taken: behind it may lie what the bus takes. All is tried again when that is done."""
        if len(messages) == DRAIN_LIMIT and len(taken) < DRAIN_LIMIT:
            self._left_out |= {(each.topic, each.key) for place, each in enumerate(messages) if place not in taken}
            self._left_out_until = time.monotonic() + RETRY_SECONDS
