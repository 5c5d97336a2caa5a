"""What must hold for any inputs when their uncertainties are combined, drawn or scored."""

from dataclasses import replace
from fractions import Fraction
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from ghg.correlation import Correlation
from ghg.data_quality import DataQuality
from ghg.distributions import Normal, square_root
from ghg.monte_carlo import simulate
from ghg.uncertainty import UncertainInput, UncertainLine, combine_uncertainty

quick = settings(max_examples=60, deadline=None)

positive = st.builds(Fraction, st.integers(1, 10**6), st.sampled_from([1, 7, 10, 1000]))
percents = st.builds(Fraction, st.integers(0, 3000), st.just(100))
NEAR = Fraction(1, 10**8)  # roots keep nine decimals


@st.composite
def line_lists(draw: st.DrawFn) -> list[UncertainLine]:
    """Lines of emissions with an activity each, and factors of which some are shared."""
    factors = [
        UncertainInput(f"factor {name}", draw(positive), Normal(draw(percents), draw(percents))) for name in range(draw(st.integers(1, 3)))
    ]
    activities = [
        UncertainInput(f"activity {name}", draw(positive), Normal(draw(percents), draw(percents)))
        for name in range(draw(st.integers(1, 6)))
    ]
    return [UncertainLine((activity, draw(st.sampled_from(factors)))) for activity in activities]


def scaled(line: UncertainLine, by: Fraction) -> UncertainLine:
    activity, factor = line.inputs
    return UncertainLine((replace(activity, value=activity.value * by), factor))


@quick
@given(line_lists(), st.randoms())
def test_neither_the_order_of_lines_nor_that_of_inputs_matters(lines: list[UncertainLine], chance: Random) -> None:
    shuffled = [UncertainLine(line.inputs[::-1]) for line in lines]
    chance.shuffle(shuffled)

    assert combine_uncertainty(shuffled) == combine_uncertainty(lines)


@quick
@given(line_lists(), positive)
def test_percentages_do_not_depend_on_the_unit(lines: list[UncertainLine], by: Fraction) -> None:
    here, there = combine_uncertainty(lines), combine_uncertainty([scaled(line, by) for line in lines])

    assert (there.low_percent, there.high_percent, there.contributions) == (here.low_percent, here.high_percent, here.contributions)
    assert there.value == here.value * by


@quick
@given(line_lists(), st.integers(2, 9))
def test_intervals_a_number_of_times_as_wide_give_a_total_as_many_times_as_uncertain(lines: list[UncertainLine], times: int) -> None:
    wider = [
        UncertainLine(
            tuple(replace(each, spread=Normal(each.spread.low_percent * times, each.spread.high_percent * times)) for each in line.inputs)
        )
        for line in lines
    ]

    assert abs(combine_uncertainty(wider).high_percent - combine_uncertainty(lines).high_percent * times) < NEAR


@quick
@given(line_lists())
def test_a_total_is_never_less_sure_than_its_least_sure_line(lines: list[UncertainLine]) -> None:
    assert combine_uncertainty(lines).percent <= max(combine_uncertainty([line]).percent for line in lines) + NEAR


@quick
@given(line_lists())
def test_shares_of_variance_add_up_to_one(lines: list[UncertainLine]) -> None:
    result = combine_uncertainty(lines)

    assert sum(each.share for each in result.contributions) == (1 if result.percent else 0)


@quick
@given(line_lists())
def test_emissions_that_share_a_factor_are_never_surer_than_if_each_had_its_own(lines: list[UncertainLine]) -> None:
    own = [
        UncertainLine((line.inputs[0], replace(line.inputs[1], id=f"{line.inputs[1].id} of line {number}")))
        for number, line in enumerate(lines)
    ]

    assert combine_uncertainty(lines).high_percent >= combine_uncertainty(own).high_percent


@quick
@given(positive, positive, percents, percents, st.integers(-100, 99))
def test_emissions_err_the_more_the_stronger_they_are_correlated(
    a: Fraction, b: Fraction, ua: Fraction, ub: Fraction, hundredths: int
) -> None:
    lines = [UncertainLine((UncertainInput(name, value, Normal.within(u)),)) for name, value, u in (("a", a, ua), ("b", b, ub))]
    weaker, stronger = (
        combine_uncertainty(lines, [Correlation("a", "b", Fraction(each, 100))]).percent for each in (hundredths, hundredths + 1)
    )

    assert weaker <= stronger
    assert abs(combine_uncertainty(lines, [Correlation("a", "b", Fraction(1))]).percent - (ua * a + ub * b) / (a + b)) < NEAR


@settings(max_examples=12, deadline=None)
@given(st.lists(st.tuples(st.integers(1, 100), st.integers(1, 8)), min_size=1, max_size=4), st.integers(1, 8))
def test_drawing_agrees_with_propagation_where_intervals_are_small(activities: list[tuple[int, int]], factor_percent: int) -> None:
    factor = UncertainInput("factor", Fraction(2), Normal.within(Fraction(factor_percent)))
    lines = [
        UncertainLine((UncertainInput(f"activity {number}", Fraction(value), Normal.within(Fraction(percent))), factor))
        for number, (value, percent) in enumerate(activities)
    ]
    drawn, propagated = simulate(lines, seed=20261130), combine_uncertainty(lines)

    # 1.4 % of the half interval is the standard error of a percentile of 10,000 draws; a product of two such normals leans by up to 3 %.
    near = float(propagated.high - propagated.value) * 0.1
    assert abs(drawn.low - float(propagated.low)) <= near
    assert abs(drawn.high - float(propagated.high)) <= near


@quick
@given(st.builds(Fraction, st.integers(0, 10**12), st.integers(1, 10**6)))
def test_a_root_is_the_nearest_of_nine_decimals(value: Fraction) -> None:
    root, half = square_root(value), Fraction(1, 2 * 10**9)

    assert root.denominator <= 10**9
    assert max(root - half, Fraction(0)) ** 2 <= value <= (root + half) ** 2


@quick
@given(st.tuples(*[st.integers(1, 4)] * 5), st.integers(0, 4))
def test_a_worse_score_makes_a_figure_less_sure(scores: tuple[int, int, int, int, int], worse: int) -> None:
    lowered = [score + (place == worse) for place, score in enumerate(scores)]

    assert DataQuality(*lowered).gsd_squared(Fraction("1.05")) > DataQuality(*scores).gsd_squared(Fraction("1.05"))
