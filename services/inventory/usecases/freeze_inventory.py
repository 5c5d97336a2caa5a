"""Keep an approved inventory's figures, so that no later change of ownership, factor or mapping moves them; and empty them again."""

import asyncio

from contracts.events import ApprovedCellChanged
from contracts.topics import APPROVED_CELL
from ghg.consolidation import ConsolidationTree, consolidate
from ghg.rounding import ratio_text
from kernel import outbox
from kernel.database import Session
from services.inventory.domain.consolidated_cells import consolidated_gases, emptied_row, share_of
from services.inventory.store import approved_cells, cells, entities
from services.inventory.store.cells import PlacedCell
from services.inventory.tables import Inventory

ROWS_AT_ONCE = 2_000  # after so many, other requests have their turn


async def freeze_inventory(session: Session, inventory: Inventory) -> None:
    """Consolidate every cell of the locked inventory's period and keep the rows; cells of which the group has nothing are outside."""
    tree = await entities.consolidation_tree(session)
    placed = await cells.of_period(session, inventory.period_start, inventory.period_end, None)
    for start in range(0, len(placed), ROWS_AT_ONCE):
        consolidated = [_consolidated(inventory, cell, tree) for cell in placed[start : start + ROWS_AT_ONCE]]
        rows = [row for row in consolidated if row is not None]
        await _keep_and_tell(session, inventory, rows, counts=True)


async def thaw_inventory(session: Session, inventory: Inventory) -> None:
    """Empty the locked inventory's rows, and tell that they count nothing any more."""
    counting = await approved_cells.counting(session, inventory.id)
    raised = {"version": inventory.version, "recorded_at": inventory.recorded_at}
    for start in range(0, len(counting), ROWS_AT_ONCE):
        rows = [emptied_row(row).model_copy(update=raised) for row in counting[start : start + ROWS_AT_ONCE]]
        await _keep_and_tell(session, inventory, rows, counts=False)


async def _keep_and_tell(session: Session, inventory: Inventory, rows: list[ApprovedCellChanged], *, counts: bool) -> None:
    await approved_cells.keep(session, inventory.id, rows, counts=counts)
    for row in rows:
        outbox.record(session, APPROVED_CELL.name, row.id, row)
    await asyncio.sleep(0)


def _consolidated(inventory: Inventory, placed: PlacedCell, tree: ConsolidationTree) -> ApprovedCellChanged | None:
    """The row of a cell; its version is the inventory's, which every transition raises, so a later approval's is higher."""
    cell = placed.counted
    share = share_of(cell, tree, inventory.consolidation_approach)
    if not share:
        return None
    return ApprovedCellChanged(
        id=f"{inventory.id}:{cell.id}",
        version=inventory.version,
        recorded_at=inventory.recorded_at,
        inventory=str(inventory.id),
        cell=cell.id,
        entity=str(placed.entity_id) if placed.entity_id else None,
        share=ratio_text(share),
        site=str(placed.site_id) if placed.site_id else None,
        scope=cell.scope,
        category=cell.category,
        activity_type=cell.activity_type,
        factor=cell.factor,
        state=cell.state,
        item=placed.item,
        segment_start=cell.segment_start,
        segment_end=cell.segment_end,
        method=cell.method,
        quantity_nano=cell.quantity_nano,
        unit=placed.unit,
        gases=consolidated_gases(cell.gases, share),
        biogenic_co2_mg=consolidate(cell.biogenic_co2_mg, share),
        records=cell.records,
    )
