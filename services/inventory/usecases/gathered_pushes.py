"""Gathering single pushes: records that arrive while others are being committed share the next transaction.

A commit costs the same for one record as for thirty. Nobody waits for company: an idle service takes a record at once. Each record
keeps its own outcome, and is answered after its transaction has committed; a transaction that fails is tried record by record, so
that nobody suffers from another's record. An outage is nobody's record's fault: all are told of it at once.

The events of a record that is alone carry the trace of its request. Those of a shared transaction tell what several requests did
together, a cell's new sum say, so none of these is their cause: they carry a trace of their own, and a log line of that trace names
the others. That is kept in the log and not in the events, because it is needed only by who looks into a single case.
"""

import asyncio
from collections import deque
from dataclasses import dataclass, field

import structlog

from kernel.auth import Principal
from kernel.database import Database
from kernel.postgres import is_outage
from kernel.telemetry import current_traceparent
from kernel.traces import caused_by
from services.inventory.domain.activity_records import ActivityRecord
from services.inventory.store.bindings import BindingCache
from services.inventory.usecases.push_activities import Pushed, push_activities

log = structlog.get_logger()

MOST_TOGETHER = 100
AT_ONCE = 2  # while one transaction waits for the disk, the next is prepared


@dataclass(slots=True)
class _Waiting:
    actor: Principal
    record: ActivityRecord
    traceparent: str | None = field(default_factory=current_traceparent)
    answer: asyncio.Future[tuple[Pushed, int]] = field(default_factory=lambda: asyncio.get_running_loop().create_future())


class GatheredPushes:
    """Takes single records of many requests into few transactions."""

    def __init__(self, database: Database, cache: BindingCache) -> None:
        self._database = database
        self._cache = cache
        self._waiting: deque[_Waiting] = deque()
        self._workers: set[asyncio.Task[None]] = set()

    async def push(self, actor: Principal, record: ActivityRecord) -> tuple[Pushed, int]:
        """Take in one record; returns what was pushed together with it, and its place therein."""
        waiting = _Waiting(actor, record)
        self._waiting.append(waiting)
        if len(self._workers) < AT_ONCE:
            worker = asyncio.create_task(self._work())
            self._workers.add(worker)
            worker.add_done_callback(self._workers.discard)
        return await waiting.answer

    async def _work(self) -> None:
        while self._waiting:
            await self._push_in_trace(self._take())

    def _take(self) -> list[_Waiting]:
        """The longest waiting record and those of the same client after it; a key that is there already waits for its turn."""
        first = self._waiting[0].actor
        taken: list[_Waiting] = []
        keys: set[tuple[str, str]] = set()
        left: deque[_Waiting] = deque()
        for waiting in self._waiting:
            if waiting.actor == first and waiting.record.key not in keys and len(taken) < MOST_TOGETHER:
                taken.append(waiting)
                keys.add(waiting.record.key)
            else:
                left.append(waiting)
        self._waiting = left
        return taken

    async def _push_in_trace(self, together: list[_Waiting]) -> None:
        traces = [waiting.traceparent for waiting in together]
        with caused_by(traces, self._database.schema, "push together"):
            if len(together) > 1:
                log.info("pushed_together", traces=traces)
            await self._push(together)

    async def _push(self, together: list[_Waiting]) -> None:
        actor = together[0].actor

        async def attempt() -> Pushed:
            async with self._database.unit_of_work(actor.client_id) as session:
                return await push_activities(session, actor, [waiting.record for waiting in together], self._cache)

        try:
            pushed = await self._database.retried(attempt)
        except Exception as error:
            if len(together) > 1 and not is_outage(error):
                for waiting in together:
                    await self._push_in_trace([waiting])
                return
            for waiting in together:
                if not waiting.answer.done():
                    waiting.answer.set_exception(error)
            return
        for place, waiting in enumerate(together):
            if not waiting.answer.done():  # its request may have been given up meanwhile
                waiting.answer.set_result((pushed, place))
