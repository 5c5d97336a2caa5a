"""Totals of an inventory, grouped as asked; every grouping adds up to the same total."""

import asyncio
from collections.abc import Sequence
from typing import Annotated, get_args
from uuid import UUID

from fastapi import Depends, Query, Response

from contracts.shapes import Emissions, GasEmissions, GroupKey, Incomplete, Totals, TotalsGroup, TotalsMethod
from ghg import totals as accounting
from ghg.rounding import kilograms
from kernel.auth import Principal, requires
from kernel.database import Session
from kernel.edge import session_of
from kernel.problems import refused
from kernel.service import router as service_router
from services.inventory.tables import Inventory
from services.inventory.usecases.total_inventory import total_inventory as total

router = service_router("inventories")

GROUP_KEYS: tuple[GroupKey, ...] = get_args(GroupKey)


@router.get("/v1/inventories/{inventory_id}/totals", response_model=Totals)
async def get_inventory_totals(
    inventory_id: UUID,
    principal: Annotated[Principal, Depends(requires("inventories:read"))],
    session: Annotated[Session, Depends(session_of)],
    group_by: Annotated[
        list[str], Query(default_factory=list, max_length=20, description=f"Any of {', '.join(GROUP_KEYS)}, separated by commas.")
    ],
    method: Annotated[TotalsMethod, Query()] = "location_based",
) -> Response:
    """What the inventory adds up to, and how many records it lacks; consolidated, of what the client may see."""
    keys = _group_keys(group_by)
    inventory, totals = await total(session, principal, inventory_id, keys, method)
    # Written here and in a thread, not by FastAPI on the event loop: there may be 50,000 rows.
    answer = await asyncio.to_thread(lambda: _shape(inventory, totals, method).model_dump_json())
    return Response(answer, media_type="application/json")


def _shape(inventory: Inventory, totals: accounting.Totals, method: accounting.Method) -> Totals:
    gwp_set = inventory.gwp_set
    return Totals(
        items=[TotalsGroup(**group.key, emissions=_emissions(group, gwp_set), records=group.records) for group in totals.groups],
        total=_emissions(totals.total, gwp_set),
        incomplete=Incomplete(
            awaiting_factor=totals.incomplete.awaiting_factor,
            no_factor=totals.incomplete.no_factor,
            quarantined=totals.incomplete.quarantined,
        ),
        consolidation_approach=inventory.consolidation_approach,
        inventory_id=str(inventory.id),
        method=method,
        co2e_on_another_gwp_basis=[_gas(gas) for gas in totals.total.gases if gas.gwp_basis not in (None, gwp_set)],
        gases_without_gwp=list(totals.total.gases_without_gwp),
    )


def _group_keys(group_by: list[str]) -> Sequence[GroupKey]:
    names = [name for name in ",".join(group_by).split(",") if name]
    unknown = [name for name in names if name not in GROUP_KEYS]
    if unknown:
        raise refused("/group_by", "unknown_value", f"{unknown[0]!r:.60} is no key to group by.", f"Take any of {', '.join(GROUP_KEYS)}.")
    return [key for name in dict.fromkeys(names) for key in GROUP_KEYS if key == name]


def _emissions(total: accounting.Total, gwp_set: str) -> Emissions:
    """CO2e is null only where there are gases and the set has a value for none of them: missing is not zero."""
    all_missing = bool(total.gases) and len(total.gases_without_gwp) == len(total.gases)
    return Emissions(
        co2e_kg=None if all_missing else kilograms(total.co2e_mg),
        gases=[_gas(gas) for gas in total.gases],
        biogenic_co2_kg=kilograms(total.biogenic_co2_mg),
        gwp_set=gwp_set,
    )


def _gas(gas: accounting.GasTotal) -> GasEmissions:
    return GasEmissions(
        gas=gas.gas,
        kg=None if gas.mass_mg is None else kilograms(gas.mass_mg),
        co2e_kg=None if gas.co2e_mg is None else kilograms(gas.co2e_mg),
        gwp_basis=gas.gwp_basis,
    )
