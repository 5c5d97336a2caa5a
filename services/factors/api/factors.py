"""Emission factors: searched by text and by type, and read whole with the row that prints each number."""

from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from operator import attrgetter
from typing import Annotated, Literal

from fastapi import Query, Request, Response
from pydantic import BaseModel, Field
from typing_extensions import TypeAliasType

from contracts.events import GasOfFactor
from contracts.factor_questions import FactorPurpose, FactorStage
from ghg.rounding import ratio_text
from ghg.units import unit, units
from kernel.database import Session
from kernel.pages import Cursor, Limit, Page, here, page_of
from kernel.preconditions import set_etag
from kernel.problems import not_found, refused
from kernel.service import router as service_router
from services.factors.api.access import CatalogueGround, InTransaction, Reader
from services.factors.api.own_factor_shapes import EvidenceOfFactor, QualityScores
from services.factors.catalogue.pack_model import Dataset
from services.factors.domain.catalogue import StoredFactor
from services.factors.domain.provenance import document_of, gas_of_factor, sha256_of
from services.factors.domain.search_question import TooManyWords, words_asked
from services.factors.store.lists import FactorFilter, list_factors, one_factor, superseded_by
from services.factors.store.own_factors import Proposal, proposal_of
from services.factors.store.search import find_factors

router = service_router("factors")

FactorState = TypeAliasType("FactorState", Literal["published", "superseded", "withdrawn", "proposed", "rejected"])
Names = Annotated[list[str], Query(max_length=50, description="Repeated, any of the values will do.")]
FROM_THE_PACK = (
    "id", "key", "activity_type", "name_en", "name_zh", "region", "data_year", "dataset", "stage", "purpose", "technology",
    "is_default", "unit", "conditions", "gas_coverage", "source_row", "value_printed", "unit_printed", "quality", "notes",
    "valid_from", "valid_to", "price_year", "price_basis",
)  # fmt: skip
WORDS = (
    "Words of the name, the activity type, the region, the data set, the year or the unit, in English or Chinese; a factor must have all of"
    " them. The last letters of a word may be missing. Where nothing is found, misspelt words are taken for what they may mean."
)
UNIT_KINDS = sorted({one.dimension for one in units()})


class FactorOut(BaseModel):
    """A factor. Its value never changes under its id: a correction is a new id that supersedes this one.

    region         ISO 3166-1 or -2, a grid (`grid:CN-SOUTH`), or GLO
    gases          kilograms per unit, exact, as a decimal or as a fraction "a/b", each with the row that prints it
    gas_coverage   which gases the publisher counts; "CO2" alone means that CH4 and N2O are not in the figure
    value_printed  the figure as the publisher prints it, before any derivation
    price_year     of a factor per money: the year in whose prices the unit is
    sha256         of the source file; empty for the organisation's own factors
    superseded_by  the factor that took its place
    supersedes     the factors whose place it took
    """

    id: str
    key: str
    state: FactorState
    activity_type: str
    name_en: str
    name_zh: str
    region: str
    data_year: int | None
    dataset: str
    publisher: str
    licence: str
    attribution: str
    document: str
    sha256: str
    stage: str
    purpose: str | None
    technology: str | None
    is_default: bool = Field(description="Whether it answers when neither purpose nor technology is named.")
    unit: str
    unit_kind: str
    conditions: str | None
    gases: list[GasOfFactor]
    biogenic_co2: GasOfFactor | None
    gas_coverage: str
    source_row: str
    value_printed: str
    unit_printed: str
    quality: str | None
    notes: list[str]
    valid_from: str | None
    valid_to: str | None
    price_year: int | None
    price_basis: str | None
    uncertainty_percent: str | None = Field(description="Half of the interval of 95 % confidence, in percent of the figure.")
    superseded_by: str | None
    version: int
    recorded_at: datetime


class Proposed(BaseModel):
    """On what grounds a factor of the organisation's own was proposed, by whom, and what was decided."""

    supersedes: str | None
    quality_scores: QualityScores | None
    evidence: list[EvidenceOfFactor]
    comment: str
    proposed_by: str
    proposed_at: datetime
    decided_by: str | None
    decided_at: datetime | None
    reason: str | None


class FactorWithHistory(FactorOut):
    supersedes: list[str]
    proposal: Proposed | None = Field(description="Of the organisation's own factors only.")


class FactorPage(Page):
    items: list[FactorOut]


@router.get("/v1/factors")
async def search_factors(
    request: Request,
    principal: Reader,
    session: InTransaction,
    catalogue: CatalogueGround,
    q: Annotated[str, Query(max_length=200, pattern=r"^[^\x00]*$", description=WORDS)] = "",
    activity_type: Names = [],  # noqa: B006 - FastAPI copies a parameter's default
    region: Names = [],  # noqa: B006
    year: Annotated[list[Annotated[int, Field(ge=1900, le=2200)]], Query(max_length=50, description="Data years.")] = [],  # noqa: B006
    dataset: Names = [],  # noqa: B006
    unit_kind: Names = [],  # noqa: B006
    stage: Annotated[list[FactorStage], Query()] = [],  # noqa: B006
    purpose: Annotated[list[FactorPurpose], Query()] = [],  # noqa: B006
    state: Annotated[list[FactorState], Query(description="Published ones, unless others are asked for.")] = ["published"],  # noqa: B006
    limit: Limit = 100,
    cursor: Cursor = None,
) -> FactorPage:
    """Factors by activity type, region and newest data year; with `q` the best matches first."""
    _refuse_unknown_unit_kinds(unit_kind)
    wanted = FactorFilter(activity_type, region, year, dataset, unit_kind, stage, purpose, state)
    after = request.app.state.cursors.read(request, cursor)
    rows = await (
        find_factors(session, _words(q), wanted, after, limit + 1) if q.strip() else list_factors(session, wanted, after, limit + 1)
    )
    found, following = page_of(request, rows, limit, attrgetter("position"))
    return FactorPage(items=[FactorOut(**_content(one.stored, catalogue.datasets)) for one in found], next=following, self=here(request))


@router.get("/v1/factors/{factor_id}")
async def read_factor(
    factor_id: str, response: Response, principal: Reader, session: InTransaction, catalogue: CatalogueGround
) -> FactorWithHistory:
    """One factor, also a superseded or withdrawn one."""
    stored = await one_factor(session, factor_id)
    if stored is None:
        raise not_found(f"factor {factor_id}")
    set_etag(response, stored.version)
    return await factor_with_history(session, stored, catalogue.datasets)


async def factor_with_history(session: Session, stored: StoredFactor, datasets: Mapping[str, Dataset]) -> FactorWithHistory:
    """The whole answer about one factor."""
    proposal = await proposal_of(session, stored.factor.id)
    return FactorWithHistory(
        **_content(stored, datasets),
        supersedes=await superseded_by(session, stored.factor.id),
        proposal=None if proposal is None else _proposed(proposal),
    )


def _proposed(proposal: Proposal) -> Proposed:
    return Proposed(
        **asdict(proposal.grounds),
        proposed_by=proposal.proposed_by,
        proposed_at=proposal.proposed_at,
        decided_by=proposal.decided_by,
        decided_at=proposal.decided_at,
        reason=proposal.reason,
    )


def _words(q: str) -> tuple[str, ...]:
    try:
        return words_asked(q)
    except TooManyWords as too_many:
        raise refused("/q", "too_many_words", str(too_many), "Leave out what does not tell factors apart.") from too_many


def _refuse_unknown_unit_kinds(unit_kinds: list[str]) -> None:
    for kind in unit_kinds:
        if kind not in UNIT_KINDS:
            raise refused("/unit_kind", "unknown_value", f"There is no kind of unit {kind!r:.60}.", f"Choose of {', '.join(UNIT_KINDS)}.")


def _content(stored: StoredFactor, datasets: Mapping[str, Dataset]) -> dict[str, object]:
    factor, biogenic, dataset = stored.factor, stored.factor.biogenic_co2, datasets[stored.factor.dataset]
    return {
        **{name: getattr(factor, name) for name in FROM_THE_PACK},
        "state": stored.state,
        "publisher": dataset.publisher,
        "licence": dataset.licence,
        "attribution": dataset.attribution,
        "document": document_of(dataset),
        "sha256": sha256_of(dataset),
        "unit_kind": unit(factor.unit).dimension,
        "uncertainty_percent": None if factor.uncertainty_percent is None else ratio_text(factor.uncertainty_percent),
        "gases": [gas_of_factor(part, datasets[part.dataset]) for part in factor.gases],
        "biogenic_co2": None if biogenic is None else gas_of_factor(biogenic, datasets[biogenic.dataset]),
        "superseded_by": stored.superseded_by,
        "version": stored.version,
        "recorded_at": stored.recorded_at,
    }
