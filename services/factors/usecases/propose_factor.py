"""Propose a factor of the organisation's own."""

from dataclasses import asdict, dataclass

from kernel import audit
from kernel.auth import Principal
from kernel.database import Session
from kernel.problems import CONFLICT, Problem, refused
from services.factors.catalogue.pack_format import record_of
from services.factors.domain.catalogue import Catalogue
from services.factors.domain.own_factors import OwnFactorContent, own_factor
from services.factors.domain.preferences import OWN
from services.factors.domain.succession import Change
from services.factors.store import packs
from services.factors.store.lists import one_factor
from services.factors.store.own_factors import Grounds, Proposal, keep_proposal, proposal_of
from services.factors.store.search_index import index_factors


@dataclass(frozen=True, slots=True)
class ProposeFactor:
    """What is proposed, and on what grounds."""

    content: OwnFactorContent
    grounds: Grounds


async def propose_factor(session: Session, actor: Principal, catalogue: Catalogue, command: ProposeFactor) -> tuple[Proposal, bool]:
    """The proposal, and whether it is new. The same again changes nothing; other grounds for it put it up anew, also once it was rejected.

    raises  Problem: unknown_activity_type, unknown_factor, and what services.factors.domain.own_factors refuses; conflict if a factor of
            this content was published already
    """
    activity = catalogue.activity_types.get(command.content.activity_type)
    if activity is None:
        detail = f"There is no activity type {command.content.activity_type!r:.100}."
        raise refused("/activity_type", "unknown_activity_type", detail, "GET /v1/activity-types lists them.")
    factor = own_factor(command.content, activity)
    existing = await proposal_of(session, factor.id)
    if existing is not None and existing.grounds == command.grounds:
        return existing, False  # before the lock, which makes every replica read the catalogue again
    now = await packs.lock_catalogue(session)
    existing = await proposal_of(session, factor.id)
    if existing is not None and existing.stored.state not in ("proposed", "rejected"):
        detail = f"Factor {factor.id} has this content and is {existing.stored.state}: say in `notes` what is different about the new one."
        raise Problem(CONFLICT, detail)
    if command.grounds.supersedes is not None:
        await _refuse_wrong_predecessor(session, command.grounds.supersedes, factor.id)
    if existing is None:
        await packs.insert_factors(session, [record_of(factor)], now, state="proposed")
        await index_factors(session, [factor.id])
    else:
        await packs.change_states(session, [Change(factor.id, "proposed", None)], now)
    await keep_proposal(session, factor.id, command.grounds, actor.client_id, now)
    before = None if existing is None else {"state": existing.stored.state, **asdict(existing.grounds)}
    after = {"key": factor.key, **asdict(command.grounds)}
    await audit.record(session, actor, "propose_factor", f"factor {factor.id}", before=before, after=after)
    proposal = await proposal_of(session, factor.id)
    assert proposal is not None
    return proposal, existing is None


async def _refuse_wrong_predecessor(session: Session, predecessor: str, successor: str) -> None:
    stored = await one_factor(session, predecessor)
    if stored is None:
        raise refused("/supersedes", "unknown_factor", f"There is no factor {predecessor!r:.60}.", "GET /v1/factors lists them.")
    if stored.factor.dataset != OWN:
        raise refused(
            "/supersedes",
            "not_own",
            "Only a factor of the organisation's own can be superseded; publishers supersede theirs.",
            "Leave `supersedes` out: an approved factor of your own goes before the publisher's.",
        )
    if predecessor == successor or stored.state not in ("published", "proposed"):
        standing = "this very proposal" if predecessor == successor else stored.state
        hint = f"Name the one in its place: {stored.superseded_by}." if stored.superseded_by else "Leave `supersedes` out."
        raise refused("/supersedes", "not_published", f"Factor {predecessor} is {standing}: nothing can take its place.", hint)
