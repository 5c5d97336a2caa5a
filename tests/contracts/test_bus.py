"""What every bus must do, whichever log is under it. Order is promised per key, so only per key is it asserted here."""

import asyncio
from collections import defaultdict

import pytest
from sqlalchemy import text

from kernel.consumer import Consumer, Subscription
from kernel.outbox import Message
from tests.api.kernel.ground import OTHER_TOPIC, TOPIC, eventually, note, notes, record
from tests.contracts.conftest import Stand
from tests.contracts.reading import CONSUMER, PATIENCE, SILENCE, behind, fetch_all, fetch_one, have, read_all, rewind, said


async def test_an_event_arrives_whole(stand: Stand) -> None:
    await record(stand.owner, ("ключ-鍵", "héllo 世界 \u0001 🏭"))
    await stand.relay.drain()

    (message,) = await fetch_all(stand.reader)

    assert (message.topic, message.key, said([message])) == (TOPIC, "ключ-鍵", ["héllo 世界 \u0001 🏭"])
    assert message.headers["ce_type"] == TOPIC
    assert message.headers["ce_subject"] == "ключ-鍵"
    assert message.source == "/baseyear/alpha"
    assert message.event_id
    assert message.position > 0


async def test_a_large_event_arrives_whole(stand: Stand) -> None:
    long = "ä" * 30_000
    await record(stand.owner, ("k", long), ("k", "and another"))
    await stand.relay.drain()

    assert said(await read_all(stand.reader)) == [long, "and another"]


async def test_the_events_of_a_key_arrive_in_the_order_of_their_transactions(stand: Stand) -> None:
    for number in range(30):
        await record(stand.owner, (f"k{number % 3}", str(number)), (f"k{number % 3}", f"{number}b"))
        if number % 10 == 9:
            await stand.relay.drain()

    read = await read_all(stand.reader, limit=7)

    for key in range(3):
        assert said(read, f"k{key}") == [text for number in range(key, 30, 3) for text in (str(number), f"{number}b")]


async def test_the_events_of_a_key_lie_in_one_partition_at_rising_positions(stand: Stand) -> None:
    for number in range(20):
        await record(stand.owner, (f"k{number % 5}", str(number)))
    await stand.relay.drain()

    by_key = defaultdict(list)
    for message in await read_all(stand.reader):
        by_key[message.key].append((message.partition, message.position))

    for places in by_key.values():
        assert len({partition for partition, _ in places}) == 1
        assert places == sorted(set(places))


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

    assert said(await fetch_all(stand.reader, "another consumer")) == ["1", "2"]
    assert await stand.reader.fetch("one consumer", [TOPIC], 10, SILENCE) == []


async def test_what_was_not_committed_is_delivered_again(stand: Stand) -> None:
    await record(stand.owner, ("k", "1"), ("k", "2"))
    await stand.relay.drain()
    await fetch_all(stand.reader)

    restarted = await stand.restarted()

    assert said(await fetch_all(restarted)) == ["1", "2"]


async def test_what_could_not_be_applied_is_fetched_again_by_the_same_process(stand: Stand) -> None:
    await record(stand.owner, ("k", "1"), ("k", "2"), ("k", "3"))
    await stand.relay.drain()
    fetched = await fetch_all(stand.reader)

    assert await fetch_all(stand.reader) == fetched

    await stand.reader.commit(CONSUMER, fetched[:1])
    assert said(await fetch_all(stand.reader)) == ["2", "3"]
    assert said(await fetch_one(stand.reader)) == ["2"]


async def test_a_restarted_consumer_goes_on_behind_what_it_committed(stand: Stand) -> None:
    await record(stand.owner, ("k", "1"), ("k", "2"))
    await stand.relay.drain()
    await stand.reader.commit(CONSUMER, await fetch_one(stand.reader))

    restarted = await stand.restarted()

    assert said(await fetch_all(restarted)) == ["2"]


async def test_a_fetch_gives_at_most_its_limit(stand: Stand) -> None:
    await record(stand.owner, *[("k", str(number)) for number in range(5)])
    await stand.relay.drain()

    assert said(await stand.reader.fetch(CONSUMER, [TOPIC], 3, PATIENCE)) == ["0", "1", "2"]


async def test_lag_counts_what_is_published_and_not_committed(stand: Stand) -> None:
    await record(stand.owner, *[(f"k{number}", str(number)) for number in range(5)])
    await record(stand.owner, ("k", "of the other"), topic=OTHER_TOPIC)
    assert await stand.reader.lag(CONSUMER, [TOPIC]) == {TOPIC: 0}
    await stand.relay.drain()
    assert await stand.reader.lag(CONSUMER, [TOPIC, OTHER_TOPIC]) == {TOPIC: 5, OTHER_TOPIC: 1}

    await stand.reader.commit(CONSUMER, await stand.reader.fetch(CONSUMER, [TOPIC], 1, PATIENCE))
    assert await behind(stand.reader) == 4
    assert await behind(stand.replica()) == 4
    assert await behind(stand.reader, "another consumer") == 5

    await read_all(stand.reader)
    assert await behind(stand.reader) == 0

    await rewind(stand)
    assert await behind(stand.reader) == 5


async def test_a_rewound_consumer_reads_everything_again(stand: Stand) -> None:
    await record(stand.owner, ("k", "1"), ("k", "2"))
    await stand.relay.drain()
    await read_all(stand.reader)

    await rewind(stand)

    assert said(await read_all(stand.reader)) == ["1", "2"]


async def test_a_rewind_that_rolls_back_moves_nothing(stand: Stand) -> None:
    await record(stand.owner, ("k", "1"))
    await stand.relay.drain()
    await read_all(stand.reader)

    with pytest.raises(ZeroDivisionError):
        async with stand.installation.database("beta").unit_of_work() as session:
            await stand.reader.rewind(session, CONSUMER)
            raise ZeroDivisionError

    assert await stand.reader.fetch(CONSUMER, [TOPIC], 10, SILENCE) == []


async def test_a_rewind_concerns_one_consumer_only(stand: Stand) -> None:
    await record(stand.owner, ("k", "1"))
    await stand.relay.drain()
    await read_all(stand.reader)
    await read_all(stand.reader, "another consumer")

    await rewind(stand)

    assert await stand.reader.fetch("another consumer", [TOPIC], 10, SILENCE) == []


@pytest.mark.parametrize("committed_before", [0, 1])
async def test_a_rewound_consumer_stays_rewound_although_a_commit_from_before_comes_later(stand: Stand, committed_before: int) -> None:
    await record(stand.owner, ("k", "1"), ("k", "2"), ("k", "3"))
    await stand.relay.drain()
    for _ in range(committed_before):
        await stand.reader.commit(CONSUMER, await fetch_one(stand.reader))
    in_flight = await fetch_all(stand.reader)

    await rewind(stand)
    await stand.reader.commit(CONSUMER, in_flight)

    assert said(await read_all(stand.reader)) == ["1", "2", "3"]


async def test_a_consumer_rewound_twice_in_a_row_stays_rewound(stand: Stand) -> None:
    await record(stand.owner, ("k", "1"), ("k", "2"))
    await stand.relay.drain()
    await read_all(stand.reader)
    await rewind(stand)
    in_flight = await fetch_all(stand.reader)

    await rewind(stand)
    await stand.reader.commit(CONSUMER, in_flight)

    assert said(await read_all(stand.reader)) == ["1", "2"]


async def test_a_consumer_that_waits_for_events_notices_a_rewind(stand: Stand) -> None:
    await record(stand.owner, ("k", "1"))
    await stand.relay.drain()
    beta = stand.installation.database("beta")
    consumer = Consumer(CONSUMER, beta, stand.reader, [Subscription(TOPIC, "state", note)])
    running = asyncio.create_task(consumer.run())
    await eventually(lambda: have(beta, 1))

    await rewind(stand)
    await eventually(lambda: have(beta, 2))
    running.cancel()

    assert await notes(beta) == ["1", "1"]


async def test_a_late_commit_of_a_replaced_consumer_does_not_move_its_successor_back(stand: Stand) -> None:
    await record(stand.owner, ("k", "1"), ("k", "2"), ("k", "3"))
    await stand.relay.drain()
    late = await fetch_one(stand.reader)
    successor = await stand.restarted()
    await read_all(successor)

    await stand.reader.commit(CONSUMER, late)

    assert await successor.fetch(CONSUMER, [TOPIC], 10, SILENCE) == []


@pytest.mark.usefixtures("several_members")
async def test_replicas_apply_each_fact_once_and_those_of_a_key_in_order(stand: Stand) -> None:
    replicas = [stand.installation.database("beta") for _ in range(2)]
    facts = [Subscription(TOPIC, "fact", note)]
    members = [Consumer(CONSUMER, replica, stand.installation.bus(replica), facts) for replica in replicas]
    running = [asyncio.create_task(member.run()) for member in members]
    for number in range(60):
        await record(stand.owner, (f"k{number % 6}", str(number)))
        if number % 10 == 9:
            await stand.relay.drain()
    await eventually(lambda: have(replicas[0], 60), 30)
    for task in running:
        task.cancel()

    for key in range(6):
        assert await notes(replicas[0], f"k{key}") == [str(number) for number in range(key, 60, 6)]


@pytest.mark.usefixtures("several_members")
async def test_a_replica_that_joins_and_one_that_leaves_lose_and_double_nothing(stand: Stand) -> None:
    beta = stand.installation.database("beta")
    facts = [Subscription(TOPIC, "fact", note)]
    buses = [stand.reader, stand.replica()]
    first, second = (asyncio.create_task(Consumer(CONSUMER, beta, bus, facts).run()) for bus in buses)
    for number in range(90):
        await record(stand.owner, (f"k{number % 6}", str(number)))
        if number % 10 == 9:
            await stand.relay.drain()
        if number == 60:
            first.cancel()
            await buses[0].close()
    await eventually(lambda: have(beta, 90), 30)
    second.cancel()

    for key in range(6):
        assert await notes(beta, f"k{key}") == [str(number) for number in range(key, 90, 6)]


async def test_what_cannot_be_parsed_holds_back_only_its_key(stand: Stand) -> None:
    beta = stand.installation.database("beta")
    headers = {"ce_id": "1", "ce_source": "/stranger"}
    async with stand.owner.unit_of_work() as session:
        bus = stand.installation.bus(stand.owner)
        await bus.publish(session, [Message(TOPIC, "bad", headers, "{no json")])
    await record(stand.owner, ("bad", "waits behind"), ("good", "goes on"))
    await stand.relay.drain()
    consumer = Consumer(CONSUMER, beta, stand.reader, [Subscription(TOPIC, "fact", note)])
    while await behind(stand.reader):
        await consumer.consume(PATIENCE)

    assert await notes(beta) == ["goes on"]
    async with beta.unit_of_work() as session:
        parked = await session.execute(text("SELECT key, position FROM dead_letter ORDER BY position"))
        assert [row.key for row in parked] == ["bad", "bad"]


async def test_a_consumer_that_waits_gets_what_is_published_meanwhile(stand: Stand) -> None:
    waiting = asyncio.create_task(stand.reader.fetch(CONSUMER, [TOPIC], 10, 60))
    await asyncio.sleep(0.05)
    await record(stand.owner, ("k", "1"))
    await stand.relay.drain()

    async with asyncio.timeout(30):  # half of its patience: it is told, and does not look by itself
        assert said(await waiting) == ["1"]


async def test_where_nothing_comes_a_fetch_ends_with_its_patience(stand: Stand) -> None:
    async with asyncio.timeout(20):
        assert await stand.reader.fetch(CONSUMER, [TOPIC], 10, SILENCE) == []
        assert await stand.reader.fetch(CONSUMER, [TOPIC], 10) == []
