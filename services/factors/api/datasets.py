"""Data sets: whose numbers the catalogue holds, under which licence, from which files, and which rows were left out."""

from datetime import datetime
from typing import Any

from fastapi import Request, Response
from pydantic import BaseModel

from kernel.pages import Cursor, Limit, Page, here, page_of
from kernel.preconditions import honour_match, set_etag
from kernel.problems import not_found
from kernel.service import router as service_router
from services.factors.api.access import Approver, CatalogueGround, InTransaction, Reader
from services.factors.api.own_factor_shapes import PreferenceIn, PreferenceOut, PreferencesIn
from services.factors.catalogue.pack_format import Record
from services.factors.domain.preferences import Preference
from services.factors.domain.regions import usual_region
from services.factors.store.catalogue import records
from services.factors.store.lists import list_by_id, list_excluded_rows
from services.factors.tables import Dataset
from services.factors.usecases.prefer_dataset import prefer_dataset as prefer

router = service_router("datasets")


class SourceFileOut(BaseModel):
    """A file that was read, and what became of its rows."""

    path: str
    sha256: str
    bytes: int
    rows: int
    rows_loaded: int
    rows_excluded: int


class DatasetOut(BaseModel):
    """One publisher's edition.

    has_vintage  whether its factors are of a year, and are used for that year and the five after it
    is_global    whether it serves regions that have no factor of their own
    """

    id: str
    name: str
    publisher: str
    title: str
    edition: str
    year: int | None
    published_on: str | None
    licence: str
    attribution: str
    tier: str
    url: str | None
    has_vintage: bool
    is_global: bool
    source_files: list[SourceFileOut]
    rows_loaded: int
    rows_excluded: int
    preferences: list[PreferenceOut]
    version: int
    recorded_at: datetime


class DatasetPage(Page):
    items: list[DatasetOut]


class ExcludedRowOut(BaseModel):
    """A row of a source file that carries no factor, and why."""

    file: str
    row: str
    text: str
    reason: str


class ExcludedRowPage(Page):
    items: list[ExcludedRowOut]


@router.get("/v1/datasets")
async def list_datasets(
    request: Request, principal: Reader, session: InTransaction, limit: Limit = 100, cursor: Cursor = None
) -> DatasetPage:
    """The data sets, by id."""
    rows = await list_by_id(session, Dataset, request.app.state.cursors.read(request, cursor), limit + 1)
    items, following = page_of(request, rows, limit, lambda row: [row["id"]])
    return DatasetPage(items=[DatasetOut.model_validate(row) for row in items], next=following, self=here(request))


@router.get("/v1/datasets/{dataset_id}")
async def read_dataset(dataset_id: str, response: Response, principal: Reader, session: InTransaction) -> DatasetOut:
    """One data set."""
    row = await _dataset(session, dataset_id)
    set_etag(response, row["version"])
    return DatasetOut.model_validate(row)


@router.put("/v1/datasets/{dataset_id}/preferences")
async def prefer_dataset(
    dataset_id: str,
    body: PreferencesIn,
    request: Request,
    response: Response,
    principal: Approver,
    session: InTransaction,
    catalogue: CatalogueGround,
) -> DatasetOut:
    """Say for which activity types the organisation prefers a data set; these preferences take the place of those before.

    A choice of factor that changes by it is proposed under `/v1/factor-updates`; nothing recorded moves before that is accepted.
    """
    preferences = tuple(map(_preference, body.preferences))
    before, after = await prefer(session, principal, catalogue, dataset_id, preferences, body.reason)
    honour_match(request, before["version"])
    set_etag(response, after["version"])
    return DatasetOut.model_validate(after)


@router.get("/v1/datasets/{dataset_id}/excluded-rows")
async def list_excluded_rows_of_dataset(
    dataset_id: str, request: Request, principal: Reader, session: InTransaction, limit: Limit = 100, cursor: Cursor = None
) -> ExcludedRowPage:
    """The rows of the data set's files that were left out, in their order, each with the reason."""
    await _dataset(session, dataset_id)
    rows = await list_excluded_rows(session, dataset_id, request.app.state.cursors.read(request, cursor), limit + 1)
    items, following = page_of(request, rows, limit, lambda row: [row["position"]])
    return ExcludedRowPage(items=[ExcludedRowOut.model_validate(row) for row in items], next=following, self=here(request))


def _preference(given: PreferenceIn) -> Preference:
    region = None if given.region is None else usual_region(given.region)
    return Preference(given.activity_types, given.rank, region, tuple(map(usual_region, given.stands_in_for)))


async def _dataset(session: Any, dataset_id: str) -> Record:
    rows = await records(session, Dataset, Dataset.id == dataset_id)
    if not rows:
        raise not_found(f"data set {dataset_id}")
    return rows[0]
