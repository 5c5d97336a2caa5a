"""Shapes that several services' requests and answers share; names and formats as in the API contract."""

import re
from datetime import UTC, date, datetime
from typing import Annotated, Any, Literal, Self, get_args

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    WithJsonSchema,
    model_validator,
)
from pydantic_core import PydanticCustomError
from typing_extensions import TypeAliasType

NUMBER_PATTERN = r"^[0-9]{1,15}(\.[0-9]{1,9})?$"  # not \d, which takes the digits of every script
SHARE_PATTERN = r"^(0(\.[0-9]{1,12})?|1(\.0{1,12})?)$"

# Lists of values have names of their own, under which clients find them.
GwpSetName = TypeAliasType("GwpSetName", Literal["AR4", "AR5", "AR6"])
Method = TypeAliasType("Method", Literal["location_based", "market_based", "none"])
DataQuality = TypeAliasType("DataQuality", Literal["measured", "invoiced", "calculated", "estimated"])
CalculationState = TypeAliasType("CalculationState", Literal["calculated", "awaiting_factor", "no_factor"])
TotalsMethod = TypeAliasType("TotalsMethod", Literal["location_based", "market_based"])
ConsolidationApproach = TypeAliasType("ConsolidationApproach", Literal["operational_control", "financial_control", "equity_share"])
InventoryState = TypeAliasType("InventoryState", Literal["open", "in_review", "approved", "verified", "locked"])
GroupKey = Literal["scope", "category", "site", "entity", "gas", "month", "activity_type", "factor"]


class Request(BaseModel):
    """A request body: what it does not know it refuses."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=False)


def _a_number_is_a_string(value: Any) -> Any:
    if isinstance(value, bool | int | float):
        raise PydanticCustomError(
            "not_a_string",
            "Must be a string, not a JSON number",
            {"hint": f'Write it in quotes, for example "{value}", so that no digit is lost.'},
        )
    return value


def _printable(value: str) -> str:
    if "\x00" in value or any("\ud800" <= character <= "\udfff" for character in value):
        raise PydanticCustomError("malformed_text", "Must not hold NUL characters or lone surrogates")
    return value


Text = Annotated[str, StringConstraints(min_length=1, max_length=500), AfterValidator(_printable)]
LongText = Annotated[str, StringConstraints(min_length=1, max_length=4_000), AfterValidator(_printable)]
ExternalId = Annotated[str, StringConstraints(min_length=1, max_length=200), AfterValidator(_printable)]
UnitSymbol = Annotated[str, StringConstraints(min_length=1, max_length=40), AfterValidator(_printable)]
DecimalText = Annotated[str, StringConstraints(pattern=NUMBER_PATTERN), BeforeValidator(_a_number_is_a_string)]
ShareText = Annotated[str, StringConstraints(pattern=SHARE_PATTERN), BeforeValidator(_a_number_is_a_string)]
Kilograms = Annotated[str, WithJsonSchema({"type": "string", "pattern": r"^[0-9]+\.[0-9]{6}$", "examples": ["23.457000"]})]
Country = Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}$")]
Region = Annotated[str, StringConstraints(pattern=r"^([A-Z]{2}(-[A-Z0-9]{1,3})?|grid:[A-Z0-9-]{2,40}|GLO)$")]


def _day(value: Any) -> Any:
    if isinstance(value, date):
        return value
    try:
        if isinstance(value, str) and _DAY.fullmatch(value):
            return date.fromisoformat(value)
    except ValueError:
        raise PydanticCustomError("malformed", "There is no such day") from None
    raise PydanticCustomError("malformed", "Must be a day, YYYY-MM-DD")


def _written_instant(value: Any) -> Any:
    if isinstance(value, datetime) or (isinstance(value, str) and _INSTANT.match(value)):
        return value
    raise PydanticCustomError("malformed", "Must be an instant of RFC 3339", {"hint": "For example 2021-04-05T02:00:00Z."})


def _in_utc(value: datetime) -> datetime:
    try:
        return value.astimezone(UTC)
    except OverflowError:
        raise PydanticCustomError("malformed", "Must lie between the years 1 and 9999 in UTC") from None


_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_INSTANT = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt ]")

Day = Annotated[date, BeforeValidator(_day), WithJsonSchema({"type": "string", "format": "date"})]
Instant = Annotated[AwareDatetime, BeforeValidator(_written_instant), AfterValidator(_in_utc)]


class QuantityIn(Request):
    """A quantity; its value is a decimal string, so that no digit is lost."""

    value: DecimalText = Field(examples=["41250.000"])
    unit: UnitSymbol = Field(examples=["kWh"])


class Period(Request):
    """Whole local days of the site; the end is not part of it."""

    start: Day = Field(examples=["2021-03-01"])
    end: Day = Field(examples=["2021-04-01"])

    @model_validator(mode="after")
    def _not_reversed(self) -> Self:
        if self.end <= self.start:
            raise PydanticCustomError("reversed_period", "`end` must be after `start`; it is the first day that is not part of the period")
        return self


class PeriodAnswer(BaseModel):
    start: date
    end: date = Field(description="The first day that is not part of the period.")


class GasEmissions(BaseModel):
    gas: str
    kg: Kilograms | None = Field(description="Mass of the gas; null where the publisher gives CO2e only.")
    co2e_kg: Kilograms | None = Field(description="Null where the GWP set has no value for the gas: missing is not zero.")
    gwp_basis: str | None = Field(description="GWP set of a figure that its publisher gives as CO2e only; null elsewhere.")


class Emissions(BaseModel):
    """Emissions in kilograms with six decimals: whole milligrams."""

    co2e_kg: Kilograms | None
    gases: list[GasEmissions]
    biogenic_co2_kg: Kilograms
    gwp_set: GwpSetName


class Incomplete(BaseModel):
    """How many records a total lacks, by reason."""

    awaiting_factor: int
    no_factor: int
    quarantined: int


def _with_group_keys(schema: dict[str, Any]) -> None:
    schema["properties"] |= {
        key: {"anyOf": [{"type": "integer" if key == "scope" else "string"}, {"type": "null"}]} for key in get_args(GroupKey)
    }


class TotalsGroup(BaseModel):
    """One group of totals; it carries exactly the keys that were asked for, the others are absent."""

    model_config = ConfigDict(extra="allow", json_schema_extra=_with_group_keys)

    emissions: Emissions
    records: int | None


class Totals(BaseModel):
    """Totals of an inventory; every grouping adds up to the same total."""

    items: list[TotalsGroup]
    total: Emissions
    incomplete: Incomplete
    consolidation_approach: ConsolidationApproach
    inventory_id: str
    method: TotalsMethod
    co2e_on_another_gwp_basis: list[GasEmissions] = Field(
        description="The part of the total that its publishers state on their own GWP basis."
    )
    gases_without_gwp: list[str] = Field(description="Gases for which the GWP set has no value; they are not in the total.")


class TraceStep(BaseModel):
    text: str
    result: str


class ItemFieldError(BaseModel):
    pointer: str
    code: str
    detail: str
    hint: str | None


class ItemProblem(BaseModel):
    """Why an item of a batch was refused, in the form of a refused request; the pointers start at the item."""

    model_config = ConfigDict(extra="allow")

    type: str
    code: str
    title: str
    status: int
    detail: str
    errors: list[ItemFieldError]
