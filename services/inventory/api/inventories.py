"""Inventories: the years that are accounted, and their way to approval."""

from datetime import date, datetime
from typing import Annotated, Any
from uuid import UUID

import fastapi
from fastapi import Depends, Query, Response
from pydantic import BaseModel, Field, StringConstraints

from contracts.shapes import ConsolidationApproach, Day, GwpSetName, InventoryState, LongText, Period, PeriodAnswer, Request, Text
from kernel.auth import Principal, requires
from kernel.database import Session
from kernel.edge import session_of
from kernel.pages import DEFAULT_LIMIT, Cursor, Limit, Page, here, page_of
from kernel.preconditions import require_match, set_etag
from kernel.service import router as service_router
from services.inventory.api.merge_patch import merged
from services.inventory.domain.inventory_content import InventoryContent, calendar_year
from services.inventory.domain.inventory_states import Step
from services.inventory.store import inventories
from services.inventory.tables import Inventory
from services.inventory.usecases.change_inventory import change_inventory as change
from services.inventory.usecases.create_inventory import create_inventory as create
from services.inventory.usecases.transition_inventory import transition_inventory as transition

router = service_router("inventories")

Reader = Annotated[Principal, Depends(requires("inventories:read"))]
Writer = Annotated[Principal, Depends(requires("inventories:write"))]
UnitOfWork = Annotated[Session, Depends(session_of)]

Year = Annotated[int, Field(ge=1990, le=2100, strict=True)]
Name = Annotated[Text, StringConstraints(max_length=100)]


class InventoryIn(Request):
    """An inventory of a year; several of one year, under other names, share the records."""

    year: Year = Field(examples=[2021])
    name: Name = "primary"
    period: Period | None = Field(None, description="Whole months; default the calendar year.")
    consolidation_approach: ConsolidationApproach
    gwp_set: GwpSetName | None = Field(None, description="Default the organisation's.")
    is_base_year: bool = False

    def content(self) -> InventoryContent:
        start, end = (self.period.start, self.period.end) if self.period else calendar_year(self.year)
        return InventoryContent(self.year, self.name, start, end, self.consolidation_approach, self.gwp_set, self.is_base_year)


class InventoryPatch(Request):
    year: Year | None = None
    name: Name | None = None
    period: Period | None = None
    consolidation_approach: ConsolidationApproach | None = None
    gwp_set: GwpSetName | None = None
    is_base_year: bool | None = None


class InventoryAnswer(BaseModel):
    id: str
    year: int
    name: str
    period: PeriodAnswer
    consolidation_approach: ConsolidationApproach
    gwp_set: GwpSetName
    is_base_year: bool
    state: InventoryState
    effective_on: date = Field(description="Since when it is in this state.")
    version: int
    recorded_at: datetime


class InventoryPage(Page):
    items: list[InventoryAnswer]


class TransitionIn(Request):
    to: InventoryState = Field(examples=["in_review"])
    reason: LongText | None = Field(None, description="Needed on the way back to `open`.")
    effective_on: Day | None = Field(None, description="A day in the organisation's time zone, not in the future; default today.")


class TransitionAnswer(BaseModel):
    id: str
    from_state: InventoryState
    to_state: InventoryState
    effective_on: date
    reason: str | None
    principal: str
    recorded_at: datetime


class TransitionPage(Page):
    items: list[TransitionAnswer]


@router.post(
    "/v1/inventories", status_code=201, responses={200: {"model": InventoryAnswer, "description": "It was there with the same content."}}
)
async def create_inventory(body: InventoryIn, response: Response, principal: Writer, session: UnitOfWork) -> InventoryAnswer:
    """Open an inventory. The same content again changes nothing."""
    inventory, is_new = await create(session, principal, body.content())
    response.status_code = 201 if is_new else 200
    response.headers["Location"] = f"/v1/inventories/{inventory.id}"
    return _answer(inventory, response)


@router.get("/v1/inventories")
async def list_inventories(
    request: fastapi.Request,
    principal: Reader,
    session: UnitOfWork,
    year: Annotated[int | None, Query(ge=1, le=9999)] = None,
    name: Annotated[str | None, Query(max_length=100)] = None,
    limit: Limit = DEFAULT_LIMIT,
    cursor: Cursor = None,
) -> InventoryPage:
    """The inventories in the order of their creation."""
    position = request.app.state.cursors.read(request, cursor)
    found = await inventories.page(session, year, name, UUID(position[0]) if position else None, limit)
    rows, following = page_of(request, found, limit, lambda inventory: [inventory.id])
    return InventoryPage(items=[answer_of(inventory) for inventory in rows], next=following, self=here(request))


@router.get("/v1/inventories/{inventory_id}")
async def get_inventory(inventory_id: UUID, response: Response, principal: Reader, session: UnitOfWork) -> InventoryAnswer:
    return _answer(await inventories.get(session, inventory_id), response)


@router.patch("/v1/inventories/{inventory_id}")
async def change_inventory(
    inventory_id: UUID, patch: InventoryPatch, request: fastapi.Request, response: Response, principal: Writer, session: UnitOfWork
) -> InventoryAnswer:
    """Change how an open inventory counts."""
    inventory = await inventories.get(session, inventory_id, locked=True)
    require_match(request, inventory.version)
    body = merged(InventoryIn, _as_body(inventory), patch)
    return _answer(await change(session, principal, inventory, body.content()), response)


@router.post("/v1/inventories/{inventory_id}/transitions")
async def transition_inventory(
    inventory_id: UUID, body: TransitionIn, response: Response, principal: Reader, session: UnitOfWork
) -> InventoryAnswer:
    """Bring an inventory to its next state: open → in_review → approved, or back to open with a reason.

    Submitting and opening again need the scope `inventories:write`, approving `inventories:approve` and another client than the one
    that submitted; a day in the past needs `history:write`.
    """
    return _answer(await transition(session, principal, inventory_id, Step(body.to, body.effective_on, body.reason)), response)


@router.get("/v1/inventories/{inventory_id}/transitions")
async def list_inventory_transitions(
    inventory_id: UUID, request: fastapi.Request, principal: Reader, session: UnitOfWork
) -> TransitionPage:
    """What the inventory went through, the oldest first; all on one page."""
    inventory = await inventories.get(session, inventory_id)
    steps = await inventories.transitions(session, inventory.id)
    items = [TransitionAnswer.model_validate(step.model_dump(mode="json")) for step in steps]
    return TransitionPage(items=items, next=None, self=here(request))


def _answer(inventory: Inventory, response: Response) -> InventoryAnswer:
    set_etag(response, inventory.version)
    return answer_of(inventory)


def answer_of(inventory: Inventory) -> InventoryAnswer:
    period = PeriodAnswer(start=inventory.period_start, end=inventory.period_end)
    return InventoryAnswer.model_validate(inventory.model_dump() | {"id": str(inventory.id), "period": period})


def _as_body(inventory: Inventory) -> dict[str, Any]:
    """The inventory as a body that would create it."""
    return answer_of(inventory).model_dump(mode="json", include=set(InventoryIn.model_fields))
