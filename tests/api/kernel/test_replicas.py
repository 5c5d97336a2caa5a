"""Replicas of one service as processes on one log: every fact is applied once, in order per key, whichever of them dies."""

import asyncio
import random
import sys
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest_asyncio

from kernel.database import Database
from tests.api.kernel.ground import SampleServices, eventually, notes, record, scalar

Start = Callable[[float], Awaitable[asyncio.subprocess.Process]]
KEYS = [f"k{number}" for number in range(5)]


@pytest_asyncio.fixture
async def start(sample: SampleServices) -> AsyncIterator[Start]:
    """Starts a consumer of `beta`, which needs so many seconds for an event; all are killed at the end."""
    started: list[asyncio.subprocess.Process] = []

    async def one_more(seconds: float) -> asyncio.subprocess.Process:
        address = sample.addresses["beta"].render_as_string(hide_password=False)
        arguments = (sys.executable, "-m", "tests.api.kernel.consuming", address, str(seconds))
        process = await asyncio.create_subprocess_exec(*arguments, stdout=asyncio.subprocess.PIPE)
        started.append(process)
        assert process.stdout is not None
        assert await process.stdout.readline() == b"ready\n"
        return process

    yield one_more
    for process in started:
        if process.returncode is None:
            process.kill()
        await process.wait()


async def published(sample: SampleServices, owner: Database, numbers: range) -> None:
    await record(owner, *[(KEYS[number % len(KEYS)], str(number)) for number in numbers])
    await sample.relay(owner).drain()


async def assert_all_applied_once(beta: Database, many: int) -> None:
    async def all_there() -> bool:
        return len(await notes(beta)) >= many

    await eventually(all_there, 60)
    await asyncio.sleep(0.5)  # whatever would come twice has time to
    for place, key in enumerate(KEYS):
        assert await notes(beta, key) == [str(number) for number in range(place, many, len(KEYS))]
    assert await scalar(beta, "SELECT value FROM counter WHERE name = 'events'") == many
    assert await scalar(beta, "SELECT count(*) FROM dead_letter") == 0


async def test_two_processes_apply_every_fact_once_and_in_order(
    sample: SampleServices, alpha: Database, beta: Database, start: Start
) -> None:
    await asyncio.gather(start(0.0005), start(0.0005))
    chance, begin = random.Random(7), 0
    while begin < 400:
        end = min(400, begin + chance.randint(1, 40))
        await published(sample, alpha, range(begin, end))
        await asyncio.sleep(chance.random() * 0.05)
        begin = end

    await assert_all_applied_once(beta, 400)


async def test_what_a_killed_process_had_begun_is_applied_once_by_the_other(
    sample: SampleServices, alpha: Database, beta: Database, start: Start
) -> None:
    dying = await start(0.02)
    await published(sample, alpha, range(200))

    async def under_way() -> bool:
        at_work = (
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND usename = 'beta' AND state LIKE '%transaction%'"
        )
        return await scalar(beta, at_work) > 0

    await eventually(under_way)
    await start(0.0)
    dying.kill()

    await assert_all_applied_once(beta, 200)
