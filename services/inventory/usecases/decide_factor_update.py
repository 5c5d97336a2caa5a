"""Deciding on a factor update: accept it, and the open periods are counted anew; or decline it, and it is not proposed again."""

from typing import Any
from uuid import UUID

from kernel import audit, jobs
from kernel.auth import Principal
from kernel.database import Session
from kernel.problems import FORBIDDEN, Problem
from services.inventory.problems import FACTOR_UPDATE_DECIDED
from services.inventory.store import bindings, factor_updates, period_lock
from services.inventory.store.factor_updates import EVERYTHING
from services.inventory.usecases.recount_replaced import RECOUNT_REPLACED


async def accept_factor_update(session: Session, actor: Principal, update_id: UUID, reason: str) -> bool:
    """Replace the bindings of an update from here on, and have a job count their records in open periods anew.

    Returns whether that was new; accepting again changes nothing, but begins a recount anew that failed.
    raises  Problem: not_found; forbidden for a narrowed client; factor_update_decided where it was declined or overtaken
    """
    _refuse_narrowed(actor)
    state = await factor_updates.lock(session, update_id)
    listed = await factor_updates.read(session, EVERYTHING, update_id)
    if state == "accepted":
        if listed["job_state"] == "failed":
            await factor_updates.count_anew(session, update_id, await _order_recount(session, listed))
        return False
    _refuse_closed(state)
    await period_lock.hold(session)  # what is being counted with the old bindings is kept before they are replaced
    await bindings.replace(session, update_id)
    await factor_updates.accept(session, update_id, actor.client_id, reason, await _order_recount(session, listed))
    await _audit(session, actor, "accept_factor_update", update_id, reason)
    return True


async def decline_factor_update(session: Session, actor: Principal, update_id: UUID, reason: str) -> bool:
    """Leave the bindings of an update as they are; the same pairs of factors are not proposed again.

    Returns whether that was new; declining again changes nothing.
    raises  Problem: not_found; forbidden for a narrowed client; factor_update_decided where it was accepted or overtaken
    """
    _refuse_narrowed(actor)
    state = await factor_updates.lock(session, update_id)
    if state == "declined":
        return False
    _refuse_closed(state)
    await factor_updates.decline(session, update_id, actor.client_id, reason)
    await _audit(session, actor, "decline_factor_update", update_id, reason)
    return True


async def _order_recount(session: Session, listed: Any) -> UUID:
    return await jobs.enqueue(session, RECOUNT_REPLACED, {"activity_types": listed["activity_types"]})


def _refuse_narrowed(actor: Principal) -> None:
    if actor.entity_ids or actor.source_systems:
        raise Problem(FORBIDDEN, "A factor serves the whole group: a client narrowed to entities or source systems does not decide on it.")


def _refuse_closed(state: str) -> None:
    if state != "proposed":
        raise Problem(FACTOR_UPDATE_DECIDED, f"The update was {state}.")


async def _audit(session: Session, actor: Principal, action: str, update_id: UUID, reason: str) -> None:
    listed = await factor_updates.read(session, EVERYTHING, update_id)
    replaced = [
        {
            "combination": [combination.activity_type, combination.region, combination.year, combination.unit, combination.method],
            "from_factor": kept.factor and kept.factor.id,
            "to_factor": answered.factor and answered.factor.id,
        }
        for combination, _, kept, answered in await factor_updates.answers(session, EVERYTHING, update_id)
    ]
    await audit.record(
        session, actor, action, f"factor update {update_id}",
        before={"state": "proposed"}, after={"state": listed["state"], "bindings": replaced}, reason=reason,
    )  # fmt: skip
