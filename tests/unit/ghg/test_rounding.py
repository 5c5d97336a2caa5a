from fractions import Fraction

import pytest

from ghg.errors import MalformedNumber
from ghg.rounding import decimal_text, half_even, kilograms, milligrams, ratio_text


@pytest.mark.parametrize(
    ("numerator", "denominator", "rounded"),
    [(1, 2, 0), (3, 2, 2), (5, 2, 2), (7, 2, 4), (-1, 2, 0), (-3, 2, -2), (4, 10, 0), (6, 10, 1), (10**30 + 1, 2, 5 * 10**29), (8, 4, 2)],
)
def test_halves_go_to_the_even_neighbour(numerator: int, denominator: int, rounded: int) -> None:
    assert half_even(numerator, denominator) == rounded


def test_many_halves_do_not_push_a_sum_upwards() -> None:
    halves = [Fraction(2 * k + 1, 2) for k in range(1000)]  # 0.5, 1.5, … 999.5: exact sum 500,000; half-up would give 500,500

    assert sum(half_even(half.numerator, half.denominator) for half in halves) == 500_000


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (Fraction(0), "0"),
        (Fraction(1000), "1000"),
        (Fraction("0.038931"), "0.038931"),
        (Fraction(1, 8), "0.125"),
        (Fraction(1, 3), "0.333333333333…"),
        (Fraction(2, 3), "0.666666666667…"),
        (Fraction(200000, 3), "66666.6666667…"),
        (Fraction(1, 3000000), "0.000000333333333333…"),
        (Fraction(10**15, 7), "142857142857143…"),
        (Fraction(-5, 4), "-1.25"),
    ],
)
def test_a_value_is_written_exactly_or_with_an_ellipsis(value: Fraction, text: str) -> None:
    assert decimal_text(value) == text


def test_a_ratio_without_a_decimal_is_written_as_a_fraction() -> None:
    assert (ratio_text(Fraction(44, 12)), ratio_text(Fraction(1, 1000))) == ("11/3", "0.001")


@pytest.mark.parametrize(
    ("mg", "kg"),
    [(0, "0.000000"), (1, "0.000001"), (2_164_411_769, "2164.411769"), (-1_500_000, "-1.500000"), (10**22, f"{10**16}.000000")],
)
def test_milligrams_and_kilograms_are_the_same_figure(mg: int, kg: str) -> None:
    assert kilograms(mg) == kg
    assert milligrams(kg) == mg


@pytest.mark.parametrize("text", ["1", "1.5", "1.0000001", "1,000000", "", "1e3"])
def test_kilograms_with_other_than_six_decimals_are_refused(text: str) -> None:
    with pytest.raises(MalformedNumber):
        milligrams(text)
