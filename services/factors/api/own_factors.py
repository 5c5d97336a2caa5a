"""Factors of the organisation's own: proposed, then approved or rejected by another principal, superseded, withdrawn."""

from fastapi import Response

from kernel.database import Session
from kernel.preconditions import set_etag
from kernel.service import router as service_router
from services.factors.api.access import Approver, CatalogueGround, InTransaction, Proposer
from services.factors.api.factors import FactorWithHistory, factor_with_history
from services.factors.api.own_factor_shapes import DecisionIn, FactorIn, ReasonIn
from services.factors.domain.catalogue import Catalogue
from services.factors.domain.own_factors import OwnFactorContent
from services.factors.store.own_factors import Grounds, Proposal
from services.factors.usecases import decide_about_factor
from services.factors.usecases.propose_factor import ProposeFactor
from services.factors.usecases.propose_factor import propose_factor as propose

router = service_router("own factors")


@router.post(
    "/v1/factors", status_code=201, responses={200: {"model": FactorWithHistory, "description": "It was there with the same content."}}
)
async def propose_factor(
    body: FactorIn, response: Response, principal: Proposer, session: InTransaction, catalogue: CatalogueGround
) -> FactorWithHistory:
    """Propose a factor; it serves nothing until another principal approves it.

    The same again changes nothing. The same figure on other grounds (comment, evidence, quality scores, `supersedes`) takes the place of
    the proposal before, also of a rejected one.
    """
    proposal, is_new = await propose(session, principal, catalogue, _command(body))
    response.status_code = 201 if is_new else 200
    response.headers["Location"] = f"/v1/factors/{proposal.stored.factor.id}"
    return await _answer(session, proposal, response, catalogue)


@router.post("/v1/factors/{factor_id}/approvals")
async def approve_factor(
    factor_id: str, body: DecisionIn, response: Response, principal: Approver, session: InTransaction, catalogue: CatalogueGround
) -> FactorWithHistory:
    """Publish a proposed factor, and let it take the place of the one that it supersedes. Who proposed it may not."""
    proposal = await decide_about_factor.approve_factor(session, principal, factor_id, body.reason)
    return await _answer(session, proposal, response, catalogue)


@router.post("/v1/factors/{factor_id}/rejections")
async def reject_factor(
    factor_id: str, body: ReasonIn, response: Response, principal: Approver, session: InTransaction, catalogue: CatalogueGround
) -> FactorWithHistory:
    """Turn a proposed factor down."""
    proposal = await decide_about_factor.reject_factor(session, principal, factor_id, body.reason)
    return await _answer(session, proposal, response, catalogue)


@router.post("/v1/factors/{factor_id}/withdrawals")
async def withdraw_factor(
    factor_id: str, body: ReasonIn, response: Response, principal: Approver, session: InTransaction, catalogue: CatalogueGround
) -> FactorWithHistory:
    """Let a published factor of the organisation's own serve nothing new; what was calculated with it stays."""
    proposal = await decide_about_factor.withdraw_factor(session, principal, factor_id, body.reason)
    return await _answer(session, proposal, response, catalogue)


async def _answer(session: Session, proposal: Proposal, response: Response, catalogue: Catalogue) -> FactorWithHistory:
    set_etag(response, proposal.stored.version)
    return await factor_with_history(session, proposal.stored, catalogue.datasets)


def _command(body: FactorIn) -> ProposeFactor:
    return ProposeFactor(
        content=OwnFactorContent(
            activity_type=body.activity_type,
            region=body.region,
            year=body.year,
            unit=body.unit,
            stage=body.stage,
            purpose=body.purpose,
            gases=tuple((gas.gas, gas.kg_per_unit) for gas in body.gases or ()),
            co2e=body.co2e,
            gwp_basis=body.gwp_basis,
            biogenic_co2=body.biogenic_co2_kg_per_unit,
            document=body.source.document,
            row=body.source.row,
            name_en=body.name_en,
            name_zh=body.name_zh,
            price_year=body.price_year,
            uncertainty_percent=body.uncertainty_percent,
            notes=tuple(body.notes),
        ),
        grounds=Grounds(
            supersedes=body.supersedes,
            quality_scores=None if body.quality_scores is None else body.quality_scores.model_dump(),
            evidence=[one.model_dump() for one in body.source.evidence],
            comment=body.comment,
        ),
    )
