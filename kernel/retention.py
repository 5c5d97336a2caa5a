"""Retention: what has served its purpose is let go, a bounded batch at a time, by one replica of each service.

How long each kind is kept stands here and nowhere else; the facts of a topic are kept as long as `contracts` says.
"""

import asyncio
import time
from dataclasses import dataclass
from datetime import timedelta

import structlog

from kernel.bus import Bus
from kernel.database import Database, Session
from kernel.files import Files
from kernel.postgres import driver

log = structlog.get_logger()

PUBLISHED_EVENTS = timedelta(days=7)  # also how far back facts can be told again when topics begin anew
LONGEST_FACTS = timedelta(days=30)  # in any topic
BROKERS_OPEN_SEGMENT = timedelta(days=7)  # Kafka lets go of whole segments, after they are closed
APPLIED_FACTS = LONGEST_FACTS + BROKERS_OPEN_SEGMENT + timedelta(days=8)  # the inbox outlives whatever could come again
IDEMPOTENT_ANSWERS = timedelta(hours=48)  # 24 are promised
FINISHED_JOBS = timedelta(days=30)
RESOLVED_DEAD_LETTERS = timedelta(days=90)
UNNAMED_FILES = timedelta(days=7)  # a file is written before the row that names it

BATCH = 2_000
FIRST_SECONDS = 60
EVERY_SECONDS = 3_600
PAUSE_SECONDS = 0.05


@dataclass(frozen=True, slots=True)
class Named:
    """What a service's own tables name, and retention therefore leaves alone: queries that give the ids of jobs, the hashes of files."""

    jobs: str = "SELECT NULL::uuid WHERE false"
    files: str = "SELECT NULL::text WHERE false"


NOTHING_NAMED = Named()


@dataclass(frozen=True, slots=True)
class _Rule:
    """Which rows of a table may go; $1 is the age, $2 how many at most."""

    table: str
    age: timedelta
    condition: str


def _rules(named: Named) -> list[_Rule]:
    return [
        # Looks at the oldest rows only, so that an hour without work costs nothing: what follows a young one is younger.
        _Rule(
            "outbox",
            PUBLISHED_EVENTS,
            "id IN (SELECT id FROM (SELECT id, published_at FROM outbox ORDER BY id LIMIT $2) AS oldest"
            " WHERE published_at < clock_timestamp() - $1::interval)",
        ),
        _Rule(
            "inbox",
            APPLIED_FACTS,
            "(consumer, source, event_id) IN (SELECT consumer, source, event_id FROM inbox"
            " WHERE received_at < clock_timestamp() - $1::interval LIMIT $2)",
        ),
        _Rule(
            "idempotent_answer",
            IDEMPOTENT_ANSWERS,
            "(key, principal, route) IN (SELECT key, principal, route FROM idempotent_answer"
            " WHERE answered_at < clock_timestamp() - $1::interval LIMIT $2)",
        ),
        _Rule(
            "job",
            FINISHED_JOBS,
            "id IN (SELECT id FROM job WHERE finished_at < clock_timestamp() - $1::interval"
            f" AND NOT EXISTS (SELECT FROM ({named.jobs}) AS named(job) WHERE named.job = job.id) LIMIT $2)",
        ),
        _Rule(
            "dead_letter",
            RESOLVED_DEAD_LETTERS,
            "id IN (SELECT id FROM dead_letter WHERE state <> 'parked' AND parked_at < clock_timestamp() - $1::interval LIMIT $2)",
        ),
    ]


class Retention:
    """Lets go of what one service keeps no longer."""

    def __init__(self, database: Database, bus: Bus, files: Files, named: Named) -> None:
        self._database = database
        self._bus = bus
        self._files = files
        self._named = named

    async def run(self) -> None:
        await asyncio.sleep(FIRST_SECONDS)
        while True:
            try:
                gone = {kind: number for kind, number in (await self.sweep()).items() if number}
                if gone:
                    log.info("let_go", service=self._database.schema, **gone)
            except Exception as error:  # an outage; the next round comes
                log.warning("retention_waits", service=self._database.schema, error=repr(error))
            await asyncio.sleep(EVERY_SECONDS)

    async def sweep(self) -> dict[str, int]:
        """Let go of everything that is past its time; returns how many of each kind this replica took."""
        gone = {rule.table: await self._rows(rule) for rule in _rules(self._named)}
        return gone | {"facts": await self._bus.expire(), "files": await self._unnamed_files()}

    async def _rows(self, rule: _Rule) -> int:
        gone = 0
        while True:
            async with self._database.unit_of_work() as session:
                if not await self._is_alone(session):
                    return gone
                connection = await driver(session)
                status = await connection.execute(f"DELETE FROM {rule.table} WHERE {rule.condition}", rule.age, BATCH)
            deleted = int(status.removeprefix("DELETE "))
            gone += deleted
            if deleted < BATCH // 2:  # of the oldest rows some may have to stay
                return gone
            await asyncio.sleep(PAUSE_SECONDS)

    async def _unnamed_files(self) -> int:
        before = time.time() - UNNAMED_FILES.total_seconds()
        async with self._database.unit_of_work() as session:
            if not await self._is_alone(session):
                return 0
            untouched = await asyncio.to_thread(self._files.untouched_since, before)
            connection = await driver(session)
            wanted = f"SELECT sha256 FROM ({self._named.files}) AS named(sha256) WHERE sha256 = ANY($1::text[])"
            named = {row["sha256"] for row in await connection.fetch(wanted, untouched)}
            return await asyncio.to_thread(self._files.remove_untouched, [each for each in untouched if each not in named], before)

    async def _is_alone(self, session: Session) -> bool:
        """Of several replicas one lets go at a time; held until the session's transaction ends."""
        connection = await driver(session)
        name = f"retention {self._database.schema}"
        return bool(await connection.fetchval("SELECT pg_try_advisory_xact_lock(hashtextextended($1, 0))", name))
