"""Counting records anew whose bindings were replaced: a chunk a transaction, in open periods only."""

from collections.abc import Sequence
from uuid import UUID

from kernel.auth import Principal
from kernel.database import SYSTEM, Database, Session
from kernel.jobs import Job
from services.inventory.store import activities, affected_activities, period_lock
from services.inventory.store.activities import StoredActivity
from services.inventory.store.activity_lists import counted_contents
from services.inventory.store.bindings import BindingCache
from services.inventory.store.cell_changes import add_to_cells
from services.inventory.store.surroundings import read_surroundings
from services.inventory.usecases.counting import counts_in_closed_period, recounted, taken_out

LOOKED_UP = 20_000  # finding them looks at many records, so it is done for many chunks at once
CHUNK = 500
NOBODY = Principal(client_id=SYSTEM, kind="service", name=SYSTEM, scopes=frozenset())

RECOUNT_REPLACED = "recount_replaced_bindings"


class ReplacedBindings:
    """The job that brings records after their bindings; which they are stands in their rows, so it goes on wherever it was ended."""

    def __init__(self, database: Database, cache: BindingCache) -> None:
        self._database = database
        self._cache = cache

    async def recount(self, job: Job) -> dict[str, int]:
        """Give records of open periods the figures of the bindings that took the place of theirs; content and revision stay."""
        activity_types: list[str] = job.payload["activity_types"]
        after: UUID | None = None
        counted = 0
        while True:
            async with self._database.unit_of_work() as session:
                found = await affected_activities.behind(session, activity_types, after, LOOKED_UP)
            if not found:
                return {"recounted": counted}
            for begin in range(0, len(found), CHUNK):
                keys = [key for _, key in found[begin : begin + CHUNK]]
                counted += await self._database.retried(lambda keys=keys: self._recount_chunk(keys))
            after, _ = found[-1]

    async def _recount_chunk(self, keys: Sequence[tuple[str, str]]) -> int:
        async with self._database.unit_of_work() as session:
            await period_lock.share(session)
            locked = await activities.lock(session, keys)
            return await self._recount_locked(session, list(locked.values()))

    async def _recount_locked(self, session: Session, locked: Sequence[StoredActivity]) -> int:
        around, _ = await read_surroundings(session, NOBODY, [])
        counting = [stored for stored in locked if stored.calculation_state == "calculated" and not counts_in_closed_period(stored, around)]
        contents = await counted_contents(session, counting)
        combinations = {combination for stored in counting for combination in stored.combinations}
        bindings = await self._cache.read(session, combinations, around.updates_accepted)
        changed = []
        for stored in counting:
            if stored.id in contents:  # a voided one counts nothing
                row = recounted(stored, contents[stored.id].get("item_code"), bindings)
                if row != stored:
                    changed.append((stored, row))
        await activities.overwrite(session, [row for _, row in changed])
        await add_to_cells(session, [part for stored, row in changed for part in (*taken_out(stored), *row.contributions)])
        return len(changed)
