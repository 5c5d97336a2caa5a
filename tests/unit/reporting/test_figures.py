from fractions import Fraction

import pytest

from services.reporting.documents.figures import decimal, kilograms, months, percent, tonnes


@pytest.mark.parametrize(
    ("mg", "kg", "t"),
    [
        (0, "0.000000", "0.000"),
        (1, "0.000001", "0.000"),
        (2_164_411_769, "2164.411769", "2.164"),
        (1_500_000, "1.500000", "0.002"),  # half to even: 1.5 kg is 2 kg,
        (2_500_000, "2.500000", "0.002"),  # and so is 2.5 kg
        (9_223_372_036_854_775_807, "9223372036854.775807", "9,223,372,036.855"),
        (-1_234_567_890, "-1234.567890", "−1.235"),
    ],
)
def test_milligrams_become_exact_kilograms_and_rounded_tonnes(mg, kg, t):
    assert (kilograms(mg), tonnes(mg)) == (kg, t)


def test_a_share_that_is_there_is_never_printed_as_nothing():
    assert [percent(Fraction(*pair)) for pair in ((0, 1), (1, 10_000), (1, 3), (1, 1))] == ["0.0 %", "< 0.1 %", "33.3 %", "100.0 %"]


def test_decimals_are_parted_by_thousands_and_lose_only_empty_places():
    assert [decimal(text) for text in ("1234567.500", "100", "0.000000001")] == ["1,234,567.5", "100", "0.000000001"]


def test_neighbouring_months_are_drawn_together_over_the_end_of_a_year():
    assert months(["2022-01", "2021-12", "2021-11", "2021-07"]) == "2021-07, 2021-11 – 2022-01"
