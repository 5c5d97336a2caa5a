from fractions import Fraction

import pytest

from ghg.errors import InvalidFactor, MalformedNumber
from ghg.factors import GasFactor, as_fraction, source_number
from tests.golden.published_factors import factor, gas


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("0.4715", Fraction(4715, 10000)),
        ("44/12", Fraction(11, 3)),
        ("0", Fraction(0)),
        ("007.50", Fraction(15, 2)),
        ("0.21233000000000002", Fraction("0.21233")),
        ("2.3299999999999996", Fraction("2.33")),
        ("0.000000123456789012345", Fraction("0.000000123456789012345")),
        ("123456789012345678", Fraction(123456789012346000)),
        ("1.000000000000005", Fraction(1)),  # the sixteenth digit is half of the fifteenth: half-even
        ("1.000000000000015", Fraction("1.00000000000002")),
    ],
)
def test_a_factor_is_read_exactly_but_for_the_noise_of_a_float(text: str, value: Fraction) -> None:
    assert as_fraction(text) == value


@pytest.mark.parametrize(
    "text",
    ["", "NaN", "inf", "-1", "+1", "1e3", "1,5", ".5", "5.", "44/0", "4.4/12", "44/12/3", " 1", "< 1", "١", "1" * 5000, "1/" + "3" * 5000],
)
def test_what_is_no_decimal_and_no_ratio_is_refused(text: str) -> None:
    with pytest.raises(MalformedNumber):
        as_fraction(text)


@pytest.mark.parametrize(
    ("text", "value"),
    [("4.6368e-06", "0.0000046368"), ("1.5E3", "1500"), ("2e+2", "200"), ("0.4715", "0.4715"), ("7.1200000000000005e-05", "0.0000712")],
)
def test_a_source_file_may_write_exponents(text: str, value: str) -> None:
    assert source_number(text) == Fraction(value)


@pytest.mark.parametrize("text", ["-1.0", "NaN", "1e9999", "e5", "< 1", "44/12", "0." + "3" * 5000])
def test_what_is_no_number_in_a_source_file_is_refused(text: str) -> None:
    with pytest.raises(MalformedNumber):
        source_number(text)


@pytest.mark.parametrize(
    ("gases", "why"),
    [
        ((), "without gases"),
        ((gas("CO2", "1"), gas("CO2", "2")), "twice"),
        ((gas("CH4", "1"),), "unknown gas"),
        ((gas("N2O", Fraction(-1)),), "negative"),
        ((gas("CO2e", "1"),), "GWP basis"),
        ((gas("CO2", "1", gwp_basis="AR5"),), "GWP basis"),
    ],
)
def test_a_factor_that_contradicts_itself_is_refused(gases: tuple, why: str) -> None:
    with pytest.raises(InvalidFactor, match=why):
        factor("kWh", *gases)


@pytest.mark.parametrize("biogenic", [gas("CH4_biogenic", "1"), gas("CO2e", "1", gwp_basis="AR5")], ids=["methane", "CO2e"])
def test_biogenic_co2_that_is_another_gas_is_refused(biogenic: GasFactor) -> None:
    with pytest.raises(InvalidFactor, match="instead of CO2"):
        factor("kWh", gas("CO2", "1"), biogenic_co2=biogenic)


def test_a_factor_knows_whether_it_counts_co2_only() -> None:
    assert factor("kWh", gas("CO2", "0.4715")).co2_only
    assert not factor("kWh", gas("CO2", "0.4715"), gas("N2O", "0.1")).co2_only
    assert not factor("kWh", gas("CO2e", "0.4715", gwp_basis="AR5")).co2_only


def test_two_factors_of_the_same_content_are_equal() -> None:
    assert factor("kWh", gas("CO2", "0.4715")) == factor("kWh", gas("CO2", "0.4715"))
    assert factor("kWh", gas("CO2", "0.4715")) != factor("kWh", gas("CO2", "0.4716"))
