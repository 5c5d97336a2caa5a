"""Source systems: what their item codes stand for, and which codes nobody has mapped."""

from datetime import date
from typing import Annotated, Any

from fastapi import Depends, Request, Response
from pydantic import BaseModel
from sqlalchemy import text

from contracts.shapes import ExternalId, Text
from contracts.shapes import Request as RequestBody
from kernel.auth import Principal, requires
from kernel.database import Session
from kernel.edge import session_of
from kernel.pages import Cursor, Cursors, Limit, Page, here, page_of
from kernel.preconditions import set_etag
from kernel.problems import not_found
from kernel.service import router as service_router
from services.inventory.api.activity_shapes import CategoryName, Scope
from services.inventory.domain.categories import SCOPE_OF
from services.inventory.store.narrowing import visible_entities
from services.inventory.usecases.map_source_item import MapSourceItem, map_source_item

router = service_router("source systems")

InTransaction = Annotated[Session, Depends(session_of)]


class ItemMapping(RequestBody):
    """What an item code stands for; the unit is the one meant where a record leaves it out."""

    activity_type: Text
    unit: Text
    site_external_id: ExternalId | None = None
    scope: Scope | None = None
    category: CategoryName | None = None


class ReleaseJob(BaseModel):
    """The job that releases the records which waited for the mapping; its counts are null until it is done."""

    state: str
    released: int | None
    quarantined: int | None
    refused: int | None


class MappedItem(BaseModel):
    source_system: str
    code: str
    activity_type: str
    unit: str
    site_external_id: str | None
    scope: int | None
    category: str | None
    release: ReleaseJob


class UnmappedItem(BaseModel):
    code: str
    records: int
    first_day: date
    last_day: date
    units: list[str]


class UnmappedPage(Page):
    items: list[UnmappedItem]


class MappedPage(Page):
    items: list[MappedItem]


_MAPPED = """
SELECT source_item.*, site.external_id AS site_external_id, job.state AS job_state, job.result AS job_result
FROM source_item LEFT JOIN site ON site.id = source_item.site_id LEFT JOIN job ON job.id = source_item.release_job
WHERE source_system = :system
"""
_SEEN = "(cast(:visible AS uuid[]) IS NULL OR site.entity_id = ANY(:visible))"


@router.put("/v1/source-systems/{system}/items/{code}", response_model=MappedItem)
async def put_source_item(
    system: ExternalId,
    code: ExternalId,
    body: ItemMapping,
    response: Response,
    actor: Annotated[Principal, Depends(requires("activities:write"))],
    session: InTransaction,
) -> MappedItem:
    """Map an item code; records of it that wait in quarantine are released by a job, each judged as if pushed now."""
    command = MapSourceItem(system, code, body.activity_type, body.unit, body.site_external_id, body.scope, body.category)
    item, is_new = await map_source_item(session, actor, command)
    await session.flush()
    response.status_code = 201 if is_new else 200
    set_etag(response, item.version)
    row = (await session.execute(text(f"{_MAPPED} AND code = :code"), {"system": system, "code": code})).one()
    return _mapped(row)


@router.get("/v1/source-systems/{system}/items", response_model=MappedPage)
async def list_source_items(
    system: str,
    request: Request,
    actor: Annotated[Principal, Depends(requires("activities:read"))],
    session: InTransaction,
    limit: Limit = 100,
    cursor: Cursor = None,
) -> MappedPage:
    """The mappings of a source system; a client narrowed to entities does not see those that name a foreign site."""
    parameters = await _page_parameters(request, session, actor, system, cursor, limit)
    statement = text(f"{_MAPPED} AND (source_item.site_id IS NULL OR {_SEEN}) AND code > :after ORDER BY code LIMIT :limit")
    rows = (await session.execute(statement, parameters)).all()
    page, following = page_of(request, list(rows), limit, lambda row: [row.code])
    return MappedPage(items=[_mapped(row) for row in page], next=following, self=here(request))


@router.get("/v1/source-systems/{system}/unmapped", response_model=UnmappedPage)
async def list_unmapped_items(
    system: str,
    request: Request,
    actor: Annotated[Principal, Depends(requires("activities:read"))],
    session: InTransaction,
    limit: Limit = 100,
    cursor: Cursor = None,
) -> UnmappedPage:
    """Item codes with records in quarantine because nobody mapped them."""
    parameters = await _page_parameters(request, session, actor, system, cursor, limit)
    statement = text(
        "SELECT item_code AS code, count(*) AS records,"
        " min(content -> 'period' ->> 'start') AS first_day, max(cast(content -> 'period' ->> 'end' AS date)) - 1 AS last_day,"
        " array_remove(array_agg(DISTINCT content -> 'quantity' ->> 'unit'), NULL) AS units"
        " FROM activity LEFT JOIN site ON site.id = activity.site_id"
        " WHERE quarantine = 'unmapped_item' AND source_system = :system AND item_code > :after"
        f" AND {_SEEN}"
        " GROUP BY item_code ORDER BY item_code LIMIT :limit"
    )
    rows = (await session.execute(statement, parameters)).all()
    page, following = page_of(request, list(rows), limit, lambda row: [row.code])
    items = [
        UnmappedItem(
            code=row.code,
            records=row.records,
            first_day=row.first_day,
            last_day=row.last_day,
            units=sorted(row.units),
        )
        for row in page
    ]
    return UnmappedPage(items=items, next=following, self=here(request))


async def _page_parameters(
    request: Request, session: Session, actor: Principal, system: str, cursor: str | None, limit: int
) -> dict[str, Any]:
    """What the statement of a page needs; raises 404 for a source system that is not the client's."""
    if actor.source_systems and system not in actor.source_systems:
        raise not_found(f"source system {system!r:.120}")
    cursors: Cursors = request.app.state.cursors
    after = cursors.read(request, cursor)
    visible = await visible_entities(session, actor)
    return {
        "system": system,
        "after": after[0] if after else "",
        "visible": None if visible is None else list(visible),
        "limit": limit + 1,
    }


def _mapped(row: Any) -> MappedItem:
    result = row.job_result or {}
    return MappedItem(
        source_system=row.source_system,
        code=row.code,
        activity_type=row.activity_type,
        unit=row.unit,
        site_external_id=row.site_external_id,
        scope=SCOPE_OF.get(row.category or ""),
        category=row.category,
        release=ReleaseJob(
            state=row.job_state or "done",
            released=result.get("released"),
            quarantined=result.get("quarantined"),
            refused=result.get("refused"),
        ),
    )
