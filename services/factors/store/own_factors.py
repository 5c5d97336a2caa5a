"""Who proposed and who decided about the organisation's own factors."""

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col

from kernel.database import Session
from services.factors.domain.catalogue import StoredFactor
from services.factors.store.catalogue import stored_factor
from services.factors.tables import Factor, OwnFactor

PROPOSALS = OwnFactor.__table__
FACTORS = Factor.__table__


@dataclass(frozen=True, slots=True)
class Grounds:
    """On what a factor is proposed, beside its content, and the own factor whose place it would take."""

    supersedes: str | None
    quality_scores: dict[str, int] | None
    evidence: list[dict[str, Any]]
    comment: str


@dataclass(frozen=True, slots=True)
class Proposal:
    """A factor of the organisation's own with the grounds on which it was proposed, and the decision about it."""

    stored: StoredFactor
    grounds: Grounds
    proposed_by: str
    proposed_at: datetime
    decided_by: str | None
    decided_at: datetime | None
    reason: str | None


async def proposal_of(session: Session, factor_id: str) -> Proposal | None:
    """The proposal behind a factor; None for a publisher's factor, or for one that is not there."""
    connection = await session.connection()
    own = (await connection.execute(select(PROPOSALS).where(PROPOSALS.c.id == factor_id))).one_or_none()
    if own is None:
        return None
    row = (await connection.execute(select(FACTORS).where(FACTORS.c.id == factor_id))).one()
    grounds = Grounds(own.supersedes, own.quality_scores, own.evidence, own.comment)
    return Proposal(
        stored_factor(dict(row._mapping)), grounds, own.proposed_by, own.proposed_at, own.decided_by, own.decided_at, own.reason
    )


async def keep_proposal(session: Session, factor_id: str, grounds: Grounds, proposed_by: str, proposed_at: datetime) -> None:
    """Store a proposal that is undecided, in place of an earlier one with the same content."""
    undecided = {"decided_by": None, "decided_at": None, "reason": None}
    content = {**asdict(grounds), "proposed_by": proposed_by, "proposed_at": proposed_at, **undecided}
    await session.execute(insert(PROPOSALS).values(id=factor_id, **content).on_conflict_do_update(index_elements=["id"], set_=content))


async def keep_decision(session: Session, factor_id: str, decided_by: str, decided_at: datetime, reason: str) -> None:
    """Store who decided about a proposal, when and why; a later decision takes the place of an earlier one."""
    decided = {"decided_by": decided_by, "decided_at": decided_at, "reason": reason}
    await session.execute(update(PROPOSALS).where(PROPOSALS.c.id == factor_id).values(**decided))


async def quality_scores(session: Session) -> dict[str, dict[str, int]]:
    """The pedigree of each own factor that has one, by its id."""
    connection = await session.connection()
    scored = select(PROPOSALS.c.id, PROPOSALS.c.quality_scores).where(PROPOSALS.c.quality_scores.is_not(None))
    return {row.id: row.quality_scores for row in await connection.execute(scored)}


async def published_of_key(session: Session, key: str) -> str | None:
    """The id of the published factor that is about the same."""
    connection = await session.connection()
    wanted = select(col(Factor.id)).where(col(Factor.key) == key, col(Factor.state) == "published")
    found: str | None = (await connection.execute(wanted)).scalar_one_or_none()
    return found
