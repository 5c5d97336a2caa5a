"""Jobs: long work as rows, leased with SKIP LOCKED, so that any replica takes over the work of a dead one.

A lease is an attempt, whether or not its worker lives to tell how it ended: work that kills its process is given up like any other.
"""

import asyncio
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import structlog
from sqlalchemy import text

from kernel.database import Database, Session
from kernel.identifiers import uuid7
from kernel.metrics import JOBS_ENDED, begin_counting
from kernel.telemetry import current_traceparent
from kernel.traces import caused_by

log = structlog.get_logger()

LEASE_SECONDS = 60
POLL_SECONDS = 0.2
ATTEMPTS = 5
OUTCOMES = ("done", "failed", "again", "later")

_DIED = f"The process that worked on it ended before it was done, {ATTEMPTS} times. It may need more memory than there is."

_LEASE = text(
    """
    UPDATE job SET state = 'running', attempts = attempts + 1, run_after = clock_timestamp(),
        leased_until = clock_timestamp() + make_interval(secs => :lease)
    WHERE id = (
        SELECT id FROM job
        WHERE kind = ANY(:kinds) AND run_after <= clock_timestamp()
          AND (state = 'queued' OR (state = 'running' AND leased_until < clock_timestamp()))
        ORDER BY run_after LIMIT 1 FOR UPDATE SKIP LOCKED)
    RETURNING id, kind, payload, attempts, run_after AS leased_at, traceparent
    """
)

_HELD = "id = :id AND state = 'running' AND run_after = :held"  # the lease did not run out and go to another worker

_RENEW = text(f"UPDATE job SET leased_until = clock_timestamp() + make_interval(secs => :lease) WHERE {_HELD}")


@dataclass(frozen=True, slots=True)
class Job:
    """A job that a worker has leased, at an instant by which the lease is known; `traceparent` is of whatever ordered it."""

    id: UUID
    kind: str
    payload: dict[str, Any]
    attempts: int
    leased_at: datetime
    traceparent: str | None


class Later(Exception):
    """The job has done what it can for now, and goes on after some seconds, without limit; its attempts begin anew."""

    def __init__(self, seconds: float) -> None:
        super().__init__(f"again in {seconds} s")
        self.seconds = seconds


class GaveUp(Exception):
    """The job has failed for good; the message says why in words for whoever ordered it."""


class LeaseLost(Exception):
    """The lease ran out and another worker has the job; what this one has done since must not be committed."""


Work = Callable[[Job], Awaitable[dict[str, Any]]]


async def enqueue(session: Session, kind: str, payload: dict[str, Any]) -> UUID:
    """Have a job done after the session's transaction has committed; returns its id."""
    job_id = uuid7()
    await session.execute(
        text("INSERT INTO job (id, kind, payload, traceparent) VALUES (:id, :kind, cast(:payload AS jsonb), :traceparent)"),
        {"id": job_id, "kind": kind, "payload": json.dumps(payload), "traceparent": current_traceparent()},
    )
    return job_id


async def enqueue_when_quiet(session: Session, kind: str, seconds: float) -> None:
    """Have one job of a kind done once nobody has asked for it for so many seconds; what asks while it runs has another one done."""
    waiting = await session.execute(
        text(
            "UPDATE job SET run_after = clock_timestamp() + make_interval(secs => :seconds)"
            " WHERE kind = :kind AND state = 'queued' RETURNING true"
        ),
        {"kind": kind, "seconds": seconds},
    )
    if not waiting.all():
        await session.execute(
            text(
                "INSERT INTO job (id, kind, payload, traceparent, run_after)"
                " VALUES (:id, :kind, '{}', :traceparent, clock_timestamp() + make_interval(secs => :seconds))"
            ),
            {"id": uuid7(), "kind": kind, "traceparent": current_traceparent(), "seconds": seconds},
        )


async def has_later(session: Session, job: Job) -> bool:
    """Whether a job of the same kind was ordered after this one and has not failed."""
    later = "SELECT true FROM job WHERE kind = :kind AND id > :id AND state <> 'failed' LIMIT 1"
    return bool(await session.scalar(text(later), {"kind": job.kind, "id": job.id}))


async def note_progress(session: Session, job: Job, payload: dict[str, Any]) -> None:
    """Let the job go on from `payload`, if the session's transaction commits; raises LeaseLost."""
    going_on = f"UPDATE job SET payload = cast(:payload AS jsonb) WHERE {_HELD} RETURNING true"
    if not await session.scalar(text(going_on), {"payload": json.dumps(payload), "id": job.id, "held": job.leased_at}):
        raise LeaseLost(f"job {job.id} of kind {job.kind} has another worker")


class Worker:
    """Does the jobs of one service, one at a time; work is given the job and returns its result."""

    def __init__(self, database: Database, work: dict[str, Work]) -> None:
        self._database = database
        self._work = work
        begin_counting(JOBS_ENDED, [database.schema], work, OUTCOMES)

    async def run(self) -> None:
        while True:
            try:
                if not await self.step():
                    await asyncio.sleep(POLL_SECONDS)
            except Exception as error:  # an outage; the lease runs out and the job is taken up again
                log.warning("worker_waits", service=self._database.schema, error=repr(error))
                await asyncio.sleep(0.5)

    async def step(self) -> bool:
        """Do one job; returns whether there was one."""
        job = await self._lease()
        if job is None:
            return False
        if job.attempts > ATTEMPTS:
            log.error("job_given_up", kind=job.kind, job=str(job.id), reason=_DIED)
            await self._finish(job, "failed", error=_DIED, attempts=ATTEMPTS)
            outcome = "failed"
        else:
            with caused_by([job.traceparent], self._database.schema, f"job {job.kind}", "consumer") as span:
                outcome = await self._attempt(job)
                span.note({"baseyear.outcome": outcome})
        JOBS_ENDED.labels(self._database.schema, job.kind, outcome).inc()
        return True

    async def _attempt(self, job: Job) -> str:
        """Work on a job and write down how it ended; returns that in a word."""
        renewal = asyncio.create_task(self._renew(job))
        try:
            result = await self._work[job.kind](job)
        except Later as later:
            await self._finish(job, "queued", pause=later.seconds, attempts=0)
            return "later"
        except GaveUp as reason:
            await self._finish(job, "failed", error=str(reason))
            return "failed"
        except asyncio.CancelledError:  # the service stops in good order: another replica, or the next start, takes it at once
            await self._finish(job, "queued", attempts=job.attempts - 1)
            raise
        except Exception as error:
            log.error("job_failed", kind=job.kind, job=str(job.id), attempt=job.attempts, exc_info=error)
            last = job.attempts >= ATTEMPTS
            await self._finish(job, "failed" if last else "queued", pause=job.attempts**2, error=repr(error)[:2_000])
            return "failed" if last else "again"
        else:
            await self._finish(job, "done", result=result)
            return "done"
        finally:
            renewal.cancel()

    async def _lease(self) -> Job | None:
        async with self._database.unit_of_work() as session:
            row = (await session.execute(_LEASE, {"kinds": list(self._work), "lease": LEASE_SECONDS})).one_or_none()
        return None if row is None else Job(row.id, row.kind, row.payload, row.attempts, row.leased_at, row.traceparent)

    async def _renew(self, job: Job) -> None:
        while True:
            await asyncio.sleep(LEASE_SECONDS / 3)
            try:
                async with self._database.unit_of_work() as session:
                    await session.execute(_RENEW, {"lease": LEASE_SECONDS, "id": job.id, "held": job.leased_at})
            except Exception as error:  # an outage; the next round comes before the lease is over
                log.warning("lease_not_renewed", kind=job.kind, job=str(job.id), error=repr(error))

    async def _finish(
        self,
        job: Job,
        state: str,
        *,
        pause: float = 0,
        result: dict[str, Any] | None = None,
        error: str | None = None,
        attempts: int | None = None,
    ) -> None:
        """Write down how it ended, unless the lease ran out and another worker has the job."""
        async with self._database.unit_of_work() as session:
            await session.execute(
                text(
                    "UPDATE job SET state = cast(:state AS text), leased_until = NULL, result = cast(:result AS jsonb), error = :error,"
                    " attempts = :attempts, run_after = clock_timestamp() + make_interval(secs => :pause),"
                    " finished_at = CASE WHEN cast(:state AS text) IN ('done', 'failed') THEN clock_timestamp() END"
                    f" WHERE {_HELD}"
                ),
                {
                    "state": state,
                    "result": None if result is None else json.dumps(result),
                    "error": error,
                    "attempts": job.attempts if attempts is None else attempts,
                    "held": job.leased_at,
                    "pause": pause,
                    "id": job.id,
                },
            )
