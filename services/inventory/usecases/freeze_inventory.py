"""Keep an approved inventory's figures, so that no later change of ownership, factor or mapping moves them; and empty them again."""

import asyncio
from collections.abc import Sequence
from typing import Any

from contracts.events import ApprovedCellChanged
from ghg.consolidation import ConsolidationTree
from kernel.database import Session
from services.inventory.domain.consolidated_cells import emptied_row, share_of
from services.inventory.store import approved_cells, cells, entities
from services.inventory.tables import Inventory

ROWS_AT_ONCE = 1_000  # read, counted in a thread and written, before the next are read: other requests go on meanwhile

Kept = list[tuple[str, str]]  # ids of cells with the JSON of their events


async def freeze_inventory(session: Session, inventory: Inventory) -> None:
    """Consolidate every cell of the locked inventory's period, keep the rows, and tell them."""
    tree = await entities.consolidation_tree(session)
    async for rows in cells.of_period(session, inventory.period_start, inventory.period_end, ROWS_AT_ONCE):
        await approved_cells.keep(session, inventory, await asyncio.to_thread(_consolidated, inventory, rows, tree), counts=True)
    await approved_cells.tell(session, inventory)


async def thaw_inventory(session: Session, inventory: Inventory) -> None:
    """Empty the locked inventory's rows, and tell that they count nothing any more."""
    async for documents in approved_cells.counting(session, inventory, ROWS_AT_ONCE):
        await approved_cells.keep(session, inventory, await asyncio.to_thread(_emptied, inventory, documents), counts=False)
    await approved_cells.tell(session, inventory)


def _consolidated(inventory: Inventory, rows: Sequence[Any], tree: ConsolidationTree) -> Kept:
    """What the inventory counts of cells; those of which the group has nothing are outside."""
    kept = []
    for row in rows:
        share = share_of(row["entity"], row["segment_start"], tree, inventory.consolidation_approach)
        if share:
            kept.append((str(row["id"]), approved_cells.event_of(row, inventory, share).model_dump_json()))
    return kept


def _emptied(inventory: Inventory, documents: Sequence[Any]) -> Kept:
    raised = {"version": inventory.version, "recorded_at": inventory.recorded_at}
    rows = [emptied_row(ApprovedCellChanged.model_validate(document)).model_copy(update=raised) for document in documents]
    return [(row.cell, row.model_dump_json()) for row in rows]
