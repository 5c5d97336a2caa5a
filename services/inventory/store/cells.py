"""Reading cells, each with the site and entity that it belongs to now.

Two statements: whoever calls has one snapshot for both, or holds services.inventory.store.period_lock.
"""

import asyncio
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from ghg.calculation import GasAmount
from ghg.totals import Cell
from kernel.database import Session
from kernel.postgres import driver

_CHOSEN = """
FROM cell
LEFT JOIN site ON site.id = cell.site_id
LEFT JOIN entity ON entity.id = site.entity_id
WHERE cell.segment_start >= $1 AND cell.segment_end <= $2 AND ($3::uuid[] IS NULL OR entity.id = ANY($3::uuid[]))
"""
_CELLS = f"""
SELECT cell.id, cell.scope, cell.category, cell.activity_type, cell.factor_id, cell.state, cell.item, cell.segment_start, cell.segment_end,
       cell.method, cell.unit, cell.quantity_nano, cell.biogenic_co2_mg, cell.records,
       site.id AS site_id, site.external_id AS site, entity.id AS entity_id, entity.external_id AS entity
{_CHOSEN} ORDER BY cell.id
"""
_GASES = f"""
SELECT cell_id, gas, gwp_basis, mass_mg, co2e_mg_ar4, co2e_mg_ar5, co2e_mg_ar6
FROM cell_gas WHERE cell_id IN (SELECT cell.id {_CHOSEN})
"""


@dataclass(frozen=True, slots=True)
class PlacedCell:
    """A cell as totals count it, under business keys, with what else its approved copy tells."""

    counted: Cell
    site_id: UUID | None
    entity_id: UUID | None
    item: str | None
    unit: str | None


async def of_period(session: Session, start: date, end: date, visible: frozenset[UUID] | None) -> list[PlacedCell]:
    """The cells wholly within [start, end) that hold anything; vanished ones are all zeroes and left out.

    visible  None for all, also of no site; else only cells of sites of these entities
    """
    connection = await driver(session)
    chosen = (start, end, None if visible is None else list(visible))
    rows = await connection.fetch(_CELLS, *chosen)
    gases = await connection.fetch(_GASES, *chosen)
    return await asyncio.to_thread(_placed_cells, rows, gases)


def _placed_cells(rows: Iterable[Mapping[str, Any]], gases: Iterable[Iterable[Any]]) -> list[PlacedCell]:
    gases_of: defaultdict[UUID, list[GasAmount]] = defaultdict(list)
    for cell_id, gas, basis, mass, ar4, ar5, ar6 in gases:
        gases_of[cell_id].append(GasAmount(gas, mass, {"AR4": ar4, "AR5": ar5, "AR6": ar6}, basis or None))
    placed = (_placed(row, tuple(gases_of.get(row["id"], ()))) for row in rows)
    return [cell for cell in placed if not _vanished(cell.counted)]


def _placed(row: Mapping[str, Any], gases: tuple[GasAmount, ...]) -> PlacedCell:
    counted = Cell(
        id=str(row["id"]),
        entity=row["entity"],
        site=row["site"],
        scope=row["scope"],
        category=row["category"],
        activity_type=row["activity_type"],
        factor=row["factor_id"],
        state=row["state"],
        segment_start=row["segment_start"],
        segment_end=row["segment_end"],
        method=row["method"],
        quantity_nano=int(row["quantity_nano"]),
        gases=gases,
        biogenic_co2_mg=row["biogenic_co2_mg"],
        records=row["records"],
    )
    return PlacedCell(counted, row["site_id"], row["entity_id"], row["item"], row["unit"])


def _vanished(cell: Cell) -> bool:
    if cell.records or cell.quantity_nano or cell.biogenic_co2_mg:
        return False
    return not any(gas.mass_mg or any(gas.co2e_mg.values()) for gas in cell.gases)
