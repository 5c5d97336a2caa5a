"""Propose a factor of the organisation's own."""

from dataclasses import dataclass
from typing import Any

from kernel import audit
from kernel.auth import Principal
from kernel.database import Session
from kernel.problems import refused
from services.factors.catalogue.pack_format import record_of
from services.factors.domain.catalogue import Catalogue
from services.factors.domain.own_factors import OwnFactorContent, own_factor
from services.factors.domain.preferences import OWN
from services.factors.store import packs
from services.factors.store.lists import one_factor
from services.factors.store.own_factors import Proposal, keep_proposal, proposal_of


@dataclass(frozen=True, slots=True)
class ProposeFactor:
    """What is proposed, on what grounds, and the own factor whose place it would take."""

    content: OwnFactorContent
    supersedes: str | None
    quality_scores: dict[str, int] | None
    evidence: list[dict[str, Any]]
    comment: str


async def propose_factor(session: Session, actor: Principal, catalogue: Catalogue, command: ProposeFactor) -> tuple[Proposal, bool]:
    """The proposal, and whether it is new: the same content again changes nothing.

    raises  Problem: unknown_activity_type, unknown_factor, and what services.factors.domain.own_factors refuses
    """
    activity = catalogue.activity_types.get(command.content.activity_type)
    if activity is None:
        detail = f"There is no activity type {command.content.activity_type!r:.100}."
        raise refused("/activity_type", "unknown_activity_type", detail, "GET /v1/activity-types lists them.")
    factor = own_factor(command.content, activity)
    now = await packs.lock_catalogue(session)
    existing = await proposal_of(session, factor.id)
    if existing is not None:
        return existing, False
    if command.supersedes is not None:
        await _refuse_wrong_predecessor(session, command.supersedes)
    await packs.insert_factors(session, [record_of(factor)], now, state="proposed")
    await keep_proposal(
        session,
        factor.id,
        supersedes=command.supersedes,
        quality_scores=command.quality_scores,
        evidence=command.evidence,
        comment=command.comment,
        proposed_by=actor.client_id,
        proposed_at=now,
    )
    proposal = await proposal_of(session, factor.id)
    assert proposal is not None
    await audit.record(session, actor, "propose_factor", f"factor {factor.id}", after={"key": factor.key, "comment": command.comment})
    return proposal, True


async def _refuse_wrong_predecessor(session: Session, factor_id: str) -> None:
    stored = await one_factor(session, factor_id)
    if stored is None:
        raise refused("/supersedes", "unknown_factor", f"There is no factor {factor_id!r:.60}.", "GET /v1/factors lists them.")
    if stored.factor.dataset != OWN:
        raise refused(
            "/supersedes",
            "not_own",
            "Only a factor of the organisation's own can be superseded; publishers supersede theirs.",
            "Leave `supersedes` out: an approved factor of your own goes before the publisher's.",
        )
