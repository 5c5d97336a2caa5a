"""What every bus must do, whichever log is under it. Order is promised per key, so only per key is it asserted here."""

import asyncio
from collections import defaultdict

import pytest
from sqlalchemy import text

from kernel import outbox
from kernel.bus import Bus
from kernel.outbox import Message
from kernel.relay import Relay
from tests.api.kernel.ground import OTHER_TOPIC, TOPIC, Thing, record
from tests.contracts.conftest import Stand

CONSUMER = "beta"


def said(messages: list[Message], key: str | None = None) -> list[str]:
    return [message.document()["said"] for message in messages if key in (None, message.key)]


async def done(bus: Bus, messages: list[Message], consumer: str = CONSUMER) -> None:
    """Commit what was fetched."""
    await bus.commit(consumer, {message.topic: message.position for message in messages})


async def read_all(bus: Bus, consumer: str = CONSUMER, topics: tuple[str, ...] = (TOPIC,), limit: int = 100) -> list[Message]:
    """Fetch and commit until there is nothing more."""
    read = []
    while messages := await bus.fetch(consumer, list(topics), limit):
        read += messages
        await done(bus, messages, consumer)
    return read


async def test_an_event_arrives_whole(stand: Stand) -> None:
    await record(stand.owner, ("k1", "héllo 世界"))
    await stand.relay.drain()

    (message,) = await stand.reader.fetch(CONSUMER, [TOPIC], 10)

    assert (message.topic, message.key, said([message])) == (TOPIC, "k1", ["héllo 世界"])
    assert message.headers["ce_type"] == TOPIC
    assert message.source == "/baseyear/alpha"
    assert message.event_id
    assert message.position > 0


async def test_the_events_of_a_key_arrive_in_the_order_of_their_transactions(stand: Stand) -> None:
    for number in range(30):
        await record(stand.owner, (f"k{number % 3}", str(number)), (f"k{number % 3}", f"{number}b"))
    await stand.relay.drain()

    read = await read_all(stand.reader, limit=7)

    for key in range(3):
        assert said(read, f"k{key}") == [text for number in range(key, 30, 3) for text in (str(number), f"{number}b")]


async def test_topics_are_read_apart(stand: Stand) -> None:
    await record(stand.owner, ("k", "of the first"))
    await record(stand.owner, ("k", "of the other"), topic=OTHER_TOPIC)
    await stand.relay.drain()

    assert said(await read_all(stand.reader, topics=(OTHER_TOPIC,))) == ["of the other"]
    assert said(await read_all(stand.reader, topics=(TOPIC, OTHER_TOPIC))) == ["of the first"]


async def test_a_consumer_of_several_topics_gets_them_all(stand: Stand) -> None:
    await record(stand.owner, ("k", "of the first"))
    await record(stand.owner, ("k", "of the other"), topic=OTHER_TOPIC)
    await stand.relay.drain()

    assert sorted(said(await read_all(stand.reader, topics=(TOPIC, OTHER_TOPIC), limit=1))) == ["of the first", "of the other"]


async def test_consumers_progress_independently(stand: Stand) -> None:
    await record(stand.owner, ("k", "1"), ("k", "2"))
    await stand.relay.drain()
    await read_all(stand.reader, "one consumer")

    assert said(await stand.reader.fetch("another consumer", [TOPIC], 10)) == ["1", "2"]
    assert await stand.reader.fetch("one consumer", [TOPIC], 10) == []


async def test_what_was_not_committed_is_delivered_again(stand: Stand) -> None:
    await record(stand.owner, ("k", "1"), ("k", "2"))
    await stand.relay.drain()
    await stand.reader.fetch(CONSUMER, [TOPIC], 10)

    restarted = stand.installation.bus(stand.installation.database("beta"))

    assert said(await restarted.fetch(CONSUMER, [TOPIC], 10)) == ["1", "2"]


async def test_a_restarted_consumer_goes_on_behind_what_it_committed(stand: Stand) -> None:
    await record(stand.owner, ("k", "1"), ("k", "2"))
    await stand.relay.drain()
    await done(stand.reader, await stand.reader.fetch(CONSUMER, [TOPIC], 1))

    restarted = stand.installation.bus(stand.installation.database("beta"))

    assert said(await restarted.fetch(CONSUMER, [TOPIC], 10)) == ["2"]


async def test_a_fetch_gives_at_most_its_limit(stand: Stand) -> None:
    await record(stand.owner, *[("k", str(number)) for number in range(5)])
    await stand.relay.drain()

    assert said(await stand.reader.fetch(CONSUMER, [TOPIC], 3)) == ["0", "1", "2"]


async def test_a_rewound_consumer_reads_everything_again(stand: Stand) -> None:
    await record(stand.owner, ("k", "1"), ("k", "2"))
    await stand.relay.drain()
    await read_all(stand.reader)

    await rewind(stand)

    assert said(await read_all(stand.reader)) == ["1", "2"]


async def test_a_rewind_concerns_one_consumer_only(stand: Stand) -> None:
    await record(stand.owner, ("k", "1"))
    await stand.relay.drain()
    await read_all(stand.reader)
    await read_all(stand.reader, "another consumer")

    await rewind(stand)

    assert await stand.reader.fetch("another consumer", [TOPIC], 10) == []


@pytest.mark.parametrize("committed_before", [0, 1])
async def test_a_rewound_consumer_stays_rewound_although_a_commit_from_before_comes_later(stand: Stand, committed_before: int) -> None:
    await record(stand.owner, ("k", "1"), ("k", "2"), ("k", "3"))
    await stand.relay.drain()
    for _ in range(committed_before):
        await done(stand.reader, await stand.reader.fetch(CONSUMER, [TOPIC], 1))
    in_flight = await stand.reader.fetch(CONSUMER, [TOPIC], 10)

    await rewind(stand)
    await done(stand.reader, in_flight)

    assert said(await read_all(stand.reader)) == ["1", "2", "3"]


async def test_a_consumer_rewound_twice_in_a_row_stays_rewound(stand: Stand) -> None:
    await record(stand.owner, ("k", "1"), ("k", "2"))
    await stand.relay.drain()
    await read_all(stand.reader)
    await rewind(stand)
    in_flight = await stand.reader.fetch(CONSUMER, [TOPIC], 10)

    await rewind(stand)
    await done(stand.reader, in_flight)

    assert said(await read_all(stand.reader)) == ["1", "2"]


async def test_a_late_commit_of_a_replaced_consumer_does_not_move_its_successor_back(stand: Stand) -> None:
    await record(stand.owner, ("k", "1"), ("k", "2"), ("k", "3"))
    await stand.relay.drain()
    late = await stand.reader.fetch(CONSUMER, [TOPIC], 1)
    successor = stand.installation.bus(stand.installation.database("beta"))
    await read_all(successor)

    await done(stand.reader, late)

    assert await successor.fetch(CONSUMER, [TOPIC], 10) == []


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

    async def publish(self, session: object, messages: list[Message]) -> None:
        self.sending.set()
        await self.permitted.wait()
        await self.bus.publish(session, messages)  # type: ignore[arg-type]

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

    async def publish(self, session: object, messages: list[Message]) -> None:
        await self.bus.publish(session, messages)  # type: ignore[arg-type]
        raise ConnectionResetError("killed between sending and marking")


async def test_what_was_sent_but_not_marked_is_sent_again_and_never_lost(stand: Stand) -> None:
    await record(stand.owner, ("k", "1"), ("k", "2"))
    with pytest.raises(ConnectionResetError):
        await Relay(stand.owner, DiesAfterSending(stand.installation.bus(stand.owner))).drain()  # type: ignore[arg-type]

    assert await stand.relay.drain() == 2

    assert said(await read_all(stand.reader))[-2:] == ["1", "2"]


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


async def test_a_waiting_consumer_is_woken_by_a_publication_in_its_process(stand: Stand) -> None:
    waiting = asyncio.create_task(stand.reader.wait(30))
    await asyncio.sleep(0.05)
    await record(stand.owner, ("k", "1"))
    await stand.relay.drain()

    await asyncio.wait_for(waiting, 5)


async def rewind(stand: Stand) -> None:
    async with stand.installation.database("beta").unit_of_work() as session:
        await stand.reader.rewind(session, CONSUMER)
