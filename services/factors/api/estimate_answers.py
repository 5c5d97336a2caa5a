"""Calculations as answers."""

from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from contracts.shapes import TraceStep
from ghg.calculation import Calculation
from ghg.distributions import Normal
from ghg.rounding import decimal_text, kilograms
from ghg.uncertainty import calculation_line, combine_uncertainty
from services.factors.api.estimate_shapes import FactorOfEstimate, FactorOfTrace, Trace
from services.factors.catalogue.pack_model import Dataset
from services.factors.domain.answers import factor_snapshot, property_snapshot
from services.factors.domain.catalogue import CatalogueFactor
from services.factors.domain.provenance import document_of, sha256_of
from services.factors.usecases.bind_estimate import Binding


def emissions_answer(calculation: Calculation) -> dict[str, Any]:
    """The shape `Emissions` of the contract, under the calculation's GWP set."""
    gwp_set, emissions = calculation.gwp_set, calculation.emissions
    return {
        "co2e_kg": _kilograms(emissions.co2e_mg(gwp_set)),
        "gases": [
            {
                "gas": gas.gas,
                "kg": _kilograms(gas.mass_mg),
                "co2e_kg": _kilograms(gas.co2e_mg[gwp_set]),
                "gwp_basis": gas.gwp_basis,
            }
            for gas in emissions.gases
        ],
        "biogenic_co2_kg": kilograms(emissions.biogenic_co2_mg),
        "gwp_set": gwp_set,
    }


def uncertainty_answer(calculation: Calculation, of_quantity: str | None, binding: Binding) -> str | None:
    """± percent of the CO2e, by IPCC 2006, volume 1, chapter 3, equation 3.1; None unless both uncertainties are known."""
    if of_quantity is None or binding.uncertainty_percent is None or not calculation.emissions.co2e_mg(calculation.gwp_set):
        return None
    of_factor = Normal.within(binding.uncertainty_percent)
    line = calculation_line(calculation, "quantity", Normal.within(Fraction(of_quantity)), of_factor)
    return decimal_text(combine_uncertainty([line]).percent)


def factor_of_estimate(listed: CatalogueFactor) -> FactorOfEstimate:
    """The factor, as short as an answer for thousands of items can bear."""
    factor, dataset = listed.factor, listed.dataset
    return FactorOfEstimate(
        id=factor.id,
        activity_type=factor.activity_type,
        name_en=factor.name_en,
        region=factor.region,
        data_year=factor.data_year,
        unit=factor.unit,
        stage=factor.stage,
        purpose=factor.purpose,
        dataset=factor.dataset,
        publisher=dataset.publisher,
        licence=dataset.licence,
        source=document_of(dataset),
        source_row=factor.source_row,
        gas_coverage=factor.gas_coverage,
        notes=list(factor.notes),
    )


def trace_answer(calculation: Calculation, binding: Binding, datasets: Mapping[str, Dataset]) -> Trace:
    """Everything that one needs to follow the figure with a pocket calculator."""
    return Trace(
        formula=calculation.formula,
        steps=[TraceStep(text=step.text, result=step.result) for step in calculation.steps],
        factor=None if binding.listed is None else _factor_of_trace(binding.listed, datasets),
        properties=[property_snapshot(used) for used in binding.connection],
        gwp_set=calculation.gwp_set,
    )


def _factor_of_trace(listed: CatalogueFactor, datasets: Mapping[str, Dataset]) -> FactorOfTrace:
    factor = listed.factor
    whole = factor_snapshot(listed, (), datasets)
    return FactorOfTrace(
        id=factor.id,
        value=factor.value_printed,
        unit=factor.unit_printed,
        per_unit=factor.unit,
        dataset=factor.dataset,
        source=document_of(listed.dataset),
        source_row=factor.source_row,
        licence=listed.dataset.licence,
        sha256=sha256_of(listed.dataset),
        gases=whole.gases,
        biogenic_co2=whole.biogenic_co2,
    )


def _kilograms(milligrams: int | None) -> str | None:
    return None if milligrams is None else kilograms(milligrams)
