"""The arithmetic of a calculation in words, for whoever wants to follow it with a pocket calculator."""

from collections.abc import Iterator
from fractions import Fraction

from ghg.factors import EmissionFactor, GasFactor
from ghg.gwp import CO2E, gwp_set
from ghg.rounding import decimal_text, kilograms
from ghg.units import Step


def formula_text(factor: EmissionFactor, gwp_set_name: str) -> str:
    """The formula of this factor, in words."""
    if [gas.gas for gas in factor.gases] == [CO2E]:
        return f"CO2e = quantity in {factor.unit.symbol} × kg CO2e per {factor.unit.symbol}"
    return f"CO2e = sum over gases of quantity in {factor.unit.symbol} × kg of the gas per {factor.unit.symbol} × GWP-100 ({gwp_set_name})"


def calculation_steps(amount: Fraction, factor: EmissionFactor, gwp_set_name: str, total_mg: int | None) -> tuple[Step, ...]:
    """Mass and CO2e of each gas, exact, and the sum of the figures rounded to whole milligrams.

    amount    in the factor's unit
    total_mg  the sum of the gases' rounded CO2e, None if a gas lacks a value in the set
    """
    return tuple(_steps(amount, factor, gwp_set_name, total_mg))


def _steps(amount: Fraction, factor: EmissionFactor, gwp_set_name: str, total_mg: int | None) -> Iterator[Step]:
    for gas in factor.gases:
        yield from _gas_steps(amount, factor, gas, gwp_set_name)
    if factor.biogenic_co2:
        mass = amount * factor.biogenic_co2.kg_per_unit
        text = f"biogenic CO2, outside the total: {_product(amount, factor, factor.biogenic_co2)}"
        yield Step(text, f"{decimal_text(mass)} kg biogenic CO2")
    if factor.co2_only:
        yield Step("the publisher of this factor counts CO2 only: CH4 and N2O are not in the figure", "CO2 only")
    if total_mg is None:
        yield Step(f"no sum: a gas has no GWP-100 in {gwp_set_name}, and missing is not zero", "no CO2e")
    else:
        yield Step("each gas rounded to whole milligrams, half-even, then added", f"{kilograms(total_mg)} kg CO2e")


def _gas_steps(amount: Fraction, factor: EmissionFactor, gas: GasFactor, gwp_set_name: str) -> Iterator[Step]:
    mass = amount * gas.kg_per_unit
    if gas.gas == CO2E:
        text = f"CO2e as published, GWP basis {gas.gwp_basis}, not converted: {_product(amount, factor, gas)}"
        yield Step(text, f"{decimal_text(mass)} kg CO2e")
        return
    yield Step(f"{gas.gas}: {_product(amount, factor, gas)}", f"{decimal_text(mass)} kg {gas.gas}")
    potentials = gwp_set(gwp_set_name)
    gwp = potentials.values.get(gas.gas)
    if gwp is None:
        yield Step(f"{gas.gas}: {gwp_set_name} has no GWP-100 for it", "no CO2e")
    elif gwp != 1:
        text = f"{gas.gas}: × GWP-100 {decimal_text(gwp)} ({potentials.sources[gas.gas]})"
        yield Step(text, f"{decimal_text(mass * gwp)} kg CO2e")


def _product(amount: Fraction, factor: EmissionFactor, gas: GasFactor) -> str:
    text = f"{decimal_text(amount)} {factor.unit.symbol} × {decimal_text(gas.kg_per_unit)} kg/{factor.unit.symbol}"
    return f"{text} ({gas.derivation})" if gas.derivation else text
