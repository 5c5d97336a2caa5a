"""Emissions as answers show them: kilograms with six decimals, which are whole milligrams."""

from typing import Any

from contracts.shapes import Emissions, GasEmissions
from ghg.calculation import Emissions as ExactEmissions
from ghg.rounding import kilograms


def emissions_shape(exact: ExactEmissions, gwp_set: Any) -> Emissions:
    """A record's emissions under one GWP set."""
    return Emissions(
        co2e_kg=_kg(exact.co2e_mg(gwp_set)),
        gases=[
            GasEmissions(gas=gas.gas, kg=_kg(gas.mass_mg), co2e_kg=_kg(gas.co2e_mg[gwp_set]), gwp_basis=gas.gwp_basis)
            for gas in exact.gases
        ],
        biogenic_co2_kg=kilograms(exact.biogenic_co2_mg),
        gwp_set=gwp_set,
    )


def _kg(milligrams: int | None) -> str | None:
    return None if milligrams is None else kilograms(milligrams)
