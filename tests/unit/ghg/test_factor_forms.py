"""The three forms in which publishers print factors, and blends by their composition."""

from fractions import Fraction

import pytest

from ghg.calculation import calculate
from ghg.errors import InvalidFactor, UnknownGas
from ghg.factors import EmissionFactor, GasFactor, blend_factor, mass_of_co2e
from ghg.gwp import gwp_set
from ghg.sources import Source
from ghg.units import Quantity, unit

SOURCE = Source("example", "row 7")
HALVES = {"HFC-32": Fraction(1, 2), "HFC-125": Fraction(1, 2)}


def test_a_gas_in_mass_is_kept_as_printed_under_its_usual_name() -> None:
    assert GasFactor.in_mass("HFC134a", Fraction("0.3"), SOURCE) == GasFactor("HFC-134a", Fraction("0.3"), SOURCE)


def test_a_gas_in_co2e_is_divided_back_to_its_mass_exactly() -> None:
    # DESNZ 2021, diesel: 0.037 kg CO2e of N2O per litre ÷ 298 (AR4)
    gas = GasFactor.in_co2e("N2O", Fraction("0.037"), gwp_set("AR4").of("N2O"), SOURCE, whose="AR4's")

    assert gas.kg_per_unit == Fraction(37, 298_000)
    assert gas.derivation == "0.037 kg CO2e ÷ 298, AR4's GWP of N2O"
    assert gas.gwp_basis is None


def test_the_co2e_of_a_gas_comes_back_under_the_gwp_with_which_it_was_printed_and_moves_under_another() -> None:
    # 28 kg CO2e ÷ 28 = 1 kg of fossil methane, which is 30 under AR5 and 29.8 under AR6
    methane = GasFactor.in_co2e("CH4_fossil", Fraction(28), Fraction(28), SOURCE)
    (amount,) = calculate(Quantity.parse("1", "t"), EmissionFactor(unit("t"), (methane,))).emissions.gases

    assert amount.mass_mg == 10**6
    assert (amount.co2e_mg["AR5"], amount.co2e_mg["AR6"]) == (30 * 10**6, 29_800_000)


def test_co2e_only_keeps_its_basis_and_is_the_same_under_every_set() -> None:
    spend = EmissionFactor(unit("USD_2022"), (GasFactor.co2e_only(Fraction("0.25"), "AR5", SOURCE),))
    (amount,) = calculate(Quantity.parse("4", "USD_2022"), spend).emissions.gases

    assert (amount.gas, amount.gwp_basis, amount.mass_mg) == ("CO2e", "AR5", None)
    assert set(amount.co2e_mg.values()) == {10**6}


@pytest.mark.parametrize("gas", ["CH4", "CO2e", "methane gas", ""])
def test_a_gas_without_a_name_of_its_own_is_refused(gas: str) -> None:
    with pytest.raises(UnknownGas):
        GasFactor.in_mass(gas, Fraction(1), SOURCE)
    with pytest.raises(UnknownGas):
        GasFactor.in_co2e(gas, Fraction(1), Fraction(28), SOURCE)


def test_co2e_without_a_basis_is_refused() -> None:
    with pytest.raises(InvalidFactor, match="GWP basis") as refusal:
        GasFactor.co2e_only(Fraction(1), "", SOURCE)

    assert "unstated" in refusal.value.hint


@pytest.mark.parametrize("gwp", [Fraction(0), Fraction(-28)])
def test_a_gwp_that_is_not_above_zero_is_refused(gwp: Fraction) -> None:
    with pytest.raises(InvalidFactor):
        mass_of_co2e(Fraction(1), gwp)


def test_a_blend_is_the_mass_of_each_gas_per_kilogram() -> None:
    gases = blend_factor(HALVES, SOURCE)

    assert [(gas.gas, gas.kg_per_unit, gas.derivation) for gas in gases] == [
        ("HFC-32", Fraction(1, 2), "50 % by mass"),
        ("HFC-125", Fraction(1, 2), "50 % by mass"),
    ]


@pytest.mark.parametrize(("set_name", "gwp"), [("AR4", "2087.5"), ("AR5", "1923.5"), ("AR6", "2255.5")])
def test_the_gwp_of_a_blend_follows_from_its_composition_and_the_set(set_name: str, gwp: str) -> None:
    # R-410A, half HFC-32 and half HFC-125: AR4 (675 + 3500) / 2, AR5 (677 + 3170) / 2, AR6 (771 + 3740) / 2
    lost = calculate(Quantity.parse("1", "kg"), EmissionFactor(unit("kg"), blend_factor(HALVES, SOURCE)))

    assert lost.emissions.co2e_mg(set_name) == Fraction(gwp) * 10**6


@pytest.mark.parametrize(
    ("shares", "why"),
    [
        ({}, "add up to 0 "),
        ({"HFC-32": "0.5", "HFC-125": "0.49"}, "add up to 0.99"),
        ({"HFC-32": "50", "HFC-125": "50"}, "add up to 100"),
        ({"HFC-32": "1", "HFC-125": "0"}, "share of HFC-125"),
        ({"HFC-32": "1.5", "HFC-125": "-0.5"}, "share of HFC-125"),
        ({"HFC-32": "0.5", "HFC32": "0.5"}, "twice"),
    ],
)
def test_a_composition_that_is_none_is_refused(shares: dict[str, str], why: str) -> None:
    with pytest.raises(InvalidFactor, match=why):
        blend_factor({gas: Fraction(share) for gas, share in shares.items()}, SOURCE)


def test_a_blend_of_an_unknown_gas_is_refused() -> None:
    with pytest.raises(UnknownGas):
        blend_factor({"HFC-9": Fraction(1)}, SOURCE)
