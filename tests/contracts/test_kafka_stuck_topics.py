"""Topics and partitions of Kafka that take nothing, while others do."""

import asyncio
import contextlib
from typing import Any

import pytest
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import KafkaError
from aiokafka.partitioner import DefaultPartitioner

import kernel.bus.kafka.bus
import kernel.bus.kafka.clients
import kernel.relay
from kernel.bus.kafka import create_topics
from kernel.bus.kafka.clients import connected
from kernel.database import Database
from tests.api.kernel.ground import SampleServices, eventually, record, scalar
from tests.brokers.jvm import KafkaBroker
from tests.contracts.conftest import KafkaInstallation, SampleTopic, Stand, options_for
from tests.contracts.reading import read_all, said
from tests.contracts.test_kafka import at_work


async def test_events_of_many_missing_topics_hold_back_no_other_topic(on_kafka: Stand) -> None:
    for number in range(8):
        await record(on_kafka.owner, ("k", "waits"), topic=f"baseyear.alpha.missing-{number}.v1")
    await record(on_kafka.owner, ("k", "goes"))

    assert await on_kafka.relay.drain() == 1

    assert said(await read_all(on_kafka.reader)) == ["goes"]


async def without_leader(options: dict[str, Any], topic: str) -> list[int]:
    """The partitions that nobody leads, once there are some."""
    async with asyncio.timeout(60):
        while True:
            with contextlib.suppress(KafkaError):  # it may ask the broker that is dead
                async with connected(AIOKafkaAdminClient, options) as admin:
                    (described,) = await admin.describe_topics([topic])
                    if stuck := [each["partition"] for each in described["partitions"] if each["leader"] < 0]:
                        return stuck
            await asyncio.sleep(0.1)


async def test_a_partition_without_a_leader_holds_back_no_other_partition_however_much_waits_for_it(
    three_brokers: list[KafkaBroker], sample: SampleServices, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kernel.relay, "DRAIN_LIMIT", 50)
    monkeypatch.setattr(kernel.bus.kafka.bus, "PUBLISH_SECONDS", 1)
    monkeypatch.setattr(kernel.bus.kafka.clients, "STOP_SECONDS", 0.5)
    topic = SampleTopic("baseyear.alpha.alone.v1", 3)
    options = options_for(",".join(broker.bootstrap for broker in three_brokers))
    await create_topics(options, [topic], 1)
    three_brokers[0].kill()
    (stuck,) = await without_leader(options, topic.name)
    keys = [f"k{number}" for number in range(600)]
    waiting = [key for key in keys if DefaultPartitioner()(key.encode(), [0, 1, 2], [0, 1, 2]) == stuck]
    going = [key for key in keys if key not in waiting]
    installation = KafkaInstallation(sample, options)
    owner = installation.database("alpha")

    await record(owner, *[(key, "ä" * 10_000) for key in waiting], topic=topic.name)
    await record(owner, *[(key, "goes") for key in going], topic=topic.name)
    async with at_work(installation.relay(owner)):
        await eventually(lambda: only(owner, len(waiting)), 60)
        three_brokers[0].start()
        await eventually(lambda: only(owner, 0), 60)
    await installation.close()


async def only(owner: Database, waiting: int) -> bool:
    return await scalar(owner, "SELECT count(*) FROM outbox WHERE published_at IS NULL") == waiting
