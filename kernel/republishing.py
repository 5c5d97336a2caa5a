"""Republishing: an owner says its present state again, after a topic was lost or begun anew.

A job per topic takes a page of rows at a time through the outbox, so it can be stopped and taken up anywhere. Versions stay what they
are: whoever has heard of them already takes nothing twice.
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from pydantic import BaseModel

from kernel import jobs, outbox
from kernel.database import Database, Session
from kernel.jobs import Job, Later

REPUBLISH = "republish"
PAGE = 1_000
MOST_WAITING = 10_000  # unpublished events, beyond which the next page waits for the relay
AGAIN_SECONDS = 0.5

Keyed = tuple[str, BaseModel]
ReadPage = Callable[[Session, str | None, int], Awaitable[Sequence[Keyed]]]


@dataclass(frozen=True, slots=True)
class Republication:
    """How the owner of a state topic says it again.

    page  up to so many events with their keys, in the order of these, after the given key or from the first
    """

    topic: str
    page: ReadPage


async def republish(session: Session, topic: str) -> UUID:
    """Have the present state of a topic said again by its owner, whose session this is; returns the job's id."""
    return await jobs.enqueue(session, REPUBLISH, {"topic": topic, "after": None, "told": 0})


class Republisher:
    """Does the republishing jobs of one service."""

    def __init__(self, database: Database, republications: Sequence[Republication]) -> None:
        self._database = database
        self._republications = {each.topic: each for each in republications}

    async def tell_a_page(self, job: Job) -> dict[str, Any]:
        """Record the next page of events; Later until it was the last, so that other jobs have their turn between."""
        topic, after, told = job.payload["topic"], job.payload["after"], job.payload["told"]
        async with self._database.unit_of_work() as session:
            if await outbox.count_waiting(session, MOST_WAITING) >= MOST_WAITING:
                raise Later(AGAIN_SECONDS)
            events = await self._republications[topic].page(session, after, PAGE)
            for key, event in events:
                outbox.record(session, topic, key, event)
            told += len(events)
            if events:
                await jobs.note_progress(session, job, {"topic": topic, "after": events[-1][0], "told": told})
        if len(events) == PAGE:
            raise Later(0)
        return {"topic": topic, "told": told}
