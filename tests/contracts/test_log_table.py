"""What the log table promises beyond the contract: it is part of the database."""

import asyncio

import pytest
from sqlalchemy import text

from kernel import outbox
from kernel.outbox import Message
from tests.api.kernel.ground import OTHER_TOPIC, TOPIC, SampleServices, Thing, record


async def log_of(sample: SampleServices, topic: str) -> list[tuple[int, str]]:
    async with sample.database("beta").unit_of_work() as session:
        rows = await session.execute(
            text("SELECT position, cast(value AS jsonb) ->> 'said' FROM bus.log WHERE topic = :topic ORDER BY position"), {"topic": topic}
        )
        return [(position, said) for position, said in rows]


async def test_publishing_in_a_transaction_that_rolls_back_publishes_nothing(sample: SampleServices) -> None:
    owner = sample.database("alpha")
    bus = sample.bus(owner)
    with pytest.raises(ZeroDivisionError):
        async with owner.unit_of_work() as session:
            await bus.publish(session, [Message(TOPIC, "k", {}, "{}")])
            raise ZeroDivisionError

    assert await log_of(sample, TOPIC) == []


async def test_positions_begin_at_one_and_have_no_gaps_in_each_topic(sample: SampleServices) -> None:
    owner = sample.database("alpha")
    relay = sample.relay(owner)
    for number in range(6):
        await record(owner, ("k", str(number)), topic=(TOPIC, OTHER_TOPIC)[number % 2])
        if number % 3 == 2:
            await relay.drain()

    assert await log_of(sample, TOPIC) == [(1, "0"), (2, "2"), (3, "4")]
    assert await log_of(sample, OTHER_TOPIC) == [(1, "1"), (2, "3"), (3, "5")]


async def test_under_concurrent_relays_positions_are_gapless_and_become_visible_in_their_order(sample: SampleServices) -> None:
    writer = sample.database("alpha")
    written = asyncio.Event()
    glances: list[list[int]] = []

    async def write(key: str) -> None:
        for number in range(15):
            await record(writer, (key, str(number)))

    async def drain() -> None:
        relay = sample.relay(sample.database("alpha"))
        while not written.is_set():
            await relay.drain()
            await asyncio.sleep(0)

    async def watch() -> None:
        while not written.is_set():
            glances.append([position for position, _ in await log_of(sample, TOPIC)])

    at_work = [asyncio.create_task(task) for task in (drain(), drain(), watch())]
    await asyncio.gather(*(write(f"k{number}") for number in range(4)))
    written.set()
    await asyncio.gather(*at_work)
    await sample.relay(writer).drain()

    for glance in glances:  # a later position is never seen before an earlier one
        assert glance == list(range(1, len(glance) + 1))
    assert [position for position, _ in await log_of(sample, TOPIC)] == list(range(1, 61))


async def test_an_event_is_marked_as_published_in_the_transaction_that_appends_it(sample: SampleServices) -> None:
    owner = sample.database("alpha")
    await record(owner, ("k", "1"))
    await sample.relay(owner).drain()

    async with owner.unit_of_work() as session:
        row = (await session.execute(text("SELECT xmin::text AS marked, (SELECT xmin::text FROM bus.log) AS appended FROM outbox"))).one()
        assert row.marked == row.appended


async def test_a_traced_change_gives_its_trace_to_its_event(sample: SampleServices) -> None:
    from kernel.telemetry import begin_trace

    trace_id = begin_trace(None)
    owner = sample.database("alpha")
    async with owner.unit_of_work() as session:
        await session.execute(text("SELECT 1"))
        outbox.record(session, TOPIC, "k", Thing(said="1"))
    await sample.relay(owner).drain()

    (message,) = await sample.bus(owner).fetch("beta", [TOPIC], 1)
    assert message.headers["traceparent"].split("-")[1] == trace_id
