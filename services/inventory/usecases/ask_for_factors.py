"""Asking the factors service for combinations that were never asked, before the transaction that counts records opens."""

from collections.abc import Iterable, Sequence

import structlog

from contracts.factor_questions import Resolution, ResolutionAnswer, ResolutionItem, ResolutionQuestion
from kernel.auth import Principal
from kernel.database import Database
from kernel.questions import Questions, Silence
from services.inventory.domain.activity_records import Accepted, ActivityRecord, Refused
from services.inventory.domain.bindings import Combination
from services.inventory.domain.cells import combinations_of
from services.inventory.domain.judgement import judge
from services.inventory.store import bindings
from services.inventory.store.bindings import BindingCache
from services.inventory.store.surroundings import read_surroundings

log = structlog.get_logger()

LARGEST_QUESTION = 1_000


class FactorQuestions:
    """Sees to it that the factors of a push are known, as far as the factors service answers.

    If it is silent, known combinations go on and records of new ones are kept as `awaiting_factor`.
    """

    def __init__(self, database: Database, factors: Questions, cache: BindingCache) -> None:
        self._database = database
        self._factors = factors
        self._cache = cache
        self._met: set[tuple[object, ...]] = set()

    async def prepare(self, actor: Principal, records: Sequence[ActivityRecord | Refused]) -> None:
        """Ask for what these records need and nobody asked yet; a push like one before costs nothing here."""
        new = {_likeness(record): record for record in records if isinstance(record, ActivityRecord)}
        new = {likeness: record for likeness, record in new.items() if likeness not in self._met}
        if not new:
            return
        async with self._database.unit_of_work(actor.client_id) as session:
            around, _ = await read_surroundings(session, actor, new.values())
            accepted = {likeness: judge(record, actor, around) for likeness, record in new.items()}
            needed = {likeness: combinations_of(one) for likeness, one in accepted.items() if isinstance(one, Accepted)}
            every = [combination for combinations in needed.values() for combination in combinations]
            known = await self._cache.read(session, every, around.updates_accepted)
        await self.ask(combination for combination in every if combination not in known)
        self._met.update(likeness for likeness, combinations in needed.items() if all(map(self._cache.knows, combinations)))

    async def ask(self, combinations: Iterable[Combination]) -> bool:
        """Ask and keep the answers; returns whether the factors service answered."""
        wanted = sorted(set(combinations))
        for begin in range(0, len(wanted), LARGEST_QUESTION):
            asked = wanted[begin : begin + LARGEST_QUESTION]
            answers = await self.answers(asked)
            if answers is None:
                return False
            async with self._database.unit_of_work() as session:
                await bindings.keep(session, answers)
            async with self._database.unit_of_work() as session:  # only what is committed may be remembered
                await self._cache.read(session, asked, await bindings.updates_accepted(session))
        return True

    async def answers(self, combinations: Sequence[Combination]) -> dict[Combination, Resolution] | None:
        """What the factors service answers to at most LARGEST_QUESTION combinations now; None if it is silent. Nothing is kept."""
        question = ResolutionQuestion(items=[_item(combination) for combination in combinations])
        try:
            document = await self._factors.ask("POST", "/v1/factor-resolutions", json=question.model_dump(mode="json"))
        except Silence as silence:
            log.warning("factors_silent", reason=str(silence))
            return None
        answers = ResolutionAnswer.model_validate(document).items
        return dict(zip(combinations, answers, strict=True))


def _item(combination: Combination) -> ResolutionItem:
    return ResolutionItem(
        activity_type=combination.activity_type,
        region=combination.region,
        date=f"{combination.year}-01-01",  # type: ignore[arg-type]  # pydantic reads the day
        unit=combination.unit,
        method="location_based" if combination.method == "location_based" else None,
        stage=combination.stage or None,  # type: ignore[arg-type]  # pydantic refuses what is none
    )


def _likeness(record: ActivityRecord) -> tuple[object, ...]:
    """Records that agree in these need the same factors, as long as the master data stays; if it moves, a record waits."""
    activity = (record.activity_type, record.item_code, record.unit, record.category)
    return record.source_system, record.site_external_id, *activity, record.years
