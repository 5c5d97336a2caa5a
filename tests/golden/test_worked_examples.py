"""The worked examples of published guidance through the accounting itself; tests/api/factors/test_worked_examples.py asks the API."""

import pytest

from ghg import EmissionFactor, GasFactor, Quantity, Source, as_fraction, calculate, kilograms, unit
from tests.golden.worked_examples import WORKED_EXAMPLES, WorkedExample

GUIDANCE = Source("published guidance")


@pytest.mark.parametrize("example", WORKED_EXAMPLES, ids=lambda example: example.name)
def test_a_worked_example_has_the_figures_of_its_guidance(example: WorkedExample) -> None:
    gases = tuple(GasFactor(gas, as_fraction(kg), GUIDANCE) for gas, kg in example.gases.items())

    emissions = calculate(Quantity.parse(example.quantity, example.unit), EmissionFactor(unit(example.per_unit), gases)).emissions

    assert {gas.gas: kilograms(gas.co2e_mg[example.gwp_set] or 0) for gas in emissions.gases} == example.co2e_kg
    assert kilograms(emissions.co2e_mg(example.gwp_set) or 0) == example.total_kg
