"""Activity records: pushed one by one or by the thousand, listed, corrected, voided, released; with trace and history."""

from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import Body, Depends, Query, Request, Response
from fastapi.responses import StreamingResponse
from pydantic import BaseModel, WithJsonSchema
from typing_extensions import TypeAliasType

from contracts.shapes import CalculationState, Day, ExternalId, ItemProblem, LongText, Text
from contracts.shapes import Request as RequestBody
from kernel import audit
from kernel.auth import Principal, requires
from kernel.database import AnsweredWithoutCommit, Session
from kernel.edge import session_of
from kernel.pages import Cursor, Cursors, Limit, Page, here, page_of
from kernel.preconditions import require_match
from kernel.problems import refused
from kernel.service import router as service_router
from services.inventory.api.activity_shapes import (
    ActivityBatch,
    ActivityIn,
    ActivityOut,
    BatchAnswer,
    BatchItem,
    activity_out,
    emissions_in,
    record_of,
    record_or_refusal,
    tag_of,
)
from services.inventory.domain.activity_records import ActivityRecord, Refused, record_from_content
from services.inventory.store import activity_lists, surroundings
from services.inventory.store.activities import StoredActivity
from services.inventory.store.activity_lists import ActivityFilter
from services.inventory.store.bindings import BindingCache
from services.inventory.store.surroundings import GwpSets
from services.inventory.usecases.ask_for_factors import FactorQuestions
from services.inventory.usecases.change_activity import correct_activity, release_activity, void_activity
from services.inventory.usecases.gathered_pushes import GatheredPushes
from services.inventory.usecases.push_activities import Outcome, push_activities

router = service_router("activities")

Reader = Annotated[Principal, Depends(requires("activities:read"))]
Writer = Annotated[Principal, Depends(requires("activities:write"))]
InTransaction = Annotated[Session, Depends(session_of)]

ActivityStanding = TypeAliasType("ActivityStanding", Literal["counted", "quarantined", "voided"])
ActivityPatch = Annotated[dict[str, Any], Body(title="ActivityPatch", description="Fields of the record; null takes one away.")]
STATUS = {"created": 201, "corrected": 200, "unchanged": 200, "stale": 200, "quarantined": 202}


class ActivityPage(Page):
    items: list[ActivityOut]


class Reason(RequestBody):
    reason: LongText


class RevisionOut(BaseModel):
    revision: int
    outcome: str
    content: dict[str, Any]
    reason: str | None
    principal: str
    recorded_at: Annotated[str, WithJsonSchema({"type": "string", "format": "date-time"})]


class History(BaseModel):
    items: list[RevisionOut]
    next: None


def cache_of(request: Request) -> BindingCache:
    cache: BindingCache = request.app.state.bindings
    return cache


def questions_of(request: Request) -> FactorQuestions:
    questions: FactorQuestions = request.app.state.factor_questions
    return questions


@router.post(
    "/v1/activities",
    status_code=201,
    response_model=ActivityOut,
    responses={
        200: {"model": ActivityOut, "description": "Corrected, unchanged or stale."},
        202: {"model": ActivityOut, "description": "Quarantined: kept and not counted."},
    },
)
async def record_activity(body: ActivityIn, request: Request, actor: Writer, session: InTransaction) -> Response:
    """Record one activity: 201 created, 200 corrected, unchanged or stale, 202 quarantined."""
    record = record_of(body)
    await questions_of(request).prepare(actor, [record])
    if "idempotency-key" in request.headers:  # its answer is kept in a transaction of its own
        pushed, place = await push_activities(session, actor, [record], cache_of(request)), 0
    else:
        gathered: GatheredPushes = request.app.state.gathered_pushes
        pushed, place = await gathered.push(actor, record)
    outcome = pushed.outcomes[place]
    if outcome.problem is not None:
        raise outcome.problem
    stored = outcome.stored
    assert stored is not None
    gwp_set = pushed.gwp_sets.of(stored.period_start)
    answer = activity_out(stored, outcome.name, pushed.site_names.get(stored.site_id), gwp_set)
    headers = {"Location": f"/v1/activities/{stored.id}", "ETag": tag_of(stored, gwp_set)}
    # Written here, not by FastAPI, which would validate the answer once more: this is the busiest operation.
    return Response(answer.model_dump_json(), STATUS[outcome.name], headers, media_type="application/json")


@router.post("/v1/activities/batch", status_code=207, response_model=BatchAnswer)
async def record_activities(
    body: ActivityBatch,
    request: Request,
    actor: Writer,
    session: InTransaction,
    dry_run: Annotated[bool, Query(description="Judge and calculate, then leave everything as it was.")] = False,
) -> Response:
    """Record up to 10,000 activities; each has its own outcome and status, in the order in which they were sent."""
    records = [record_or_refusal(item) for item in body.items]
    await questions_of(request).prepare(actor, records)
    pushed = await push_activities(session, actor, records, cache_of(request))
    items = [_batch_item(index, outcome, pushed.gwp_sets) for index, outcome in enumerate(pushed.outcomes)]
    answer = Response(BatchAnswer(items=items).model_dump_json(), 207, media_type="application/json")
    if dry_run:
        raise AnsweredWithoutCommit(answer)
    refusals = [outcome.problem for outcome in pushed.outcomes if outcome.problem is not None]
    if refusals:
        reason = f"{len(refusals)} of {len(items)} records refused, the first: {refusals[0].type.code}: {refusals[0].detail}"
        await audit.record_refusal(session, actor, "record_activities", request.url.path, reason)
    return answer


def _batch_item(index: int, outcome: Outcome, gwp_sets: GwpSets) -> BatchItem:
    stored = outcome.stored
    if stored is None:
        assert outcome.problem is not None
        status = outcome.problem.type.status
        problem = ItemProblem.model_validate({"errors": []} | outcome.problem.as_json())
        return BatchItem(
            index=index,
            status=status,
            id=None,
            outcome="refused",
            revision=None,
            voided=False,
            calculation_state=None,
            emissions=None,
            problem=problem,
        )
    return BatchItem(
        index=index,
        status=STATUS[outcome.name],
        id=str(stored.id),
        outcome=outcome.name,
        revision=stored.revision,
        voided=stored.voided,
        calculation_state=stored.calculation_state if stored.counted_revision is not None else None,  # type: ignore[arg-type]
        emissions=emissions_in(stored, gwp_sets.of(stored.period_start)),
        problem=None,
    )


@router.get("/v1/activities", response_model=ActivityPage)
async def list_activities(
    request: Request,
    actor: Reader,
    session: InTransaction,
    limit: Limit = 100,
    cursor: Cursor = None,
    source_system: ExternalId | None = None,
    external_id: ExternalId | None = None,
    site: Annotated[ExternalId | None, Query(description="External id of a site.")] = None,
    activity_type: Text | None = None,
    outcome: Annotated[ActivityStanding | None, Query(description="How the record stands now.")] = None,
    calculation_state: CalculationState | None = None,
    period_from: Annotated[Day | None, Query(description="First days from this day on.")] = None,
    period_before: Annotated[Day | None, Query(description="First days before this day.")] = None,
) -> Response | ActivityPage:
    """Records by first day of their period; `Accept: application/x-ndjson` streams all of them, one per line."""
    wanted = ActivityFilter(source_system, external_id, site, activity_type, outcome, calculation_state, period_from, period_before)
    gwp_sets = await surroundings.read_gwp_sets(session)
    if "application/x-ndjson" in request.headers.get("accept", ""):
        lines = activity_lists.stream(request.app.state.database, actor, wanted)
        return StreamingResponse(
            (_listed(stored, site_name, gwp_sets).model_dump_json() + "\n" async for stored, site_name in lines),
            media_type="application/x-ndjson",
        )
    cursors: Cursors = request.app.state.cursors
    rows = await activity_lists.read_page(session, actor, wanted, cursors.read(request, cursor), limit + 1)
    page, following = page_of(request, rows, limit, lambda row: [row[0].period_start.isoformat(), str(row[0].id)])
    items = [_listed(stored, site_name, gwp_sets) for stored, site_name in page]
    return ActivityPage(items=items, next=following, self=here(request))


@router.get("/v1/activities/{activity_id}", response_model=ActivityOut)
async def get_activity(activity_id: UUID, response: Response, actor: Reader, session: InTransaction) -> ActivityOut:
    stored, site_name = await activity_lists.read_one(session, actor, activity_id)
    gwp_sets = await surroundings.read_gwp_sets(session)
    response.headers["ETag"] = tag_of(stored, gwp_sets.of(stored.period_start))
    return _listed(stored, site_name, gwp_sets)


def _listed(stored: StoredActivity, site_name: str | None, gwp_sets: GwpSets) -> ActivityOut:
    outcome = "voided" if stored.voided else "quarantined" if stored.quarantine else "counted"
    return activity_out(stored, outcome, site_name, gwp_sets.of(stored.period_start))


@router.patch("/v1/activities/{activity_id}", response_model=ActivityOut)
async def change_activity(
    activity_id: UUID, body: ActivityPatch, request: Request, response: Response, actor: Writer, session: InTransaction
) -> ActivityOut:
    """Correct a record by hand with a JSON merge patch of its content; its source's re-push of the old content leaves it so."""
    before, _ = await activity_lists.read_one(session, actor, activity_id)
    require_match(request, before.revision)
    await session.rollback()  # the questions below are asked without a transaction; the use case reads again under its lock
    await questions_of(request).prepare(actor, [_patched(before, body)])

    def check(stored: StoredActivity) -> ActivityRecord:
        require_match(request, stored.revision)
        return _patched(stored, body)

    stored, outcome = await correct_activity(session, actor, activity_id, check, cache_of(request))
    answer, response.headers["ETag"] = await _answer(session, actor, stored, outcome)
    return answer


def _patched(stored: StoredActivity, patch: dict[str, Any]) -> ActivityRecord:
    """The stored content with a merge patch applied. source  RFC 7396, section 2"""
    for fixed in ("source_system", "external_id", "source_modified_at"):
        if fixed in patch:
            raise refused(f"/{fixed}", "fixed", f"`{fixed}` is the source's and cannot be changed by hand.")
    content = _merge(stored.content, patch)
    record = record_or_refusal(content)
    if isinstance(record, Refused):
        raise record.problem
    return record


def _merge(content: Any, patch: Any) -> Any:
    if not isinstance(patch, dict):
        return patch
    merged = dict(content) if isinstance(content, dict) else {}
    for name, value in patch.items():
        if value is None:
            merged.pop(name, None)
        else:
            merged[name] = _merge(merged.get(name), value)
    return merged


@router.post("/v1/activities/{activity_id}/voids", status_code=201, response_model=ActivityOut)
async def create_activity_void(activity_id: UUID, body: Reason, response: Response, actor: Writer, session: InTransaction) -> ActivityOut:
    """Undo a wrong push; the record keeps its history and counts no more."""
    answer, response.headers["ETag"] = await _answer(
        session, actor, await void_activity(session, actor, activity_id, body.reason), "voided"
    )
    return answer


@router.post("/v1/activities/{activity_id}/releases", status_code=201, response_model=ActivityOut)
async def create_activity_release(
    activity_id: UUID, request: Request, response: Response, actor: Writer, session: InTransaction
) -> ActivityOut:
    """Let a record out of quarantine once its item code is mapped or its period open again."""
    before, _ = await activity_lists.read_one(session, actor, activity_id)
    await session.rollback()  # asked without a transaction, read again under the lock
    await questions_of(request).prepare(actor, [record_from_content(before.content)])
    released = await release_activity(session, actor, activity_id, cache_of(request))
    answer, response.headers["ETag"] = await _answer(session, actor, released, "released")
    return answer


async def _answer(session: Session, actor: Principal, stored: StoredActivity, outcome: str) -> tuple[ActivityOut, str]:
    """The answer for a changed record, and its ETag."""
    _, site_name = await activity_lists.read_one(session, actor, stored.id)
    gwp_set = (await surroundings.read_gwp_sets(session)).of(stored.period_start)
    return activity_out(stored, outcome, site_name, gwp_set), tag_of(stored, gwp_set)


@router.get("/v1/activities/{activity_id}/history", response_model=History)
async def get_activity_history(activity_id: UUID, actor: Reader, session: InTransaction) -> History:
    """Every revision of a record: who, when, why, and what it said."""
    await activity_lists.read_one(session, actor, activity_id)
    revisions = await activity_lists.read_history(session, activity_id)
    return History(items=[RevisionOut(**revision) for revision in revisions], next=None)
