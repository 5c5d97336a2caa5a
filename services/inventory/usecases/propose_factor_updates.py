"""Proposing factor updates: what the catalogue answers otherwise than combinations are bound is put up for decision, never taken over."""

import asyncio
from collections.abc import Sequence
from uuid import UUID

from contracts.factor_questions import Resolution
from kernel import jobs
from kernel.database import Database
from kernel.jobs import Job, Later
from services.inventory.domain.bindings import Combination
from services.inventory.domain.factor_updates import Change, change_of, reconcile
from services.inventory.store import bindings, factor_updates
from services.inventory.store.bindings import Kept
from services.inventory.usecases.ask_for_factors import LARGEST_QUESTION, FactorQuestions

PROPOSE_UPDATES = "propose_factor_updates"

# A pack brings its factors as thousands of events, which this has read to the end before it asks. It is also longer than an answer may
# take (kernel/questions.py), so that one which was given before the catalogue changed has been kept and is looked at.
QUIET_SECONDS = 3.0
ASK_AGAIN_SECONDS = 2.0


class FactorProposals:
    """The job that holds every kept binding against the catalogue."""

    def __init__(self, database: Database, questions: FactorQuestions) -> None:
        self._database = database
        self._questions = questions

    async def propose(self, job: Job) -> dict[str, int]:
        """Ask for all combinations that have a factor once more, and bring the open updates in line with the answers.

        All are asked, whatever was published: what serves a combination may be of another region or data set, and so the open updates
        are the same whichever events came together.
        """
        async with self._database.unit_of_work() as session:
            accepted = await bindings.updates_accepted(session)
        found: dict[Change, Resolution] = {}
        after: UUID | None = None
        while True:
            async with self._database.unit_of_work() as session:
                kept = await bindings.page_of_resolved(session, after, LARGEST_QUESTION)
            if not kept:
                break
            answers = await self._questions.answers([one.combination for one in kept])
            if answers is None:
                raise Later(ASK_AGAIN_SECONDS)
            found |= await asyncio.to_thread(_changes, kept, answers)
            after = kept[-1].id
        return await self._database.retried(lambda: self._keep(job, found, accepted))

    async def _keep(self, job: Job, found: dict[Change, Resolution], accepted: int) -> dict[str, int]:
        async with self._database.unit_of_work() as session:
            await factor_updates.lock_proposals(session)
            if await bindings.updates_accepted(session) != accepted:
                raise Later(0)  # bindings were replaced since they were read
            if await jobs.has_later(session, job):
                return {"proposed": 0, "overtaken": 0}  # which knows more, and may have been faster
            steps = reconcile(found, await factor_updates.proposed(session), await factor_updates.declined_pairs(session))
            answers = {change.binding: answer for change, answer in found.items()}
            for proposal in steps.new:
                await factor_updates.propose(session, proposal, answers)
            await factor_updates.overtake(session, steps.overtaken, None)
            return {"proposed": len(steps.new), "overtaken": len(steps.overtaken)}


def _changes(kept: Sequence[Kept], answers: dict[Combination, Resolution]) -> dict[Change, Resolution]:
    changes = {}
    for one in kept:
        answer = answers[one.combination]
        change = change_of(one.id, one.combination, one.answer, answer)
        if change is not None:
            changes[change] = answer
    return changes
