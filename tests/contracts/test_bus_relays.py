"""What a relay brings to a bus, whichever it is: committed events, each, in the order of its key, whatever fails."""

import asyncio
from collections import defaultdict

import pytest
from sqlalchemy import text

import kernel.relay
from kernel import outbox
from kernel.bus import Bus
from kernel.outbox import Message
from kernel.relay import Relay
from tests.api.kernel.ground import TOPIC, Thing, eventually, record, scalar
from tests.contracts.conftest import Stand
from tests.contracts.reading import read_all, said


async def test_a_transaction_that_rolls_back_publishes_nothing(stand: Stand) -> None:
    with pytest.raises(ZeroDivisionError):
        async with stand.owner.unit_of_work() as session:
            await session.execute(text("SELECT 1"))
            outbox.record(session, TOPIC, "k", Thing(said="never"))
            await outbox.flush(session)
            raise ZeroDivisionError
    await record(stand.owner, ("k", "said"))
    await stand.relay.drain()

    assert said(await read_all(stand.reader)) == ["said"]


async def test_an_event_numbered_earlier_but_committed_later_is_not_lost(stand: Stand) -> None:
    async with stand.owner.unit_of_work() as session:
        await session.execute(text("SELECT 1"))
        outbox.record(session, TOPIC, "early", Thing(said="numbered first"))
        await outbox.flush(session)
        await record(stand.owner, ("late", "committed first"))
        await stand.relay.drain()
        seen = await read_all(stand.reader)
    await stand.relay.drain()
    seen += await read_all(stand.reader)

    assert said(seen) == ["committed first", "numbered first"]


class Held:
    """A bus whose sending waits for permission."""

    def __init__(self, bus: Bus) -> None:
        self.bus, self.sending, self.permitted = bus, asyncio.Event(), asyncio.Event()

    async def publish(self, session: object, messages: list[Message]) -> list[int]:
        self.sending.set()
        await self.permitted.wait()
        return await self.bus.publish(session, messages)  # type: ignore[arg-type]

    def published(self) -> None:
        self.bus.published()


async def test_of_two_relays_of_one_service_one_drains(stand: Stand) -> None:
    await record(stand.owner, ("k", "1"), ("k", "2"))
    replica = stand.installation.database("alpha")
    held = Held(stand.installation.bus(replica))
    draining = asyncio.create_task(Relay(replica, held).drain())  # type: ignore[arg-type]
    await held.sending.wait()

    assert await stand.relay.drain() == 0

    held.permitted.set()
    assert await draining == 2
    assert said(await read_all(stand.reader)) == ["1", "2"]


class DiesAfterSending:
    """A bus after whose sending the process dies: what the relay marked as published is rolled back."""

    def __init__(self, bus: Bus) -> None:
        self.bus = bus

    async def publish(self, session: object, messages: list[Message]) -> list[int]:
        await self.bus.publish(session, messages)  # type: ignore[arg-type]
        raise ConnectionResetError("killed between sending and marking")


async def test_what_was_sent_but_not_marked_is_sent_again_and_never_lost(stand: Stand) -> None:
    await record(stand.owner, ("k", "1"), ("k", "2"))
    with pytest.raises(ConnectionResetError):
        await Relay(stand.owner, DiesAfterSending(stand.installation.bus(stand.owner))).drain()  # type: ignore[arg-type]

    assert await stand.relay.drain() == 2

    assert said(await read_all(stand.reader))[-2:] == ["1", "2"]


class TakesNothingOf:
    """A bus that takes nothing of one key for as long as its log is away for it."""

    def __init__(self, bus: Bus, key: str) -> None:
        self.bus, self.key = bus, key

    async def publish(self, session: object, messages: list[Message]) -> list[int]:
        places = [place for place, message in enumerate(messages) if message.key != self.key]
        taken = await self.bus.publish(session, [messages[place] for place in places])  # type: ignore[arg-type]
        return [places[place] for place in taken]

    def published(self) -> None:
        self.bus.published()


async def test_what_the_bus_did_not_take_is_published_later_in_the_order_of_its_key(stand: Stand) -> None:
    await record(stand.owner, ("away", "1"), ("there", "2"), ("away", "3"))
    bus = TakesNothingOf(stand.installation.bus(stand.owner), "away")
    assert await Relay(stand.owner, bus).drain() == 1  # type: ignore[arg-type]
    await record(stand.owner, ("away", "4"), ("there", "5"))

    assert await stand.relay.drain() == 4

    read = await read_all(stand.reader)
    assert said(read, "away") == ["1", "3", "4"]
    assert said(read, "there") == ["2", "5"]


async def test_events_that_fill_whole_rounds_and_are_not_taken_hold_back_no_other_key(
    stand: Stand, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kernel.relay, "DRAIN_LIMIT", 3)
    monkeypatch.setattr(kernel.relay, "RETRY_SECONDS", 0.5)
    bus = TakesNothingOf(stand.installation.bus(stand.owner), "away")
    relay = Relay(stand.owner, bus)  # type: ignore[arg-type]
    await record(stand.owner, *[("away", str(number)) for number in range(5)], ("there", "5"), ("away", "6"), ("there", "7"))

    assert [await relay.drain() for _ in range(3)] == [0, 2, 0]
    assert said(await read_all(stand.reader)) == ["5", "7"]

    bus.key = "nothing"
    await eventually(lambda: drained(relay, stand))
    assert said(await read_all(stand.reader)) == ["0", "1", "2", "3", "4", "6"]


async def drained(relay: Relay, stand: Stand) -> bool:
    await relay.drain()
    return await scalar(stand.owner, "SELECT count(*) FROM outbox WHERE published_at IS NULL") == 0


async def test_under_concurrent_writers_and_relays_each_event_comes_once_and_in_order(stand: Stand) -> None:
    replicas = [stand.owner, *(stand.installation.database("alpha") for _ in range(2))]
    written = asyncio.Event()

    async def write(key: str) -> None:
        for number in range(20):
            await record(stand.owner, (key, str(number)))

    async def drain(relay: Relay) -> None:
        while not written.is_set():
            await relay.drain()
            await asyncio.sleep(0)

    relays = [asyncio.create_task(drain(stand.installation.relay(replica))) for replica in replicas]
    await asyncio.gather(*(write(f"k{number}") for number in range(4)))
    written.set()
    await asyncio.gather(*relays)
    await stand.relay.drain()

    by_key = defaultdict(list)
    for message in await read_all(stand.reader, limit=13):
        by_key[message.key] += said([message])
    assert by_key == {f"k{number}": [str(place) for place in range(20)] for number in range(4)}
