"""The consolidated rows of approved inventories: written on approval, read by totals, emptied when the inventory is opened again."""

from collections.abc import AsyncIterator, Sequence
from fractions import Fraction
from typing import Any

from contracts.events import ApprovedCellChanged
from contracts.topics import APPROVED_CELL
from ghg.consolidation import consolidate
from ghg.rounding import ratio_text
from kernel import outbox
from kernel.database import Session
from kernel.postgres import driver
from services.inventory.domain.consolidated_cells import consolidated_gases
from services.inventory.store.cell_changes import fields_of
from services.inventory.tables import Inventory

_KEEP = """
INSERT INTO approved_cell (inventory_id, cell_id, version, counts, document)
SELECT $1, given.cell_id, $2, $3, given.document
FROM unnest($4::uuid[], $5::jsonb[]) AS given(cell_id, document)
ON CONFLICT (inventory_id, cell_id) DO UPDATE SET version = excluded.version, counts = excluded.counts, document = excluded.document
"""

_COUNTING = "SELECT document FROM approved_cell WHERE inventory_id = $1 AND counts ORDER BY cell_id"

_TOLD = "SELECT document ->> 'id', document::text FROM approved_cell WHERE inventory_id = $1 AND version = $2 ORDER BY cell_id"


def event_of(row: Any, inventory: Inventory, share: Fraction) -> ApprovedCellChanged:
    """A row of services.inventory.store.cells as the inventory counts it.

    Its version is the inventory's, which every transition raises, so a later approval's is higher.
    """
    cell = fields_of(row)
    of_inventory = {
        "id": f"{inventory.id}:{cell['id']}",
        "version": inventory.version,
        "recorded_at": inventory.recorded_at,
        "inventory": str(inventory.id),
        "cell": cell["id"],
        "entity": None if row["entity_id"] is None else str(row["entity_id"]),
        "share": ratio_text(share),
        "gases": consolidated_gases(row["gases"] or (), share),
        "biogenic_co2_mg": consolidate(cell["biogenic_co2_mg"], share),
    }
    return ApprovedCellChanged(**cell | of_inventory)


async def keep(session: Session, inventory: Inventory, cells: Sequence[tuple[str, str]], *, counts: bool) -> None:
    """Keep cells of an inventory, ids with the JSON of their events: those that it counts, or emptied ones."""
    connection = await driver(session)
    ids, documents = [cell for cell, _ in cells], [document for _, document in cells]
    await connection.execute(_KEEP, inventory.id, inventory.version, counts, ids, documents)


async def tell(session: Session, inventory: Inventory) -> None:
    """Have an event published for every cell that was kept under the inventory's present version."""
    await outbox.record_rows(session, APPROVED_CELL.name, _TOLD, inventory.id, inventory.version)


async def counting(session: Session, inventory: Inventory, at_once: int) -> AsyncIterator[list[Any]]:
    """The documents of an inventory's rows that count, so many at once."""
    connection = await driver(session)
    cursor = await connection.cursor(_COUNTING, inventory.id)
    while rows := await cursor.fetch(at_once):
        yield [row["document"] for row in rows]
