"""Uncertainty against published figures and textbook arithmetic, each with its sum in a comment."""

from fractions import Fraction
from itertools import combinations

import pytest

from ghg.correlation import Correlation
from ghg.data_quality import DataQuality
from ghg.distributions import Normal, Triangular, Uniform
from ghg.monte_carlo import simulate
from ghg.trend import TrendSource, trend_uncertainty
from ghg.uncertainty import UncertainInput, UncertainLine, combine_uncertainty


def line(name: str, activity: str, activity_percent: str, factor: str, factor_percent: str, factor_id: str = "") -> UncertainLine:
    return UncertainLine((within(f"{name}/activity", activity, activity_percent), within(factor_id or name, factor, factor_percent)))


def within(name: str, value: str, percent: str) -> UncertainInput:
    return UncertainInput(name, Fraction(value), Normal.within(Fraction(percent)))


def test_a_product_is_as_uncertain_as_the_root_of_the_sum_of_squares() -> None:
    # IPCC 2006, volume 1, chapter 3, equation 3.1, on 1,000 GJ ± 5 % of natural gas at 56.1 kg CO2/GJ (volume 2, table 2.2) ± 10 %:
    # √(5² + 10²) = √125 = 11.1803 %
    result = combine_uncertainty([line("gas", "1000", "5", "56.1", "10")])

    assert result.value == 56_100
    assert result.percent == Fraction("11.180339887")
    assert result.grade == "good"
    assert [(each.input_id, each.share) for each in result.contributions] == [
        ("gas", Fraction(100, 125)),
        ("gas/activity", Fraction(25, 125)),
    ]


def test_independent_sources_partly_cancel() -> None:
    # Equation 3.2, on 300 t ± 5 % and 100 t ± 20 %: √((5 × 300)² + (20 × 100)²) ÷ 400 = √(2,250,000 + 4,000,000) ÷ 400 = 2,500 ÷ 400
    total = combine_uncertainty([UncertainLine((within("a", "300", "5"),)), UncertainLine((within("b", "100", "20"),))])

    assert total.value == 400
    assert total.percent == Fraction("6.25")
    assert [total.low, total.high] == [375, 425]


def test_a_removal_lowers_the_total_but_not_its_error() -> None:
    # Equation 3.2 with a removal, 300 t ± 10 % and −100 t ± 40 %: √((10 × 300)² + (40 × 100)²) ÷ |200| = 5,000 ÷ 200 = 25 %
    total = combine_uncertainty([UncertainLine((within("a", "300", "10"),)), UncertainLine((within("forest", "-100", "40"),))])

    assert total.percent == 25


def test_the_grid_factor_of_52_sites_is_one_error_not_52() -> None:
    # Each site 100 MWh ± 3 %, one factor 0.4715 ± 4 %. The factor adds up: 4 % of all. The meters cancel: 3 % ÷ √52.
    # √(4² + 3²/52) = √16.173077 = 4.0216 %; taken as independent it would be √(4² + 3²) ÷ √52 = 0.6934 %
    sites = [line(f"site {number}", "100000", "3", "0.4715", "4", factor_id="grid") for number in range(52)]
    mistaken = [line(f"site {number}", "100000", "3", "0.4715", "4") for number in range(52)]

    assert float(combine_uncertainty(sites).percent) == pytest.approx(4.0216, abs=5e-5)
    assert float(combine_uncertainty(mistaken).percent) == pytest.approx(0.6934, abs=5e-5)
    assert combine_uncertainty(sites).contributions[0].input_id == "grid"


def test_a_correlation_coefficient_stands_between_independent_and_shared() -> None:
    # Two figures of 100 ± 10 %, correlated by 0.5: √(10² + 10² + 2 × 0.5 × 10 × 10) × 100 ÷ 200 = √300 ÷ 2 = 8.6603 %
    lines = [UncertainLine((within("a", "100", "10"),)), UncertainLine((within("b", "100", "10"),))]

    assert float(combine_uncertainty(lines, [Correlation("a", "b", Fraction("0.5"))]).percent) == pytest.approx(8.6603, abs=5e-5)
    assert combine_uncertainty(lines, [Correlation("a", "b", Fraction(1))]).percent == 10
    assert combine_uncertainty(lines, [Correlation("a", "b", Fraction(-1))]).percent == 0


def test_ten_resistors_calibrated_by_one_standard_err_together() -> None:
    # GUM (JCGM 100:2008), clause 5.2.2, example: ten resistors of 1,000 Ω, each known to 100 mΩ from one standard resistor. In series they
    # are known to 10 × 0.1 Ω = 1 Ω; taken as independent it would be √(10 × 0.1²) = 0.32 Ω. 0.1 Ω of 1,000 Ω are 0.01 %.
    names = [f"R{number}" for number in range(10)]
    alone = [UncertainLine((within(name, "1000", "0.01"),)) for name in names]
    one_standard = [UncertainLine((within(name, "1000", "0"), within("standard", "1", "0.01"))) for name in names]
    alike = [Correlation(first, second, Fraction(1)) for first, second in combinations(names, 2)]

    assert [result.high - result.value for result in map(combine_uncertainty, (one_standard, alone))] == [1, pytest.approx(0.32, abs=0.005)]
    assert combine_uncertainty(alone, alike).high == 10_001


def test_business_travel_of_the_scope_3_standard() -> None:
    # GHG Protocol Scope 3 Standard (2011), appendix B: 155,000 t CO2e, 95 % confidence between 140,000 and 170,000 t.
    # 15,000 ÷ 155,000 = 9.677419 %
    result = combine_uncertainty([UncertainLine((UncertainInput("travel", Fraction(155_000), Normal.within(Fraction(1500, 155))),))])

    assert (round(result.low), round(result.high)) == (140_000, 170_000)
    assert float(result.percent) == pytest.approx(9.677419, abs=1e-6)


def test_a_triangle_and_a_rectangle_reach_less_far_than_their_edges() -> None:
    # Symmetric triangle of ± 20 %: 2.5 % lie beyond 20 × (1 − √(2 × 0.025)) = 20 × (1 − 0.2236068) = 15.5279 %
    # Rectangle of ± 20 %: 20 × (1 − 2 × 0.025) = 19 %
    assert float(Triangular(Fraction(20), Fraction(20)).low_percent) == pytest.approx(15.5279, abs=5e-5)
    assert Uniform(Fraction(20)).high_percent == 19


def test_a_lopsided_triangle_by_its_edges() -> None:
    # From 0.9 to 1.2 with mean 1, so the mode is 3 − 0.9 − 1.2 = 0.9: it falls from there on. F(x) = 1 − (1.2 − x)² ÷ 0.3².
    # 2.5 %: x = 1.2 − 0.3 × √0.975 = 0.903774, 9.6226 % below; 97.5 %: x = 1.2 − 0.3 × √0.025 = 1.152566, 15.2566 % above
    spread = Triangular(Fraction(10), Fraction(20))

    assert float(spread.low_percent) == pytest.approx(9.6226, abs=5e-5)
    assert float(spread.high_percent) == pytest.approx(15.2566, abs=5e-5)


def test_a_trend_with_factors_that_err_alike_in_both_years() -> None:
    # IPCC 2006, volume 1, chapter 3, table 3.2. Base year 100 + 100, now 80 + 150; activities ± 2 %, factors ± 10 %.
    # Trend: (230 − 200) ÷ 200 = 15 %
    # A of coal: |(230.8 − 201) ÷ 201 − 0.15| × 100 = |14.825871 − 15| = 0.174129; B: 80 ÷ 200 = 0.4
    # A of gas:  |(231.5 − 201) ÷ 201 − 0.15| × 100 = |15.174129 − 15| = 0.174129; B: 150 ÷ 200 = 0.75
    # Factors A × 10 = 1.741294 each; activities B × 2 × √2 = 1.131371 and 2.121320
    # √(2 × 1.741294² + 1.131371² + 2.121320²) = √(6.064206 + 1.28 + 4.5) = √11.844206 = 3.441541 percentage points
    sources = [
        TrendSource("coal", Fraction(100), Fraction(80), activity_percent=Fraction(2), factor_percent=Fraction(10)),
        TrendSource("gas", Fraction(100), Fraction(150), activity_percent=Fraction(2), factor_percent=Fraction(10)),
    ]
    trend = trend_uncertainty(sources)

    assert trend.percent == 15
    assert float(trend.uncertainty_points) == pytest.approx(3.441541, abs=1e-6)
    assert [float(each.type_a) for each in trend.sensitivities] == pytest.approx([0.174129, 0.174129], abs=1e-6)
    assert [each.type_b for each in trend.sensitivities] == [Fraction("0.4"), Fraction("0.75")]
    assert [float(each.activity) for each in trend.sensitivities] == pytest.approx([1.131371, 2.121320], abs=1e-6)


@pytest.mark.parametrize(
    ("scores", "basic", "published"),
    [
        # As printed beside exchanges of ecoinvent data v2, where "na" counts as 1 and the sixth indicator is not assessed.
        # Transport (4,5,na,na,na,na): √(ln²1.2 + ln²1.2 + ln²2) = √(0.033241 × 2 + 0.480453) = 0.739550; e^0.739550 = 2.0950
        pytest.param((4, 5, 1, 1, 1), "2", "2.09", id="transport over standard distances"),
        # Energy (4,5,na,na,na,na): √(0.066482 + ln²1.05 = 0.002380) = 0.262417; e^ = 1.3001
        pytest.param((4, 5, 1, 1, 1), "1.05", "1.30", id="electricity, estimated"),
        # Plant (4,5,na,na,na,na): √(0.066482 + ln²3 = 1.206949) = 1.128464; e^ = 3.0909
        pytest.param((4, 5, 1, 1, 1), "3", "3.09", id="chemical plant, estimated"),
        # Flat glass (3,3,1,1,1,na): √(ln²1.1 = 0.009084 + 0.002380 + 0.002380) = 0.117663; e^ = 1.1249
        pytest.param((3, 3, 1, 1, 1), "1.05", "1.12", id="flat glass, 12 % losses estimated"),
        # Natural gas (5,na,1,1,1,na): √(ln²1.5 = 0.164402 + 0.002380) = 0.408390; e^ = 1.5044
        pytest.param((5, 1, 1, 1, 1), "1.05", "1.50", id="natural gas of tempering, estimated"),
    ],
)
def test_pedigree_scores_give_the_published_uncertainty(scores: tuple[int, int, int, int, int], basic: str, published: str) -> None:
    assert float(DataQuality(*scores).gsd_squared(Fraction(basic))) == pytest.approx(float(published), abs=0.0051)


def test_the_product_of_two_normals_has_the_exact_deviation() -> None:
    # m1 = 100, s1 = 10; m2 = 2, s2 = 0.3: √(m1² s2² + m2² s1² + s1² s2²) = √(900 + 400 + 9) = √1,309 = 36.1801, mean 200.
    # At 50,000 draws the mean is known to 36 ÷ √50,000 = 0.16, the deviation to about 36 ÷ √100,000 = 0.11: four times that is allowed.
    deviation_to_percent = Fraction("1.959964")
    inputs = (
        UncertainInput("m1", Fraction(100), Normal.within(10 * deviation_to_percent)),
        UncertainInput("m2", Fraction(2), Normal.within(15 * deviation_to_percent)),
    )
    result = simulate([UncertainLine(inputs)], seed=20261130, least_draws=50_000)

    assert result.mean == pytest.approx(200, abs=0.65)
    assert result.standard_deviation == pytest.approx(36.1801, abs=0.46)


def test_a_seed_gives_the_same_figures_everywhere() -> None:
    # Recorded once; Python promises the numbers of a seeded generator, and ten digits hide the last ones of a machine's logarithm.
    result = simulate([line("gas", "1000", "5", "56.1", "10")], seed=7)

    assert (result.draws, result.settled) == (10_000, True)
    assert (result.mean, result.median, result.low, result.high) == (56072.81655, 56039.80982, 49889.89885, 62427.01393)
