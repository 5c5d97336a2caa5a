"""Reading the catalogue: rows to the domain's dataclasses."""

import asyncio
from typing import Any

from sqlalchemy import select
from sqlmodel import SQLModel, col

from kernel.database import Session
from services.factors.catalogue.pack_format import Record, activity_type_from, dataset_from, factor_from, property_from
from services.factors.catalogue.pack_model import ActivityType, Dataset
from services.factors.domain.catalogue import Catalogue, StoredFactor, make_catalogue
from services.factors.tables import ActivityType as ActivityTypeTable
from services.factors.tables import Dataset as DatasetTable
from services.factors.tables import Factor as FactorTable
from services.factors.tables import FuelProperty as FuelPropertyTable
from services.factors.tables import LoadedPack

STANDING = frozenset({"state", "superseded_by", "version", "recorded_at", "unit_kind", "is_current"})


class CatalogueInMemory:
    """The catalogue, read when it is first asked for, and again when the database holds another pack."""

    def __init__(self) -> None:
        self._catalogue: Catalogue | None = None
        self._reading = asyncio.Lock()

    async def current(self, session: Session) -> Catalogue:
        """The catalogue of the pack that was loaded last."""
        version = await loaded_version(session)
        async with self._reading:
            if self._catalogue is None or self._catalogue.version != version:
                self._catalogue = await read_catalogue(session, version)
            return self._catalogue


async def loaded_version(session: Session) -> str:
    """The version of the pack that was loaded last; empty before the first."""
    newest = select(col(LoadedPack.version)).order_by(col(LoadedPack.loaded_at).desc()).limit(1)
    connection = await session.connection()
    return (await connection.execute(newest)).scalar() or ""


async def read_catalogue(session: Session, version: str) -> Catalogue:
    """The whole catalogue, ready for questions."""
    current = await records(session, FuelPropertyTable, FuelPropertyTable.is_current)
    return make_catalogue(
        version,
        await read_datasets(session),
        await read_activity_types(session),
        [stored_factor(record) for record in await records(session, FactorTable)],
        [property_from(content_of(record)) for record in current],
    )


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


async def page_of_records(session: Session, table: type[SQLModel], after: str | None, limit: int) -> list[Record]:
    """Up to `limit` rows of a table that has an id, in the order of these, those after the id `after`."""
    columns = table.__table__  # type: ignore[attr-defined]
    wanted = select(columns).order_by(columns.c.id).limit(limit)
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
