"""Inventories in the database, and the transitions that each went through."""

from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert

from contracts import events
from kernel.database import Session
from kernel.identifiers import uuid7
from kernel.problems import not_found
from services.inventory.domain.inventory_content import InventoryContent
from services.inventory.domain.inventory_states import Standing
from services.inventory.store import versioned_rows
from services.inventory.tables import Inventory, InventoryTransition


async def get(session: Session, inventory_id: UUID, *, locked: bool = False) -> Inventory:
    """The inventory; raises 404."""
    inventory = await (versioned_rows.lock if locked else versioned_rows.find)(session, Inventory, inventory_id)
    if inventory is None:
        raise not_found(f"inventory {inventory_id}")
    return inventory


async def of_year(session: Session, year: int, name: str) -> Inventory | None:
    return (await session.scalars(select(Inventory).where(Inventory.year == year, Inventory.name == name))).one_or_none()


async def page(session: Session, year: int | None, name: str | None, after: UUID | None, limit: int) -> list[Inventory]:
    """Up to `limit` + 1 inventories in the order of their creation."""
    wanted = select(Inventory).order_by(Inventory.id).limit(limit + 1)
    if year is not None:
        wanted = wanted.where(Inventory.year == year)
    if name is not None:
        wanted = wanted.where(Inventory.name == name)
    if after is not None:
        wanted = wanted.where(Inventory.id > after)
    return list(await session.scalars(wanted))


async def add_transition(session: Session, before: Inventory, after: Standing, reason: str | None, principal: str) -> None:
    step = {"from_state": before.state, "to_state": after.state, "effective_on": after.effective_on, "reason": reason}
    row = insert(InventoryTransition).values(
        id=uuid7(), inventory_id=before.id, principal=principal, recorded_at=func.clock_timestamp(), **step
    )
    await session.exec(row)


async def transitions(session: Session, inventory_id: UUID) -> list[InventoryTransition]:
    """What the inventory went through, the oldest first."""
    steps = select(InventoryTransition).where(InventoryTransition.inventory_id == inventory_id)
    return list(await session.scalars(steps.order_by(InventoryTransition.recorded_at)))


def content_of(inventory: Inventory) -> InventoryContent:
    return InventoryContent(**{name: getattr(inventory, name) for name in InventoryContent.__slots__})


def standing_of(inventory: Inventory) -> Standing:
    return Standing(inventory.state, inventory.effective_on, inventory.submitted_by)


def event_of(inventory: Inventory) -> events.InventoryChanged:
    content: dict[str, Any] = {name: getattr(inventory, name) for name in InventoryContent.__slots__}
    return events.InventoryChanged(
        id=str(inventory.id),
        version=inventory.version,
        recorded_at=inventory.recorded_at,
        state=inventory.state,
        effective_on=inventory.effective_on,
        **content,
    )
