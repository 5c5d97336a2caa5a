"""Counting kept records anew: those whose factor has come, and those whose item code was mapped."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from uuid import UUID

import structlog

from kernel.auth import Principal
from kernel.database import SYSTEM, Database, Session
from kernel.jobs import Job, Later
from kernel.problems import Problem
from services.inventory.domain.activity_records import Accepted, Quarantined, record_from_content
from services.inventory.domain.cells import combinations_of
from services.inventory.domain.judgement import Surroundings, judge
from services.inventory.store import activities, bindings, period_lock
from services.inventory.store.activities import Revision, StoredActivity
from services.inventory.store.activity_lists import counted_contents
from services.inventory.store.bindings import BindingCache
from services.inventory.store.cell_changes import add_to_cells
from services.inventory.store.surroundings import read_surroundings
from services.inventory.usecases.ask_for_factors import FactorQuestions
from services.inventory.usecases.counting import counted_revision, counts_in_closed_period, new_row, taken_out

log = structlog.get_logger()

CHUNK = 500
ASK_AGAIN_SECONDS = 2.0
NOBODY = Principal(client_id=SYSTEM, kind="service", name=SYSTEM, scopes=frozenset())

RELEASE_ITEMS = "release_items"
ASK_AGAIN = "ask_again"


class Recounts:
    """The jobs and the standing task that count kept records anew, a chunk a transaction."""

    def __init__(self, database: Database, questions: FactorQuestions, cache: BindingCache) -> None:
        self._database = database
        self._questions = questions
        self._cache = cache

    async def calculate_waiting(self) -> bool:
        """Calculate records that wait for a factor nobody could be asked for; returns whether any were."""
        async with self._database.unit_of_work() as session:
            waiting = await bindings.combinations_of_waiting(session)
            if not waiting:
                return False
            known = await self._cache.read(session, waiting, await bindings.updates_accepted(session))
        if not await self._questions.ask(combination for combination in waiting if combination not in known):
            return False
        return await self._recalculate("awaiting_factor", None) > 0

    async def ask_again(self, job: Job) -> dict[str, int]:
        """Ask again for activity types of which a factor was published, and calculate what had none before, in open periods."""
        await self._until_pushes_under_way_are_done()
        activity_types: list[str] = job.payload["activity_types"]
        async with self._database.unit_of_work() as session:
            without = await bindings.combinations_without_factor(session, activity_types)
        if without and not await self._questions.ask(without):
            raise Later(ASK_AGAIN_SECONDS)
        return {"recalculated": await self._recalculate("no_factor", activity_types)}

    async def release_items(self, job: Job) -> dict[str, int]:
        """Judge the quarantined records of a mapped item code as if they were pushed now."""
        await self._until_pushes_under_way_are_done()
        actor = NOBODY
        counts: Counter[str] = Counter(released=0, quarantined=0, refused=0)
        after: UUID | None = None
        while True:
            async with self._database.unit_of_work(actor.client_id) as session:
                held = await activities.quarantined(session, job.payload["source_system"], job.payload["code"], after, CHUNK)
            if not held:
                return dict(counts)
            await self._questions.prepare(actor, [record_from_content(one.content) for one in held])
            counts.update(await self._database.retried(lambda held=held: self._release(held)))
            after = held[-1].id

    async def _until_pushes_under_way_are_done(self) -> None:
        """Wait for those that began before the mapping or factor was there: what they keep must not be overlooked."""
        async with self._database.unit_of_work() as session:
            await period_lock.hold(session)

    async def _release(self, held: Sequence[StoredActivity]) -> Counter[str]:
        async with self._database.unit_of_work() as session:
            await period_lock.share(session)
            locked = await activities.lock(session, [one.key for one in held])
            still_held = [one for one in locked.values() if one.quarantine == "unmapped_item"]
            around, _ = await read_surroundings(session, NOBODY, [record_from_content(one.content) for one in still_held])
            counts: Counter[str] = Counter()
            revisions: list[Revision] = []
            for stored in still_held:
                outcome = await self._judge_again(session, stored, around)
                counts[outcome.outcome if isinstance(outcome, Revision) else outcome] += 1
                if isinstance(outcome, Revision):
                    revisions.append(outcome)
            await activities.write(session, revisions)
            changes = [part for one in revisions for part in (*taken_out(locked[one.activity.key]), *one.activity.contributions)]
            await add_to_cells(session, changes)
            return counts

    async def _judge_again(self, session: Session, stored: StoredActivity, around: Surroundings) -> Revision | str:
        judgement = judge(record_from_content(stored.content, stored.source_modified_at), NOBODY, around)
        try:
            if isinstance(judgement, Accepted) and counts_in_closed_period(stored, around):
                judgement = Quarantined(judgement.record, "closed_period", judgement.site, judgement)
            if isinstance(judgement, Accepted):
                found = await self._cache.read(session, combinations_of(judgement), around.updates_accepted)
                return Revision(counted_revision(stored, judgement, found, NOBODY.client_id), "released")
            if isinstance(judgement, Quarantined):
                if judgement.reason == stored.quarantine:
                    return "quarantined"
                return Revision(stored.changed(revision=stored.revision + 1, quarantine=judgement.reason), "quarantined")
            problem = judgement.problem
        except Problem as refusal:
            problem = refusal
        log.warning("not_released", activity=str(stored.id), reason=problem.detail)
        return "refused"

    async def _recalculate(self, state: str, activity_types: list[str] | None) -> int:
        after: UUID | None = None
        recalculated = 0
        while True:
            async with self._database.unit_of_work() as session:
                found = await activities.without_figure(session, state, activity_types, after, CHUNK)
            if not found:
                return recalculated
            recalculated += await self._database.retried(lambda found=found: self._recalculate_chunk(state, found))
            after = found[-1].id

    async def _recalculate_chunk(self, state: str, found: Sequence[StoredActivity]) -> int:
        async with self._database.unit_of_work() as session:
            await period_lock.share(session)
            locked = await activities.lock(session, [one.key for one in found])
            return await self._recalculate_locked(session, [one for one in locked.values() if one.calculation_state == state])

    async def _recalculate_locked(self, session: Session, waiting: Sequence[StoredActivity]) -> int:
        """Give locked records the figures that their bindings have now; content and revision stay.

        A record that waited for an answer gets it in a closed period too; one that had been answered that there is no factor does not.
        """
        contents = await counted_contents(session, waiting)
        waiting = [one for one in waiting if one.id in contents]
        records = [record_from_content(contents[one.id]) for one in waiting]
        around, _ = await read_surroundings(session, NOBODY, records)
        open_around = replace(around, closed=())
        recounted: list[StoredActivity] = []
        changes = []
        for stored, record in zip(waiting, records, strict=True):
            judgement = judge(record, NOBODY, open_around)
            if not isinstance(judgement, Accepted):
                continue
            if stored.calculation_state == "no_factor" and counts_in_closed_period(stored, around):
                continue
            found = await self._cache.read(session, combinations_of(judgement), around.updates_accepted)
            row = new_row(judgement, found, stored.principal)
            if row.calculation_state != stored.calculation_state:
                recounted.append(
                    stored.changed(
                        calculation_state=row.calculation_state,
                        combinations=row.combinations,
                        binding_numbers=row.binding_numbers,
                        contributions=row.contributions,
                    )
                )
                changes += [*taken_out(stored), *row.contributions]
        await activities.overwrite(session, recounted)
        await add_to_cells(session, changes)
        return len(recounted)
