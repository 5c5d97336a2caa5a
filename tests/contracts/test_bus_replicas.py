"""Replicas of a service that cannot go on: what they would have read, others read."""

import asyncio
import contextlib
from collections.abc import AsyncIterator

import pytest

import kernel.consumer
from kernel.consumer import Consumer, Subscription
from kernel.database import Database, Session
from kernel.outbox import Message
from tests.api.kernel.ground import TOPIC, eventually, note, record
from tests.contracts.conftest import Stand
from tests.contracts.reading import CONSUMER, have

pytestmark = pytest.mark.usefixtures("several_members")
NUMBER = 12  # events, of as many keys, which lie in every partition


async def say(stand: Stand, round_: str) -> None:
    await record(stand.owner, *[(f"k{number}", round_) for number in range(NUMBER)])
    await stand.relay.drain()


@contextlib.asynccontextmanager
async def replica(stand: Stand, database: Database) -> AsyncIterator[None]:
    """One more replica of the reading service at work, ending as a service does."""
    bus = stand.installation.bus(database)
    running = asyncio.create_task(Consumer(CONSUMER, database, bus, [Subscription(TOPIC, "fact", note)]).run())
    yield
    running.cancel()
    await asyncio.wait([running])
    await bus.close()


async def test_what_a_consumer_that_has_stopped_would_have_read_another_replica_reads(
    stand: Stand, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fail(session: Session, messages: list[Message]) -> None:
        raise ValueError("the fault is the handler's")

    monkeypatch.setattr(kernel.consumer, "PARKED_IN_A_ROW", 1)
    beta = stand.installation.database("beta")
    stops = Consumer(CONSUMER, beta, stand.reader, [Subscription(TOPIC, "fact", fail)])
    await record(stand.owner, ("parked", "first"))
    await stand.relay.drain()
    await asyncio.wait_for(stops.run(), 30)
    await say(stand, "after it")

    async with replica(stand, beta):
        await eventually(lambda: have(beta, NUMBER), 20)


async def test_what_a_replica_whose_database_alone_is_away_would_have_read_another_reads_until_it_is_back(
    stand: Stand, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kernel.consumer, "FAILING_SECONDS", 0.5)
    beta, own = stand.installation.database("beta"), stand.installation.database("beta")

    def away() -> None:
        raise ConnectionRefusedError("the database is away")

    async with replica(stand, own):
        await say(stand, "at first")
        await eventually(lambda: have(beta, NUMBER), 20)
        with monkeypatch.context() as outage:
            outage.setattr(own, "one_statement", away)
            outage.setattr(own, "unit_of_work", away)
            async with replica(stand, beta):
                await say(stand, "meanwhile")
                await eventually(lambda: have(beta, 2 * NUMBER), 20)
        await say(stand, "it is back")
        await eventually(lambda: have(beta, 3 * NUMBER), 20)
