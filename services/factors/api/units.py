"""Units of activity data, and exact conversion between units of one kind."""

from typing import Annotated

from fastapi import Request
from pydantic import BaseModel, Field, StringConstraints

from contracts.shapes import ItemProblem, QuantityIn, TraceStep
from contracts.shapes import Request as RequestBody
from ghg.errors import GhgError, UnknownUnit
from ghg.rounding import ratio_text
from ghg.units import Conversion, Quantity, convert, unit, units
from kernel.pages import Page, here
from kernel.problems import Problem, refused
from kernel.service import router as service_router
from services.factors.api.access import Reader
from services.factors.api.item_problems import item_problem

router = service_router("reference values")


class UnitOut(BaseModel):
    symbol: str
    name: str
    unit_kind: str
    ratio: str = Field(description="How many reference units of its kind it is, exact: a decimal or a fraction.")
    source: str


class UnitPage(Page):
    items: list[UnitOut]


class ConversionItem(RequestBody):
    quantity: QuantityIn
    to: Annotated[str, StringConstraints(min_length=1, max_length=40)] = Field(examples=["MWh"])


class Conversions(RequestBody):
    items: Annotated[list[ConversionItem], Field(min_length=1, max_length=10_000)]


class ConvertedQuantity(BaseModel):
    value: str = Field(description='Exact: a decimal, or a fraction "a/b" where the decimal never ends.')
    unit: str


class ConversionOut(BaseModel):
    index: int
    status: int
    quantity: ConvertedQuantity | None
    steps: list[TraceStep]
    problem: ItemProblem | None


class ConversionsOut(BaseModel):
    items: list[ConversionOut]


@router.get("/v1/units")
async def list_units(request: Request, principal: Reader) -> UnitPage:
    """The units, by kind. Units of one kind convert exactly; kinds are connected by properties of a fuel only.

    No two currencies convert. Each is also a unit at the prices of a year from 1990 to 2099, written `USD_2022`; these are not listed.
    """
    items = [
        UnitOut(symbol=one.symbol, name=one.name, unit_kind=one.dimension, ratio=ratio_text(one.ratio), source=one.source)
        for one in units()
    ]
    return UnitPage(items=items, next=None, self=here(request))


@router.post("/v1/unit-conversions", status_code=207)
async def convert_units(conversions: Conversions, principal: Reader) -> ConversionsOut:
    """Each quantity in the unit that it asks for, or the reason why not."""
    return ConversionsOut(items=[_item(index, item) for index, item in enumerate(conversions.items)])


def _item(index: int, item: ConversionItem) -> ConversionOut:
    try:
        conversion = _conversion(item)
    except Problem as problem:
        return ConversionOut(index=index, status=problem.type.status, quantity=None, steps=[], problem=item_problem(problem))
    quantity = ConvertedQuantity(value=ratio_text(conversion.value), unit=conversion.unit.symbol)
    steps = [TraceStep(text=step.text, result=step.result) for step in conversion.steps]
    return ConversionOut(index=index, status=200, quantity=quantity, steps=steps, problem=None)


def _conversion(item: ConversionItem) -> Conversion:
    try:
        to = unit(item.to)
    except UnknownUnit as unknown:
        raise refused("/to", unknown.code, str(unknown), unknown.hint) from unknown
    try:
        return convert(Quantity.parse(item.quantity.value, item.quantity.unit), to)
    except GhgError as error:
        raise refused("/quantity/unit", error.code, str(error), error.hint) from error
