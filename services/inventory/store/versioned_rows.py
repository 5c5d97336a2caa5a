"""Rows of master data: found by id, created once per business key, and raised by a version with every change, under the row's lock."""

from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import func, select, update
from sqlalchemy.dialects.postgresql import insert

from kernel.database import Session
from kernel.identifiers import uuid7
from services.inventory.tables import Entity, Inventory, Site

Row = TypeVar("Row", Entity, Site, Inventory)


async def create(session: Session, table: type[Row], key: tuple[str, ...], values: dict[str, Any]) -> Row | None:
    """Insert version 1; None if a row with this business key is there already."""
    new = insert(table).values(id=uuid7(), version=1, recorded_at=func.clock_timestamp(), **values)
    return (await session.scalars(new.on_conflict_do_nothing(index_elements=list(key)).returning(table))).one_or_none()


async def find(session: Session, table: type[Row], row_id: UUID) -> Row | None:
    return await session.get(table, row_id)


async def lock(session: Session, table: type[Row], row_id: UUID) -> Row | None:
    """The row as it is now, held until the transaction ends; rows that refer to it can be written meanwhile."""
    wanted = select(table).where(table.id == row_id).with_for_update(key_share=True).execution_options(populate_existing=True)
    return (await session.scalars(wanted)).one_or_none()


async def change(session: Session, row: Row, values: dict[str, Any]) -> Row:
    """Write a locked row's new values as its next version."""
    table = type(row)
    next_version = (
        update(table)
        .where(table.id == row.id)
        .values(version=table.version + 1, recorded_at=func.clock_timestamp(), **values)
        .returning(table)
        .execution_options(populate_existing=True, synchronize_session=False)
    )
    return (await session.scalars(next_version)).one()
