"""Consumers: every event applied once; one that cannot be applied is parked and holds back only its key."""

import asyncio

import pytest
from sqlalchemy import text

from kernel import consumer as kernel_consumer
from kernel import dead_letters
from kernel.consumer import Consumer, Subscription, forget
from kernel.database import Database, Session
from kernel.outbox import Message
from kernel.problems import Problem
from tests.api.kernel.ground import OTHER_TOPIC, TOPIC, SampleServices, eventually, note, notes, record, scalar

STATE = Subscription(TOPIC, "state", note)
FACT = Subscription(TOPIC, "fact", note)


@pytest.fixture(autouse=True)
def no_backoff(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kernel_consumer, "BACKOFF_SECONDS", (0.0, 0.0, 0.0))


async def published(sample: SampleServices, *events: tuple[str, str], topic: str = TOPIC) -> None:
    owner = sample.database("alpha")
    await record(owner, *events, topic=topic)
    await sample.relay(owner).drain()


async def parked(database: Database) -> list[tuple[str, str]]:
    """Key and content of what is parked, in order."""
    async with database.unit_of_work() as session:
        return [(letter.key, letter.value) for letter in await dead_letters.page(session, 0, 1_000, state="parked")]


async def redriven(database: Database, consumer: Consumer, letter_id: int, reason: str) -> list[int]:
    async with database.unit_of_work() as session:
        return await consumer.redrive(session, letter_id, reason)


async def deliver_again(database: Database) -> None:
    """As after a crash between applying and committing."""
    async with database.unit_of_work() as session:
        await session.execute(text("UPDATE bus.cursor SET position = 0"))


async def test_events_are_applied_in_order_and_once(sample: SampleServices, beta: Database) -> None:
    await published(sample, ("k", "1"), ("j", "2"), ("k", "3"))
    consumer = sample.consumer(beta, STATE)

    assert (await consumer.consume(), await consumer.consume()) == (3, 0)

    assert await notes(beta) == ["1", "2", "3"]


async def test_a_fact_that_is_delivered_twice_is_applied_once(sample: SampleServices, beta: Database) -> None:
    await published(sample, ("k", "1"), ("k", "2"))
    consumer = sample.consumer(beta, FACT)
    await consumer.consume()

    await deliver_again(beta)
    await consumer.consume()

    assert await notes(beta) == ["1", "2"]


async def test_a_fact_that_is_in_a_batch_twice_is_applied_once(sample: SampleServices, beta: Database) -> None:
    owner = sample.database("alpha")
    twice = Message(TOPIC, "k", {"ce_source": "/baseyear/alpha", "ce_id": "one event"}, '{"said": "1"}')
    async with owner.unit_of_work() as session:
        await sample.bus(owner).publish(session, [twice, twice])

    assert await sample.consumer(beta, FACT).consume() == 2

    assert await notes(beta) == ["1"]


async def test_a_fact_whose_handler_failed_is_not_taken_as_seen(sample: SampleServices, beta: Database) -> None:
    fails = True

    async def apply(session: Session, messages: list[Message]) -> None:
        await note(session, messages)
        if fails:
            raise OSError("the database is away")

    await published(sample, ("k", "1"))
    consumer = sample.consumer(beta, Subscription(TOPIC, "fact", apply))
    with pytest.raises(OSError, match="away"):
        await consumer.consume()
    fails = False

    await consumer.consume()

    assert await notes(beta) == ["1"]


async def test_an_event_that_cannot_be_applied_is_parked_and_holds_back_only_its_key(sample: SampleServices, beta: Database) -> None:
    await published(sample, ("k", "poison"), ("k", "behind it"), ("j", "1"))
    consumer = sample.consumer(beta, STATE)
    await consumer.consume()
    await published(sample, ("k", "later"), ("j", "2"))
    await consumer.consume()

    assert await notes(beta) == ["1", "2"]
    assert await parked(beta) == [("k", '{"said":"poison"}'), ("k", '{"said":"behind it"}'), ("k", '{"said":"later"}')]
    assert consumer.stopped_because is None


async def test_a_parked_event_says_why(sample: SampleServices, beta: Database) -> None:
    await published(sample, ("k", "poison"))
    await sample.consumer(beta, STATE).consume()

    assert "this one cannot be applied" in await scalar(beta, "SELECT reason FROM dead_letter")


async def test_a_parked_key_of_one_topic_does_not_hold_back_the_same_key_of_another(sample: SampleServices, beta: Database) -> None:
    await published(sample, ("k", "poison"))
    await published(sample, ("k", "1"), topic=OTHER_TOPIC)
    await sample.consumer(beta, STATE, Subscription(OTHER_TOPIC, "state", note)).consume()

    assert await notes(beta) == ["1"]


async def test_a_parked_event_that_is_delivered_again_is_parked_once(sample: SampleServices, beta: Database) -> None:
    await published(sample, ("k", "poison"))
    consumer = sample.consumer(beta, STATE)
    await consumer.consume()

    await deliver_again(beta)
    await consumer.consume()

    assert await parked(beta) == [("k", '{"said":"poison"}')]


async def test_too_many_parked_in_a_row_stop_the_consumer_and_the_rest_stays_unread(sample: SampleServices, beta: Database) -> None:
    await published(sample, *[(f"k{number}", "poison") for number in range(60)])
    consumer = sample.consumer(beta, STATE)

    await asyncio.wait_for(consumer.run(), 30)

    assert "50 events in a row" in (consumer.stopped_because or "")
    assert len(await parked(beta)) == 50
    assert await scalar(beta, "SELECT position FROM bus.cursor WHERE consumer = 'beta'") == 50


async def test_an_event_that_cannot_even_be_parked_stops_the_consumer_in_front_of_it(sample: SampleServices, beta: Database) -> None:
    unkeepable = "".join(chr(place) for place in range(0x4E00, 0x4E00 + 3_000))  # too long for an index
    await published(sample, ("k", "1"))
    consumer = sample.consumer(beta, STATE)
    await consumer.consume()
    await published(sample, (unkeepable, "poison"))

    await asyncio.wait_for(consumer.run(), 30)

    assert "partition 0, position 2 could be neither applied nor parked" in (consumer.stopped_because or "")
    assert await scalar(beta, "SELECT position FROM bus.cursor WHERE consumer = 'beta'") == 1


async def test_events_that_can_be_applied_in_between_keep_the_consumer_going(sample: SampleServices, beta: Database) -> None:
    await published(sample, *[(f"k{number}", "fine" if number % 40 == 39 else "poison") for number in range(80)])
    consumer = sample.consumer(beta, STATE)
    await consumer.consume()

    assert consumer.stopped_because is None
    assert (len(await parked(beta)), await notes(beta)) == (78, ["fine"] * 2)


async def test_an_outage_is_waited_out_and_parks_nothing(sample: SampleServices, beta: Database) -> None:
    away = True

    async def apply(session: Session, messages: list[Message]) -> None:
        if away:
            raise ConnectionRefusedError("the database is away")
        await note(session, messages)

    await published(sample, ("k", "1"))
    consumer = sample.consumer(beta, Subscription(TOPIC, "state", apply))
    running = asyncio.create_task(consumer.run())
    await asyncio.sleep(0.2)
    assert await notes(beta) == []
    away = False

    async def applied() -> bool:
        return await notes(beta) == ["1"]

    await eventually(applied)
    running.cancel()
    assert await parked(beta) == []


async def test_parked_events_are_driven_again_in_order_with_a_reason(sample: SampleServices, beta: Database) -> None:
    await published(sample, ("k", "poison"), ("k", "second"), ("k", "third"))
    await sample.consumer(beta, STATE).consume()
    mended = sample.consumer(beta, Subscription(TOPIC, "state", note_anything))

    assert await redriven(beta, mended, 1, "the handler was mended") == [1, 2, 3]

    assert await notes(beta) == ["poison", "second", "third"]
    assert await parked(beta) == []
    assert await scalar(beta, "SELECT array_agg(DISTINCT (state, resolution)::text) FROM dead_letter") == [
        '(redriven,"the handler was mended")'
    ]


async def note_anything(session: Session, messages: list[Message]) -> None:
    for message in messages:
        await session.execute(
            text("INSERT INTO note (key, said) VALUES (:key, :said)"), {"key": message.key, "said": message.document()["said"]}
        )


async def test_after_a_redrive_the_key_is_free_again(sample: SampleServices, beta: Database) -> None:
    await published(sample, ("k", "poison"))
    await sample.consumer(beta, STATE).consume()
    mended = sample.consumer(beta, Subscription(TOPIC, "state", note_anything))
    await redriven(beta, mended, 1, "mended")
    await published(sample, ("k", "next"))

    await mended.consume()

    assert await notes(beta) == ["poison", "next"]


async def test_a_redrive_that_fails_again_leaves_everything_parked(sample: SampleServices, beta: Database) -> None:
    await published(sample, ("k", "poison"), ("k", "second"))
    consumer = sample.consumer(beta, STATE)
    await consumer.consume()

    with pytest.raises(ValueError, match="cannot be applied"):
        await redriven(beta, consumer, 1, "hoping")

    assert (await notes(beta), len(await parked(beta))) == ([], 2)


async def test_an_event_that_arrives_during_a_redrive_waits_for_it_and_is_not_left_parked(sample: SampleServices, beta: Database) -> None:
    await published(sample, ("k", "poison"))
    await sample.consumer(beta, STATE).consume()
    await published(sample, ("k", "next"))
    applying, go_on = asyncio.Event(), asyncio.Event()

    async def apply_slowly(session: Session, messages: list[Message]) -> None:
        await note_anything(session, messages)
        applying.set()
        await go_on.wait()

    slow = sample.consumer(beta, Subscription(TOPIC, "state", apply_slowly))
    redrive = asyncio.create_task(redriven(beta, slow, 1, "mended"))
    await applying.wait()
    consuming = asyncio.create_task(sample.consumer(beta, Subscription(TOPIC, "state", note_anything)).consume())
    await asyncio.sleep(0.2)
    go_on.set()
    await asyncio.gather(redrive, consuming)

    assert (await notes(beta), await parked(beta)) == (["poison", "next"], [])


async def test_a_dropped_event_is_never_applied_and_what_waits_behind_it_can_be_driven_again(
    sample: SampleServices, beta: Database
) -> None:
    await published(sample, ("k", "poison"), ("k", "second"))
    consumer = sample.consumer(beta, STATE)
    await consumer.consume()

    async with beta.unit_of_work() as session:
        behind = await dead_letters.drop(session, 1, "nonsense of a test")
    assert behind == [2]
    assert await redriven(beta, consumer, 2, "its predecessor was dropped") == [2]

    await deliver_again(beta)
    await consumer.consume()
    assert "poison" not in await notes(beta)
    assert await parked(beta) == []


async def test_what_is_not_parked_can_be_neither_driven_nor_dropped(sample: SampleServices, beta: Database) -> None:
    with pytest.raises(Problem) as driven:
        await redriven(beta, sample.consumer(beta, STATE), 1, "hoping")
    with pytest.raises(Problem) as dropped:
        async with beta.unit_of_work() as session:
            await dead_letters.drop(session, 1, "hoping")

    assert {driven.value.type.code, dropped.value.type.code} == {"not_found"}


async def test_a_rebuild_gives_the_same_rows(sample: SampleServices, beta: Database) -> None:
    await published(sample, ("k", "1"), ("k", "2"), ("bad", "poison"))
    consumer = sample.consumer(beta, FACT)
    await consumer.consume()

    async with beta.unit_of_work() as session:
        await forget(session, sample.bus(beta), "beta", ["note"])
    assert (await notes(beta), await parked(beta)) == ([], [])
    await consumer.consume()

    assert (await notes(beta), len(await parked(beta))) == (["1", "2"], 1)
