"""Consumers: events in, each applied once, in order per key; what cannot be applied is parked and holds back only its key."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Literal

import structlog

from kernel import dead_letters
from kernel.bus import Bus
from kernel.database import Database, Session
from kernel.metrics import EVENTS_APPLIED, EVENTS_PARKED, begin_counting, count_events
from kernel.outbox import Message
from kernel.postgres import driver, is_outage
from kernel.traces import caused_by

log = structlog.get_logger()

BATCH = 1_000
POLL_SECONDS = 0.1
BACKOFF_SECONDS = (0.0, 0.05, 0.5)
PARKED_IN_A_ROW = 50
FAILING_SECONDS = 5

Apply = Callable[[Session, list[Message]], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Subscription:
    """A topic and what to do with its events.

    kind   `state` events carry versions and may come twice; of `fact` events the inbox lets each through once
    apply  writes what a list of events of this topic says, in the session's transaction
    """

    topic: str
    kind: Literal["state", "fact"]
    apply: Apply


class Consumer:
    """Reads the topics of one service and applies their events."""

    def __init__(self, name: str, database: Database, bus: Bus, subscriptions: list[Subscription]) -> None:
        self.name = name
        self.stopped_because: str | None = None
        self._database = database
        self._bus = bus
        self._subscriptions = {subscription.topic: subscription for subscription in subscriptions}
        self._parked_in_a_row = 0
        begin_counting(EVENTS_PARKED, [name], self._subscriptions)

    @property
    def topics(self) -> list[str]:
        return list(self._subscriptions)

    async def run(self) -> None:
        """Consume until cancelled; stops by itself when so many events in a row had to be parked that the fault is not theirs.

        Where it stops, or fails for some seconds, it leaves its share to other replicas, which may fare better.
        """
        failing_since: float | None = None
        while self.stopped_because is None:
            try:
                await self.consume(POLL_SECONDS)
                failing_since = None
            except Exception as error:  # an outage of the database or the bus: nothing is lost, the cursor has not moved
                log.warning("consumer_waits", consumer=self.name, error=repr(error))
                failing_since = failing_since or time.monotonic()
                if time.monotonic() - failing_since > FAILING_SECONDS:
                    await self._bus.leave(self.name)
                    failing_since = None
                await asyncio.sleep(0.5)
        await self._bus.leave(self.name)
        log.error("consumer_stopped", consumer=self.name, reason=self.stopped_because)

    async def consume(self, patience: float = 0) -> int:
        """Apply the next events, for which it waits `patience` seconds, and remember how far they reach; returns how many they were."""
        messages = await self._bus.fetch(self.name, self.topics, BATCH, patience)
        by_topic: dict[str, list[Message]] = {}
        for message in messages:
            by_topic.setdefault(message.topic, []).append(message)
        for topic, batch in by_topic.items():
            seen_to = await self._apply(self._subscriptions[topic], batch)
            await self._bus.commit(self.name, batch[:seen_to])
            if self.stopped_because is not None:
                break
        return len(messages)

    async def redrive(self, session: Session, letter_id: int, reason: str) -> list[int]:
        """Apply a parked event and all others of its key that are parked, in order, in the session's transaction; returns their ids.

        A consumer that gets a further event of the key meanwhile, in whatever replica, waits for the end of this transaction.
        raises  a 404 problem where nothing is parked under this id; what the handler raises: without a commit all stay parked
        """
        letters = await dead_letters.of_key(session, letter_id)
        ids, messages = [number for number, _ in letters], [message for _, message in letters]
        await dead_letters.resolve(session, ids, "redriven", reason)
        await apply_in(session, self.name, self._subscriptions[messages[0].topic], messages)
        return ids

    async def _apply(self, subscription: Subscription, batch: list[Message]) -> int:
        """The whole batch in one transaction; if that fails, event by event, so that only the bad one is parked.

        Returns how many events were seen to: not all if the consumer stopped on the way.
        """
        try:
            await self._transaction(subscription, batch)
            self._parked_in_a_row = 0
            return len(batch)
        except Exception as error:
            if is_outage(error):
                raise
        for place, message in enumerate(batch, start=1):
            await self._apply_one(subscription, message)
            if self.stopped_because is not None:
                return place
        return len(batch)

    async def _apply_one(self, subscription: Subscription, message: Message) -> None:
        reason = ""
        for pause in BACKOFF_SECONDS:
            await asyncio.sleep(pause)
            try:
                await self._transaction(subscription, [message])
                self._parked_in_a_row = 0
                return
            except Exception as error:
                if is_outage(error):
                    raise
                reason = repr(error)[:2_000]
        await self._park(message, reason)
        EVENTS_PARKED.labels(self.name, message.topic).inc()
        log.error("event_parked", consumer=self.name, topic=message.topic, key=message.key, reason=reason)
        self._parked_in_a_row += 1
        if self._parked_in_a_row >= PARKED_IN_A_ROW:
            self.stopped_because = f"{self._parked_in_a_row} events in a row could not be applied, the last because of {reason}"

    async def _park(self, message: Message, reason: str) -> None:
        """Keep what cannot be applied; where even that is impossible, the consumer stops in front of it, for people to see."""

        async def attempt() -> None:
            async with self._database.unit_of_work() as session:
                await dead_letters.park(session, self.name, message, reason)

        try:
            await self._database.retried(attempt)
        except Exception as error:
            if not is_outage(error):
                place = f"{message.topic}, partition {message.partition}, position {message.position}"
                self.stopped_because = f"the event at {place} could be neither applied nor parked: {error!r}"[:2_000]
            raise

    async def _transaction(self, subscription: Subscription, batch: list[Message]) -> None:
        async def attempt() -> None:
            async with self._database.unit_of_work() as session:
                await apply_in(session, self.name, subscription, batch)

        traces = (message.headers.get("traceparent") for message in batch)
        with caused_by(traces, self.name, f"apply {subscription.topic}", "consumer"):
            await self._database.retried(attempt)
        count_events(EVENTS_APPLIED, self.name, batch)


async def apply_in(session: Session, consumer: str, subscription: Subscription, batch: list[Message]) -> None:
    """Apply events in the session's transaction: keys that are held back are parked behind, facts pass the inbox once."""
    free = await dead_letters.park_held_back(session, consumer, batch)
    if subscription.kind == "fact":
        free = await _not_seen_before(session, consumer, free)
    if free:
        await subscription.apply(session, free)


async def _not_seen_before(session: Session, consumer: str, batch: list[Message]) -> list[Message]:
    connection = await driver(session)
    rows = await connection.fetch(
        "INSERT INTO inbox (consumer, source, event_id) SELECT $1, * FROM unnest($2::text[], $3::text[])"
        " ON CONFLICT DO NOTHING RETURNING source, event_id",
        consumer,
        [message.source for message in batch],
        [message.event_id for message in batch],
    )
    new = {(row["source"], row["event_id"]) for row in rows}
    first_of_its_kind = []
    for message in batch:
        if (message.source, message.event_id) in new:
            new.discard((message.source, message.event_id))
            first_of_its_kind.append(message)
    return first_of_its_kind


async def forget(session: Session, bus: Bus, consumer: str, projections: list[str]) -> None:
    """Forget what a consumer has projected and let it begin anew, if the session's transaction commits.

    projections  the tables that hold nothing but what events said
    """
    connection = await driver(session)
    for table in projections:
        await connection.execute(f'DELETE FROM "{table}"')
    await connection.execute("DELETE FROM inbox WHERE consumer = $1", consumer)
    await connection.execute("DELETE FROM dead_letter WHERE consumer = $1", consumer)
    await bus.rewind(session, consumer)
