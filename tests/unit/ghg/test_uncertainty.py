from fractions import Fraction

import pytest

from ghg.calculation import calculate
from ghg.correlation import Correlation
from ghg.distributions import Lognormal, Normal, Triangular
from ghg.errors import InvalidUncertainty, MissingGwp
from ghg.trend import TrendSource, trend_uncertainty
from ghg.uncertainty import CombinedUncertainty, UncertainInput, UncertainLine, calculation_line, combine_uncertainty
from ghg.units import Quantity
from tests.golden.published_factors import chinese_diesel, factor, gas, guangdong_grid_2021


def known(name: str, value: int, percent: int) -> UncertainInput:
    return UncertainInput(name, Fraction(value), Normal.within(Fraction(percent)))


def line(*inputs: UncertainInput) -> UncertainLine:
    return UncertainLine(inputs)


def combined(*percents: int) -> CombinedUncertainty:
    return combine_uncertainty([line(known(str(percent), 100, percent)) for percent in percents])


def test_lines_that_add_up_to_zero_have_no_percentage() -> None:
    with pytest.raises(InvalidUncertainty, match="add up to zero") as refusal:
        combine_uncertainty([line(known("a", 100, 5)), line(known("b", -100, 5))])

    assert "apart" in refusal.value.hint


@pytest.mark.parametrize("widths", [(-1, 5), (5, -1)])
def test_a_negative_interval_is_refused(widths: tuple[int, int]) -> None:
    with pytest.raises(InvalidUncertainty, match="negative"):
        Normal(Fraction(widths[0]), Fraction(widths[1]))


def test_an_id_with_two_values_is_refused() -> None:
    with pytest.raises(InvalidUncertainty, match="grid stands with two values"):
        combine_uncertainty([line(known("grid", 5, 1)), line(known("grid", 6, 1))])


def test_an_id_with_two_spreads_is_refused() -> None:
    with pytest.raises(InvalidUncertainty, match="grid stands with two"):
        combine_uncertainty([line(known("grid", 5, 1)), line(known("grid", 5, 2))])


def test_an_input_needs_an_id_to_be_seen_in_other_lines() -> None:
    with pytest.raises(InvalidUncertainty, match="without an id"):
        known("", 100, 5)


def test_nothing_to_combine_is_refused() -> None:
    with pytest.raises(InvalidUncertainty, match="no line"):
        combine_uncertainty([])
    with pytest.raises(InvalidUncertainty, match="without inputs"):
        UncertainLine(())


@pytest.mark.parametrize(("percent", "grade"), [(5, "high"), (6, "good"), (15, "good"), (30, "fair"), (31, "poor")])
def test_the_grade_is_that_of_the_uncertainty_tool(percent: int, grade: str) -> None:
    assert combined(percent).grade == grade


def test_exact_inputs_leave_nothing_uncertain() -> None:
    exact = combined(0)

    assert exact.percent == 0
    assert (exact.contributions, exact.notes) == ((), ())


def test_a_wide_interval_says_to_draw_instead() -> None:
    assert combined(58).notes == ()
    assert combined(10, 60).notes == ("60 is known to ± 60 %, more than propagation bears (± 59 %): use Monte Carlo",)


def test_the_sides_of_a_lopsided_interval_are_combined_apart_and_said_to_be_rough() -> None:
    lopsided = UncertainInput("a", Fraction(100), Normal(Fraction(3), Fraction(6)))
    result = combine_uncertainty([line(lopsided, known("b", 1, 4))])

    assert result.low_percent == 5
    assert result.percent == result.high_percent
    assert float(result.high_percent) == pytest.approx(52**0.5)
    assert ["rough" in note for note in result.notes] == [True]


def test_what_widens_a_removal_upwards_lowers_the_total() -> None:
    removal = UncertainInput("forest", Fraction(-100), Normal(Fraction(10), Fraction(30)))
    result = combine_uncertainty([line(known("a", 300, 0)), line(removal)])

    assert [result.low, result.high] == [170, 210]


def test_an_input_that_stands_twice_in_a_line_counts_twice() -> None:
    side = known("side", 10, 3)

    assert combine_uncertainty([line(side, side)]).percent == 6


def test_shares_of_correlated_inputs_add_up_to_one() -> None:
    result = combine_uncertainty([line(known("a", 100, 10)), line(known("b", 50, 8))], [Correlation("a", "b", Fraction("-0.4"))])

    assert sum(each.share for each in result.contributions) == 1


@pytest.mark.parametrize("coefficient", [Fraction(-11, 10), Fraction(11, 10)])
def test_a_correlation_beyond_one_is_refused(coefficient: Fraction) -> None:
    with pytest.raises(InvalidUncertainty, match="not between"):
        Correlation("a", "b", coefficient)


def test_an_input_is_not_correlated_with_itself() -> None:
    with pytest.raises(InvalidUncertainty, match="with itself"):
        Correlation("a", "a", Fraction(1))


def test_a_correlation_of_what_is_no_input_is_refused() -> None:
    with pytest.raises(InvalidUncertainty, match="names c, which is no input"):
        combine_uncertainty([line(known("a", 1, 1), known("b", 1, 1))], [Correlation("a", "c", Fraction(1))])


def test_a_pair_that_stands_twice_is_refused() -> None:
    with pytest.raises(InvalidUncertainty, match="stands twice"):
        combine_uncertainty(
            [line(known("a", 1, 1), known("b", 1, 1))], [Correlation("a", "b", Fraction(1)), Correlation("b", "a", Fraction(0))]
        )


@pytest.mark.parametrize("third", [Fraction(-1), Fraction(0), Fraction(999, 1000)])
def test_correlations_that_contradict_each_other_are_refused(third: Fraction) -> None:
    lines = [line(known(name, 100, 10)) for name in "abc"]
    together = [Correlation("a", "b", Fraction(1)), Correlation("b", "c", Fraction(1))]

    assert combine_uncertainty(lines, [*together, Correlation("a", "c", Fraction(1))]).percent == 10
    with pytest.raises(InvalidUncertainty, match="contradict"):
        combine_uncertainty(lines, [*together, Correlation("a", "c", third)])


@pytest.mark.parametrize(("second", "coefficient"), [(100, -1), (100, Fraction(-1, 2)), (-50, 1)])
def test_lopsided_inputs_that_err_against_each_other_are_left_to_monte_carlo(second: int, coefficient: Fraction) -> None:
    # Twice 100, −10 % to +30 %, wholly against each other: side by side they would cancel to ± 0, though one rises by more than the other
    # falls, and the total reaches up to 200 + 30 − 10.
    lopsided = Normal(Fraction(10), Fraction(30))
    lines = [line(UncertainInput("a", Fraction(100), lopsided)), line(UncertainInput("b", Fraction(second), lopsided))]

    with pytest.raises(InvalidUncertainty, match="a and b err against each other") as refusal:
        combine_uncertainty(lines, [Correlation("a", "b", Fraction(coefficient))])
    assert "simulate" in refusal.value.hint


def test_lopsided_inputs_that_err_alike_add_up_side_by_side() -> None:
    lopsided = Normal(Fraction(10), Fraction(30))
    lines = [line(UncertainInput("a", Fraction(100), lopsided)), line(UncertainInput("b", Fraction(100), lopsided))]
    total = combine_uncertainty(lines, [Correlation("a", "b", Fraction(1))])

    assert (total.low_percent, total.high_percent) == (10, 30)


def test_coefficients_below_one_may_contradict_each_other_too() -> None:
    together = [Correlation("a", "b", Fraction("0.9")), Correlation("b", "c", Fraction("0.9")), Correlation("a", "c", Fraction("-0.9"))]

    with pytest.raises(InvalidUncertainty, match="contradict"):
        combine_uncertainty([line(known(name, 100, 10)) for name in "abc"], together)


def test_a_figure_gets_the_uncertainty_of_its_quantity_and_its_factor() -> None:
    calculation = calculate(Quantity.parse("1000", "kWh"), guangdong_grid_2021())
    beside = combine_uncertainty([calculation_line(calculation, "meter", Normal.within(Fraction(3)), Normal.within(Fraction(4)))])

    assert beside.value == calculation.emissions.co2e_mg("AR6") == 471_500_000
    assert beside.percent == 5


def test_figures_with_one_factor_share_its_error() -> None:
    grid, meter, three = guangdong_grid_2021(), Normal.within(Fraction(0)), Normal.within(Fraction(3))
    lines = [calculation_line(calculate(Quantity.parse(kwh, "kWh"), grid), kwh, meter, three) for kwh in ("1000", "2000")]

    assert combine_uncertainty(lines).percent == 3


def test_a_line_counts_every_gas_in_the_set_of_its_calculation() -> None:
    calculation = calculate(Quantity.parse("12.5", "t"), chinese_diesel(), gwp_set="AR5")
    figure = calculation.emissions.co2e_mg("AR5")

    assert figure is not None
    assert abs(calculation_line(calculation, "diesel", Normal.within(Fraction(1)), Normal.within(Fraction(1))).value - figure) < 3


def test_a_gas_without_gwp_leaves_no_line() -> None:
    calculation = calculate(Quantity.parse("1", "kg"), factor("kg", gas("HFC-32", "1"), gas("HFC-161", "1")), gwp_set="AR4")

    with pytest.raises(MissingGwp):
        calculation_line(calculation, "leak", Normal.within(Fraction(1)), Normal.within(Fraction(1)))


def test_a_lognormal_interval_stays_above_zero() -> None:
    with pytest.raises(InvalidUncertainty, match="zero"):
        Lognormal(Fraction(100), Fraction(200))
    with pytest.raises(InvalidUncertainty, match="below 1"):
        Lognormal.of_gsd_squared(Fraction("0.9"))


def test_a_geometric_deviation_gives_an_interval_that_is_symmetric_in_ratios() -> None:
    spread = Lognormal.of_gsd_squared(Fraction("1.44"))

    assert (1 - spread.low_percent / 100) * (1 + spread.high_percent / 100) == 1
    assert float(spread.high_percent) == pytest.approx((1.2**1.959964 - 1) * 100)


def test_a_triangle_too_lopsided_for_its_mean_is_refused() -> None:
    Triangular(Fraction(10), Fraction(20))
    with pytest.raises(InvalidUncertainty, match="twice as far"):
        Triangular(Fraction(10), Fraction(21))


def source(name: str, base: int, current: int, activity: int = 2, factor: int = 10) -> TrendSource:
    return TrendSource(name, Fraction(base), Fraction(current), Fraction(activity), Fraction(factor))


def test_a_trend_needs_a_base_year_above_zero() -> None:
    with pytest.raises(InvalidUncertainty, match="base year emissions of 0"):
        trend_uncertainty([source("a", 0, 10)])


def test_a_sink_that_cancels_its_base_year_when_it_is_one_percent_larger_has_no_trend() -> None:
    # 101 − 100 = 1, and with 1 % more of the sink 101 − 101 = 0: type A would divide by nothing.
    with pytest.raises(InvalidUncertainty, match="sink"):
        trend_uncertainty([source("plant", 101, 90), source("sink", -100, -100)])


def test_a_trend_refuses_no_source_a_source_twice_and_negative_intervals() -> None:
    with pytest.raises(InvalidUncertainty, match="no source"):
        trend_uncertainty([])
    with pytest.raises(InvalidUncertainty, match="twice"):
        trend_uncertainty([source("a", 1, 1), source("a", 2, 2)])
    with pytest.raises(InvalidUncertainty, match="negative"):
        source("a", 1, 1, activity=-1)


def test_a_single_source_with_one_factor_has_a_trend_that_the_factor_cannot_change() -> None:
    trend = trend_uncertainty([source("a", 100, 80, activity=0, factor=50)])

    assert [trend.percent, trend.uncertainty_points] == [-20, 0]
