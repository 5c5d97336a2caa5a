"""The trace of a record's calculation: from the pushed quantity to kilograms of CO2e, every number with its source."""

from fractions import Fraction
from typing import Annotated
from uuid import UUID

from fastapi import Depends
from pydantic import BaseModel

from contracts.events import GasOfFactor
from contracts.factor_questions import Candidate, FactorSnapshot, PropertySnapshot
from contracts.shapes import Emissions, TraceStep
from ghg.calculation import calculate, split_by_year
from ghg.units import Property, Quantity, unit
from kernel.auth import Principal, requires
from kernel.database import Session
from kernel.edge import session_of
from kernel.problems import CONFLICT, Problem, problem_type
from kernel.service import router as service_router
from services.inventory.api.activity_shapes import emissions_in
from services.inventory.domain.bindings import Binding, Unbound
from services.inventory.store import activity_lists, bindings, surroundings

router = service_router("activities")

NO_FACTOR = problem_type(
    "record_without_factor",
    409,
    "There is no factor for this record",
    "The record is kept and counted as incomplete; `alternatives` are the factors that come nearest.",
)
AWAITING_FACTOR = problem_type(
    "record_awaits_factor",
    409,
    "The factor has not been asked for yet",
    "The factors service was silent; the record is calculated by itself when it answers.",
)


class FactorUsed(BaseModel):
    """A factor as it was when it was bound; `value` and `unit` as its publisher printed them."""

    id: str
    activity_type: str
    region: str
    data_year: int | None
    value: str
    unit: str
    per_unit: str
    gas_coverage: str
    dataset: str
    publisher: str
    source: str
    licence: str
    sha256: str
    source_row: str
    notes: list[str]
    gases: list[GasOfFactor]
    biogenic_co2: GasOfFactor | None


class CalculatedPart(BaseModel):
    """The calculation with one factor: that of one calendar year of the record's period."""

    year: int
    formula: str
    steps: list[TraceStep]
    factor: FactorUsed
    properties: list[PropertySnapshot]


class CalculationTrace(BaseModel):
    """How a record's figure came about. A record over several calendar years has a part for each; the first is shown at the top."""

    activity_id: str
    revision: int | None
    formula: str
    steps: list[TraceStep]
    factor: FactorUsed
    properties: list[PropertySnapshot]
    gwp_set: str
    parts: list[CalculatedPart]
    emissions: Emissions | None


@router.get("/v1/activities/{activity_id}/calculation", response_model=CalculationTrace)
async def get_activity_calculation(
    activity_id: UUID,
    actor: Annotated[Principal, Depends(requires("activities:read"))],
    session: Annotated[Session, Depends(session_of)],
) -> CalculationTrace:
    """The trace of the counted revision; 409 for a record without a figure, with the reason and the nearest alternatives."""
    stored, _ = await activity_lists.read_one(session, actor, activity_id)
    if stored.counted_revision is None:
        raise Problem(CONFLICT, "The record is voided." if stored.voided else f"The record is in quarantine: {stored.quarantine}.")
    if stored.calculation_state != "calculated":
        current = await bindings.read_current(session, stored.combinations)
        _refuse_without_figure(stored.calculation_state, [one for one in current if isinstance(one, Unbound)])
    found = await bindings.read_used(session, stored.combinations, stored.binding_numbers)
    gwp_set = (await surroundings.read_gwp_sets(session)).of(stored.period_start)
    years = split_by_year(Fraction(stored.quantity), stored.period_start, stored.period_end)
    parts = [
        _part(binding, Quantity(quantity, unit(stored.unit or "")), start.year, gwp_set)
        for binding, (start, _, quantity) in zip(found, years, strict=True)
        if isinstance(binding, Binding)
    ]
    first = parts[0]
    return CalculationTrace(
        activity_id=str(stored.id),
        revision=stored.counted_revision,
        formula=first.formula,
        steps=first.steps,
        factor=first.factor,
        properties=first.properties,
        gwp_set=gwp_set,
        parts=parts,
        emissions=emissions_in(stored, gwp_set),
    )


def _refuse_without_figure(state: str | None, unbound: list[Unbound]) -> None:
    if state == "no_factor":
        alternatives: list[Candidate] = [candidate for one in unbound for candidate in one.answer.candidates]
        detail = " ".join(one.answer.detail for one in unbound)
        raise Problem(NO_FACTOR, detail or "There is no factor.", extra={"alternatives": [one.model_dump() for one in alternatives]})
    if state == "awaiting_factor":
        raise Problem(AWAITING_FACTOR, "The factors service has not answered yet.", headers={"Retry-After": "2"})


def _part(binding: Binding, quantity: Quantity, year: int, gwp_set: str) -> CalculatedPart:
    calculation = calculate(quantity, binding.factor, binding.properties, gwp_set)
    return CalculatedPart(
        year=year,
        formula=calculation.formula,
        steps=[TraceStep(text=step.text, result=step.result) for step in calculation.steps],
        factor=_factor(binding.snapshot),
        properties=[_snapshot_of(used, binding) for used in calculation.conversion.properties],
    )


def _snapshot_of(used: Property, binding: Binding) -> PropertySnapshot:
    return binding.snapshot.properties[binding.properties.index(used)]


def _factor(snapshot: FactorSnapshot) -> FactorUsed:
    gas = snapshot.gases[0]
    return FactorUsed(
        id=snapshot.id,
        activity_type=snapshot.activity_type,
        region=snapshot.region,
        data_year=snapshot.data_year,
        value=snapshot.value_printed,
        unit=snapshot.unit_printed,
        per_unit=snapshot.unit,
        gas_coverage=snapshot.gas_coverage,
        dataset=snapshot.dataset,
        publisher=snapshot.publisher,
        source=gas.document,
        licence=snapshot.licence,
        sha256=gas.sha256,
        source_row=snapshot.source_row,
        notes=snapshot.notes,
        gases=snapshot.gases,
        biogenic_co2=snapshot.biogenic_co2,
    )
