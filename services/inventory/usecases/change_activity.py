"""Changing single records by hand: void a wrong push, correct a record, let a quarantined one go."""

from collections.abc import Callable
from typing import Literal
from uuid import UUID

from kernel import audit
from kernel.auth import Principal
from kernel.database import Session
from kernel.problems import CONFLICT, Problem, not_found, problem_type
from services.inventory.domain.activity_records import ActivityRecord, Quarantined, Refused, record_from_content
from services.inventory.domain.cells import combinations_of
from services.inventory.domain.judgement import judge
from services.inventory.store import activities, period_lock
from services.inventory.store.activities import Revision, StoredActivity
from services.inventory.store.bindings import BindingCache
from services.inventory.store.cell_changes import add_to_cells
from services.inventory.store.narrowing import visible_sites
from services.inventory.store.surroundings import read_surroundings
from services.inventory.usecases.counting import counted_revision, taken_out

CLOSED_PERIOD = problem_type(
    "closed_period",
    409,
    "The period is closed",
    "An approved inventory contains a day of the record; reopen the inventory, or leave the record as it is.",
)


async def void_activity(session: Session, actor: Principal, activity_id: UUID, reason: str) -> StoredActivity:
    """Undo a wrong push: the record stays, with its history, and counts no more."""
    stored = await _locked(session, actor, activity_id)
    if stored.voided:
        return stored
    await _refuse_closed(session, actor, stored)
    voided = stored.changed(
        revision=stored.revision + 1, counted_revision=None, quarantine=None, voided=True, contributions=(), principal=actor.client_id
    )
    await activities.write(session, [Revision(voided, "voided", reason)])
    await add_to_cells(session, taken_out(stored))
    await audit.record(session, actor, "void_activity", f"activity {activity_id}", before=stored.content, reason=reason)
    return voided


async def correct_activity(
    session: Session,
    actor: Principal,
    activity_id: UUID,
    check: Callable[[StoredActivity], ActivityRecord],
    cache: BindingCache,
) -> tuple[StoredActivity, Literal["corrected", "unchanged"]]:
    """Correct a record by hand; the source's own nightly push of what it pushed last does not undo it. The same content changes nothing.

    check  gives the record as it shall be, from the stored one; raises where the caller's precondition fails
    """
    stored = await _locked(session, actor, activity_id)
    record = check(stored)
    if record.fingerprint() == record_from_content(stored.content).fingerprint():
        return stored, "unchanged"
    await _refuse_closed(session, actor, stored)
    corrected = await _counted(session, actor, stored, record, cache)
    corrected = corrected.changed(fingerprint=stored.fingerprint, source_modified_at=stored.source_modified_at)
    await activities.write(session, [Revision(corrected, "corrected")])
    await add_to_cells(session, [*taken_out(stored), *corrected.contributions])
    await audit.record(session, actor, "correct_activity", f"activity {activity_id}", before=stored.content, after=corrected.content)
    return corrected, "corrected"


async def release_activity(session: Session, actor: Principal, activity_id: UUID, cache: BindingCache) -> StoredActivity:
    """Let a record out of quarantine, if what held it there is gone."""
    stored = await _locked(session, actor, activity_id)
    if stored.quarantine is None:
        raise Problem(CONFLICT, "The record is not in quarantine.")
    if stored.counted_revision is not None:
        await _refuse_closed(session, actor, stored)
    released = await _counted(session, actor, stored, record_from_content(stored.content, stored.source_modified_at), cache)
    await activities.write(session, [Revision(released, "released")])
    await add_to_cells(session, [*taken_out(stored), *released.contributions])
    await audit.record(session, actor, "release_activity", f"activity {activity_id}", after=released.content)
    return released


async def _counted(
    session: Session, actor: Principal, stored: StoredActivity, record: ActivityRecord, cache: BindingCache
) -> StoredActivity:
    around, _ = await read_surroundings(session, actor, [record])
    judgement = judge(record, actor, around)
    if isinstance(judgement, Refused):
        raise judgement.problem
    if isinstance(judgement, Quarantined):
        if judgement.reason == "closed_period":
            raise Problem(CLOSED_PERIOD, "An approved inventory contains a day of the record.")
        raise Problem(CONFLICT, f"The item code {record.item_code!r:.120} is not mapped yet: PUT /v1/source-systems/…/items/… maps it.")
    bindings = await cache.read(session, combinations_of(judgement), around.updates_accepted)
    return counted_revision(stored, judgement, bindings, actor.client_id)


async def _locked(session: Session, actor: Principal, activity_id: UUID) -> StoredActivity:
    await period_lock.share(session)
    stored = await activities.lock_one(session, activity_id)
    if stored is None or (actor.source_systems and stored.source_system not in actor.source_systems):
        raise not_found("activity record with this id")
    seen = await visible_sites(session, actor, [stored.site_id])
    if seen is not None and stored.site_id not in seen:
        raise not_found("activity record with this id")
    return stored


async def _refuse_closed(session: Session, actor: Principal, stored: StoredActivity) -> None:
    around, _ = await read_surroundings(session, actor, [])
    closed = around.closed_period(stored.period_start, stored.period_end)
    if closed is not None:
        detail = f"The inventory {closed.inventory} ({closed.start} to {closed.end}) is closed and contains a day of the record."
        raise Problem(CLOSED_PERIOD, detail)
