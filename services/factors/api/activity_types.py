"""The taxonomy: one id for one real fuel, gas or service, whichever publisher describes it."""

from fastapi import Request
from pydantic import BaseModel, Field

from kernel.pages import Cursor, Limit, Page, here, page_of
from kernel.service import router as service_router
from services.factors.api.access import InTransaction, Reader
from services.factors.catalogue.pack_format import Record
from services.factors.store.lists import list_by_id
from services.factors.tables import ActivityType

router = service_router("activity types")


class ActivityTypeOut(BaseModel):
    id: str
    name_en: str
    name_zh: str
    scope: int
    category: str
    method: str = Field(description="How its records are accounted: location_based or none.")
    unit_kinds: list[str] = Field(description="The kinds of unit in which it is measured.")
    stage: str = Field(description="Which emissions answer where no stage is named: direct or those of the life cycle.")
    iso14064_category: str = Field(description="Category of ISO 14064-1:2018, annex B.")
    note: str


class ActivityTypePage(Page):
    items: list[ActivityTypeOut]


@router.get("/v1/activity-types")
async def list_activity_types(
    request: Request, principal: Reader, session: InTransaction, limit: Limit = 100, cursor: Cursor = None
) -> ActivityTypePage:
    """The activity types, by id."""
    rows = await list_by_id(session, ActivityType, request.app.state.cursors.read(request, cursor), limit + 1)
    items, following = page_of(request, rows, limit, lambda row: [row["id"]])
    return ActivityTypePage(items=[_answer(row) for row in items], next=following, self=here(request))


def _answer(row: Record) -> ActivityTypeOut:
    return ActivityTypeOut.model_validate({**row, "unit_kinds": row["unit_dimensions"]})
