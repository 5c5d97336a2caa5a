"""Factor updates: what the catalogue would calculate otherwise now, listed, previewed, and accepted or declined.

Deciding needs `inventories:write`: it moves figures of every open inventory at once. `activities:write` is what a nightly push of an EHS
holds, and a push brings records, never a decision about factors.
"""

import asyncio
from typing import Annotated
from uuid import UUID

from fastapi import Depends, Query, Request, Response

from contracts.shapes import LongText
from contracts.shapes import Request as RequestBody
from kernel.auth import Principal, requires
from kernel.database import Session
from kernel.edge import session_of
from kernel.pages import DEFAULT_LIMIT, Cursor, Cursors, Limit, here, page_of
from kernel.service import router as service_router
from services.inventory.api.factor_update_shapes import (
    FactorUpdateImpact,
    FactorUpdatePage,
    FactorUpdateState,
    FactorUpdateWithBindings,
    binding_shape,
    impact_shape,
    update_fields,
    update_tag,
    updates_shape,
)
from services.inventory.store import factor_updates
from services.inventory.usecases.decide_factor_update import accept_factor_update, decline_factor_update
from services.inventory.usecases.preview_factor_update import preview_factor_update

router = service_router("factor updates")

Reader = Annotated[Principal, Depends(requires("inventories:read"))]
Decider = Annotated[Principal, Depends(requires("inventories:write"))]
InTransaction = Annotated[Session, Depends(session_of)]


class Decision(RequestBody):
    reason: LongText


@router.get("/v1/factor-updates")
async def list_factor_updates(
    request: Request,
    actor: Reader,
    session: InTransaction,
    state: Annotated[list[FactorUpdateState], Query(default_factory=list, description="Updates in any of these states; default all.")],
    limit: Limit = DEFAULT_LIMIT,
    cursor: Cursor = None,
) -> FactorUpdatePage:
    """Factor updates in the order in which they were proposed, as far as they concern records that the client may see."""
    cursors: Cursors = request.app.state.cursors
    position = cursors.read(request, cursor)
    sight = await factor_updates.sight_of(session, actor)
    rows = await factor_updates.page(session, sight, state, UUID(position[0]) if position else None, limit + 1)
    page, following = page_of(request, rows, limit, lambda row: [row["id"]])
    return FactorUpdatePage(items=updates_shape(page), next=following, self=here(request))


@router.get("/v1/factor-updates/{update_id}")
async def get_factor_update(update_id: UUID, response: Response, actor: Reader, session: InTransaction) -> FactorUpdateWithBindings:
    """An update with the bindings that it would replace, as far as they concern records that the client may see."""
    return await _answer(session, actor, update_id, response)


@router.get("/v1/factor-updates/{update_id}/impact", response_model=FactorUpdateImpact)
async def get_factor_update_impact(update_id: UUID, actor: Reader, session: InTransaction) -> Response:
    """What accepting it now would move, cell by cell, of what the client may see; and what would not move, because its period is closed.

    Calculated record by record as the recount would. Not paged.
    """
    impact = await preview_factor_update(session, actor, update_id)
    # Written here and in a thread, not by FastAPI on the event loop: there may be thousands of cells.
    answer = await asyncio.to_thread(lambda: impact_shape(str(update_id), impact).model_dump_json())
    return Response(answer, media_type="application/json")


@router.post(
    "/v1/factor-updates/{update_id}/acceptances",
    status_code=201,
    responses={200: {"model": FactorUpdateWithBindings, "description": "It was accepted before."}},
)
async def create_factor_update_acceptance(
    update_id: UUID, body: Decision, response: Response, actor: Decider, session: InTransaction
) -> FactorUpdateWithBindings:
    """Accept an update: from here on its factors calculate what is pushed, and a job counts the records of open periods anew.

    Closed periods do not move. Accepting again changes nothing, except that a recount which failed is begun again.
    """
    is_new = await accept_factor_update(session, actor, update_id, body.reason)
    response.status_code = 201 if is_new else 200
    return await _answer(session, actor, update_id, response)


@router.post(
    "/v1/factor-updates/{update_id}/refusals",
    status_code=201,
    responses={200: {"model": FactorUpdateWithBindings, "description": "It was declined before."}},
)
async def create_factor_update_refusal(
    update_id: UUID, body: Decision, response: Response, actor: Decider, session: InTransaction
) -> FactorUpdateWithBindings:
    """Decline an update: nothing changes, and the same factors are not proposed for each other again; newer ones are."""
    is_new = await decline_factor_update(session, actor, update_id, body.reason)
    response.status_code = 201 if is_new else 200
    return await _answer(session, actor, update_id, response)


async def _answer(session: Session, actor: Principal, update_id: UUID, response: Response) -> FactorUpdateWithBindings:
    sight = await factor_updates.sight_of(session, actor)
    row = await factor_updates.read(session, sight, update_id)
    response.headers["ETag"] = update_tag(row)
    response.headers["Location"] = f"/v1/factor-updates/{update_id}"
    changes = [
        binding_shape(combination, kept, answered)
        for combination, _, kept, answered in await factor_updates.answers(session, sight, update_id)
    ]
    return FactorUpdateWithBindings(**update_fields(row), changes=changes)
