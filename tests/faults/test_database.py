"""PostgreSQL dies, stands still or is stopped while the process serves; the process is started twice, or killed at its first start."""

import asyncio
import random
import signal
from collections import Counter
from contextlib import suppress

import pytest

from tests.faults.books import assert_books_are_right
from tests.faults.conftest import client_of
from tests.faults.group import Plan, plan_of
from tests.faults.pushing import Ehs, set_up_group, until
from tests.faults.served import Served

READ = (
    "/v1/emissions?year=2021&group_by=site",
    "/v1/activities?limit=10",
    "/v1/factors?limit=10",
    "/v1/clients",
    "/v1/entities",
    "/health/ready",
)


async def until_pushed(ehs: Ehs, plan: Plan, part: float) -> None:
    await until(lambda: ehs.answered >= part * len(plan.final))


async def read_on(ehs: Ehs, seen: Counter[int]) -> None:
    """Read from every service, over and over; an answer is what was asked for, or a 503 that says when to come again."""
    while True:
        for path in READ:
            answer = await ehs.attempt("GET", path)
            seen[answer.status_code] += 1
            assert answer.status_code in (200, 503), answer.text
            if answer.status_code == 503:
                assert answer.headers["content-type"] == "application/problem+json", answer.text
                assert "retry-after" in answer.headers, answer.text
        await asyncio.sleep(0.02)


async def test_a_killed_database_is_revived_and_nothing_is_lost_or_doubled(served: Served, ehs: Ehs) -> None:
    plan, process, read = plan_of(5_000, random.Random(3)), served.process, Counter[int]()
    reading = asyncio.create_task(read_on(ehs, read))
    async with asyncio.TaskGroup() as tasks:
        pushing = tasks.create_task(ehs.push(plan))
        for part in (0.05, 0.3, 0.55, 0.8):
            await until_pushed(ehs, plan, part)
            assert served.kill_database()
    reading.cancel()
    with suppress(asyncio.CancelledError):
        await reading

    assert pushing.done()
    assert process is not None
    assert process.poll() is None
    assert ehs.unheard.keys() <= {"503 unavailable"}
    assert read[200] > 0
    await assert_books_are_right(served, ehs, plan)


async def test_while_the_database_stands_still_requests_wait_or_are_told_to_come_again(served: Served, ehs: Ehs) -> None:
    plan = plan_of(3_000, random.Random(4))
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(ehs.push(plan))
        for part in (0.2, 0.6):
            await until_pushed(ehs, plan, part)
            with served.database_stopped():
                await asyncio.sleep(3)

    assert ehs.unheard.keys() <= {"503 unavailable"}
    await assert_books_are_right(served, ehs, plan)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
async def test_a_stop_during_pushes_takes_postgresql_along_and_keeps_what_was_accepted(
    served: Served, ehs: Ehs, number: signal.Signals
) -> None:
    plan = plan_of(2_000, random.Random(5))
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(ehs.push(plan))
        await until_pushed(ehs, plan, 0.4)
        code = await served.stopped_by(number)
        left = served.processes()
        served.start()
        await served.ready()

    assert code in (0, 130), served.log
    assert left == []
    await assert_books_are_right(served, ehs, plan)


@pytest.mark.parametrize("seconds", [0.0, 0.7, 1.2])
async def test_a_stop_while_the_database_is_being_revived_leaves_nothing_running(served: Served, seconds: float) -> None:
    assert served.kill_database()
    await asyncio.sleep(seconds)

    assert await served.stopped_by(signal.SIGTERM) in (0, 130), served.log
    assert served.processes() == []


async def test_a_second_process_in_the_same_folder_is_refused_and_changes_nothing(served: Served, ehs: Ehs) -> None:
    kept = {path: path.read_bytes() for path in served.home.glob("*.json")}
    postmaster = served.postmaster()
    second = served.spawn()
    code = await asyncio.to_thread(second.wait, 60)

    assert code == 1
    assert f"already serves from {served.home} at {served.url}" in served.log
    assert {path: path.read_bytes() for path in served.home.glob("*.json")} == kept
    assert served.postmaster() == postmaster
    assert (await ehs.get("/v1/sites", limit=1))["items"]


async def test_an_initdb_that_outlived_its_process_is_not_in_the_way_of_the_next_start(fresh: Served) -> None:
    fresh.start()
    await until(lambda: any(fresh.home.glob("cluster.partial*/PG_VERSION")))
    with fresh.database_stopped():  # so slow that the next start comes upon it
        left = set(fresh.processes())
        fresh.kill()
        fresh.start()
        await until(lambda: set(fresh.processes()) - left)
        await asyncio.sleep(0.3)

    await fresh.ready()


async def kill_during_the_first_start(served: Served, seed: int, kills: int) -> None:
    chance = random.Random(seed)
    for _ in range(kills):
        served.start()
        await asyncio.sleep(chance.uniform(0.4, 6))
        served.kill()
        if chance.random() < 0.5:
            served.kill_database()
    served.start()
    await served.ready()
    plan = plan_of(300, chance)
    async with client_of(served) as http:
        ehs = Ehs(http, served.operator)
        await set_up_group(ehs)
        await ehs.push(plan)
        await assert_books_are_right(served, ehs, plan)


async def test_after_kills_during_the_very_first_start_the_next_one_succeeds(fresh: Served) -> None:
    await kill_during_the_first_start(fresh, seed=6, kills=5)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(10))
async def test_after_kills_at_many_moments_of_the_very_first_start_the_next_one_succeeds(fresh: Served, seed: int) -> None:
    await kill_during_the_first_start(fresh, seed, kills=4)
