"""Taking in activity records: single or by the thousand, each created, corrected, unchanged, stale, quarantined or refused.

Pushing the same again changes nothing, in whatever order and however many clients do so at once: rows are inserted or locked in key
order first, and only from the locked state come the outcome, the revision and what the cells gain or lose.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal, get_args
from uuid import UUID

from contracts.events import IntakeRecorded
from contracts.topics import INTAKE
from kernel import outbox
from kernel.auth import Principal
from kernel.database import Session
from kernel.problems import Problem, not_found, refused
from services.inventory.domain.activity_records import Accepted, ActivityRecord, Judgement, Refused
from services.inventory.domain.cells import Bindings, Contribution, combinations_of
from services.inventory.domain.judgement import Surroundings, judge
from services.inventory.store import activities, period_lock
from services.inventory.store.activities import Revision, StoredActivity
from services.inventory.store.bindings import BindingCache
from services.inventory.store.cell_changes import add_to_cells
from services.inventory.store.narrowing import visible_sites
from services.inventory.store.surroundings import GwpSets, read_site_names, read_surroundings
from services.inventory.usecases.counting import counts_in_closed_period, new_row, taken_out

OutcomeName = Literal["created", "corrected", "unchanged", "stale", "quarantined", "refused"]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one pushed record: `stored` unless it was refused, `problem` if it was."""

    name: OutcomeName
    stored: StoredActivity | None
    problem: Problem | None = None


@dataclass(frozen=True, slots=True)
class Pushed:
    """The outcomes in the order of the records; under which GWP sets and by which site names they are answered."""

    outcomes: list[Outcome]
    gwp_sets: GwpSets
    site_names: dict[UUID, str]


@dataclass(frozen=True, slots=True)
class _Repeated:
    """A record that says the same as an earlier one of its batch."""

    earlier: int


async def push_activities(session: Session, actor: Principal, records: Sequence[ActivityRecord | Refused], cache: BindingCache) -> Pushed:
    """Count what can be counted, keep what must wait, refuse what is wrong; some of the records were refused when they were read.

    One transaction: records, revisions, cells, and their events commit together or not at all.
    """
    await period_lock.share(session)
    readable = [record for record in records if isinstance(record, ActivityRecord)]
    around, gwp_sets = await read_surroundings(session, actor, readable)
    judgements = _judge_all(records, actor, around)
    accepted = [judgement for judgement in judgements if isinstance(judgement, Accepted)]
    combinations = (combination for one in accepted for combination in combinations_of(one))
    bindings = await cache.read(session, combinations, around.updates_accepted)
    intake = _Intake(actor, around, bindings)
    outcomes = await intake.take_in(session, judgements)
    await add_to_cells(session, intake.contributions)
    _tell(session, actor, outcomes, records)
    names = {site.id: site.external_id for site in around.sites.values()}
    elsewhere = {outcome.stored.site_id for outcome in outcomes if outcome.stored and outcome.stored.site_id} - names.keys()
    if elsewhere:
        names |= await read_site_names(session, elsewhere)
    return Pushed(outcomes, gwp_sets, names)


def _judge_all(records: Sequence[ActivityRecord | Refused], actor: Principal, around: Surroundings) -> list[Judgement | _Repeated]:
    first: dict[tuple[str, str], tuple[int, bytes]] = {}
    judgements: list[Judgement | _Repeated] = []
    for place, record in enumerate(records):
        if isinstance(record, Refused):
            judgements.append(record)
            continue
        fingerprint = record.fingerprint()
        earlier, said = first.setdefault(record.key, (place, fingerprint))
        if earlier == place:
            judgements.append(judge(record, actor, around))
        else:
            judgements.append(_Repeated(earlier) if said == fingerprint else Refused(_duplicate(record), record.source_system))
    return judgements


def _duplicate(record: ActivityRecord) -> Problem:
    return refused(
        "/external_id",
        "duplicate_in_batch",
        f"{record.external_id!r:.120} stands in this batch before, with other content.",
        "Send each record once; the later correction in a later batch.",
    )


class _Intake:
    """One batch on its way into the database; collects what the cells gain and lose."""

    def __init__(self, actor: Principal, around: Surroundings, bindings: Bindings) -> None:
        self.contributions: list[Contribution] = []
        self._actor = actor
        self._around = around
        self._bindings = bindings
        self._revisions: list[Revision] = []
        self._touched: list[StoredActivity] = []

    async def take_in(self, session: Session, judgements: Sequence[Judgement | _Repeated]) -> list[Outcome]:
        fresh = [None if isinstance(judgement, _Repeated) else self._fresh(judgement) for judgement in judgements]
        new = [one for one in fresh if isinstance(one, StoredActivity)]
        inserted = await activities.insert_new(session, new) if new else set()
        existing = [one.key for one in new if one.id not in inserted]
        locked = await activities.lock(session, existing) if existing else {}
        seen = await visible_sites(session, self._actor, (stored.site_id for stored in locked.values()))
        outcomes: list[Outcome] = []
        for judgement, row in zip(judgements, fresh, strict=True):
            if isinstance(judgement, _Repeated):
                outcomes.append(_repeated(outcomes[judgement.earlier]))
            elif not isinstance(row, StoredActivity):
                outcomes.append(Outcome("refused", None, row))
            elif row.id in inserted:
                self.contributions += row.contributions
                outcomes.append(Outcome("quarantined" if row.quarantine else "created", row))
            elif seen is not None and locked[row.key].site_id not in seen:
                outcomes.append(Outcome("refused", None, not_found("activity record with this key")))
            else:
                outcomes.append(self._against_stored(judgement, row, locked[row.key]))
        await activities.write(session, self._revisions)
        await activities.overwrite(session, self._touched)
        return outcomes

    def _fresh(self, judgement: Judgement) -> StoredActivity | Problem:
        """The row that the record would be if it were new, or why it is refused."""
        if isinstance(judgement, Refused):
            return judgement.problem
        try:
            return new_row(judgement, self._bindings, self._actor.client_id)
        except Problem as problem:
            return problem

    def _against_stored(self, judgement: Judgement, fresh: StoredActivity, stored: StoredActivity) -> Outcome:
        """What a push means for a record that exists and is locked."""
        if fresh.source_modified_at and stored.source_modified_at and fresh.source_modified_at < stored.source_modified_at:
            return Outcome("stale", stored)
        if isinstance(judgement, Accepted) and counts_in_closed_period(stored, self._around):
            fresh = fresh.changed(quarantine="closed_period")
        if fresh.fingerprint == stored.fingerprint:
            if stored.quarantine is None:
                return Outcome("unchanged", self._touch(stored, fresh))
            if fresh.quarantine is not None:
                return Outcome("quarantined", self._touch(stored, fresh))
        revision = stored.revision + 1
        if fresh.quarantine is None:
            corrected = fresh.changed(id=stored.id, revision=revision, counted_revision=revision)
        else:
            corrected = _quarantined_revision(stored, fresh)
        if corrected.contributions != stored.contributions:
            self.contributions += [*taken_out(stored), *corrected.contributions]
        outcome: OutcomeName = "quarantined" if corrected.quarantine else "corrected"
        self._revisions.append(Revision(corrected, outcome))
        return Outcome(outcome, corrected)

    def _touch(self, stored: StoredActivity, fresh: StoredActivity) -> StoredActivity:
        """The stored record with the time at which its source last said the same."""
        if fresh.source_modified_at in (None, stored.source_modified_at):
            return stored
        touched = stored.changed(source_modified_at=fresh.source_modified_at)
        self._touched.append(touched)
        return touched


def _repeated(earlier: Outcome) -> Outcome:
    """The outcome of a record that the batch holds before, word for word: as if it were pushed again."""
    return Outcome("unchanged", earlier.stored) if earlier.name in ("created", "corrected") else earlier


def _quarantined_revision(stored: StoredActivity, fresh: StoredActivity) -> StoredActivity:
    """The stored record with the pushed content in quarantine; what it counted before keeps counting."""
    revision = stored.revision + 1
    if stored.counted_revision is None:
        return fresh.changed(id=stored.id, revision=revision, counted_revision=None)
    return stored.changed(
        revision=revision,
        fingerprint=fresh.fingerprint,
        source_modified_at=fresh.source_modified_at,
        quarantine=fresh.quarantine,
        content=fresh.content,
        item_code=fresh.item_code,
        principal=fresh.principal,
    )


def _tell(session: Session, actor: Principal, outcomes: Sequence[Outcome], records: Sequence[ActivityRecord | Refused]) -> None:
    """One intake event per source system with the counts by outcome."""
    counts: dict[str, Counter[str]] = {}
    for outcome, record in zip(outcomes, records, strict=True):
        counts.setdefault(record.source_system, Counter())[outcome.name] += 1
    for source_system, by_outcome in counts.items():
        event = IntakeRecorded(
            source_system=source_system,
            recorded_at=datetime.now(UTC),
            principal=actor.client_id,
            **{name: by_outcome[name] for name in get_args(OutcomeName)},
        )
        outbox.record(session, INTAKE.name, source_system, event)
