"""Cells grouped for totals: PostgreSQL groups and places the figures side by side, the accounting rounds and adds them.

Two statements: whoever calls has one snapshot for both.
"""

import asyncio
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from ghg.totals import CellGroup, GasFigures, GroupKey, Method
from kernel.database import Session
from kernel.postgres import driver
from services.inventory.store.cells import HOLDS_ANYTHING
from services.inventory.tables import Inventory

# What an open inventory counts: the cells wholly within its period, at 100 %.
_OPEN = f"""
SELECT cell.id, cell.state, cell.segment_start, cell.scope, cell.category, cell.activity_type, cell.factor_id AS factor,
       cell.biogenic_co2_mg, cell.records, site.external_id AS site, entity.external_id AS entity
FROM cell
LEFT JOIN site ON site.id = cell.site_id
LEFT JOIN entity ON entity.id = site.entity_id
WHERE cell.segment_start >= $1 AND cell.segment_end <= $2 AND cell.method IN ($3, 'none')
  AND ($4::uuid[] IS NULL OR entity.id = ANY($4::uuid[])) AND {HOLDS_ANYTHING}
"""
_OPEN_GASES = "SELECT cell_id AS id, gas, gwp_basis, mass_mg, {co2e} AS co2e_mg FROM cell_gas"

# What an approved one counts: its own rows, consolidated when it was approved.
_APPROVED = """
SELECT cell_id AS id, told.state, told.segment_start, told.scope, told.category, told.activity_type, told.factor,
       told.biogenic_co2_mg, told.records, told.gases, site.external_id AS site, entity.external_id AS entity
FROM approved_cell
CROSS JOIN LATERAL jsonb_to_record(document) AS told(
    state text, segment_start date, scope int, category text, activity_type text, factor text, method text, site uuid, entity uuid,
    biogenic_co2_mg bigint, records int, gases jsonb)
LEFT JOIN site ON site.id = told.site
LEFT JOIN entity ON entity.id = told.entity
WHERE inventory_id = $1 AND counts AND told.method IN ($2, 'none') AND ($3::uuid[] IS NULL OR entity.id = ANY($3::uuid[]))
"""
_APPROVED_GASES = """
SELECT id, gas, coalesce(gwp_basis, '') AS gwp_basis, mass_mg, {co2e} AS co2e_mg
FROM chosen CROSS JOIN LATERAL jsonb_to_recordset(gases) AS told(gas text, gwp_basis text, mass_mg bigint, {co2e} bigint)
"""

_GROUPS = """
WITH chosen AS ({chosen})
SELECT {key}, sum(records)::bigint AS records, array_agg(biogenic_co2_mg) FILTER (WHERE biogenic_co2_mg <> 0) AS biogenic_co2_mg
FROM chosen GROUP BY {key}
"""
_GASES = """
WITH chosen AS ({chosen}), told AS ({gases})
SELECT {key}, told.gas, told.gwp_basis, array_agg(told.mass_mg) AS mass_mg, array_agg(told.co2e_mg) AS co2e_mg
FROM chosen JOIN told USING (id) WHERE state = 'calculated' GROUP BY {key}, told.gas, told.gwp_basis
"""

_SAME_SHARE = ("state", "entity", "segment_start")  # of cells that agree in these the group takes the same share
_VALUES: dict[GroupKey, str] = {
    "scope": "scope",
    "category": "category",
    "site": "site",
    "entity": "entity",
    "month": "to_char(segment_start, 'YYYY-MM')",
    "activity_type": "activity_type",
    "factor": "factor",
}


async def of_period(
    session: Session, inventory: Inventory, method: Method, visible: frozenset[UUID] | None, group_by: Sequence[GroupKey]
) -> list[CellGroup]:
    """The cells of an inventory's period as they are now.

    visible  None for all, also of no site; else only cells of sites of these entities
    """
    chosen = (inventory.period_start, inventory.period_end, method, None if visible is None else list(visible))
    return await _groups(session, _OPEN, _OPEN_GASES, chosen, inventory.gwp_set, group_by)


async def approved(
    session: Session, inventory: Inventory, method: Method, visible: frozenset[UUID] | None, group_by: Sequence[GroupKey]
) -> list[CellGroup]:
    """The cells of an approved inventory as it keeps them, consolidated; `visible` as above."""
    chosen = (inventory.id, method, None if visible is None else list(visible))
    return await _groups(session, _APPROVED, _APPROVED_GASES, chosen, inventory.gwp_set, group_by)


async def _groups(
    session: Session, cells: str, gases: str, chosen: tuple[Any, ...], gwp_set: str, group_by: Sequence[GroupKey]
) -> list[CellGroup]:
    keys = [_VALUES[key] for key in group_by if key != "gas"]
    names = {"chosen": cells, "key": ", ".join([*_SAME_SHARE, *keys]), "gases": gases.format(co2e=f"co2e_mg_{gwp_set.lower()}")}
    connection = await driver(session)
    groups = await connection.fetch(_GROUPS.format(**names), *chosen)
    figures = await connection.fetch(_GASES.format(**names), *chosen)
    return await asyncio.to_thread(_put_together, groups, figures, len(_SAME_SHARE) + len(keys))


def _put_together(groups: Sequence[Any], figures: Sequence[Any], width: int) -> list[CellGroup]:
    """The groups with their gases; the first `width` columns of the rows of both say which group it is."""
    gases: dict[tuple[Any, ...], list[GasFigures]] = {row[:width]: [] for row in groups}
    for row in figures:
        gases[row[:width]].append(GasFigures(row["gas"], row["gwp_basis"] or None, row["mass_mg"], row["co2e_mg"]))
    return [_group(row, place, of_group) for row, (place, of_group) in zip(groups, gases.items(), strict=True)]


def _group(row: Any, place: tuple[Any, ...], gases: list[GasFigures]) -> CellGroup:
    state, entity, segment_start, *key = place
    return CellGroup(tuple(key), entity, segment_start, state, gases, row["biogenic_co2_mg"] or (), row["records"])
