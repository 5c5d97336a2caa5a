"""Reading the catalogue: rows to the domain's dataclasses."""

from typing import Any

from sqlalchemy import select
from sqlmodel import SQLModel

from kernel.database import Session
from services.factors.catalogue.pack_format import Record, activity_type_from, dataset_from, factor_from, property_from
from services.factors.catalogue.pack_model import ActivityType, Dataset
from services.factors.domain.catalogue import Catalogue, StoredFactor, make_catalogue
from services.factors.domain.preferences import Preferences, preference_from
from services.factors.tables import ActivityType as ActivityTypeTable
from services.factors.tables import Dataset as DatasetTable
from services.factors.tables import FuelProperty as FuelPropertyTable

STANDING = frozenset({"state", "superseded_by", "version", "recorded_at", "unit_kind", "is_current", "preferences"})


async def read_ground(session: Session) -> Catalogue:
    """What every question stands on: the whole catalogue but for its factors."""
    current = await records(session, FuelPropertyTable, FuelPropertyTable.is_current)
    properties = [property_from(content_of(record)) for record in current]
    return make_catalogue(await read_datasets(session), await read_activity_types(session), (), properties, await read_preferences(session))


async def read_preferences(session: Session) -> Preferences:
    """What the organisation prefers, by data set."""
    preferring = await records(session, DatasetTable, DatasetTable.__table__.c.preferences != [])  # type: ignore[attr-defined]
    return {record["id"]: tuple(map(preference_from, record["preferences"])) for record in preferring}


async def read_datasets(session: Session) -> dict[str, Dataset]:
    """Every data set by id."""
    return {record["id"]: dataset_from(content_of(record)) for record in await records(session, DatasetTable)}


async def read_activity_types(session: Session) -> dict[str, ActivityType]:
    """Every activity type by id."""
    return {record["id"]: activity_type_from(content_of(record)) for record in await records(session, ActivityTypeTable)}


async def records(session: Session, table: type[SQLModel], *conditions: Any) -> list[Record]:
    """Rows of a table that has an id, in the order of these."""
    columns = table.__table__  # type: ignore[attr-defined]
    connection = await session.connection()
    rows = await connection.execute(select(columns).where(*conditions).order_by(columns.c.id))
    return [dict(row._mapping) for row in rows]


async def page_of_records(session: Session, table: type[SQLModel], after: str | None, limit: int, *conditions: Any) -> list[Record]:
    """Up to `limit` rows of a table that has an id, in the order of these, those after the id `after`."""
    columns = table.__table__  # type: ignore[attr-defined]
    wanted = select(columns).where(*conditions).order_by(columns.c.id).limit(limit)
    connection = await session.connection()
    rows = await connection.execute(wanted if after is None else wanted.where(columns.c.id > after))
    return [dict(row._mapping) for row in rows]


def stored_factor(record: Record) -> StoredFactor:
    """A row of the factor table."""
    factor = factor_from(content_of(record))
    return StoredFactor(factor, record["state"], record["superseded_by"], record["version"], record["recorded_at"])


def content_of(record: Record) -> Record:
    """What a row has from its pack."""
    return {name: value for name, value in record.items() if name not in STANDING}
