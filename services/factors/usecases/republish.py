"""Say the catalogue again to the other services, each data set, activity type and factor as it stands."""

from sqlmodel import col

from contracts.events import ActivityTypePublished, DatasetPublished
from contracts.topics import ACTIVITY_TYPE, DATASET, FACTOR
from kernel.database import Session
from kernel.republishing import Keyed, Republication
from services.factors import tables
from services.factors.domain.publication import WAS_PUBLISHED, factor_published
from services.factors.store.catalogue import page_of_records, read_datasets
from services.factors.store.own_factors import quality_scores


async def datasets(session: Session, after: str | None, limit: int) -> list[Keyed]:
    rows = await page_of_records(session, tables.Dataset, after, limit)
    return [(row["id"], DatasetPublished.model_validate(row)) for row in rows]


async def activity_types(session: Session, after: str | None, limit: int) -> list[Keyed]:
    rows = await page_of_records(session, tables.ActivityType, after, limit)
    return [(row["id"], ActivityTypePublished.model_validate(row)) for row in rows]


async def factors(session: Session, after: str | None, limit: int) -> list[Keyed]:
    """Superseded and withdrawn ones too: old figures were made with them."""
    known, scores = await read_datasets(session), await quality_scores(session)
    rows = await page_of_records(session, tables.Factor, after, limit, col(tables.Factor.state).in_(WAS_PUBLISHED))
    return [(row["id"], factor_published(row, known, scores.get(row["id"]))) for row in rows]


REPUBLICATIONS = [
    Republication(DATASET.name, datasets),
    Republication(ACTIVITY_TYPE.name, activity_types),
    Republication(FACTOR.name, factors),
]
