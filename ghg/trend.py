"""How sure a change since the base year is: two years err together where they share a factor, so a trend may be surer than a year.

Source: IPCC 2006 Guidelines, volume 1, chapter 3, section 3.7.1, table 3.2 (Approach 1), columns I to M.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from ghg.distributions import HUNDRED, square_root
from ghg.errors import InvalidUncertainty

ONE_PERCENT = Fraction(1, 100)


@dataclass(frozen=True, slots=True)
class TrendSource:
    """A source of emissions in the base year and now, in one unit, with half 95 % intervals in per cent.

    By default the factor errs alike in both years, and the activity in each by itself, as the source takes it unless known otherwise.
    raises  InvalidUncertainty for a negative interval
    """

    id: str
    base_year: Fraction
    current_year: Fraction
    activity_percent: Fraction
    factor_percent: Fraction
    activity_correlated: bool = False
    factor_correlated: bool = True

    def __post_init__(self) -> None:
        if self.activity_percent < 0 or self.factor_percent < 0:
            raise InvalidUncertainty(f"{self.id} has a negative uncertainty", "give half the interval without a sign: ± 5 % is 5")


@dataclass(frozen=True, slots=True)
class TrendSensitivity:
    """What one source does to the trend, in percentage points.

    type_a    by how much the trend moves if the source is 1 % larger in both years
    type_b    likewise if it is 1 % larger in the current year alone
    activity  what the uncertainty of the activity adds to that of the trend: type A × it if both years err alike, else √2 × type B × it
    factor    likewise of the factor
    """

    source_id: str
    type_a: Fraction
    type_b: Fraction
    activity: Fraction
    factor: Fraction


@dataclass(frozen=True, slots=True)
class Trend:
    """The change of the total since the base year in per cent, ± percentage points at 95 % confidence, and what makes them up."""

    percent: Fraction
    uncertainty_points: Fraction
    sensitivities: tuple[TrendSensitivity, ...]


def trend_uncertainty(sources: Sequence[TrendSource]) -> Trend:
    """The trend of the sum of the sources and its uncertainty.

    Factors and activities of different sources are taken as independent of each other: give what shares a factor as one source.
    raises  InvalidUncertainty: no source, a source twice, a base year that is not above zero, or a sink that cancels it when 1 % larger
    """
    if len({each.id for each in sources}) != len(sources) or not sources:
        raise InvalidUncertainty("a trend of no source, or of one that stands twice", "give each source once, with both years")
    base, current = sum((each.base_year for each in sources), Fraction(0)), sum((each.current_year for each in sources), Fraction(0))
    if base <= 0:
        raise InvalidUncertainty(f"base year emissions of {base}", "a trend needs base year emissions above zero")
    sensitivities = tuple(_sensitivity(each, base, current) for each in sources)
    variance = sum((each.activity**2 + each.factor**2 for each in sensitivities), Fraction(0))
    return Trend((current - base) / base * HUNDRED, square_root(variance), sensitivities)


def _sensitivity(source: TrendSource, base: Fraction, current: Fraction) -> TrendSensitivity:
    type_a, type_b = _type_a(source, base, current), abs(source.current_year / base)

    def contribution(percent: Fraction, correlated: bool) -> Fraction:
        return type_a * percent if correlated else square_root(2 * (type_b * percent) ** 2)

    return TrendSensitivity(
        source_id=source.id,
        type_a=type_a,
        type_b=type_b,
        activity=contribution(source.activity_percent, source.activity_correlated),
        factor=contribution(source.factor_percent, source.factor_correlated),
    )


def _type_a(source: TrendSource, base: Fraction, current: Fraction) -> Fraction:
    raised_base = base + source.base_year * ONE_PERCENT
    if not raised_base:
        raise InvalidUncertainty(
            f"{source.id} is a sink that cancels the base year when it is 1 % larger", "give emissions and sinks apart"
        )
    raised_current = current + source.current_year * ONE_PERCENT
    return abs((raised_current - raised_base) / raised_base - (current - base) / base) * HUNDRED
