"""GET /v1/emissions."""

from typing import Annotated, get_args

from fastapi import Depends, Query

from contracts.shapes import Totals, TotalsMethod
from ghg.totals import GroupKey
from kernel.auth import Principal, requires
from kernel.database import Session
from kernel.edge import session_of
from kernel.problems import Problem, refused
from kernel.service import router as new_router
from services.reporting.api.totals_shape import totals_shape
from services.reporting.problems import MARKET_BASED_NOT_CALCULATED, refuse_source_systems
from services.reporting.usecases.read_emissions import ReadEmissions, read_emissions

MOST_ROWS = 50_000
GROUP_KEYS: tuple[GroupKey, ...] = get_args(GroupKey)

router = new_router("emissions")


@router.get("/v1/emissions", response_model=Totals, summary="What an inventory emitted, as reporting has heard of it")
async def get_emissions(
    principal: Annotated[Principal, Depends(requires("reports:read"))],
    session: Annotated[Session, Depends(session_of)],
    year: Annotated[int | None, Query(ge=1900, le=2200, description="The year whose inventory named `primary` is meant.")] = None,
    inventory_id: Annotated[str | None, Query(max_length=100, description="Another inventory than the year's primary one.")] = None,
    group_by: Annotated[list[str] | None, Query(max_length=20, description=f"Any of {', '.join(GROUP_KEYS)}, separated by commas.")] = None,
    method: Annotated[TotalsMethod, Query()] = "location_based",
    as_of: Annotated[str | None, Query(max_length=40, description="Not available yet: refused.")] = None,
) -> Totals:
    """The read model, fed by events only; it follows the inventory's own totals within moments.

    A client that is narrowed to entities sees these and all below them; one that is narrowed to source systems has no totals,
    because they are kept by site. Of approved inventories the figures are those that were approved.
    """
    refuse_source_systems(principal)
    keys = _group_keys(group_by or [])
    if year is None and inventory_id is None:
        raise refused("/year", "required", "Name the year, or an inventory by inventory_id.")
    if as_of is not None:
        raise refused("/as_of", "as_of_not_available", "Reporting answers for the present only.", "Leave as_of out.")
    if method == "market_based":
        raise Problem(MARKET_BASED_NOT_CALCULATED, "No market-based figures have been calculated; ask for method=location_based.")
    inventory, totals = await read_emissions(session, principal, ReadEmissions(year, inventory_id, keys, method))
    if len(totals.groups) > MOST_ROWS:
        raise refused("/group_by", "too_many_rows", f"The answer would have {len(totals.groups):,} rows.", "Group by fewer keys.")
    return totals_shape(totals, inventory, method)


def _group_keys(group_by: list[str]) -> list[GroupKey]:
    names = [name for name in ",".join(group_by).split(",") if name]
    unknown = [name for name in names if name not in GROUP_KEYS]
    if unknown:
        raise refused("/group_by", "unknown_value", f"{unknown[0]!r:.60} is no key to group by.", f"Take any of {', '.join(GROUP_KEYS)}.")
    return [key for name in dict.fromkeys(names) for key in GROUP_KEYS if key == name]
