"""The outbox and the relay's loop; what both buses must do is in tests/contracts/test_bus.py."""

import asyncio
from contextlib import suppress

import pytest
from sqlalchemy import text

from kernel import outbox
from kernel.bus.log_table import LogTableBus
from kernel.database import Database, Session
from kernel.outbox import Message
from kernel.relay import Relay
from tests.api.kernel.ground import TOPIC, SampleServices, Thing, eventually, record, scalar


async def test_an_event_has_the_attributes_of_cloudevents(alpha: Database, sample: SampleServices) -> None:
    """source  CloudEvents 1.0.2, section 3.1; Kafka protocol binding, section 3.2"""
    await record(alpha, ("thing-1", "x"))
    await sample.relay(alpha).drain()
    (message,) = await sample.bus(alpha).fetch("beta", [TOPIC], 1)

    assert {"ce_id", "ce_time"} <= message.headers.keys()
    attributes = {name: value for name, value in message.headers.items() if name != "traceparent"}  # there if a request caused it
    assert attributes | {"ce_id": "", "ce_time": ""} == {
        "ce_specversion": "1.0",
        "ce_id": "",
        "ce_source": "/baseyear/alpha",
        "ce_type": TOPIC,
        "ce_time": "",
        "ce_subject": "thing-1",
        "ce_dataschema": f"/schemas/{TOPIC}.json",
        "ce_partitionkey": "thing-1",
        "content-type": "application/json",
    }


async def test_events_told_by_rows_of_a_query_are_as_those_that_are_recorded_one_by_one(alpha: Database, sample: SampleServices) -> None:
    await record(alpha, ("one", "x"), ("two", "y"))
    rows = "SELECT * FROM (VALUES ('one', '{\"said\": \"x\"}'), ('two', $1)) AS thing(key, document)"
    async with alpha.unit_of_work() as session:
        await outbox.record_rows(session, TOPIC, rows, '{"said": "y"}')
    await sample.relay(alpha).drain()
    messages = await sample.bus(alpha).fetch("beta", [TOPIC], 10)

    told = [(message.key, message.document(), message.headers | {"ce_id": "", "ce_time": ""}) for message in messages]
    assert sorted(told[:2], key=str) == sorted(told[2:], key=str)
    assert len({message.event_id for message in messages}) == 4


async def test_events_recorded_without_another_statement_are_published_too(alpha: Database) -> None:
    async with alpha.unit_of_work() as session:
        outbox.record(session, TOPIC, "k", Thing(said="alone"))

    assert await scalar(alpha, "SELECT count(*) FROM outbox") == 1


async def test_the_relay_publishes_without_waiting_for_its_poll(sample: SampleServices, alpha: Database) -> None:
    running = asyncio.create_task(sample.relay(alpha).run())
    bus = sample.bus(sample.database("beta"))
    await record(alpha, ("k", "1"))

    async with asyncio.timeout(5):
        while not await bus.fetch("beta", [TOPIC], 1, patience=5):
            pass
    running.cancel()
    with suppress(asyncio.CancelledError):
        await running


class AwayAtFirst(LogTableBus):
    """A broker that is away for the first sendings."""

    failures = 1

    async def publish(self, session: Session, messages: list[Message]) -> list[int]:
        if self.failures:
            self.failures -= 1
            raise ConnectionRefusedError("the broker is away")
        return await super().publish(session, messages)


async def test_the_outbox_keeps_what_could_not_be_sent_until_it_can(sample: SampleServices, alpha: Database) -> None:
    await record(alpha, ("k", "1"))
    running = asyncio.create_task(Relay(alpha, AwayAtFirst(alpha, sample.wakeup)).run())

    async def sent() -> bool:
        return bool(await scalar(alpha, "SELECT count(*) FROM bus.log"))

    await eventually(sent)
    running.cancel()
    assert await scalar(alpha, "SELECT count(*) FROM outbox WHERE published_at IS NULL") == 0


async def test_more_events_than_one_drain_takes_keep_their_order(
    sample: SampleServices, alpha: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("kernel.relay.DRAIN_LIMIT", 2)
    await record(alpha, *[("k", str(number)) for number in range(5)])
    relay = sample.relay(alpha)

    assert [await relay.drain() for _ in range(4)] == [2, 2, 1, 0]

    async with alpha.unit_of_work() as session:
        said = await session.scalars(text("SELECT cast(value AS jsonb) ->> 'said' FROM bus.log ORDER BY position"))
        assert list(said) == ["0", "1", "2", "3", "4"]
