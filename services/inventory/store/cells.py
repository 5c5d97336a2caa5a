"""Reading cells one by one, each with the id and the business key of the entity that it belongs to now."""

from collections.abc import AsyncIterator, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from kernel.database import Session
from kernel.postgres import driver

# A cell that holds nothing any more is not deleted, but all zeroes.
HOLDS_ANYTHING = """
(cell.records <> 0 OR cell.quantity_nano <> 0 OR cell.biogenic_co2_mg <> 0 OR EXISTS (
    SELECT FROM cell_gas WHERE cell_id = cell.id AND (mass_mg <> 0 OR co2e_mg_ar4 <> 0 OR co2e_mg_ar5 <> 0 OR co2e_mg_ar6 <> 0)))
"""

_OF_PERIOD = f"""
SELECT cell.*, entity.id AS entity_id, entity.external_id AS entity, (
    SELECT json_agg(json_build_array(gas, gwp_basis, mass_mg, co2e_mg_ar4, co2e_mg_ar5, co2e_mg_ar6) ORDER BY gas, gwp_basis)
    FROM cell_gas WHERE cell_id = cell.id
) AS gases
FROM cell
LEFT JOIN site ON site.id = cell.site_id
LEFT JOIN entity ON entity.id = site.entity_id
WHERE cell.segment_start >= $1 AND cell.segment_end <= $2 AND {HOLDS_ANYTHING}
ORDER BY cell.id
"""


async def of_period(session: Session, start: date, end: date, at_once: int) -> AsyncIterator[list[Any]]:
    """The rows of the cells wholly within [start, end) that hold anything, in order of their ids and so many at once."""
    connection = await driver(session)
    cursor = await connection.cursor(_OF_PERIOD, start, end)
    while rows := await cursor.fetch(at_once):
        yield rows


async def of_ids(session: Session, ids: Sequence[UUID]) -> list[Any]:
    """The rows of these cells, without gases, each with its site's external id as `site`."""
    connection = await driver(session)
    rows: list[Any] = await connection.fetch(
        "SELECT cell.*, site.external_id AS site FROM cell LEFT JOIN site ON site.id = cell.site_id WHERE cell.id = ANY($1::uuid[])",
        list(ids),
    )
    return rows
