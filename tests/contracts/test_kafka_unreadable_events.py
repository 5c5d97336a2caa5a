"""Events on Kafka that its client cannot even decode: parked as well, and nothing that lies beside them is lost."""

import aiokafka.producer.message_accumulator
import aiokafka.producer.producer
import pytest
from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError
from aiokafka.record.default_records import _DefaultRecordBatchBuilderPy
from sqlalchemy import text

from kernel.consumer import Consumer, Subscription
from tests.api.kernel.ground import TOPIC, note, notes, record
from tests.brokers.choice import Broker
from tests.contracts.conftest import Stand
from tests.contracts.reading import CONSUMER, PATIENCE, behind, fetch_all, fetch_one, read_all, said


@pytest.fixture
def stand(on_kafka: Stand) -> Stand:
    """Owner and reader on Kafka."""
    return on_kafka


class NoText(str):
    """The name of a header whose bytes are no UTF-8, as clients send them that are not aiokafka."""

    __slots__ = ()

    def encode(self, *_: object, **__: object) -> bytes:
        return b"\xff\xfe"


async def send_unreadable(broker: Broker, *partitions: int) -> None:
    with pytest.MonkeyPatch.context() as patch:
        for module in (aiokafka.producer.producer, aiokafka.producer.message_accumulator):
            patch.setattr(module, "DefaultRecordBatchBuilder", _DefaultRecordBatchBuilderPy)  # the other takes no bytes
        async with AIOKafkaProducer(bootstrap_servers=broker.bootstrap) as producer:
            for partition in partitions:
                await producer.send_and_wait(TOPIC, b"{}", b"strange", partition=partition, headers=[(NoText("name"), b"")])


async def consume_all(stand: Stand, consumer: Consumer) -> None:
    while await behind(stand.reader):
        await consumer.consume(PATIENCE)


async def test_an_event_that_cannot_be_decoded_is_parked_and_holds_back_and_loses_no_other(stand: Stand, broker: Broker) -> None:
    beta = stand.installation.database("beta")
    consumer = Consumer(CONSUMER, beta, stand.reader, [Subscription(TOPIC, "fact", note)])
    await record(stand.owner, *[(f"k{number % 9}", f"{number} before") for number in range(99)])
    await stand.relay.drain()
    await send_unreadable(broker, 0, 0, 2)
    await record(stand.owner, *[(f"k{number % 9}", f"{number} behind") for number in range(99)])
    await stand.relay.drain()

    await consume_all(stand, consumer)

    async with beta.unit_of_work() as session:
        rows = await session.execute(text("SELECT partition, value FROM dead_letter WHERE state = 'parked' ORDER BY partition"))
        parked = [(row.partition, row.value) for row in rows]
    assert [partition for partition, _ in parked] == [0, 0, 2]
    assert all("cannot be read: 'utf-8' codec can't decode" in value for _, value in parked)
    for key in range(9):
        numbers = range(key, 99, 9)
        assert await notes(beta, f"k{key}") == [*(f"{number} before" for number in numbers), *(f"{number} behind" for number in numbers)]
    assert consumer.stopped_because is None


@pytest.mark.parametrize("failure", [KafkaError("of the client"), ValueError("of a record")])
async def test_after_a_fetch_that_failed_whatever_the_reason_reading_goes_on_behind_what_was_committed(
    stand: Stand, monkeypatch: pytest.MonkeyPatch, failure: Exception
) -> None:
    await record(stand.owner, *[("k", str(number)) for number in range(5)])
    await stand.relay.drain()
    await stand.reader.commit(CONSUMER, await fetch_one(stand.reader))
    member = stand.reader._members[CONSUMER]  # type: ignore[attr-defined]
    member.unfinished = []
    drains = member.client.getmany

    async def fails_after_draining(**options: object) -> None:
        await drains(**options)
        raise failure

    monkeypatch.setattr(member.client, "getmany", fails_after_draining)
    with pytest.raises(type(failure)):
        await fetch_all(stand.reader)

    assert said(await read_all(stand.reader)) == ["1", "2", "3", "4"]
