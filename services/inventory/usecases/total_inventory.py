"""Add up an inventory: from cells while it is open or in review, from its own rows once it is approved."""

import asyncio
from collections.abc import Sequence
from fractions import Fraction
from uuid import UUID

from ghg.consolidation import WHOLE, ConsolidationTree
from ghg.totals import CellGroup, GroupKey, Method, Totals, roll_up_groups
from kernel.auth import Principal
from kernel.database import Session
from kernel.problems import FORBIDDEN, Problem, refused
from services.inventory.domain.consolidated_cells import share_of
from services.inventory.domain.inventory_states import CLOSED_STATES
from services.inventory.problems import MARKET_BASED_NOT_CALCULATED
from services.inventory.store import cell_groups, entities, inventories
from services.inventory.store.narrowing import visible_entities
from services.inventory.tables import Inventory

MOST_ROWS = 50_000


async def total_inventory(
    session: Session, principal: Principal, inventory_id: UUID, group_by: Sequence[GroupKey], method: Method
) -> tuple[Inventory, Totals]:
    """The inventory and its totals, of what the principal may see; all figures of one moment.

    raises  Problem: not_found; market_based_not_calculated; too_many_rows at /group_by; forbidden for a client narrowed to source systems
    """
    if principal.source_systems:
        raise Problem(FORBIDDEN, "Figures are kept by site, not by source system: a client narrowed to source systems has no totals.")
    await session.connection(execution_options={"isolation_level": "REPEATABLE READ"})  # one moment for all that is read here
    inventory = await inventories.get(session, inventory_id)
    if method == "market_based":
        detail = "No instruments were allocated in this inventory yet; ask for the location-based figures."
        raise Problem(MARKET_BASED_NOT_CALCULATED, detail)
    visible = await visible_entities(session, principal)
    if inventory.state in CLOSED_STATES:
        groups = await cell_groups.approved(session, inventory, method, visible, group_by)
        tree = None
    else:
        groups = await cell_groups.of_period(session, inventory, method, visible, group_by)
        tree = await entities.consolidation_tree(session)
    totals = await asyncio.to_thread(_add_up, inventory, groups, tree, group_by)
    if len(totals.groups) > MOST_ROWS:
        detail = f"The totals have {len(totals.groups)} rows, more than {MOST_ROWS}."
        raise refused("/group_by", "too_many_rows", detail, "Group by fewer keys.")
    return inventory, totals


def _add_up(inventory: Inventory, groups: Sequence[CellGroup], tree: ConsolidationTree | None, group_by: Sequence[GroupKey]) -> Totals:
    """The totals of cells at 100 %, or without a tree of rows that are consolidated already."""

    def share(group: CellGroup) -> Fraction:
        return WHOLE if tree is None else share_of(group.entity, group.segment_start, tree, inventory.consolidation_approach)

    return roll_up_groups(groups, share, gwp_set=inventory.gwp_set, group_by=group_by)
