"""Requests and answers of estimates."""

from typing import Annotated, Any, Self

from pydantic import BaseModel, BeforeValidator, Field, StringConstraints, model_validator
from pydantic_core import PydanticCustomError

from contracts.events import GasOfFactor
from contracts.factor_questions import FactorPurpose, FactorStage, PropertySnapshot
from contracts.shapes import Day, Emissions, GwpSetName, ItemProblem, Method, QuantityIn, Region, Request, TraceStep

UnitSymbol = Annotated[str, StringConstraints(min_length=1, max_length=40)]


def _a_factor_is_a_string(value: Any) -> Any:
    if isinstance(value, bool | int | float):
        raise PydanticCustomError("not_a_string", "Must be a string, not a JSON number", {"hint": f'Write it in quotes: "{value}".'})
    return value


# A decimal, or a fraction as the catalogue's own factors have them, so that what is read can be given back.
EXACT_NUMBER = r"^([0-9]{1,15}(\.[0-9]{1,30})?|[0-9]{1,40}/0*[1-9][0-9]{0,39})$"
FactorText = Annotated[str, StringConstraints(pattern=EXACT_NUMBER), BeforeValidator(_a_factor_is_a_string)]
Percent = Annotated[str, StringConstraints(pattern=r"^[0-9]{1,4}(\.[0-9]{1,6})?$"), BeforeValidator(_a_factor_is_a_string)]


class GasIn(Request):
    gas: Annotated[str, StringConstraints(min_length=1, max_length=40)] = Field(examples=["CH4_fossil"])
    kg_per_unit: FactorText = Field(examples=["0.00013"])


class Figures(Request):
    """Kilograms per unit: of gases, or of CO2e with the GWP set behind it."""

    gases: Annotated[list[GasIn], Field(min_length=1, max_length=50)] | None = None
    co2e: FactorText | None = None
    gwp_basis: GwpSetName | None = None
    uncertainty_percent: Percent | None = Field(None, description="Half of the interval of 95 % confidence, in percent of the figure.")

    @model_validator(mode="after")
    def _one_form(self) -> Self:
        if (self.gases is None) == (self.co2e is None):
            raise PydanticCustomError("gases_or_co2e", "Give either `gases` or `co2e`")
        if (self.co2e is None) != (self.gwp_basis is None):
            raise PydanticCustomError("gwp_basis", "`gwp_basis` belongs to `co2e`: name the GWP set behind it, and none for gases")
        return self


class OwnFactor(Figures):
    """A factor of the caller's: kilograms per unit, of gases, or of CO2e with the GWP set behind it."""

    per_unit: UnitSymbol


class EstimateItem(Request):
    """An activity to estimate: by its type, where and when; or with a factor of the catalogue; or with a factor of the caller's."""

    activity_type: Annotated[str, StringConstraints(min_length=1, max_length=100)] | None = None
    factor_id: Annotated[str, StringConstraints(min_length=1, max_length=100)] | None = None
    factor: OwnFactor | None = None
    region: Region | None = None
    date: Day | None = None
    quantity: QuantityIn
    method: Method | None = None
    stage: FactorStage | None = Field(None, description="By default that of the activity type; upstream for scope 3, category 3.")
    purpose: FactorPurpose | None = None
    dataset: Annotated[str, StringConstraints(min_length=1, max_length=100)] | None = None
    gwp_set: GwpSetName = "AR6"
    uncertainty_percent: Percent | None = Field(None, description="Of the quantity: half of the interval of 95 % confidence.")

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        if [self.activity_type, self.factor_id, self.factor].count(None) != 2:
            raise PydanticCustomError("one_of", "Give exactly one of `activity_type`, `factor_id` and `factor`")
        if self.activity_type is not None and (self.region is None or self.date is None):
            raise PydanticCustomError("required", "`activity_type` needs `region` and `date`")
        if self.activity_type is None and [self.stage, self.purpose, self.dataset] != [None, None, None]:
            raise PydanticCustomError("nothing_to_choose", "`stage`, `purpose` and `dataset` choose a factor of an `activity_type`")
        return self


class EstimateRequest(Request):
    items: Annotated[list[EstimateItem], Field(min_length=1, max_length=10_000)]


class FactorOfEstimate(BaseModel):
    """The factor that was used; null where the caller gave it."""

    id: str
    activity_type: str
    name_en: str
    region: str
    data_year: int | None
    unit: str
    stage: str
    purpose: str | None
    dataset: str
    publisher: str
    licence: str
    source: str
    source_row: str
    gas_coverage: str
    notes: list[str]


class FactorOfTrace(BaseModel):
    """The factor as printed, `value` per `unit`, and each gas as it was calculated with."""

    id: str
    value: str
    unit: str
    per_unit: str
    dataset: str
    source: str
    source_row: str
    licence: str
    sha256: str
    gases: list[GasOfFactor]
    biogenic_co2: GasOfFactor | None


class Trace(BaseModel):
    formula: str
    steps: list[TraceStep]
    factor: FactorOfTrace | None
    properties: list[PropertySnapshot]
    gwp_set: GwpSetName


class Estimate(BaseModel):
    """One item's answer: emissions and what they were made with, or the problem.

    of_record            whether a record of the same activity, region and date would get this figure; false with a factor of the caller's,
                         and with one that a stage, purpose, data set, id or method had to be named for
    uncertainty_percent  of the CO2e, 95 % confidence, where those of quantity and factor are both known: unknown is not zero
    """

    index: int
    status: int
    emissions: Emissions | None
    uncertainty_percent: str | None
    factor: FactorOfEstimate | None
    of_record: bool
    trace: Trace | None
    problem: ItemProblem | None


class Estimates(BaseModel):
    items: list[Estimate]
