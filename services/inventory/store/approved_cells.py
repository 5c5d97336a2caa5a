"""The consolidated rows of approved inventories: written on approval, read by totals, emptied when the inventory is opened again."""

from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

from contracts.events import ApprovedCellChanged
from ghg.calculation import GasAmount
from ghg.totals import Cell
from kernel.database import Session
from kernel.postgres import driver

_WITH_BUSINESS_KEYS = """
SELECT approved_cell.document, site.external_id AS site, entity.external_id AS entity
FROM approved_cell
LEFT JOIN site ON site.id = (document ->> 'site')::uuid
LEFT JOIN entity ON entity.id = (document ->> 'entity')::uuid
WHERE inventory_id = $1 AND counts AND ($2::uuid[] IS NULL OR entity.id = ANY($2::uuid[]))
ORDER BY cell_id
"""


_KEEP = """
INSERT INTO approved_cell (inventory_id, cell_id, version, counts, document)
SELECT $1, given.cell_id, given.version, $2, given.document
FROM unnest($3::uuid[], $4::int[], $5::jsonb[]) AS given(cell_id, version, document)
ON CONFLICT (inventory_id, cell_id) DO UPDATE SET version = excluded.version, counts = excluded.counts, document = excluded.document
"""


async def keep(session: Session, inventory_id: UUID, events: Sequence[ApprovedCellChanged], *, counts: bool) -> None:
    """Keep consolidated cells of an inventory: those that it counts, or emptied ones."""
    connection = await driver(session)
    cells, versions = [event.cell for event in events], [event.version for event in events]
    await connection.execute(_KEEP, inventory_id, counts, cells, versions, [event.model_dump_json() for event in events])


async def counting(session: Session, inventory_id: UUID) -> list[ApprovedCellChanged]:
    """What an inventory's rows say that count."""
    connection = await driver(session)
    rows = await connection.fetch("SELECT document FROM approved_cell WHERE inventory_id = $1 AND counts ORDER BY cell_id", inventory_id)
    return [ApprovedCellChanged.model_validate(row["document"]) for row in rows]


async def counted(session: Session, inventory_id: UUID, visible: frozenset[UUID] | None) -> list[Cell]:
    """An approved inventory's cells under business keys; `visible` as in services.inventory.store.cells."""
    connection = await driver(session)
    rows = await connection.fetch(_WITH_BUSINESS_KEYS, inventory_id, None if visible is None else list(visible))
    return [_cell(row["document"], row["site"], row["entity"]) for row in rows]


def _cell(document: dict[str, Any], site: str | None, entity: str | None) -> Cell:
    return Cell(
        id=document["cell"],
        entity=entity,
        site=site,
        scope=document["scope"],
        category=document["category"],
        activity_type=document["activity_type"],
        factor=document["factor"],
        state=document["state"],
        segment_start=date.fromisoformat(document["segment_start"]),
        segment_end=date.fromisoformat(document["segment_end"]),
        method=document["method"],
        quantity_nano=document["quantity_nano"],
        gases=tuple(_gas(gas) for gas in document["gases"]),
        biogenic_co2_mg=document["biogenic_co2_mg"],
        records=document["records"],
    )


def _gas(gas: dict[str, Any]) -> GasAmount:
    co2e = {"AR4": gas["co2e_mg_ar4"], "AR5": gas["co2e_mg_ar5"], "AR6": gas["co2e_mg_ar6"]}
    return GasAmount(gas["gas"], gas["mass_mg"], co2e, gas["gwp_basis"])
