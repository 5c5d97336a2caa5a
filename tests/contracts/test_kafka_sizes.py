"""Events that are too large for Kafka: they wait in the outbox and hold back only their key."""

import contextlib
import secrets

import pytest
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType

from kernel.bus.kafka import BusUnavailable, create_topics, delete_topics
from tests.api.kernel.ground import eventually, record, scalar
from tests.contracts.conftest import SampleTopic, Stand
from tests.contracts.reading import read_all, said


@pytest.fixture
def stand(on_kafka: Stand) -> Stand:
    """Owner and reader on Kafka."""
    return on_kafka


async def test_an_event_that_kafka_refuses_for_its_size_holds_back_only_its_key(stand: Stand) -> None:
    await record(stand.owner, ("heavy", secrets.token_hex(2**20)), ("heavy", "behind"), ("light", "goes"))

    assert await stand.relay.drain() == 1
    with pytest.raises(BusUnavailable, match="MessageSizeTooLarge"):
        await stand.relay.drain()

    assert said(await read_all(stand.reader)) == ["goes"]


async def test_an_event_that_only_the_topic_refuses_for_its_size_holds_back_its_key_in_the_outbox(stand: Stand) -> None:
    options = stand.installation.options  # type: ignore[attr-defined]
    narrow = SampleTopic("baseyear.alpha.narrow.v1", 1)
    await create_topics(options, [narrow], 1)
    admin = AIOKafkaAdminClient(**options)
    await admin.start()
    await admin.alter_configs([ConfigResource(ConfigResourceType.TOPIC, narrow.name, {"max.message.bytes": "50000"})])
    await admin.close()
    await record(stand.owner, ("heavy", secrets.token_hex(2**18)), ("heavy", "behind"), ("light", "goes"), topic=narrow.name)
    await eventually(lambda: taken(stand, 1), 30)

    assert await scalar(stand.owner, "SELECT array_agg(key ORDER BY id) FROM outbox WHERE published_at IS NULL") == ["heavy", "heavy"]
    await delete_topics(options, [narrow])


async def taken(stand: Stand, number: int) -> bool:
    with contextlib.suppress(BusUnavailable):
        await stand.relay.drain()
    return await scalar(stand.owner, "SELECT count(*) FROM outbox WHERE published_at IS NOT NULL") == number
