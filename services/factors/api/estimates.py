"""Estimates: emissions of activities that nobody recorded, by the thousand, each with its factor and, for a few, its trace."""

import json
from collections.abc import Collection
from typing import Annotated

from fastapi import Query, Response

from ghg.calculation import Calculation, calculate
from ghg.errors import DimensionMismatch, GhgError, UnknownUnit
from ghg.units import Quantity
from kernel.problems import Problem, refused
from kernel.service import router as service_router
from services.factors.api.access import InTransaction, KeptCatalogue, Reader
from services.factors.api.estimate_answers import emissions_answer, factor_of_estimate, trace_answer, uncertainty_answer
from services.factors.api.estimate_shapes import Estimate, EstimateItem, EstimateRequest, Estimates
from services.factors.api.item_problems import item_problem
from services.factors.api.pacing import Pace
from services.factors.domain.catalogue import Catalogue
from services.factors.domain.resolution import Question, names_to_correct
from services.factors.usecases.bind_estimate import Binding, bind_activity, bind_factor, bind_own

router = service_router("estimates")

TRACED_BY_DEFAULT = 100

Traced = Annotated[bool | None, Query(description=f"With traces; by default for up to {TRACED_BY_DEFAULT} items.")]

_to_json = json.JSONEncoder(separators=(",", ":")).encode


@router.post("/v1/estimates", status_code=207, response_model=Estimates)
async def estimate_emissions(
    estimates: EstimateRequest, principal: Reader, session: InTransaction, kept: KeptCatalogue, trace: Traced = None
) -> Response:
    """The emissions of each item, or the reason why it has none. Nothing is stored."""
    activity_types = [item.activity_type for item in estimates.items if item.activity_type is not None]
    catalogue = await kept.holding(session, activity_types, {item.factor_id for item in estimates.items if item.factor_id is not None})
    with_trace = trace if trace is not None else len(estimates.items) <= TRACED_BY_DEFAULT
    desk = EstimateDesk(catalogue, with_trace, names_to_correct(catalogue, activity_types))
    answers = []
    pace = Pace()
    for index, item in enumerate(estimates.items):
        await pace.step()
        answers.append(desk.answer(index, item))
    return Response(f'{{"items":[{",".join(answers)}]}}', 207, media_type="application/json")


class EstimateDesk:
    """Answers the items of one request; what items share is found and written once.

    Each answer is written as JSON at once: ten thousand models, or their dictionaries, would cost more than their calculation.
    """

    def __init__(self, catalogue: Catalogue, with_trace: bool, corrected: Collection[str]) -> None:
        self._catalogue = catalogue
        self._with_trace = with_trace
        self._corrected = corrected
        self._bindings: dict[object, Binding | Problem] = {}
        self._factors: dict[str, str] = {}

    def answer(self, index: int, item: EstimateItem) -> str:
        """One item's answer, an `Estimate` in JSON."""
        try:
            binding = self._binding(item)
            calculation = _calculate(item, binding)
        except Problem as problem:
            refusal = item_problem(problem)
            return Estimate(
                index=index,
                status=refusal.status,
                emissions=None,
                uncertainty_percent=None,
                factor=None,
                of_record=False,
                trace=None,
                problem=refusal,
            ).model_dump_json()
        emissions = _to_json(emissions_answer(calculation))
        trace = trace_answer(calculation, binding, self._catalogue.datasets).model_dump_json() if self._with_trace else "null"
        uncertainty = _to_json(uncertainty_answer(calculation, item.uncertainty_percent, binding))
        of_record = "true" if binding.is_of_record else "false"
        return (
            f'{{"index":{index},"status":200,"emissions":{emissions},"uncertainty_percent":{uncertainty},"factor":{self._factor(binding)},'
            f'"of_record":{of_record},"trace":{trace},"problem":null}}'
        )

    def _binding(self, item: EstimateItem) -> Binding:
        key = _what_is_shared(item)
        found = self._bindings.get(key)
        if found is None:
            try:
                found = self._bind(item)
            except Problem as problem:
                found = problem
            self._bindings[key] = found
        if isinstance(found, Problem):
            raise found
        return found

    def _bind(self, item: EstimateItem) -> Binding:
        year = item.date.year if item.date is not None else None
        if item.factor is not None:
            gases = [(gas.gas, gas.kg_per_unit) for gas in item.factor.gases or ()]
            return bind_own(gases, item.factor.co2e, item.factor.per_unit, item.factor.gwp_basis, item.factor.uncertainty_percent)
        if item.factor_id is not None:
            return bind_factor(self._catalogue, item.factor_id, item.quantity.unit, item.region, year)
        assert year is not None
        return bind_activity(self._catalogue, _question(item, year), is_corrected=item.activity_type in self._corrected)

    def _factor(self, binding: Binding) -> str:
        if binding.listed is None:
            return "null"
        factor_id = binding.emission.id
        if factor_id not in self._factors:
            self._factors[factor_id] = factor_of_estimate(binding.listed).model_dump_json()
        return self._factors[factor_id]


def _what_is_shared(item: EstimateItem) -> object:
    if item.factor is not None:
        return item.factor.model_dump_json()
    year = item.date.year if item.date is not None else None
    asked = (item.activity_type, item.factor_id, item.region, year, item.quantity.unit, item.method)
    return *asked, item.stage, item.purpose, item.dataset


def _question(item: EstimateItem, year: int) -> Question:
    assert item.activity_type is not None and item.region is not None
    return Question(item.activity_type, item.region, year, item.quantity.unit, item.method, item.purpose, item.dataset, item.stage)


def _calculate(item: EstimateItem, binding: Binding) -> Calculation:
    try:
        quantity = Quantity.parse(item.quantity.value, item.quantity.unit)
        return calculate(quantity, binding.emission, binding.properties, item.gwp_set)
    except (UnknownUnit, DimensionMismatch) as error:
        raise refused("/quantity/unit", error.code, str(error), error.hint) from error
    except GhgError as error:
        raise refused("/quantity/value", error.code, str(error), error.hint) from error
