"""What Kafka promises beyond the contract, and how the bus bears a Kafka that is away, killed, paused or full of strange events."""

import asyncio
import contextlib
import struct
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType

import kernel.bus.kafka.bus
import kernel.bus.kafka.clients
import kernel.bus.kafka.member
from contracts.topics import TOPICS
from kernel.bus.kafka import BusUnavailable, KafkaBus, TopicsDiffer, create_topics, delete_topics
from kernel.consumer import Consumer, Subscription
from kernel.database import Database, Session
from kernel.outbox import Message
from kernel.relay import Relay
from tests.api.kernel.ground import TOPIC, SampleServices, eventually, note, notes, record, scalar
from tests.brokers.choice import Broker
from tests.brokers.jvm import KafkaBroker
from tests.contracts.conftest import SAMPLE_TOPICS, KafkaInstallation, SampleTopic, Stand, options_for
from tests.contracts.reading import CONSUMER, PATIENCE, behind, fetch_all, have, read_all, rewind, said

FACTS = Subscription(TOPIC, "fact", note)


@pytest.fixture
def stand(on_kafka: Stand) -> Stand:
    """Owner and reader on a Kafka that the test may stop."""
    return on_kafka


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """A bus that gives up sooner than in production."""
    monkeypatch.setattr(kernel.bus.kafka.bus, "PUBLISH_SECONDS", 0.5)
    monkeypatch.setattr(kernel.bus.kafka.clients, "STOP_SECONDS", 0.5)


@contextlib.asynccontextmanager
async def at_work(*workers: Consumer | Relay) -> AsyncIterator[None]:
    tasks = [asyncio.create_task(worker.run()) for worker in workers]
    yield
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


# Topics


async def configuration_of(options: dict[str, Any], topic: str) -> dict[str, str]:
    admin = AIOKafkaAdminClient(**options)
    await admin.start()
    (answer,) = await admin.describe_configs([ConfigResource(ConfigResourceType.TOPIC, topic)])
    await admin.close()
    return {entry[0]: entry[1] for entry in answer.resources[0][4]}


async def partitions_of(options: dict[str, Any], topic: str) -> int:
    admin = AIOKafkaAdminClient(**options)
    await admin.start()
    while not (partitions := (await admin.describe_topics([topic]))[0]["partitions"]):
        await asyncio.sleep(0.05)  # made a moment ago
    await admin.close()
    return len(partitions)


async def test_topics_are_made_as_the_contracts_describe_them_and_made_again_stay_as_they_are(broker: Broker) -> None:
    options = options_for(broker.bootstrap)
    await create_topics(options, TOPICS, 1)
    first = [(await configuration_of(options, topic.name), await partitions_of(options, topic.name)) for topic in TOPICS]
    await create_topics(options, TOPICS, 1)

    assert [(await configuration_of(options, topic.name), await partitions_of(options, topic.name)) for topic in TOPICS] == first
    for topic, (configuration, partitions) in zip(TOPICS, first, strict=True):
        kept = -1 if topic.retention_days is None else topic.retention_days * 86_400_000
        assert (partitions, int(configuration["retention.ms"]), configuration["cleanup.policy"]) == (topic.partitions, kept, "delete")
    await delete_topics(options, TOPICS)


async def test_a_topic_with_another_number_of_partitions_is_refused_and_not_changed(broker: Broker) -> None:
    options = options_for(broker.bootstrap)
    await create_topics(options, [SampleTopic("baseyear.alpha.grown.v1", 2)], 1)

    with pytest.raises(TopicsDiffer, match=r"baseyear\.alpha\.grown\.v1 has 2 partitions and not 4\..* begin the topics anew"):
        await create_topics(options, [SampleTopic("baseyear.alpha.grown.v1", 4)], 1)

    assert await partitions_of(options, "baseyear.alpha.grown.v1") == 2
    await delete_topics(options, [SampleTopic("baseyear.alpha.grown.v1")])


async def test_topics_that_are_deleted_and_made_again_are_empty_and_are_read_from_their_beginning(stand: Stand) -> None:
    options = stand.installation.options  # type: ignore[attr-defined]
    await record(stand.owner, ("k", "1"), ("k", "2"))
    await stand.relay.drain()
    await read_all(stand.reader)
    await stand.reader.close()

    await delete_topics(options, SAMPLE_TOPICS)
    await delete_topics(options, SAMPLE_TOPICS)
    await create_topics(options, SAMPLE_TOPICS, 1)
    await record(stand.owner, ("k", "3"))
    await stand.relay.drain()

    assert said(await read_all(stand.reader)) == ["3"]


async def test_events_of_a_missing_topic_wait_and_hold_back_no_other_topic(stand: Stand) -> None:
    await record(stand.owner, ("k", "waits"), topic="baseyear.alpha.missing.v1")
    await record(stand.owner, ("k", "goes"))

    assert await stand.relay.drain() == 1
    with pytest.raises(BusUnavailable, match=r"baseyear\.alpha\.missing\.v1 is missing: `baseyear migrate`"):
        await stand.relay.drain()
    assert said(await read_all(stand.reader)) == ["goes"]

    late = SampleTopic("baseyear.alpha.missing.v1")
    await create_topics(stand.installation.options, [late], 1)  # type: ignore[attr-defined]
    await eventually(lambda: published(stand), 30)
    await delete_topics(stand.installation.options, [late])  # type: ignore[attr-defined]


# How events lie in Kafka


def record_batches(broker: KafkaBroker, topic: str) -> Iterator[tuple[int, int]]:
    """Compression and producer id of each batch in a topic's files (https://kafka.apache.org/documentation/#recordbatch)."""
    for segment in (broker.folder / "data").glob(f"{topic}-*/*.log"):
        content, place = segment.read_bytes(), 0
        while place < len(content):
            _, length, _, _, _, attributes = struct.unpack_from(">qiibIh", content, place)
            yield attributes & 0b111, struct.unpack_from(">q", content, place + 43)[0]
            place += 12 + length


async def test_events_are_sent_compressed_by_an_idempotent_producer(stand: Stand, broker: Broker) -> None:
    if not isinstance(broker, KafkaBroker):
        pytest.skip("the files of a container are its own")
    await record(stand.owner, *[(f"k{number}", "said") for number in range(50)])
    await stand.relay.drain()

    batches = list(record_batches(broker, TOPIC))

    assert {compression for compression, _ in batches} == {4}  # zstd
    assert all(producer >= 0 for _, producer in batches)


# Offsets


async def test_offsets_are_committed_only_after_the_database_has_committed(stand: Stand) -> None:
    await record(stand.owner, ("k", "1"), ("k", "2"))
    await stand.relay.drain()
    seen_while_applying = []

    async def apply(session: Session, messages: list[Message]) -> None:
        seen_while_applying.append(await behind(stand.replica()))
        await note(session, messages)

    await Consumer(CONSUMER, stand.installation.database("beta"), stand.reader, [Subscription(TOPIC, "fact", apply)]).consume(PATIENCE)

    assert seen_while_applying == [2]
    assert await behind(stand.reader) == 0


async def test_events_whose_application_met_an_outage_of_the_database_come_again(stand: Stand) -> None:
    beta = stand.installation.database("beta")
    await record(stand.owner, ("k", "1"), ("k", "2"))
    await stand.relay.drain()
    outages = iter([True, False])

    async def apply(session: Session, messages: list[Message]) -> None:
        await note(session, messages)
        if next(outages):
            raise ConnectionResetError("the database went away")

    consumer = Consumer(CONSUMER, beta, stand.reader, [Subscription(TOPIC, "fact", apply)])
    with pytest.raises(ConnectionResetError):
        await consumer.consume(PATIENCE)
    assert await behind(stand.reader) == 2
    await consumer.consume(PATIENCE)

    assert await notes(beta) == ["1", "2"]
    assert await behind(stand.reader) == 0


async def test_after_a_rewind_a_late_commit_moves_nothing_even_of_what_was_fetched_again_since(stand: Stand) -> None:
    await record(stand.owner, ("k", "1"), ("k", "2"))
    await stand.relay.drain()
    in_flight = await fetch_all(stand.reader)
    await rewind(stand)
    again = await fetch_all(stand.reader)

    await stand.reader.commit(CONSUMER, in_flight)
    assert await behind(stand.reader) == 2

    await stand.reader.commit(CONSUMER, again)
    assert await behind(stand.reader) == 0


# A Kafka that is away


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize("connected_before", [True, False])
async def test_while_kafka_is_stopped_publishing_fails_soon_and_afterwards_each_event_comes_once(
    stand: Stand, broker: Broker, connected_before: bool
) -> None:
    if connected_before:
        await record(stand.owner, ("k0", "before"))
        await stand.relay.drain()
    told = r"no answer within 0\.5 s" if connected_before else "cannot be reached at .*Connect call failed"
    broker.stop()
    for number in range(4):
        await record(stand.owner, (f"k{number % 2}", str(number)))
        async with asyncio.timeout(30):
            with pytest.raises(BusUnavailable, match=told):
                await stand.relay.drain()
    broker.start()
    await eventually(lambda: published(stand), 30)

    read = await read_all(stand.reader)
    assert said(read, "k0") == [*(["before"] if connected_before else []), "0", "2"]
    assert said(read, "k1") == ["1", "3"]


async def published(stand: Stand) -> bool:
    with contextlib.suppress(BusUnavailable):
        await stand.relay.drain()
    return await scalar(stand.owner, "SELECT count(*) FROM outbox WHERE published_at IS NULL") == 0


@pytest.mark.usefixtures("impatient")
async def test_relay_and_consumer_outlive_a_kafka_that_is_killed_and_one_that_is_paused(stand: Stand, broker: Broker) -> None:
    beta = stand.installation.database("beta")
    async with at_work(stand.relay, Consumer(CONSUMER, beta, stand.reader, [FACTS])):
        await record(stand.owner, ("k", "before"))
        await eventually(lambda: have(beta, 1), 30)
        broker.kill()
        await record(stand.owner, ("k", "while it is dead"))
        broker.start()
        await eventually(lambda: have(beta, 2), 60)
        broker.pause()
        await record(stand.owner, ("k", "while it is paused"))
        await asyncio.sleep(1.5)
        broker.resume()
        await eventually(lambda: have(beta, 3), 60)
        await record(stand.owner, ("k", "after"))
        await eventually(lambda: have(beta, 4), 30)

    assert await notes(beta) == ["before", "while it is dead", "while it is paused", "after"]


@pytest.mark.usefixtures("impatient")
async def test_a_bus_is_closed_soon_although_kafka_is_away(stand: Stand, broker: Broker) -> None:
    others = asyncio.all_tasks()
    await record(stand.owner, ("k", "1"))
    await stand.relay.drain()
    await fetch_all(stand.reader)
    broker.stop()
    await record(stand.owner, ("k", "2"))
    with pytest.raises(BusUnavailable):
        await stand.relay.drain()

    async with asyncio.timeout(20):
        await stand.reader.close()
        await stand.installation.close()  # type: ignore[attr-defined]

    broker.start()
    await eventually(lambda: nothing_goes_on_besides(others), 30)


async def nothing_goes_on_besides(others: set[asyncio.Task[Any]]) -> bool:
    return asyncio.all_tasks() <= others


async def test_a_consumer_of_a_missing_topic_says_what_to_do(broker: Broker, beta: Database) -> None:
    bus = KafkaBus(options_for(broker.bootstrap) | {"request_timeout_ms": 1_000}, beta)

    with pytest.raises(BusUnavailable, match=r"Kafka lacks one of baseyear\.alpha\.missing\.v1: `baseyear migrate`"):
        await bus.fetch(CONSUMER, ["baseyear.alpha.missing.v1"], 1)


@pytest.mark.usefixtures("impatient")
async def test_a_kafka_that_lost_everything_is_begun_anew(stand: Stand, broker: Broker) -> None:
    if not isinstance(broker, KafkaBroker):
        pytest.skip("the files of a container are its own")
    await record(stand.owner, ("k", "1"), ("k", "2"))
    await stand.relay.drain()
    await read_all(stand.reader)
    broker.kill()
    broker.lose_everything()
    broker.start()
    await create_topics(stand.installation.options, SAMPLE_TOPICS, 1)  # type: ignore[attr-defined]
    await record(stand.owner, ("k", "3"), ("k", "4"))
    await eventually(lambda: published(stand), 30)

    told = said(await read_all(stand.reader))
    assert list(dict.fromkeys(told)) == ["3", "4"]  # twice where an answer was lost while it came up


# Replicas

REPLICA = """
import asyncio, sys
import kernel.bus.kafka.member
from sqlalchemy import make_url
from kernel.bus.kafka import KafkaBus
from kernel.consumer import Consumer
from kernel.database import Database
from tests.contracts.conftest import options_for
from tests.contracts.test_kafka import CONSUMER, FACTS

async def main(address, bootstrap):
    kernel.bus.kafka.member.SESSION_SECONDS = 2
    database = Database(make_url(address), "beta")
    consumer = Consumer(CONSUMER, database, KafkaBus(options_for(bootstrap), database), [FACTS])
    while True:
        print(await consumer.consume(0.1), flush=True)

asyncio.run(main(*sys.argv[1:]))
"""


@contextlib.contextmanager
def replica_process(stand: Stand, broker: Broker, log: Path) -> Iterator[subprocess.Popen[bytes]]:
    address = stand.installation.sample.addresses["beta"].render_as_string(hide_password=False)  # type: ignore[attr-defined]
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-W", "ignore", "-c", REPLICA, address, broker.bootstrap], stdout=output, cwd=Path(__file__).parents[2]
        )
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def applied(log: Path) -> int:
    return sum(int(line) for line in log.read_text().split())


async def test_replicas_in_two_processes_share_the_work_and_a_killed_one_is_taken_over(
    stand: Stand, broker: Broker, tmp_path: Path
) -> None:
    beta = stand.installation.database("beta")
    logs = [tmp_path / "first", tmp_path / "second"]
    with replica_process(stand, broker, logs[0]) as first, replica_process(stand, broker, logs[1]):
        await eventually(lambda: both_begin(logs), 60)
        for number in range(120):
            await record(stand.owner, (f"k{number % 12}", str(number)))
            if number % 12 == 11:
                await stand.relay.drain()
        await eventually(lambda: have(beta, 120), 30)
        assert all(applied(log) for log in logs)
        first.kill()
        for number in range(120, 180):
            await record(stand.owner, (f"k{number % 12}", str(number)))
        await stand.relay.drain()
        await eventually(lambda: have(beta, 180), 60)

    for key in range(12):
        assert await notes(beta, f"k{key}") == [str(number) for number in range(key, 180, 12)]


async def both_begin(logs: list[Path]) -> bool:
    """Both have joined, and the one that was there first has seen the other come."""
    return all(log.read_text().count("\n") > 5 for log in logs)


# Several brokers


@pytest.mark.usefixtures("impatient")
async def test_of_three_brokers_one_may_be_killed(three_brokers: list[KafkaBroker], sample: SampleServices) -> None:
    options = options_for(",".join(broker.bootstrap for broker in three_brokers))
    installation = KafkaInstallation(sample, options)
    await create_topics(options, SAMPLE_TOPICS, 3)
    alpha, beta = installation.database("alpha"), installation.database("beta")
    async with at_work(installation.relay(alpha), installation.consumer(beta, FACTS)):
        for number in range(30):
            await record(alpha, (f"k{number % 6}", str(number)))
        await eventually(lambda: have(beta, 30), 60)
        three_brokers[0].kill()
        for number in range(30, 60):
            await record(alpha, (f"k{number % 6}", str(number)))
        await eventually(lambda: have(beta, 60), 60)
    await installation.close()

    for key in range(6):
        assert await notes(beta, f"k{key}") == [str(number) for number in range(key, 60, 6)]
