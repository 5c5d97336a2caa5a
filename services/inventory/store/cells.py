"""Reading cells, each with the site and entity that it belongs to now, in one statement: figures of one moment."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from ghg.calculation import GasAmount
from ghg.totals import Cell
from kernel.database import Session
from kernel.postgres import driver

_OF_PERIOD = """
WITH chosen AS (
    SELECT cell.*, site.external_id AS site, entity.id AS entity_id, entity.external_id AS entity
    FROM cell
    LEFT JOIN site ON site.id = cell.site_id
    LEFT JOIN entity ON entity.id = site.entity_id
    WHERE cell.segment_start >= $1 AND cell.segment_end <= $2 AND ($3::uuid[] IS NULL OR entity.id = ANY($3::uuid[]))
), gases AS (
    SELECT cell_id, array_agg(gas) AS gas, array_agg(gwp_basis) AS gwp_basis, array_agg(mass_mg) AS mass_mg,
           array_agg(co2e_mg_ar4) AS ar4, array_agg(co2e_mg_ar5) AS ar5, array_agg(co2e_mg_ar6) AS ar6,
           bool_or(coalesce(mass_mg, co2e_mg_ar6) <> 0) AS emitted
    FROM cell_gas WHERE cell_id IN (SELECT id FROM chosen) GROUP BY cell_id
)
SELECT chosen.*, gases.gas, gases.gwp_basis, gases.mass_mg, gases.ar4, gases.ar5, gases.ar6
FROM chosen LEFT JOIN gases ON gases.cell_id = chosen.id
WHERE chosen.records <> 0 OR chosen.quantity_nano <> 0 OR chosen.biogenic_co2_mg <> 0 OR gases.emitted
ORDER BY chosen.id
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
    rows = await connection.fetch(_OF_PERIOD, start, end, None if visible is None else list(visible))
    return [_placed(row) for row in rows]


def _placed(row: Mapping[str, Any]) -> PlacedCell:
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
        gases=_gases(row),
        biogenic_co2_mg=row["biogenic_co2_mg"],
        records=row["records"],
    )
    return PlacedCell(counted, row["site_id"], row["entity_id"], row["item"], row["unit"])


def _gases(row: Mapping[str, Any]) -> tuple[GasAmount, ...]:
    if row["gas"] is None:
        return ()
    columns = (row[name] for name in ("gas", "gwp_basis", "mass_mg", "ar4", "ar5", "ar6"))
    return tuple(
        GasAmount(gas, mass, {"AR4": ar4, "AR5": ar5, "AR6": ar6}, basis or None)
        for gas, basis, mass, ar4, ar5, ar6 in zip(*columns, strict=True)
    )
