"""Approve, reject or withdraw a factor of the organisation's own."""

from datetime import datetime

from kernel import audit
from kernel.auth import Principal
from kernel.database import Session
from kernel.problems import CONFLICT, SEPARATION_OF_DUTIES, Problem, not_found
from services.factors.domain.succession import Change
from services.factors.store import packs
from services.factors.store.own_factors import Proposal, keep_decision, proposal_of, published_of_key
from services.factors.usecases.tell_changes import tell_changed_factors


async def approve_factor(session: Session, actor: Principal, factor_id: str, reason: str) -> Proposal:
    """Publish a proposed factor; what it supersedes makes way in the same transaction.

    raises  Problem: separation_of_duties for its proposer; conflict if it is not proposed any more, or if another published factor is
            about the same and is not the one that it supersedes
    """
    now = await packs.lock_catalogue(session)
    proposal = await _standing(session, factor_id, "proposed")
    if proposal.proposed_by == actor.client_id:
        raise Problem(SEPARATION_OF_DUTIES, "This client proposed the factor; another one must approve it.")
    in_place, predecessor = await published_of_key(session, proposal.stored.factor.key), proposal.grounds.supersedes
    if in_place not in (None, predecessor):
        raise Problem(CONFLICT, f"Factor {in_place} is published and about the same: propose again with `supersedes`: {in_place}.")
    if predecessor is not None:
        await _standing(session, predecessor, "published")
        await packs.change_states(session, [Change(predecessor, "superseded", factor_id)], now)
        after = {"state": "superseded", "superseded_by": factor_id}
        await audit.record(
            session, actor, "approve_factor", f"factor {predecessor}", before={"state": "published"}, after=after, reason=reason
        )
    await packs.change_states(session, [Change(factor_id, "published", None)], now)
    return await _decided(session, actor, "approve_factor", proposal, reason, now)


async def reject_factor(session: Session, actor: Principal, factor_id: str, reason: str) -> Proposal:
    """Turn a proposal down; the same content is not proposed again, unless on other grounds.

    raises  Problem: conflict if it is not proposed any more
    """
    now = await packs.lock_catalogue(session)
    proposal = await _standing(session, factor_id, "proposed")
    await packs.change_states(session, [Change(factor_id, "rejected", None)], now)
    return await _decided(session, actor, "reject_factor", proposal, reason, now)


async def withdraw_factor(session: Session, actor: Principal, factor_id: str, reason: str) -> Proposal:
    """Let a published factor of the organisation's own serve nothing new; what was calculated with it stays.

    raises  Problem: conflict if it is not published
    """
    now = await packs.lock_catalogue(session)
    proposal = await _standing(session, factor_id, "published")
    await packs.change_states(session, [Change(factor_id, "withdrawn", None)], now)
    return await _decided(session, actor, "withdraw_factor", proposal, reason, now)


async def _standing(session: Session, factor_id: str, state: str) -> Proposal:
    proposal = await proposal_of(session, factor_id)
    if proposal is None:
        raise not_found(f"factor {factor_id} of the organisation's own")
    if proposal.stored.state != state:
        raise Problem(CONFLICT, f"Factor {factor_id} is {proposal.stored.state}, not {state}.")
    return proposal


async def _decided(session: Session, actor: Principal, action: str, before: Proposal, reason: str, now: datetime) -> Proposal:
    factor_id = before.stored.factor.id
    await keep_decision(session, factor_id, actor.client_id, now, reason)
    await tell_changed_factors(session, now)
    after = await proposal_of(session, factor_id)
    assert after is not None
    was, told = {"state": before.stored.state}, {"state": after.stored.state}
    await audit.record(session, actor, action, f"factor {factor_id}", before=was, after=told, reason=reason)
    return after
