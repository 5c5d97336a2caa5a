"""Pages of the catalogue, in a stable order."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, func, literal, select, tuple_
from sqlmodel import SQLModel

from kernel.database import Session
from services.factors.catalogue.pack_format import Record
from services.factors.domain.catalogue import StoredFactor
from services.factors.store.catalogue import stored_factor
from services.factors.tables import ExcludedRow, Factor

FACTORS = Factor.__table__
EXCLUDED_ROWS = ExcludedRow.__table__
FILTERED = ("activity_type", "region", "data_year", "dataset", "unit_kind", "stage", "purpose", "state")


@dataclass(frozen=True, slots=True)
class FactorFilter:
    """What a factor must be like; of several values of one field any will do, an empty field does not filter."""

    activity_type: Sequence[str]
    region: Sequence[str]
    data_year: Sequence[int]
    dataset: Sequence[str]
    unit_kind: Sequence[str]
    stage: Sequence[str]
    purpose: Sequence[str]
    state: Sequence[str]


@dataclass(frozen=True, slots=True)
class Found:
    """A factor of a list, and where it stands in the list's order."""

    stored: StoredFactor
    position: list[Any]


async def list_factors(session: Session, wanted: FactorFilter, after: list[Any] | None, limit: int) -> list[Found]:
    """Up to `limit` factors after a position: by activity type, region, newest data year, key and id."""
    order = (FACTORS.c.activity_type, FACTORS.c.region, -func.coalesce(FACTORS.c.data_year, 0), FACTORS.c.key, FACTORS.c.id)
    query = select(FACTORS).where(*conditions(wanted))
    if after is not None:
        query = query.where(tuple_(*order) > tuple_(*(literal(value) for value in after)))
    connection = await session.connection()
    rows = await connection.execute(query.order_by(*order).limit(limit))
    return [_listed(stored_factor(dict(row._mapping))) for row in rows]


def _listed(stored: StoredFactor) -> Found:
    factor = stored.factor
    return Found(stored, [factor.activity_type, factor.region, -(factor.data_year or 0), factor.key, factor.id])


def conditions(wanted: FactorFilter) -> list[ColumnElement[bool]]:
    """The filter in SQL."""
    asked = {field: getattr(wanted, field) for field in FILTERED}
    return [FACTORS.c[field].in_(values) for field, values in asked.items() if values]


async def one_factor(session: Session, factor_id: str) -> StoredFactor | None:
    """The factor of this id."""
    connection = await session.connection()
    row = (await connection.execute(select(FACTORS).where(FACTORS.c.id == factor_id))).one_or_none()
    return None if row is None else stored_factor(dict(row._mapping))


async def superseded_by(session: Session, factor_id: str) -> list[str]:
    """The ids of the factors whose place this one has taken."""
    connection = await session.connection()
    rows = await connection.execute(select(FACTORS.c.id).where(FACTORS.c.superseded_by == factor_id).order_by(FACTORS.c.id))
    return list(rows.scalars())


async def list_excluded_rows(session: Session, dataset: str, after: list[Any] | None, limit: int) -> list[Record]:
    """Up to `limit` excluded rows of a data set, in the order of its files."""
    query = select(EXCLUDED_ROWS).where(EXCLUDED_ROWS.c.dataset == dataset)
    if after is not None:
        query = query.where(EXCLUDED_ROWS.c.position > after[0])
    connection = await session.connection()
    rows = await connection.execute(query.order_by(EXCLUDED_ROWS.c.position).limit(limit))
    return [dict(row._mapping) for row in rows]


async def list_by_id(session: Session, table: type[SQLModel], after: list[Any] | None, limit: int) -> list[Record]:
    """Up to `limit` rows of a table after a position, by id."""
    columns = table.__table__  # type: ignore[attr-defined]
    query = select(columns) if after is None else select(columns).where(columns.c.id > after[0])
    connection = await session.connection()
    rows = await connection.execute(query.order_by(columns.c.id).limit(limit))
    return [dict(row._mapping) for row in rows]
