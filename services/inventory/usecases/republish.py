"""Say again what inventory tells the other services: the group, its inventories, and every cell as it stands."""

from contracts.topics import APPROVED_CELL, CELL, ENTITY, INVENTORY, SITE
from kernel.database import Session
from kernel.republishing import Keyed, Republication
from services.inventory import tables
from services.inventory.store import entities, inventories, present_state, sites


async def all_entities(session: Session, after: str | None, limit: int) -> list[Keyed]:
    return [(str(row.id), entities.event_of(row)) for row in await present_state.rows(session, tables.Entity, after, limit)]


async def all_sites(session: Session, after: str | None, limit: int) -> list[Keyed]:
    return [(str(row.id), sites.event_of(row)) for row in await present_state.rows(session, tables.Site, after, limit)]


async def all_inventories(session: Session, after: str | None, limit: int) -> list[Keyed]:
    return [(str(row.id), inventories.event_of(row)) for row in await present_state.rows(session, tables.Inventory, after, limit)]


async def all_cells(session: Session, after: str | None, limit: int) -> list[Keyed]:
    return [(event.id, event) for event in await present_state.cells(session, after, limit)]


async def all_approved_cells(session: Session, after: str | None, limit: int) -> list[Keyed]:
    return [(event.id, event) for event in await present_state.approved_cells(session, after, limit)]


REPUBLICATIONS = [
    Republication(ENTITY.name, all_entities),
    Republication(SITE.name, all_sites),
    Republication(INVENTORY.name, all_inventories),
    Republication(CELL.name, all_cells),
    Republication(APPROVED_CELL.name, all_approved_cells),
]
