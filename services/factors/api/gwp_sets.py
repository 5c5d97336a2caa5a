"""Global warming potentials over 100 years, by assessment report of the IPCC."""

from fastapi import Request
from pydantic import BaseModel, Field

from ghg.errors import UnknownGwpSet
from ghg.gwp import GWP_SETS, GwpSet, gwp_set
from ghg.rounding import decimal_text
from kernel.pages import Page, here
from kernel.problems import not_found
from kernel.service import router as service_router
from services.factors.api.access import Reader

router = service_router("reference values")


class GwpSetSummary(BaseModel):
    name: str
    gases: int = Field(description="How many gases have a value in it.")


class GwpSetPage(Page):
    items: list[GwpSetSummary]


class GwpValue(BaseModel):
    gas: str
    gwp_100: str = Field(description="kg CO2e per kg, a decimal string.")
    source: str


class GwpSetOut(BaseModel):
    """A set with its values; a gas that it has no value for is absent, because missing is not zero."""

    name: str
    values: list[GwpValue]


@router.get("/v1/gwp-sets")
async def list_gwp_sets(request: Request, principal: Reader) -> GwpSetPage:
    """The sets, oldest first."""
    items = [GwpSetSummary(name=name, gases=len(gwp_set(name).values)) for name in GWP_SETS]
    return GwpSetPage(items=items, next=None, self=here(request))


@router.get("/v1/gwp-sets/{name}")
async def read_gwp_set(name: str, principal: Reader) -> GwpSetOut:
    """One set with every value and the table that prints it."""
    try:
        return _answer(gwp_set(name))
    except UnknownGwpSet as unknown:
        raise not_found(f"GWP set {name}") from unknown


def _answer(found: GwpSet) -> GwpSetOut:
    values = [GwpValue(gas=gas, gwp_100=decimal_text(value), source=found.sources[gas]) for gas, value in found.values.items()]
    return GwpSetOut(name=found.name, values=values)
