"""Events on Kafka that nobody of ours has sent: parked where people see them, holding back only their key."""

import pytest
from aiokafka import AIOKafkaProducer
from sqlalchemy import text

from kernel.consumer import Consumer, Subscription
from tests.api.kernel.ground import TOPIC, note, notes, record
from tests.brokers.choice import Broker
from tests.contracts.conftest import Stand
from tests.contracts.reading import CONSUMER, PATIENCE, behind


@pytest.fixture
def stand(on_kafka: Stand) -> Stand:
    """Owner and reader on Kafka."""
    return on_kafka


async def send_raw(broker: Broker, *events: tuple[bytes | None, bytes | None, list[tuple[str, bytes]]]) -> None:
    async with AIOKafkaProducer(bootstrap_servers=broker.bootstrap) as producer:
        for key, value, headers in events:
            await producer.send_and_wait(TOPIC, value, key, headers=headers)


LONG = "".join(chr(place) for place in range(0x4E00, 0x4E00 + 3_000))  # of no two characters alike: compressed it is no shorter
ENVELOPE = [("ce_id", b"1"), ("ce_source", b"/stranger")]
STRANGE = {
    "no UTF-8": (b"strange", b"\xff\xfe\x00", ENVELOPE),
    "no JSON": (b"strange", b"{", ENVELOPE),
    "another shape": (b"strange", b'{"other": 1}', ENVELOPE),
    "no headers": (b"strange", b'{"said": "nobody"}', []),
    "a header that is no text": (b"strange", b"{", [("ce_id", b"\xff"), ("ce_source", b"\x00")]),
    "a tombstone": (b"strange", None, ENVELOPE),
    "a key that is no text": (b"\xff\x00", b"{", ENVELOPE),
    "no key": (None, b"{", ENVELOPE),
    "a header whose name PostgreSQL cannot keep": (b"strange", b"{", [("ce\0id", b"1")]),
    "a key that no index can keep": (LONG.encode(), b"{", ENVELOPE),
}
EXPECTED = {"a key that is no text": ["\ufffd\ufffd"], "no key": [""], "a key that no index can keep": [LONG[:500]]}


@pytest.mark.parametrize("kind", STRANGE)
async def test_a_strange_event_is_parked_and_holds_back_only_its_key(stand: Stand, broker: Broker, kind: str) -> None:
    beta = stand.installation.database("beta")
    consumer = Consumer(CONSUMER, beta, stand.reader, [Subscription(TOPIC, "fact", note)])
    await send_raw(broker, STRANGE[kind])
    await record(stand.owner, *[(f"k{number}", str(number)) for number in range(9)], ("strange", "behind"))
    await stand.relay.drain()
    while await behind(stand.reader):
        await consumer.consume(PATIENCE)

    async with beta.unit_of_work() as session:
        rows = await session.execute(text("SELECT key, reason FROM dead_letter WHERE state = 'parked' ORDER BY id"))
        parked = [(row.key, row.reason) for row in rows]
    expected = EXPECTED.get(kind, ["strange", "strange"])
    assert [key for key, _ in parked] == expected
    assert all(reason for _, reason in parked)
    assert sorted(await notes(beta)) == sorted([*map(str, range(9)), *(["behind"] if len(expected) == 1 else [])])
    assert consumer.stopped_because is None
