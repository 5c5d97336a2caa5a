from fractions import Fraction

import pytest

from ghg.data_quality import BASIC_UNCERTAINTY, QUALITY_INDICATORS, DataQuality, temporal_score
from ghg.errors import InvalidDataQuality

BEST = DataQuality(1, 1, 1, 1, 1)


def test_the_best_scores_leave_the_basic_uncertainty() -> None:
    assert BEST.gsd_squared(BASIC_UNCERTAINTY["energy"]) == Fraction("1.05")


@pytest.mark.parametrize("indicator", [indicator.name for indicator in QUALITY_INDICATORS])
def test_a_worse_score_is_never_surer(indicator: str) -> None:
    known = [DataQuality(**{**dict.fromkeys(DataQuality.__slots__, 1), indicator: score}).gsd_squared(Fraction(1)) for score in range(1, 6)]

    assert known == sorted(set(known))
    assert known[0] == 1


@pytest.mark.parametrize("score", [0, 6, -1])
def test_a_score_outside_one_to_five_is_refused(score: int) -> None:
    with pytest.raises(InvalidDataQuality, match=f"temporal {score} is no score"):
        DataQuality(1, 1, score, 1, 1)


def test_a_basic_uncertainty_below_one_is_refused() -> None:
    with pytest.raises(InvalidDataQuality, match="below 1"):
        BEST.gsd_squared(Fraction("0.95"))


def test_scores_say_what_they_mean_in_the_order_of_the_indicators() -> None:
    meanings = DataQuality(1, 2, 3, 4, 5).meanings

    assert [
        meaning == indicator.meanings[place] for place, (meaning, indicator) in enumerate(zip(meanings, QUALITY_INDICATORS, strict=True))
    ] == [True] * 5
    assert meanings[2] == "less than 10 years from the year of use"


def test_the_interval_reaches_from_dividing_to_multiplying_by_gsd_squared() -> None:
    low, high = BEST.interval_percent(Fraction(2))

    assert [low, high] == [50, 100]


def test_the_spread_for_propagation_is_of_exactly_95_percent() -> None:
    # GSD² = 2, GSD = √2: value × √2^1.959964 = 1.97244 × value
    assert float(BEST.spread(Fraction(2)).high_percent) == pytest.approx(97.244, abs=5e-4)


@pytest.mark.parametrize(("years", "score"), [(0, 1), (2, 1), (3, 2), (5, 2), (6, 3), (9, 3), (10, 4), (14, 4), (15, 5), (40, 5), (-4, 2)])
def test_age_gives_the_temporal_score(years: int, score: int) -> None:
    assert temporal_score(years) == score
