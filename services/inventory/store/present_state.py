"""The present state of everything that inventory tells, page by page in the order of the ids, as events."""

from uuid import UUID

from sqlalchemy import select

from contracts.events import ApprovedCellChanged, CellChanged
from kernel.database import Session
from kernel.postgres import driver
from services.inventory.store.cell_changes import event_of
from services.inventory.store.versioned_rows import Row

_CELLS = """
SELECT cell.*, (
    SELECT json_agg(json_build_array(gas, gwp_basis, mass_mg, co2e_mg_ar4, co2e_mg_ar5, co2e_mg_ar6) ORDER BY gas, gwp_basis)
    FROM cell_gas WHERE cell_id = cell.id
) AS gases
FROM cell WHERE $1::uuid IS NULL OR id > $1 ORDER BY id LIMIT $2
"""

_APPROVED_CELLS = """
SELECT document FROM approved_cell
WHERE $1::uuid IS NULL OR (inventory_id, cell_id) > ($1, $2::uuid) ORDER BY inventory_id, cell_id LIMIT $3
"""


async def rows(session: Session, table: type[Row], after: str | None, limit: int) -> list[Row]:
    """Master data, after the id `after`."""
    wanted = select(table).order_by(table.id).limit(limit)
    return list(await session.scalars(wanted if after is None else wanted.where(table.id > UUID(after))))


async def cells(session: Session, after: str | None, limit: int) -> list[CellChanged]:
    """Every cell, those that hold nothing any more too."""
    connection = await driver(session)
    return [event_of(row) for row in await connection.fetch(_CELLS, after, limit)]


async def approved_cells(session: Session, after: str | None, limit: int) -> list[ApprovedCellChanged]:
    """Every row of every inventory that was ever approved; an id is that of the inventory, a colon, and that of the cell."""
    inventory, cell = after.split(":") if after else (None, None)
    connection = await driver(session)
    found = await connection.fetch(_APPROVED_CELLS, inventory, cell, limit)
    return [ApprovedCellChanged.model_validate(row["document"]) for row in found]
