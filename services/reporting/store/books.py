"""Reading an inventory's books out of the read model."""

import asyncio
import json
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from fractions import Fraction
from typing import Any

import asyncpg

from ghg.calculation import GasAmount
from ghg.consolidation import WHOLE, ControlInterval, OwnershipInterval
from ghg.errors import InvalidOwnership
from ghg.totals import Cell, Method
from kernel.database import Session
from kernel.postgres import driver
from services.reporting.domain.books import Books, HeldCell, Inventory
from services.reporting.domain.group import Entity, Group, Site, Visible
from services.reporting.problems import half_heard

_INVENTORY = "id, year, name, period_start, period_end, consolidation_approach, gwp_set, is_base_year, state, version FROM inventory WHERE"

# Gases come as text, to be parsed in the thread that makes the cells.
_FIGURES = (
    "id, site, scope, category, activity_type, factor, state, item, segment_start, segment_end, method, quantity_nano, unit, gases::text,"
    " biogenic_co2_mg, records, version"
)

_CELLS = f"""
SELECT {_FIGURES} FROM cell WHERE segment_start >= $1 AND segment_end <= $2 AND method IN ($3, 'none')
"""

_APPROVED_CELLS = f"""
SELECT {_FIGURES}, entity, share FROM approved_cell WHERE inventory = $1 AND method IN ($2, 'none')
"""


async def read_consistently(session: Session) -> None:
    """Let every statement of the transaction see the same moment; called before its first statement."""
    await session.connection(execution_options={"isolation_level": "REPEATABLE READ"})


async def find_inventory(session: Session, inventory_id: str) -> Inventory | None:
    connection = await driver(session)
    row = await connection.fetchrow(f"SELECT {_INVENTORY} id = $1", inventory_id)
    return None if row is None else Inventory(**row)


async def find_primary_inventory(session: Session, year: int) -> Inventory | None:
    connection = await driver(session)
    row = await connection.fetchrow(f"SELECT {_INVENTORY} year = $1 AND name = 'primary'", year)
    return None if row is None else Inventory(**row)


async def read_group(session: Session) -> Group:
    """The group as it is heard of now; raises a 503 problem while half of a change in the tree has arrived."""
    connection = await driver(session)
    entities = await connection.fetch("SELECT id, external_id, name, country, parent, ownership, control FROM entity")
    sites = await connection.fetch("SELECT id, external_id, entity, name, region, tenure FROM site")
    try:
        return Group((_entity(row) for row in entities), (Site(**row) for row in sites))
    except InvalidOwnership as error:
        raise half_heard(str(error)) from error


async def read_books(session: Session, inventory: Inventory, method: Method, group: Group, visible: Visible) -> Books:
    """The inventory's cells that the reader may see; made in a thread, so that other requests go on meanwhile.

    Cells of a site that has not been heard of yet are left out, as if they had not arrived themselves.
    """
    connection = await driver(session)
    if inventory.is_closed:
        rows = await connection.fetch(_APPROVED_CELLS, inventory.id, method)
        held = await asyncio.to_thread(lambda: list(_approved_cells(rows, group, visible)))
    else:
        rows = await connection.fetch(_CELLS, inventory.period_start, inventory.period_end, method)
        held = await asyncio.to_thread(lambda: list(_open_cells(rows, inventory, group, visible)))
    return Books(inventory, method, group, visible, held)


def _open_cells(rows: Iterable[asyncpg.Record], inventory: Inventory, group: Group, visible: Visible) -> Iterator[HeldCell]:
    approach = inventory.consolidation_approach
    for row in rows:
        site = group.sites.get(row["site"])
        if site is None and row["site"] is not None:
            continue
        entity = None if site is None else site.entity
        share = WHOLE if entity is None else group.share(entity, approach, row["segment_start"])
        if share and entity in visible:
            yield from _held(row, group, site, entity, share)


def _approved_cells(rows: Iterable[asyncpg.Record], group: Group, visible: Visible) -> Iterator[HeldCell]:
    for row in rows:
        site, entity = group.sites.get(row["site"]), row["entity"]
        if (site is None and row["site"] is not None) or (entity is not None and entity not in group.entities):
            continue
        if entity in visible:
            yield from _held(row, group, site, entity, Fraction(row["share"]))


def _held(row: asyncpg.Record, group: Group, site: Site | None, entity: str | None, share: Fraction) -> Iterator[HeldCell]:
    """The cell of a row, unless it has vanished: all zeroes."""
    gases = tuple(
        GasAmount(gas, mass, {"AR4": ar4, "AR5": ar5, "AR6": ar6}, basis) for gas, basis, mass, ar4, ar5, ar6 in json.loads(row["gases"])
    )
    quantity, biogenic, records = int(row["quantity_nano"]), row["biogenic_co2_mg"], row["records"]
    if not (quantity or biogenic or records) and not any(gas.mass_mg or any(gas.co2e_mg.values()) for gas in gases):
        return
    cell = Cell(
        row["id"],
        None if entity is None else group.entities[entity].external_id,
        None if site is None else site.external_id,
        row["scope"],
        row["category"],
        row["activity_type"],
        row["factor"],
        row["state"],
        row["segment_start"],
        row["segment_end"],
        row["method"],
        quantity,
        gases,
        biogenic,
        records,
    )
    yield HeldCell(cell, share, None if site is None else site.id, entity, row["unit"], row["item"], row["version"])


def _entity(row: Mapping[str, Any]) -> Entity:
    return Entity(
        row["id"],
        row["external_id"],
        row["name"],
        row["country"],
        row["parent"],
        tuple(
            OwnershipInterval(_day(each["start"]), _day(each["end"]), Fraction(each["share"]), each["owner"]) for each in row["ownership"]
        ),
        tuple(ControlInterval(_day(each["start"]), _day(each["end"]), each["operational"], each["financial"]) for each in row["control"]),
    )


def _day(text: str | None) -> date | None:
    return None if text is None else date.fromisoformat(text)
