"""The question for a factor, and its answer: asked by inventory of the factors service, and open to every client."""

from typing import Annotated, Literal

from pydantic import BaseModel, Field, StringConstraints
from typing_extensions import TypeAliasType

from contracts.events import GasOfFactor
from contracts.shapes import Day, Method, Region, Request

# The margins of a grid are what a project displaces: for project accounting, never for an inventory (GHG Protocol for Project Accounting).
FactorPurpose = TypeAliasType(
    "FactorPurpose",
    Literal[
        "location_average",
        "residual",
        "fossil",
        "ets_compliance",
        "life_cycle",
        "project_operating_margin",
        "project_build_margin",
        "project_combined_margin",
    ],
)

FactorStage = TypeAliasType("FactorStage", Literal["direct", "upstream", "transmission_losses", "life_cycle"])

ResolutionOutcome = TypeAliasType(
    "ResolutionOutcome", Literal["resolved", "no_factor", "unknown_activity_type", "unknown_unit", "dimension_mismatch"]
)

OWN_FACTORS = "own"  # the id of the data set of the organisation's own factors


class ResolutionItem(Request):
    """Which factor serves an activity type, in a region, on a day, for a unit?

    stage  by default that of the activity type; upstream and transmission_losses are scope 3, category 3, of what scopes 1 and 2 hold
    """

    activity_type: Annotated[str, StringConstraints(min_length=1, max_length=100)]
    region: Region
    date: Day
    unit: Annotated[str, StringConstraints(min_length=1, max_length=40)]
    method: Method | None = None
    purpose: FactorPurpose | None = None
    stage: FactorStage | None = None
    dataset: Annotated[str, StringConstraints(min_length=1, max_length=100)] | None = None


class ResolutionQuestion(Request):
    items: Annotated[list[ResolutionItem], Field(min_length=1, max_length=10_000)]


class PropertySnapshot(BaseModel):
    """A fuel property that connects the asked unit with the factor's unit, with its own source."""

    id: str
    name: str
    value: str
    unit: str
    region: str
    data_year: int | None
    dataset: str
    row: str
    sha256: str
    licence: str
    document: str
    printed_value: str
    printed_unit: str
    note: str


class FactorSnapshot(BaseModel):
    """A factor as it was when it was chosen; enough to calculate and to trace without asking again.

    unit        what it is per; of money at the prices of a year: USD_2022
    properties  those that lead from the asked unit to the factor's unit, in no particular order; empty within one dimension
    """

    id: str
    dataset: str
    activity_type: str
    region: str
    data_year: int | None
    stage: str
    purpose: str | None
    unit: str
    gases: list[GasOfFactor]
    biogenic_co2: GasOfFactor | None
    gas_coverage: str
    notes: list[str]
    name_en: str
    licence: str
    publisher: str
    source_row: str
    value_printed: str
    unit_printed: str
    properties: list[PropertySnapshot]


class Candidate(BaseModel):
    """A factor that was looked at, with the reasons for and against it."""

    factor_id: str
    activity_type: str
    region: str
    data_year: int | None
    unit: str
    dataset: str
    chosen: bool
    reasons: list[str]


class Resolution(BaseModel):
    """The chosen factor, or null with the nearest alternatives among the candidates and what would make them match.

    outcome  `resolved`, `no_factor`, or the reason why the question is wrong in itself:
             `unknown_activity_type`, `unknown_unit`, `dimension_mismatch`
    """

    outcome: ResolutionOutcome
    detail: str
    factor: FactorSnapshot | None
    candidates: list[Candidate]


class ResolutionAnswer(BaseModel):
    items: list[Resolution]
