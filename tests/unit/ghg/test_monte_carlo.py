from fractions import Fraction

import pytest

from ghg.correlation import Correlation
from ghg.distributions import Lognormal, Normal, Spread, Triangular, Uniform
from ghg.errors import InvalidUncertainty
from ghg.monte_carlo import simulate
from ghg.uncertainty import UncertainInput, UncertainLine, combine_uncertainty

SPREADS: dict[str, Spread] = {
    "normal": Normal.within(Fraction(20)),
    "lopsided normal": Normal(Fraction(10), Fraction(30)),
    "lognormal": Lognormal(Fraction(30), Fraction(50)),
    "triangular": Triangular(Fraction(20), Fraction(30)),
    "uniform": Uniform(Fraction(20)),
}


def figure(name: str, value: int, spread: Spread) -> UncertainLine:
    return UncertainLine((UncertainInput(name, Fraction(value), spread),))


@pytest.mark.parametrize("name", sorted(SPREADS))
def test_draws_of_each_shape_reach_as_far_as_its_interval(name: str) -> None:
    # The 2.5th percentile of 100,000 draws is known to about 0.3 % of the interval for these shapes.
    spread = SPREADS[name]
    result = simulate([figure("a", 100, spread)], seed=3, least_draws=100_000)

    assert result.low == pytest.approx(float(100 - spread.low_percent), abs=0.5)
    assert result.high == pytest.approx(float(100 + spread.high_percent), abs=0.5)


def test_a_triangle_has_its_value_as_mean_and_never_leaves_its_edges() -> None:
    result = simulate([figure("a", 100, Triangular(Fraction(10), Fraction(20)))], seed=5)
    edges = Triangular(Fraction(10), Fraction(20)).multiplier()

    assert result.mean == pytest.approx(100, abs=0.3)
    assert (edges(-40.0), edges(40.0)) == pytest.approx((0.9, 1.2))


def test_a_shared_factor_is_one_draw_in_all_lines() -> None:
    ten = Normal.within(Fraction(10))
    grid = UncertainInput("grid", Fraction(1), ten)
    sites = [UncertainInput(f"site {number}", Fraction(100), Normal.within(Fraction(0))) for number in range(9)]
    shared = simulate([UncertainLine((site, grid)) for site in sites], seed=1)
    apart = simulate([UncertainLine((site, UncertainInput(site.id + " grid", Fraction(1), ten))) for site in sites], seed=1)

    assert shared.standard_deviation == pytest.approx(900 * 0.10 / 1.959964, rel=0.03)
    assert apart.standard_deviation == pytest.approx(900 * 0.10 / 1.959964 / 3, rel=0.03)


@pytest.mark.parametrize("coefficient", ["-1", "-0.5", "0", "0.5", "1"])
def test_correlated_inputs_are_drawn_together(coefficient: str) -> None:
    lines = [figure("a", 100, Normal.within(Fraction(10))), figure("b", 100, Normal.within(Fraction(10)))]
    together = [Correlation("a", "b", Fraction(coefficient))]
    drawn = simulate(lines, seed=11, correlations=together)
    propagated = combine_uncertainty(lines, together)

    assert drawn.standard_deviation == pytest.approx(float(propagated.percent * 2 / Fraction("1.959964")), rel=0.03, abs=1e-6)


def test_correlations_name_inputs_in_any_place() -> None:
    ten = Normal.within(Fraction(10))
    lines = [figure(name, value, ten) for name, value in (("a", 1), ("b", 100), ("c", 1), ("d", 100))]
    drawn = simulate(lines, seed=2, correlations=[Correlation("d", "b", Fraction(1))])

    # b and d are as one figure of 200: 20 ÷ 1.96, beside which a and c do not show
    assert drawn.standard_deviation == pytest.approx(20 / 1.959964, rel=0.03)


def test_the_order_of_lines_does_not_change_a_single_digit() -> None:
    lines = [figure(name, value, Normal.within(Fraction(10))) for name, value in (("a", 100), ("b", 7), ("c", -20))]

    assert simulate(lines[::-1], seed=4) == simulate(lines, seed=4)


def test_another_seed_draws_anew() -> None:
    lines = [figure("a", 100, Normal.within(Fraction(10)))]

    assert simulate(lines, seed=4).mean != simulate(lines, seed=5).mean


def test_bounds_that_do_not_settle_are_said_not_to() -> None:
    # A product of ten lognormals of GSD² 25 has its upper bound where few draws fall.
    wild = Lognormal.of_gsd_squared(Fraction(25))
    line = UncertainLine(tuple(UncertainInput(f"input {number}", Fraction(1), wild) for number in range(10)))
    result = simulate([line], seed=1, most_draws=20_000)

    assert (result.settled, result.draws) == (False, 20_000)


@pytest.mark.parametrize(("least", "most"), [(10_001, 10_001), (10_001, 10_002), (10_000, 10_001)])
def test_no_fewer_draws_than_the_least_and_no_more_than_the_most_are_made(least: int, most: int) -> None:
    result = simulate([figure("a", 1, Normal.within(Fraction(1)))], seed=1, least_draws=least, most_draws=most)

    assert least <= result.draws <= most
    assert result.settled


@pytest.mark.parametrize(("least", "most"), [(9_999, 20_000), (20_000, 10_000)])
def test_too_few_draws_are_refused(least: int, most: int) -> None:
    with pytest.raises(InvalidUncertainty, match="draws"):
        simulate([figure("a", 1, Normal.within(Fraction(1)))], seed=1, least_draws=least, most_draws=most)


def test_nothing_to_draw_is_refused() -> None:
    with pytest.raises(InvalidUncertainty, match="no line"):
        simulate([], seed=1)
