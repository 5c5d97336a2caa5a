from datetime import date
from fractions import Fraction
from itertools import pairwise

import pytest

from ghg.calculation import MAX_MG, calculate, calculate_parts, split_by_year, sum_parts
from ghg.errors import DimensionMismatch, InvalidPeriod, OutOfRange, UnknownGwpSet
from ghg.units import Quantity, unit
from tests.golden.published_factors import british_diesel_2021, chinese_natural_gas, factor, gas, guangdong_grid_2021, refrigerant

MARCH = (date(2021, 3, 1), date(2021, 4, 1))
ONE_MG_PER_KWH = factor("kWh", gas("CO2", "0.000001"))


def test_a_period_within_one_month_is_one_part() -> None:
    (part,) = calculate_parts(Fraction(1000), guangdong_grid_2021(), *MARCH)

    assert (part.start, part.end) == MARCH
    assert part.quantity_nano == 1000 * 10**9
    assert [(gas.gas, gas.mass_mg, gas.co2e_mg["AR6"]) for gas in part.gases] == [("CO2", 471_500_000, 471_500_000)]


@pytest.mark.parametrize(("kwh", "mg"), [("0.5", 0), ("1.5", 2), ("2.5", 2), ("3.5", 4), ("2.500000001", 3)])
def test_a_tie_goes_to_the_even_milligram_where_half_up_would_not(kwh: str, mg: int) -> None:
    (part,) = calculate_parts(Fraction(kwh), ONE_MG_PER_KWH, *MARCH)

    assert part.gases[0].mass_mg == mg


def test_co2e_is_rounded_from_the_exact_mass_not_from_the_rounded_one() -> None:
    # 0.4 mg of R-410A's HFC-32: mass rounds to 0 mg, CO2e 0.4 × 771 = 308.4 -> 308 mg
    (part,) = calculate_parts(Fraction("0.0000004"), refrigerant(("HFC-32", "100")), *MARCH)

    assert (part.gases[0].mass_mg, part.gases[0].co2e_mg["AR6"]) == (0, 308)


def test_every_figure_is_given_under_all_three_sets() -> None:
    (part,) = calculate_parts(Fraction(1), refrigerant(("HFC-125", "100")), *MARCH)

    assert part.gases[0].co2e_mg == {"AR4": 3_500_000_000, "AR5": 3_170_000_000, "AR6": 3_740_000_000}


def test_a_gas_without_a_value_has_no_co2e_and_neither_has_the_sum() -> None:
    emissions = calculate(Quantity.parse("10", "kg"), refrigerant(("HFC-32", "68.9"), ("HFO-1234yf", "31.1"))).emissions

    assert emissions.gases[1].mass_mg == 3_110_000
    assert emissions.gases[1].co2e_mg["AR5"] is None
    assert emissions.co2e_mg("AR5") is None
    assert emissions.co2e_mg("AR6") == 5_312_190_000 + 1_558_110  # 6.89 kg × 771, 3.11 kg × 0.501


def test_a_figure_that_is_co2e_already_is_never_converted() -> None:
    (part,) = calculate_parts(Fraction(2), factor("kWh", gas("CO2e", "0.5", gwp_basis="AR5")), *MARCH)

    assert part.gases[0].mass_mg is None
    assert part.gases[0].gwp_basis == "AR5"
    assert part.gases[0].co2e_mg == dict.fromkeys(("AR4", "AR5", "AR6"), 1_000_000)


def test_a_year_falls_into_its_twelve_months() -> None:
    parts = calculate_parts(Fraction(365), guangdong_grid_2021(), date(2021, 1, 1), date(2022, 1, 1))

    assert [part.start.month for part in parts] == list(range(1, 13))
    assert [part.quantity_nano for part in parts[:3]] == [31 * 10**9, 28 * 10**9, 31 * 10**9]
    assert all(left.end == right.start for left, right in pairwise(parts))


def test_a_milligram_over_three_months_is_given_once() -> None:
    # 1 mg over 90 days, 31 + 28 + 31: running R(31/90) = 0, R(59/90) = 1, R(1) = 1
    parts = calculate_parts(Fraction(1), ONE_MG_PER_KWH, date(2021, 1, 1), date(2021, 4, 1))

    assert [part.gases[0].mass_mg for part in parts] == [0, 1, 0]


def test_a_period_over_new_year_is_refused_and_can_be_cut() -> None:
    period = (date(2021, 12, 17), date(2023, 1, 11))

    with pytest.raises(InvalidPeriod, match="crosses the end of a year"):
        calculate_parts(Fraction(390), ONE_MG_PER_KWH, *period)
    # 15 days of 2021, 365 of 2022, 10 of 2023
    assert split_by_year(Fraction(390), *period) == (
        (date(2021, 12, 17), date(2022, 1, 1), 15),
        (date(2022, 1, 1), date(2023, 1, 1), 365),
        (date(2023, 1, 1), date(2023, 1, 11), 10),
    )


def test_a_period_that_ends_at_new_year_is_one_piece() -> None:
    period = (date(2021, 12, 1), date(2022, 1, 1))

    assert split_by_year(Fraction(31), *period) == ((*period, 31),)
    assert len(calculate_parts(Fraction(31), ONE_MG_PER_KWH, *period)) == 1


@pytest.mark.parametrize("end", [date(2021, 3, 1), date(2021, 2, 1)])
def test_a_period_without_a_day_is_refused(end: date) -> None:
    with pytest.raises(InvalidPeriod):
        calculate_parts(Fraction(1), ONE_MG_PER_KWH, date(2021, 3, 1), end)
    with pytest.raises(InvalidPeriod):
        split_by_year(Fraction(1), date(2021, 3, 1), end)


def test_the_largest_record_is_ten_million_tonnes_of_any_gas() -> None:
    calculate_parts(Fraction(MAX_MG), ONE_MG_PER_KWH, *MARCH)
    with pytest.raises(OutOfRange):
        calculate_parts(Fraction(MAX_MG) + Fraction(1, 1000), ONE_MG_PER_KWH, *MARCH)


def test_the_limit_holds_for_co2e_too() -> None:
    with pytest.raises(OutOfRange) as refusal:
        calculate(Quantity.parse("1000000", "kg"), factor("kg", gas("SF6", "1")))  # 10^12 mg × 24,300

    assert refusal.value.code == "out_of_range"


def test_the_limit_holds_for_what_is_taken_back_too() -> None:
    calculate(Quantity(Fraction(-MAX_MG), unit("kWh")), ONE_MG_PER_KWH)
    with pytest.raises(OutOfRange):
        calculate(Quantity(Fraction(-MAX_MG) - Fraction(1, 1000), unit("kWh")), ONE_MG_PER_KWH)


@pytest.mark.parametrize("name", ["AR3", "ar6", ""])
def test_an_unknown_gwp_set_is_refused_before_anything_is_calculated(name: str) -> None:
    with pytest.raises(UnknownGwpSet):
        calculate(Quantity.parse("1", "kWh"), guangdong_grid_2021(), gwp_set=name)
    with pytest.raises(UnknownGwpSet):
        calculate(Quantity.parse("1", "kWh"), guangdong_grid_2021()).emissions.co2e_mg(name)


def test_parts_of_years_with_different_factors_add_up_gas_by_gas() -> None:
    first = calculate_parts(Fraction(1), factor("kWh", gas("CO2", "1"), gas("N2O", "2")), *MARCH)
    second = calculate_parts(Fraction(1), factor("kWh", gas("CO2", "3"), gas("CO2e", "1", gwp_basis="AR5")), *MARCH)

    total = sum_parts([*first, *second])

    assert [(gas.gas, gas.mass_mg) for gas in total.gases] == [("CO2", 4_000_000), ("N2O", 2_000_000), ("CO2e", None)]


def test_no_parts_are_no_emissions() -> None:
    assert sum_parts([]).co2e_mg("AR6") == 0


def test_a_quantity_in_another_dimension_is_refused() -> None:
    with pytest.raises(DimensionMismatch):
        calculate(Quantity.parse("1", "kg"), guangdong_grid_2021())


def test_the_trace_can_be_followed_line_by_line() -> None:
    calculation = calculate(Quantity.parse("1000", "Nm3"), chinese_natural_gas())

    assert [(step.text, step.result) for step in calculation.steps] == [
        ("CO2: 1000 Nm3 × 2.162188809 kg/Nm3", "2162.188809 kg CO2"),
        ("CH4_fossil: 1000 Nm3 × 0.000038931 kg/Nm3", "0.038931 kg CH4_fossil"),
        ("CH4_fossil: × GWP-100 29.8 (IPCC AR6 WG1 (2021), Table 7.15)", "1.1601438 kg CO2e"),
        ("N2O: 1000 Nm3 × 0.0000038931 kg/Nm3", "0.0038931 kg N2O"),
        ("N2O: × GWP-100 273 (IPCC AR6 WG1 (2021), Table 7.15)", "1.0628163 kg CO2e"),
        ("each gas rounded to whole milligrams, half-even, then added", "2164.411769 kg CO2e"),
    ]
    assert "GWP-100 (AR6)" in calculation.formula


def test_the_trace_is_of_the_set_asked_for() -> None:
    calculation = calculate(Quantity.parse("1", "L"), british_diesel_2021(), gwp_set="AR4")

    assert calculation.steps[-1].result == "2.512330 kg CO2e"
    assert any(step.text.startswith("biogenic CO2, outside the total") for step in calculation.steps)


def test_the_trace_says_when_a_gas_has_no_potential() -> None:
    steps = calculate(Quantity.parse("1", "kg"), refrigerant(("HFO-1234yf", "100")), gwp_set="AR5").steps

    assert [step.result for step in steps] == ["1 kg HFO-1234yf", "no CO2e", "no CO2e"]


def test_the_trace_says_that_a_published_co2e_is_not_converted() -> None:
    calculation = calculate(Quantity.parse("2", "kWh"), factor("kWh", gas("CO2e", "0.5", gwp_basis="AR5")))

    assert "GWP basis AR5, not converted" in calculation.steps[0].text
    assert calculation.formula == "CO2e = quantity in kWh × kg CO2e per kWh"
