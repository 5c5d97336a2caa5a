"""Jobs: each is done by one worker, and taken over from a worker that died."""

import asyncio
import signal
import sys
from typing import Any

import pytest
from sqlalchemy import text

from kernel import jobs
from kernel.database import Database
from kernel.jobs import Job, Later, Worker
from tests.api.kernel.ground import SampleServices, eventually, scalar


async def enqueued(database: Database, *payloads: dict[str, Any], kind: str = "work") -> None:
    async with database.unit_of_work() as session:
        for payload in payloads:
            await jobs.enqueue(session, kind, payload)


async def state(database: Database) -> tuple[str, int]:
    """State and attempts of the only job."""
    async with database.unit_of_work() as session:
        row = (await session.execute(text("SELECT state, attempts FROM job"))).one()
    return row.state, row.attempts


async def due_now(database: Database) -> None:
    """Let the time pass for which a job waits."""
    async with database.unit_of_work() as session:
        await session.execute(text("UPDATE job SET run_after = clock_timestamp()"))


async def lease_over(database: Database) -> None:
    """Let the time pass for which a worker has a job."""
    async with database.unit_of_work() as session:
        await session.execute(text("UPDATE job SET leased_until = clock_timestamp() - interval '1 second'"))


class Hands:
    """Work that remembers what it did, and does not end before it may."""

    def __init__(self) -> None:
        self.taken: list[Any] = []
        self.may_end = asyncio.Event()
        self.may_end.set()

    async def __call__(self, job: Job) -> dict[str, Any]:
        self.taken.append(job.payload["number"])
        await self.may_end.wait()
        return {"did": job.payload["number"]}


async def test_a_job_is_done_with_its_result(alpha: Database) -> None:
    await enqueued(alpha, {"number": 1})
    hands = Hands()
    worker = Worker(alpha, {"work": hands})

    assert (await worker.step(), await worker.step()) == (True, False)

    assert (hands.taken, await state(alpha)) == ([1], ("done", 1))
    assert await scalar(alpha, "SELECT result FROM job WHERE finished_at IS NOT NULL") == {"did": 1}


async def test_a_job_of_a_transaction_that_rolls_back_is_never_done(alpha: Database) -> None:
    with pytest.raises(ZeroDivisionError):
        async with alpha.unit_of_work() as session:
            await jobs.enqueue(session, "work", {"number": 1})
            raise ZeroDivisionError

    assert not await Worker(alpha, {"work": Hands()}).step()


async def test_two_workers_never_have_the_same_job(sample: SampleServices, alpha: Database) -> None:
    await enqueued(alpha, *({"number": number} for number in range(12)))
    hands = Hands()
    workers = [Worker(sample.database("alpha"), {"work": hands}) for _ in range(3)]

    async def all_of_them(worker: Worker) -> None:
        while await worker.step():
            pass

    await asyncio.gather(*map(all_of_them, workers))

    assert sorted(hands.taken) == list(range(12))


async def test_a_job_that_is_being_done_is_left_alone(sample: SampleServices, alpha: Database) -> None:
    await enqueued(alpha, {"number": 1})
    slow = Hands()
    slow.may_end.clear()
    working = asyncio.create_task(Worker(alpha, {"work": slow}).step())
    await eventually(lambda: _started(slow))

    assert not await Worker(sample.database("alpha"), {"work": Hands()}).step()

    slow.may_end.set()
    await working


async def _started(hands: Hands) -> bool:
    return bool(hands.taken)


async def die_at_work(sample: SampleServices) -> None:
    """Let a worker in a process of its own take the job, which kills that process."""
    address = sample.addresses["alpha"].render_as_string(hide_password=False)
    process = await asyncio.create_subprocess_exec(sys.executable, "-m", "tests.api.kernel.dying_worker", address, "alpha")
    assert await process.wait() == -signal.SIGKILL


async def test_the_job_of_a_worker_that_died_is_taken_over_when_its_lease_is_over(sample: SampleServices, alpha: Database) -> None:
    await enqueued(alpha, {"number": 1})
    await die_at_work(sample)
    successor = Worker(alpha, {"work": Hands()})
    assert not await successor.step()

    await lease_over(alpha)

    assert await successor.step()
    assert await state(alpha) == ("done", 2)


async def test_a_job_that_kills_every_worker_is_given_up_and_says_so(
    sample: SampleServices, alpha: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jobs, "ATTEMPTS", 2)
    await enqueued(alpha, {"number": 1})
    for _ in range(2):
        await die_at_work(sample)
        await lease_over(alpha)
    hands = Hands()
    survivor = Worker(alpha, {"work": hands})

    while await survivor.step():
        pass

    assert (hands.taken, await state(alpha)) == ([], ("failed", 2))
    assert "ended before it was done" in await scalar(alpha, "SELECT error FROM job WHERE finished_at IS NOT NULL")


async def test_the_job_of_a_worker_that_stops_in_good_order_is_taken_over_at_once(sample: SampleServices, alpha: Database) -> None:
    await enqueued(alpha, {"number": 1})
    stopping = Hands()
    stopping.may_end.clear()
    working = asyncio.create_task(Worker(alpha, {"work": stopping}).step())
    await eventually(lambda: _started(stopping))
    working.cancel()
    await asyncio.gather(working, return_exceptions=True)

    assert await Worker(sample.database("alpha"), {"work": Hands()}).step()
    assert await state(alpha) == ("done", 1)


async def test_a_worker_that_lost_its_job_does_not_keep_it_from_others_any_more(
    sample: SampleServices, alpha: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jobs, "LEASE_SECONDS", 0.3)
    await enqueued(alpha, {"number": 1})
    stalled = Hands()
    stalled.may_end.clear()
    working = asyncio.create_task(Worker(alpha, {"work": stalled}).step())
    await eventually(lambda: _started(stalled))
    async with alpha.unit_of_work() as session:  # as if the lease had run out and a worker that died since had taken the job
        await session.execute(text("UPDATE job SET run_after = clock_timestamp(), leased_until = clock_timestamp()"))
    await asyncio.sleep(0.3)

    assert await Worker(sample.database("alpha"), {"work": Hands()}).step()

    stalled.may_end.set()
    await working


@pytest.mark.parametrize("late_ending", ["succeeds", "fails", "asks for more time"])
async def test_a_worker_that_lost_its_job_to_another_does_not_change_what_that_one_did(
    sample: SampleServices, alpha: Database, late_ending: str
) -> None:
    await enqueued(alpha, {"number": 1})
    started, may_end = asyncio.Event(), asyncio.Event()

    async def stalled(job: Job) -> dict[str, Any]:
        started.set()
        await may_end.wait()
        if late_ending == "fails":
            raise ValueError("too late")
        if late_ending == "asks for more time":
            raise Later(0)
        return {"did": "late"}

    working = asyncio.create_task(Worker(alpha, {"work": stalled}).step())
    await started.wait()
    await lease_over(alpha)
    await Worker(sample.database("alpha"), {"work": Hands()}).step()
    may_end.set()
    await working

    assert await state(alpha) == ("done", 2)
    assert await scalar(alpha, "SELECT result FROM job") == {"did": 1}


async def test_a_job_whose_lease_is_renewed_is_not_taken_over(alpha: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jobs, "LEASE_SECONDS", 0.3)
    await enqueued(alpha, {"number": 1})
    slow = Hands()
    slow.may_end.clear()
    working = asyncio.create_task(Worker(alpha, {"work": slow}).step())
    await eventually(lambda: _started(slow))
    await asyncio.sleep(0.5)

    assert not await Worker(alpha, {"work": Hands()}).step()

    slow.may_end.set()
    await working


async def test_a_job_that_cannot_go_on_now_waits_without_counting_as_an_attempt(alpha: Database) -> None:
    await enqueued(alpha, {"number": 1})

    async def not_yet(job: Job) -> dict[str, Any]:
        raise Later(30)

    worker = Worker(alpha, {"work": not_yet})
    assert await worker.step()

    assert not await worker.step()  # not before the 30 s are over
    assert await state(alpha) == ("queued", 0)
    await due_now(alpha)
    assert await worker.step()


async def test_faults_do_not_add_up_over_the_pages_of_a_long_job(alpha: Database) -> None:
    await enqueued(alpha, {"number": 1})
    steps = 0

    async def a_fault_before_every_page(job: Job) -> dict[str, Any]:
        nonlocal steps
        steps += 1
        if steps % 2:
            raise ValueError("a fault that passes")
        if steps < 20:
            raise Later(0)
        return {"pages": steps // 2}

    worker = Worker(alpha, {"work": a_fault_before_every_page})
    while await worker.step():
        await due_now(alpha)

    assert (await state(alpha), steps) == (("done", 2), 20)


async def test_a_worker_that_lost_its_job_does_not_get_it_back_when_the_attempts_begin_anew(
    sample: SampleServices, alpha: Database
) -> None:
    await enqueued(alpha, {"number": 1})
    stalled, successor = Hands(), Hands()
    stalled.may_end.clear()
    successor.may_end.clear()

    async def a_page(job: Job) -> dict[str, Any]:
        raise Later(0)

    first = asyncio.create_task(Worker(alpha, {"work": stalled}).step())
    await eventually(lambda: _started(stalled))
    await lease_over(alpha)
    assert await Worker(sample.database("alpha"), {"work": a_page}).step()
    third = asyncio.create_task(Worker(sample.database("alpha"), {"work": successor}).step())
    await eventually(lambda: _started(successor))

    stalled.may_end.set()
    await first

    assert await state(alpha) == ("running", 1)
    successor.may_end.set()
    await third


async def test_a_job_that_fails_is_tried_five_times_with_growing_pauses(alpha: Database) -> None:
    await enqueued(alpha, {"number": 1})

    async def fails(job: Job) -> dict[str, Any]:
        raise ValueError("never works")

    worker, pauses = Worker(alpha, {"work": fails}), []
    while await worker.step():
        pauses.append(round(float(await scalar(alpha, "SELECT extract(epoch FROM run_after - clock_timestamp()) FROM job"))))
        await due_now(alpha)

    assert (await state(alpha), pauses) == (("failed", 5), [1, 4, 9, 16, 25])
    assert "never works" in await scalar(alpha, "SELECT error FROM job")


async def test_a_worker_leaves_the_kinds_of_others_alone(alpha: Database) -> None:
    await enqueued(alpha, {"number": 1}, kind="something else")

    assert not await Worker(alpha, {"work": Hands()}).step()


async def test_a_worker_at_work_takes_up_what_is_enqueued(alpha: Database) -> None:
    hands = Hands()
    running = asyncio.create_task(Worker(alpha, {"work": hands}).run())
    await enqueued(alpha, {"number": 1}, {"number": 2})

    async def both_done() -> bool:
        return await scalar(alpha, "SELECT count(*) FROM job WHERE state = 'done'") == 2

    await eventually(both_done)
    running.cancel()
    assert hands.taken == [1, 2]


async def test_a_job_that_gives_up_has_failed_at_once_and_says_why(alpha: Database) -> None:
    async def give_up(job: jobs.Job) -> dict[str, Any]:
        raise jobs.GaveUp("there is nothing to wait for")

    async with alpha.unit_of_work() as session:
        job_id = await jobs.enqueue(session, "hopeless", {})

    assert await Worker(alpha, {"hopeless": give_up}).step()

    async with alpha.unit_of_work() as session:
        row = (await session.execute(text("SELECT state, attempts, error FROM job WHERE id = :id"), {"id": job_id})).one()
    assert tuple(row) == ("failed", 1, "there is nothing to wait for")


async def asked_for(database: Database, seconds: float) -> None:
    async with database.unit_of_work() as session:
        await jobs.enqueue_when_quiet(session, "work", seconds)


async def test_a_job_that_is_asked_for_again_and_again_is_done_once_when_nobody_asks_any_more(alpha: Database) -> None:
    done: list[Job] = []

    async def work(job: Job) -> dict[str, Any]:
        done.append(job)
        return {}

    worker = Worker(alpha, {"work": work})
    for _ in range(5):
        await asked_for(alpha, 60)
        assert not await worker.step(), "somebody has just asked for it"

    await due_now(alpha)

    assert (await worker.step(), await worker.step(), len(done)) == (True, False, 1)


async def test_what_asks_for_a_job_while_it_runs_has_another_one_done_of_which_the_first_can_tell(alpha: Database) -> None:
    later: list[bool] = []

    async def work(job: Job) -> dict[str, Any]:
        if not later:
            await asked_for(alpha, 0)
        async with alpha.unit_of_work() as session:
            later.append(await jobs.has_later(session, job))
        return {}

    await asked_for(alpha, 0)
    worker = Worker(alpha, {"work": work})

    assert (await worker.step(), await worker.step(), await worker.step()) == (True, True, False)
    assert later == [True, False]
