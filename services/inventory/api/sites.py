"""Sites: where activities happen."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

import fastapi
from fastapi import Depends, Query, Response
from pydantic import BaseModel, Field
from typing_extensions import TypeAliasType

from contracts.shapes import ExternalId, Request, Text
from kernel.auth import Principal, requires
from kernel.database import Session
from kernel.edge import session_of
from kernel.pages import DEFAULT_LIMIT, Cursor, Limit, Page, here, page_of
from kernel.preconditions import require_match, set_etag
from kernel.service import router as service_router
from services.inventory.api.merge_patch import merged
from services.inventory.api.places import GridRegion, SiteRegion, TimeZone
from services.inventory.domain.site_content import SiteContent
from services.inventory.store import sites
from services.inventory.store.narrowing import visible_entities
from services.inventory.tables import Site
from services.inventory.usecases.change_site import change_site as change
from services.inventory.usecases.create_site import create_site as create

router = service_router("sites")

Reader = Annotated[Principal, Depends(requires("entities:read"))]
Writer = Annotated[Principal, Depends(requires("entities:write"))]
UnitOfWork = Annotated[Session, Depends(session_of)]

Tenure = TypeAliasType("Tenure", Literal["owned", "finance_lease", "operating_lease", "leased_out"])
_GRID = "Used for electricity in place of `region`."


class SiteIn(Request):
    external_id: ExternalId
    entity_external_id: ExternalId
    name: Text
    region: SiteRegion = Field(examples=["CN-GD"])
    grid_region: GridRegion | None = Field(None, description=_GRID, examples=["grid:CN-SOUTH"])
    timezone: TimeZone = Field(examples=["Asia/Shanghai"])
    tenure: Tenure = "owned"

    def content(self) -> SiteContent:
        return SiteContent(self.external_id, self.entity_external_id, self.name, self.region, self.grid_region, self.timezone, self.tenure)


class SitePatch(Request):
    external_id: ExternalId | None = None
    entity_external_id: ExternalId | None = None
    name: Text | None = None
    region: SiteRegion | None = None
    grid_region: GridRegion | None = None
    timezone: TimeZone | None = None
    tenure: Tenure | None = None


class SiteAnswer(BaseModel):
    id: str
    external_id: str
    entity_external_id: str
    name: str
    region: str
    grid_region: str | None
    timezone: str
    tenure: Tenure
    version: int
    recorded_at: datetime


class SitePage(Page):
    items: list[SiteAnswer]


@router.post("/v1/sites", status_code=201, responses={200: {"model": SiteAnswer, "description": "It was there with the same content."}})
async def create_site(body: SiteIn, response: Response, principal: Writer, session: UnitOfWork) -> SiteAnswer:
    """Create a site of an entity. The same content again changes nothing."""
    site, is_new = await create(session, principal, body.content())
    response.status_code = 201 if is_new else 200
    response.headers["Location"] = f"/v1/sites/{site.id}"
    return await _answer(session, site, response)


@router.get("/v1/sites")
async def list_sites(
    request: fastapi.Request,
    principal: Reader,
    session: UnitOfWork,
    external_id: Annotated[str | None, Query(max_length=200)] = None,
    entity: Annotated[str | None, Query(max_length=200, description="External id of the entity.")] = None,
    limit: Limit = DEFAULT_LIMIT,
    cursor: Cursor = None,
) -> SitePage:
    """The sites that the client may see, in the order of their creation."""
    position = request.app.state.cursors.read(request, cursor)
    visible = await visible_entities(session, principal)
    found = await sites.page(session, visible, external_id, entity, UUID(position[0]) if position else None, limit)
    rows, following = page_of(request, found, limit, lambda row: [row[0].id])
    return SitePage(items=[answer_of(*row) for row in rows], next=following, self=here(request))


@router.get("/v1/sites/{site_id}")
async def get_site(site_id: UUID, response: Response, principal: Reader, session: UnitOfWork) -> SiteAnswer:
    return await _answer(session, await sites.get(session, site_id, principal), response)


@router.patch("/v1/sites/{site_id}")
async def change_site(
    site_id: UUID, patch: SitePatch, request: fastapi.Request, response: Response, principal: Writer, session: UnitOfWork
) -> SiteAnswer:
    """Change a site. Its entity, region and grid region change only while it has no records."""
    site = await sites.get(session, site_id, principal, locked=True)
    require_match(request, site.version)
    current = answer_of(site, await sites.entity_external_id(session, site))
    body = merged(SiteIn, current.model_dump(mode="json", exclude={"id", "version", "recorded_at"}), patch)
    return await _answer(session, await change(session, principal, site, body.content()), response)


async def _answer(session: Session, site: Site, response: Response) -> SiteAnswer:
    set_etag(response, site.version)
    return answer_of(site, await sites.entity_external_id(session, site))


def answer_of(site: Site, entity_external_id: str) -> SiteAnswer:
    return SiteAnswer(
        id=str(site.id),
        external_id=site.external_id,
        entity_external_id=entity_external_id,
        name=site.name,
        region=site.region,
        grid_region=site.grid_region,
        timezone=site.timezone,
        tenure=site.tenure,
        version=site.version,
        recorded_at=site.recorded_at,
    )
