"""The shapes of activity records in requests and answers."""

from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, Field, StringConstraints, TypeAdapter, ValidationError, WithJsonSchema, model_validator
from pydantic_core import PydanticCustomError
from typing_extensions import TypeAliasType

from contracts.shapes import (
    CalculationState,
    DataQuality,
    DecimalText,
    Emissions,
    ExternalId,
    Instant,
    ItemProblem,
    LongText,
    Period,
    PeriodAnswer,
    Request,
    Text,
    UnitSymbol,
)
from ghg.calculation import Emissions as ExactEmissions
from kernel.edge import validation_problem
from kernel.preconditions import etag
from services.inventory.api.emissions import emissions_shape
from services.inventory.domain.activity_records import ActivityRecord, Refused, record_from_content
from services.inventory.domain.categories import SCOPE_OF
from services.inventory.domain.cells import emissions_of
from services.inventory.store.activities import StoredActivity

Sha256 = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
Scope = TypeAliasType("Scope", Literal[1, 2, 3])
CategoryName = TypeAliasType("CategoryName", Literal[tuple(SCOPE_OF)])  # type: ignore[valid-type]  # the closed list lives in the domain

_SOURCE_SYSTEM: TypeAdapter[str] = TypeAdapter(ExternalId)


class RecordedQuantity(Request):
    """A quantity; a record with a mapped item code may leave the unit to its mapping."""

    value: DecimalText = Field(examples=["41250.000"])
    unit: UnitSymbol | None = Field(None, examples=["kWh"])


class Evidence(Request):
    name: Text
    uri: Text
    sha256: Sha256


class ActivityIn(Request):
    """An activity as its source knows it, named either by our activity type or by the source's own item code."""

    source_system: ExternalId
    external_id: ExternalId
    site_external_id: ExternalId | None = None
    activity_type: Text | None = Field(None, examples=["electricity.grid"])
    item_code: ExternalId | None = None
    period: Period
    quantity: RecordedQuantity
    data_quality: DataQuality
    supplier_external_id: ExternalId | None = None
    scope: Scope | None = None
    category: CategoryName | None = None
    uncertainty_percent: DecimalText | None = None
    evidence: list[Evidence] = Field(default_factory=list, max_length=50)
    comment: LongText | None = None
    source_modified_at: Instant | None = None

    @model_validator(mode="after")
    def _names_one_activity(self) -> Self:
        if (self.activity_type is None) == (self.item_code is None):
            raise PydanticCustomError("one_of", "Name either `activity_type` or `item_code`, not both and not neither")
        return self


# Said to be a record, and taken as it comes: one that is none is refused by itself.
AsRecord = Annotated[Any, WithJsonSchema({"$ref": "#/components/schemas/ActivityIn"})]


class ActivityBatch(Request):
    """Up to 10,000 records, each judged for itself."""

    items: Annotated[list[AsRecord], Field(min_length=1, max_length=10_000)]


class QuantityAnswer(BaseModel):
    value: str
    unit: str | None


class ActivityOut(BaseModel):
    """A record in its present state. `emissions` are at 100 %, null while nothing of it is counted with a figure."""

    id: str
    source_system: str
    external_id: str
    site_external_id: str | None
    activity_type: str | None
    item_code: str | None
    period: PeriodAnswer
    quantity: QuantityAnswer
    scope: int | None
    category: str | None
    data_quality: str
    content: dict[str, Any] = Field(description="The latest revision as its source pushed it.")
    revision: int
    counted_revision: int | None
    outcome: str
    quarantine: str | None
    voided: bool
    calculation_state: CalculationState | None
    emissions: Emissions | None


class BatchItem(BaseModel):
    index: int
    status: int
    id: str | None
    outcome: str
    revision: int | None
    voided: bool
    calculation_state: CalculationState | None
    emissions: Emissions | None
    problem: ItemProblem | None


class BatchAnswer(BaseModel):
    items: list[BatchItem]


def record_of(body: ActivityIn) -> ActivityRecord:
    """The record that a body describes."""
    content = body.model_dump(mode="json", exclude={"source_modified_at"}, exclude_defaults=True)
    content["data_quality"] = body.data_quality
    return record_from_content(content, body.source_modified_at)


def record_or_refusal(item: Any) -> ActivityRecord | Refused:
    """One item of a batch: a record, or why it is none."""
    try:
        return record_of(ActivityIn.model_validate(item))
    except ValidationError as error:
        return Refused(validation_problem(error.errors(include_url=False), "The record"), _source_system_of(item))


def _source_system_of(item: Any) -> str:
    try:
        return _SOURCE_SYSTEM.validate_python(item.get("source_system") if isinstance(item, dict) else None)
    except ValidationError:
        return ""


def tag_of(stored: StoredActivity, gwp_set: str) -> str:
    """The ETag of a record. It may be calculated anew after its revision was kept, and is told under whatever GWP set holds."""
    replaced = stored.binding_numbers if any(number > 1 for number in stored.binding_numbers) else ()
    return etag(stored.revision, ".".join([f"{stored.calculation_state}", gwp_set, *map(str, replaced)]))


def activity_out(stored: StoredActivity, outcome: str, site_external_id: str | None, gwp_set: str) -> ActivityOut:
    """The answer for a record; quantities are said as they were pushed."""
    content = stored.content
    return ActivityOut(
        id=str(stored.id),
        source_system=stored.source_system,
        external_id=stored.external_id,
        site_external_id=site_external_id,
        activity_type=stored.activity_type,
        item_code=stored.item_code,
        period=PeriodAnswer(start=stored.period_start, end=stored.period_end),
        quantity=QuantityAnswer(value=format(stored.quantity, "f"), unit=stored.unit),
        scope=SCOPE_OF.get(stored.category or ""),
        category=stored.category,
        data_quality=content["data_quality"],
        content=content,
        revision=stored.revision,
        counted_revision=stored.counted_revision,
        outcome=outcome,
        quarantine=stored.quarantine,
        voided=stored.voided,
        calculation_state=_calculation_state(stored),
        emissions=emissions_in(stored, gwp_set),
    )


def emissions_in(stored: StoredActivity, gwp_set: str) -> Emissions | None:
    if stored.calculation_state != "calculated" or stored.voided:
        return None
    figures: ExactEmissions = emissions_of(stored.contributions)
    return emissions_shape(figures, gwp_set)


def _calculation_state(stored: StoredActivity) -> Any:
    return stored.calculation_state if stored.counted_revision is not None else None
