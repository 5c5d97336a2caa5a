"""Entities: the companies of the group, who owns and who controls them, over time."""

from datetime import date, datetime
from typing import Annotated, Any
from uuid import UUID

import fastapi
from fastapi import Depends, Query, Response
from pydantic import BaseModel, Field

from contracts.shapes import Day, ExternalId, Request, ShareText, Text
from kernel.auth import Principal, requires
from kernel.database import Session
from kernel.edge import session_of
from kernel.pages import DEFAULT_LIMIT, Cursor, Limit, Page, here, page_of
from kernel.preconditions import require_match, set_etag
from kernel.problems import refused
from kernel.service import router as service_router
from services.inventory.api.merge_patch import merged
from services.inventory.api.places import EntityCountry
from services.inventory.domain.group_entities import Control, EntityContent, Ownership, control_always
from services.inventory.store import entities
from services.inventory.store.narrowing import visible_entities
from services.inventory.tables import Entity
from services.inventory.usecases.change_entity import change_entity as change
from services.inventory.usecases.create_entity import create_entity as create

router = service_router("entities")

Reader = Annotated[Principal, Depends(requires("entities:read"))]
Writer = Annotated[Principal, Depends(requires("entities:write"))]
UnitOfWork = Annotated[Session, Depends(session_of)]

_FROM = "First day, the first of a month; absent: since ever."
_TO = "First day that is not part of the interval any more; absent while it is open."
_OWNER = "Business key of the owner; absent: the parent, without one the organisation."
_ONE_CONTROL = (
    "Shorthand for always. If only one of the two is given, the other is taken as given while the owners hold more than one half."
)


class OwnershipIn(Request):
    start: Day | None = Field(None, alias="from", description=_FROM)
    end: Day | None = Field(None, alias="to", description=_TO)
    share: ShareText = Field(description="The direct interest of the owner.", examples=["0.60"])
    owner_external_id: ExternalId | None = Field(None, description=_OWNER)


class ControlIn(Request):
    start: Day | None = Field(None, alias="from", description=_FROM)
    end: Day | None = Field(None, alias="to", description=_TO)
    operational: bool
    financial: bool


class EntityIn(Request):
    """A company of the group. Without ownership it is wholly its parent's; without control it is controlled above one half."""

    external_id: ExternalId
    name: Text
    country: EntityCountry = Field(examples=["CN"])
    parent_external_id: ExternalId | None = None
    ownership: list[OwnershipIn] = Field(default=[], max_length=200)
    control: list[ControlIn] | None = Field(None, max_length=200)
    operational_control: bool | None = Field(None, description=_ONE_CONTROL)
    financial_control: bool | None = Field(None, description=_ONE_CONTROL)

    def content(self) -> EntityContent:
        ownership = tuple(Ownership(one.start, one.end, one.share, one.owner_external_id) for one in self.ownership)
        if self.control is None:
            control = control_always(self.operational_control, self.financial_control, ownership)
        elif self.operational_control is None and self.financial_control is None:
            control = tuple(Control(one.start, one.end, one.operational, one.financial) for one in self.control)
        else:
            detail = "Give either `control` by date, or the two booleans that hold for always."
            raise refused("/control", "either_or", detail)
        return EntityContent(self.external_id, self.name, self.country, self.parent_external_id, ownership, control)


class EntityPatch(Request):
    external_id: ExternalId | None = None
    name: Text | None = None
    country: EntityCountry | None = None
    parent_external_id: ExternalId | None = None
    ownership: list[OwnershipIn] | None = Field(None, max_length=200)
    control: list[ControlIn] | None = Field(None, max_length=200)
    operational_control: bool | None = None
    financial_control: bool | None = None


class OwnershipAnswer(BaseModel):
    start: date | None = Field(serialization_alias="from")
    end: date | None = Field(serialization_alias="to")
    share: ShareText
    owner_external_id: str | None


class ControlAnswer(BaseModel):
    start: date | None = Field(serialization_alias="from")
    end: date | None = Field(serialization_alias="to")
    operational: bool
    financial: bool


class EntityAnswer(BaseModel):
    """`operational_control` and `financial_control` are null unless one statement holds for always."""

    id: str
    external_id: str
    name: str
    country: str
    parent_external_id: str | None
    ownership: list[OwnershipAnswer]
    control: list[ControlAnswer]
    operational_control: bool | None
    financial_control: bool | None
    version: int
    recorded_at: datetime


class EntityPage(Page):
    items: list[EntityAnswer]


@router.post(
    "/v1/entities", status_code=201, responses={200: {"model": EntityAnswer, "description": "It was there with the same content."}}
)
async def create_entity(body: EntityIn, response: Response, principal: Writer, session: UnitOfWork) -> EntityAnswer:
    """Create an entity; parents and owners come first. The same content again changes nothing."""
    entity, is_new = await create(session, principal, body.content())
    response.status_code = 201 if is_new else 200
    response.headers["Location"] = f"/v1/entities/{entity.id}"
    return await _answer(session, entity, response)


@router.get("/v1/entities")
async def list_entities(
    request: fastapi.Request,
    principal: Reader,
    session: UnitOfWork,
    external_id: Annotated[str | None, Query(max_length=200)] = None,
    limit: Limit = DEFAULT_LIMIT,
    cursor: Cursor = None,
) -> EntityPage:
    """The entities that the client may see, in the order of their creation."""
    position = request.app.state.cursors.read(request, cursor)
    visible = await visible_entities(session, principal)
    found = await entities.page(session, visible, external_id, UUID(position[0]) if position else None, limit)
    rows, following = page_of(request, found, limit, lambda entity: [entity.id])
    names = await entities.names_in(session, rows)
    return EntityPage(items=[answer_of(entity, names) for entity in rows], next=following, self=here(request))


@router.get("/v1/entities/{entity_id}")
async def get_entity(entity_id: UUID, response: Response, principal: Reader, session: UnitOfWork) -> EntityAnswer:
    return await _answer(session, await entities.get(session, entity_id, principal), response)


@router.patch("/v1/entities/{entity_id}")
async def change_entity(
    entity_id: UUID, patch: EntityPatch, request: fastapi.Request, response: Response, principal: Writer, session: UnitOfWork
) -> EntityAnswer:
    """Change an entity; ownership and control change on the first of a month, their lists are replaced whole."""
    entity = await entities.get(session, entity_id, principal, locked=True)
    require_match(request, entity.version)
    current = _as_body(answer_of(entity, await entities.names_in(session, [entity])), patch)
    changed = await change(session, principal, entity, merged(EntityIn, current, patch).content())
    return await _answer(session, changed, response)


async def _answer(session: Session, entity: Entity, response: Response) -> EntityAnswer:
    set_etag(response, entity.version)
    return answer_of(entity, await entities.names_in(session, [entity]))


def answer_of(entity: Entity, names: dict[str, str]) -> EntityAnswer:
    content = entities.content_of(entity, names)
    always = next((one for one in content.control if one.start is None and one.end is None), None)
    return EntityAnswer(
        id=str(entity.id),
        external_id=content.external_id,
        name=content.name,
        country=content.country,
        parent_external_id=content.parent_external_id,
        ownership=[
            OwnershipAnswer(start=one.start, end=one.end, share=one.share, owner_external_id=one.owner_external_id)
            for one in content.ownership
        ],
        control=[
            ControlAnswer(start=one.start, end=one.end, operational=one.operational, financial=one.financial) for one in content.control
        ],
        operational_control=always.operational if always else None,
        financial_control=always.financial if always else None,
        version=entity.version,
        recorded_at=entity.recorded_at,
    )


def _as_body(answer: EntityAnswer, patch: EntityPatch) -> dict[str, Any]:
    """The entity as a body that would create it; control in the form in which the patch speaks of it, if it does."""
    body = answer.model_dump(mode="json", by_alias=True, exclude={"id", "version", "recorded_at"})
    by_date = "control" in patch.model_fields_set
    always = not by_date and (
        body["operational_control"] is not None or {"operational_control", "financial_control"} & patch.model_fields_set
    )
    return body | ({"control": None} if always else {"operational_control": None, "financial_control": None})
