"""How an uncertain number is spread about its value: four shapes, each in per cent of the value.

Normal and lognormal are given by their 95 % interval, as publishers print it; triangular and uniform by their edges, from which the
interval follows. Sources: IPCC 2006 Guidelines, volume 1, chapter 3, section 3.2.2; JCGM 100:2008 (GUM), clause 4.3.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from statistics import NormalDist

from ghg.errors import InvalidUncertainty

PLACES = 9  # decimals to which roots and exponentials are taken, so that they are the same on every machine
STANDARD_NORMAL = NormalDist()
HALF_INTERVAL = Fraction("1.959964")  # standard deviations from the middle of a normal distribution to the end of its 95 % interval
TAIL = Fraction("0.025")
HUNDRED = Fraction(100)

Multiplier = Callable[[float], float]
"""From a standard normal deviate to the number by which the value is multiplied."""


@dataclass(frozen=True, slots=True)
class Normal:
    """The 95 % interval reaches from `low_percent` below the value to `high_percent` above it.

    If the two differ, two half normal distributions meet at the value, which stays the median.
    raises  InvalidUncertainty for a negative width
    """

    low_percent: Fraction
    high_percent: Fraction

    def __post_init__(self) -> None:
        _refuse_negative(self.low_percent, self.high_percent)

    @classmethod
    def within(cls, percent: Fraction) -> "Normal":
        """± `percent` of the value, at 95 % confidence."""
        return cls(percent, percent)

    def multiplier(self) -> Multiplier:
        below, above = (float(width / HUNDRED / HALF_INTERVAL) for width in (self.low_percent, self.high_percent))
        return lambda deviate: 1.0 + deviate * (below if deviate < 0 else above)


@dataclass(frozen=True, slots=True)
class Lognormal:
    """The 95 % interval of a distribution whose logarithm is normal: never below zero, with the longer tail above.

    raises  InvalidUncertainty for a negative width, or an interval that reaches down to zero
    """

    low_percent: Fraction
    high_percent: Fraction

    def __post_init__(self) -> None:
        _refuse_negative(self.low_percent, self.high_percent)
        if self.low_percent >= HUNDRED:
            raise InvalidUncertainty("a lognormal interval that reaches down to zero", "give a low bound less than 100 % below the value")

    @classmethod
    def of_gsd_squared(cls, gsd_squared: Fraction) -> "Lognormal":
        """With the value as median and this square of the geometric standard deviation: from value / GSD^1.96 to value × GSD^1.96.

        raises  InvalidUncertainty below 1
        """
        if gsd_squared < 1:
            raise InvalidUncertainty(f"GSD² {gsd_squared} is below 1", "1 is no uncertainty, 1.21 is about ± 20 %")
        reach = at_places(math.exp(math.log(gsd_squared) / 2 * float(HALF_INTERVAL)))
        return cls(HUNDRED * (1 - 1 / reach), HUNDRED * (reach - 1))

    def multiplier(self) -> Multiplier:
        low, high = math.log(1 - self.low_percent / HUNDRED), math.log(1 + self.high_percent / HUNDRED)
        middle, deviation = (low + high) / 2, (high - low) / 2 / float(HALF_INTERVAL)
        return lambda deviate: math.exp(middle + deviation * deviate)


@dataclass(frozen=True, slots=True)
class Triangular:
    """Nothing lies beyond the edges, given in per cent below and above the value, which is the mean; the mode follows from them.

    raises  InvalidUncertainty for a negative edge, or edges so lopsided that no triangle has the value as its mean
    """

    low_edge_percent: Fraction
    high_edge_percent: Fraction

    def __post_init__(self) -> None:
        _refuse_negative(self.low_edge_percent, self.high_edge_percent)
        if self.low_edge_percent > 2 * self.high_edge_percent or self.high_edge_percent > 2 * self.low_edge_percent:
            raise InvalidUncertainty("one edge of a triangle is more than twice as far as the other", "use a lognormal distribution")

    @property
    def low_percent(self) -> Fraction:
        """The 2.5th percentile, in per cent below the value."""
        return self.low_edge_percent - self._from_edge(2 * self.low_edge_percent - self.high_edge_percent)

    @property
    def high_percent(self) -> Fraction:
        """The 97.5th percentile, in per cent above the value."""
        return self.high_edge_percent - self._from_edge(2 * self.high_edge_percent - self.low_edge_percent)

    def multiplier(self) -> Multiplier:
        low, high = float(self.low_edge_percent / HUNDRED), float(self.high_edge_percent / HUNDRED)
        span, to_mode, from_mode = low + high, 2 * low - high, 2 * high - low  # the mode lies at low − high from the mean

        def of(deviate: float) -> float:
            probability = STANDARD_NORMAL.cdf(deviate)
            if probability * span < to_mode:
                return 1.0 - low + math.sqrt(probability * span * to_mode)
            return 1.0 + high - math.sqrt((1.0 - probability) * span * from_mode)

        return of

    def _from_edge(self, edge_to_mode: Fraction) -> Fraction:
        """How far inside an edge 2.5 % of the triangle lie between them."""
        span = self.low_edge_percent + self.high_edge_percent
        if span * TAIL <= edge_to_mode:
            return square_root(TAIL * span * edge_to_mode)
        return span - square_root((1 - TAIL) * span * (span - edge_to_mode))


@dataclass(frozen=True, slots=True)
class Uniform:
    """Equally likely everywhere within ± `edge_percent` of the value, and never beyond.

    raises  InvalidUncertainty for a negative edge
    """

    edge_percent: Fraction

    def __post_init__(self) -> None:
        _refuse_negative(self.edge_percent)

    @property
    def low_percent(self) -> Fraction:
        """The 2.5th percentile, in per cent below the value."""
        return self.edge_percent * (1 - 2 * TAIL)

    @property
    def high_percent(self) -> Fraction:
        """The 97.5th percentile, in per cent above the value."""
        return self.low_percent

    def multiplier(self) -> Multiplier:
        edge = float(self.edge_percent / HUNDRED)
        return lambda deviate: 1.0 + edge * (2.0 * STANDARD_NORMAL.cdf(deviate) - 1.0)


Spread = Normal | Lognormal | Triangular | Uniform


def square_root(value: Fraction) -> Fraction:
    """The root of an exact number to nine decimals, without floats: the same on every machine."""
    quadruple = 4 * value.numerator * 10 ** (2 * PLACES) // value.denominator
    return Fraction((math.isqrt(quadruple) + 1) // 2, 10**PLACES)


def at_places(value: float) -> Fraction:
    """A float of the mathematical library as an exact number of nine decimals, without the library's last bits."""
    return Fraction(round(value * 10**PLACES), 10**PLACES)


def _refuse_negative(*widths: Fraction) -> None:
    if any(width < 0 for width in widths):
        raise InvalidUncertainty("a negative uncertainty", "give how far the interval reaches, without a sign: ± 5 % is 5")
