"""Retention: what is past its time goes, everything else stays, whatever its age."""

import os
import time
from collections.abc import AsyncIterator, Callable
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
import pytest_asyncio
from sqlalchemy import URL, text

from contracts.topics import TOPICS
from kernel import retention
from kernel.consumer import Subscription
from kernel.database import Database
from kernel.files import Files
from kernel.retention import Named, Retention
from tests.api.kernel.ground import OTHER_TOPIC, TOPIC, SampleServices, note, notes, record

MINUTE = timedelta(minutes=1)
ALREADY, NOT_YET = MINUTE, -MINUTE

Keeper = Callable[..., Retention]

# Of each table a row whose age is :age, named :name.
ROWS = {
    "outbox": (
        "INSERT INTO outbox (topic, key, headers, value, recorded_at, published_at)"
        " VALUES ('t', :name, '{}', '{}', clock_timestamp() - cast(:age AS interval), clock_timestamp() - cast(:age AS interval))",
        "key",
    ),
    "inbox": (
        "INSERT INTO inbox (consumer, source, event_id, received_at) VALUES ('c', 's', :name, clock_timestamp() - cast(:age AS interval))",
        "event_id",
    ),
    "idempotent_answer": (
        "INSERT INTO idempotent_answer (key, principal, route, fingerprint, status, headers, answered_at)"
        " VALUES (:name, 'p', 'r', 'f', 200, '{}', clock_timestamp() - cast(:age AS interval))",
        "key",
    ),
    "job": (
        "INSERT INTO job (id, kind, payload, state, finished_at)"
        " VALUES (gen_random_uuid(), :name, '{}', 'done', clock_timestamp() - cast(:age AS interval))",
        "kind",
    ),
    "dead_letter": (
        "INSERT INTO dead_letter (consumer, topic, position, key, headers, value, state, reason, parked_at)"
        " VALUES ('c', :name, 1, 'k', '{}', '{}', 'redriven', 'r', clock_timestamp() - cast(:age AS interval))",
        "topic",
    ),
}
AGES = {
    "outbox": retention.PUBLISHED_EVENTS,
    "inbox": retention.APPLIED_FACTS,
    "idempotent_answer": retention.IDEMPOTENT_ANSWERS,
    "job": retention.FINISHED_JOBS,
    "dead_letter": retention.RESOLVED_DEAD_LETTERS,
}


@pytest.fixture
def keeper(sample: SampleServices, alpha: Database, tmp_path: Path) -> Keeper:
    """Makes the retention of service `alpha`, whose tables name what is given."""
    return lambda **named: Retention(alpha, sample.bus(alpha), Files(tmp_path), Named(**named))


async def given(database: Database, table: str, *aged: tuple[str, timedelta]) -> None:
    async with database.unit_of_work() as session:
        for name, age in aged:
            await session.execute(text(ROWS[table][0]), {"name": name, "age": age})


async def kept(database: Database, table: str) -> set[str]:
    async with database.unit_of_work() as session:
        return set(await session.scalars(text(f"SELECT {ROWS[table][1]} FROM {table}")))


async def change(database: Database, statement: str, **values: Any) -> None:
    async with database.unit_of_work() as session:
        await session.execute(text(statement), values)


@pytest.mark.parametrize("table", ROWS)
async def test_a_row_goes_when_its_time_is_over_and_not_before(alpha: Database, keeper: Keeper, table: str) -> None:
    await given(alpha, table, ("over", AGES[table] + ALREADY), ("not yet", AGES[table] + NOT_YET))

    assert (await keeper().sweep())[table] == 1

    assert await kept(alpha, table) == {"not yet"}


@pytest.mark.parametrize("table", ROWS)
async def test_more_rows_than_one_batch_all_go(alpha: Database, keeper: Keeper, table: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retention, "BATCH", 4)
    await given(alpha, table, *((str(number), AGES[table] + ALREADY) for number in range(9)))

    assert (await keeper().sweep())[table] == 9

    assert await kept(alpha, table) == set()


async def test_an_event_that_is_not_published_stays_however_old(alpha: Database, keeper: Keeper) -> None:
    age = timedelta(days=400)
    await given(alpha, "outbox", ("waits", age), ("told", age))
    await change(alpha, "UPDATE outbox SET published_at = NULL WHERE key = 'waits'")

    await keeper().sweep()

    assert await kept(alpha, "outbox") == {"waits"}


async def test_a_job_that_is_not_finished_stays_however_old(alpha: Database, keeper: Keeper) -> None:
    await given(alpha, "job", ("queued", timedelta(days=400)), ("done", timedelta(days=400)))
    await change(alpha, "UPDATE job SET state = 'queued', finished_at = NULL, created_at = '2020-01-01' WHERE kind = 'queued'")

    await keeper().sweep()

    assert await kept(alpha, "job") == {"queued"}


async def test_a_job_that_a_table_names_stays_however_old(alpha: Database, keeper: Keeper) -> None:
    await given(alpha, "job", ("named", timedelta(days=400)), ("unnamed", timedelta(days=400)))

    await keeper(jobs="SELECT id FROM job WHERE kind = 'named' UNION ALL SELECT NULL").sweep()

    assert await kept(alpha, "job") == {"named"}


async def test_an_event_that_is_still_parked_stays_however_old(alpha: Database, keeper: Keeper) -> None:
    await given(alpha, "dead_letter", ("parked", timedelta(days=400)), ("dropped", timedelta(days=400)))
    await change(alpha, "UPDATE dead_letter SET state = topic")

    await keeper().sweep()

    assert await kept(alpha, "dead_letter") == {"parked"}


async def test_while_another_replica_lets_go_this_one_does_nothing(sample: SampleServices, alpha: Database, keeper: Keeper) -> None:
    await given(alpha, "inbox", ("over", timedelta(days=400)))

    async with sample.database("alpha").unit_of_work() as session:
        await session.execute(text("SELECT pg_advisory_xact_lock(hashtextextended('retention alpha', 0))"))
        swept = await keeper().sweep()

    assert not any(swept.values())
    assert await kept(alpha, "inbox") == {"over"}


def test_the_inbox_remembers_a_fact_longer_than_any_topic_can_give_it_again() -> None:
    longest = max(timedelta(days=topic.retention_days) for topic in TOPICS if topic.retention_days is not None)

    assert longest <= retention.LONGEST_FACTS
    assert longest + retention.BROKERS_OPEN_SEGMENT < retention.APPLIED_FACTS
    assert retention.APPLIED_FACTS > retention.PUBLISHED_EVENTS  # after a restore the outbox tells facts again


def test_an_idempotent_answer_is_kept_for_longer_than_is_promised() -> None:
    assert timedelta(hours=24) <= retention.IDEMPOTENT_ANSWERS


# The log of events


@pytest_asyncio.fixture
async def old_log(sample: SampleServices, sample_addresses: tuple[URL, dict[str, URL]]) -> AsyncIterator[Database]:
    """A topic of facts and one of states, each with four events of 31 days ago; `beta` reads both and has read nothing yet."""
    from baseyear.provisioning import connect

    owner = sample.database("alpha")
    for topic in (TOPIC, OTHER_TOPIC):
        await record(owner, *(("k", str(number)) for number in range(4)), topic=topic)
    await sample.relay(owner).drain()
    admin = await connect(sample_addresses[0])
    await admin.execute("UPDATE bus.log SET appended_at = clock_timestamp() - interval '31 days'")
    await admin.execute("INSERT INTO bus.topic VALUES ($1, 30), ($2, NULL) ON CONFLICT DO NOTHING", TOPIC, OTHER_TOPIC)
    yield owner
    await admin.execute("DELETE FROM bus.topic WHERE name = ANY($1)", [TOPIC, OTHER_TOPIC])
    await admin.close()


async def log_of(database: Database, topic: str) -> list[int]:
    async with database.unit_of_work() as session:
        return list(await session.scalars(text("SELECT position FROM bus.log WHERE topic = :topic ORDER BY position"), {"topic": topic}))


async def test_facts_that_everybody_read_go_and_states_stay_for_ever(sample: SampleServices, old_log: Database, beta: Database) -> None:
    await sample.consumer(beta, Subscription(TOPIC, "fact", note), Subscription(OTHER_TOPIC, "state", note)).consume()

    assert await sample.bus(old_log).expire() == 3

    assert await log_of(beta, TOPIC) == [4]  # the last one stays, so that the next is numbered after it
    assert await log_of(beta, OTHER_TOPIC) == [1, 2, 3, 4]


async def test_a_fact_that_somebody_has_yet_to_read_stays_however_old(sample: SampleServices, old_log: Database, beta: Database) -> None:
    slow, quick = sample.bus(beta), sample.consumer(sample.database("alpha"), Subscription(TOPIC, "fact", note))
    await quick.consume()
    await slow.commit("beta", (await slow.fetch("beta", [TOPIC], 2)))

    await sample.bus(old_log).expire()

    assert await log_of(beta, TOPIC) == [3, 4]


async def test_after_facts_went_the_next_one_is_read(sample: SampleServices, old_log: Database, beta: Database) -> None:
    consumer = sample.consumer(beta, Subscription(TOPIC, "fact", note))
    await consumer.consume()
    await sample.bus(old_log).expire()

    await record(old_log, ("k", "next"))
    await sample.relay(old_log).drain()
    await consumer.consume()

    assert (await notes(beta))[-1] == "next"
    assert await log_of(beta, TOPIC) == [4, 5]


async def test_a_fact_is_kept_for_the_time_of_its_topic(sample: SampleServices, old_log: Database, beta: Database) -> None:
    await sample.consumer(beta, Subscription(TOPIC, "fact", note)).consume()
    await record(old_log, ("k", "young"), ("k", "younger"))
    await sample.relay(old_log).drain()
    await sample.consumer(beta, Subscription(TOPIC, "fact", note)).consume()

    await sample.bus(old_log).expire()

    assert await log_of(beta, TOPIC) == [5, 6]


# Files


def age(path: Path, by: timedelta) -> None:
    then = time.time() - by.total_seconds()
    os.utime(path, (then, then))


async def test_a_file_that_nothing_names_goes_when_its_time_is_over(keeper: Keeper, tmp_path: Path) -> None:
    files = Files(tmp_path)
    named, unnamed, young = [await files.put(content) for content in (b"named", b"unnamed", b"young")]
    for sha256 in (named, unnamed):
        age(files.path(sha256), retention.UNNAMED_FILES + ALREADY)
    age(files.path(young), retention.UNNAMED_FILES + NOT_YET)

    assert (await keeper(files=f"SELECT '{named}'").sweep())["files"] == 1

    assert [files.path(sha256).exists() for sha256 in (named, unnamed, young)] == [True, False, True]


async def test_keeping_content_again_makes_it_young(keeper: Keeper, tmp_path: Path) -> None:
    files = Files(tmp_path)
    sha256 = await files.put(b"twice")
    age(files.path(sha256), timedelta(days=400))
    await files.put(b"twice")

    await keeper().sweep()

    assert files.path(sha256).read_bytes() == b"twice"


async def test_a_file_that_is_kept_again_while_it_is_being_removed_stays(tmp_path: Path) -> None:
    files = Files(tmp_path)
    sha256 = await files.put(b"contested")
    age(files.path(sha256), timedelta(days=400))
    week_ago = time.time() - 7 * 86_400
    (untouched,) = files.untouched_since(week_ago)
    await files.put(b"contested")

    assert files.remove_untouched([untouched], week_ago) == 0

    assert files.path(sha256).read_bytes() == b"contested"


async def test_what_a_killed_process_left_half_written_goes_and_what_it_had_put_aside_comes_back(keeper: Keeper, tmp_path: Path) -> None:
    files = Files(tmp_path)
    named = await files.put(b"named")
    aside = files.path(named).rename(files.path(named).with_name(f"{named}.aside"))
    half = aside.with_name(f"{uuid4()}.partial")
    half.write_bytes(b"ha")
    age(half, timedelta(days=400))

    await keeper(files=f"SELECT '{named}'").sweep()

    assert files.path(named).read_bytes() == b"named"
    assert not half.exists()
