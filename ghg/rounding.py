"""The one place where exact figures become whole numbers, and the one way in which they are written.

Half-even ("round half to even", IEEE 754 roundTiesToEven, ISO 80000-1:2009 Annex B rule A): of two equally near
whole numbers the even one, so that many halves do not push a sum upwards.
"""

import re
from fractions import Fraction

from ghg.errors import MalformedNumber

SIGNIFICANT_PLACES = 12
KILOGRAM_PLACES = 6
_KILOGRAMS = re.compile(r"-?[0-9]+\.[0-9]{6}")


def half_even(numerator: int, denominator: int) -> int:
    """The whole number nearest to numerator / denominator, of two equally near ones the even one; denominator > 0."""
    quotient, remainder = divmod(numerator, denominator)
    twice = remainder + remainder
    if twice > denominator or (twice == denominator and quotient & 1):
        return quotient + 1
    return quotient


def decimal_text(value: Fraction) -> str:
    """An exact decimal where `value` has one, else twelve significant places followed by "…"."""
    places = _decimal_places(value.denominator)
    if places is not None:
        return _fixed(half_even(value.numerator * 10**places, value.denominator), places)
    places = _places_for_significant(value)
    return _fixed(half_even(value.numerator * 10**places, value.denominator), places) + "…"


def ratio_text(value: Fraction) -> str:
    """A decimal where `value` has one, else the fraction itself: "0.001", "44/12" as "11/3"."""
    return decimal_text(value) if _decimal_places(value.denominator) is not None else f"{value.numerator}/{value.denominator}"


def kilograms(milligrams: int) -> str:
    """Whole milligrams as kilograms with six decimals, exactly."""
    return _fixed(milligrams, KILOGRAM_PLACES)


def milligrams(kilograms_text: str) -> int:
    """The reverse of `kilograms`.

    raises  MalformedNumber for anything but a decimal with six places
    """
    if not _KILOGRAMS.fullmatch(kilograms_text):
        raise MalformedNumber(f"{kilograms_text!r:.60} is not kilograms with six decimals", 'write them such as "2164.411769"')
    return int(kilograms_text.replace(".", ""))


def _decimal_places(denominator: int) -> int | None:
    """How many decimal places 1/denominator needs, or None if it never ends."""
    twos = (denominator & -denominator).bit_length() - 1
    rest, fives = denominator >> twos, 0
    while rest % 5 == 0:
        rest //= 5
        fives += 1
    return max(twos, fives) if rest == 1 else None


def _places_for_significant(value: Fraction) -> int:
    exponent = len(str(abs(value.numerator))) - len(str(value.denominator))
    if abs(value) < Fraction(10) ** exponent:
        exponent -= 1
    return max(SIGNIFICANT_PLACES - 1 - exponent, 0)


def _fixed(scaled: int, places: int) -> str:
    if places == 0:
        return str(scaled)
    digits = str(abs(scaled)).rjust(places + 1, "0")
    return f"{'-' if scaled < 0 else ''}{digits[:-places]}.{digits[-places:]}"
