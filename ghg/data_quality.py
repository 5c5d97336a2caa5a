"""Data quality in five scores (the pedigree matrix), and the uncertainty that they stand for.

Score 1 is best. Each score has an uncertainty factor; with the basic uncertainty of the kind of figure they combine into the square of a
geometric standard deviation, GSD² = exp √(Σ ln² U_i + ln² U_basic). The 95 % interval reaches from value / GSD² to value × GSD².

Sources: Weidema & Wesnæs, Journal of Cleaner Production 4 (1996) 167-174; Frischknecht et al., ecoinvent report no. 1 (2007), chapter 7;
the two cells that the report leaves open (geographical 4, technological 2) are 1.05, which is the variance 0.0006 of ecoinvent 3
(Weidema et al., ecoinvent report 1(v3), 2013, chapter 10).
"""

import math
from dataclasses import dataclass
from fractions import Fraction
from types import MappingProxyType

from ghg.distributions import HUNDRED, Lognormal, at_places
from ghg.errors import InvalidDataQuality

WORST = 5


@dataclass(frozen=True, slots=True)
class QualityIndicator:
    """One aspect of data quality: what each score from 1 to 5 says, and its uncertainty factor."""

    name: str
    meanings: tuple[str, str, str, str, str]
    factors: tuple[Fraction, Fraction, Fraction, Fraction, Fraction]


def _factors(text: str) -> tuple[Fraction, Fraction, Fraction, Fraction, Fraction]:
    one, two, three, four, five = (Fraction(each) for each in text.split())
    return one, two, three, four, five


QUALITY_INDICATORS = (
    QualityIndicator(
        "reliability",
        (
            "verified data from measurements",
            "verified data partly from assumptions, or measured data not verified",
            "data not verified, partly from qualified estimates",
            "qualified estimate, such as by an expert of the industry",
            "estimate that is not qualified, or origin unknown",
        ),
        _factors("1.00 1.05 1.10 1.20 1.50"),
    ),
    QualityIndicator(
        "completeness",
        (
            "representative data of all sites that matter, over a period long enough to even out fluctuations",
            "representative data of more than half of the sites that matter, over a period long enough",
            "representative data of less than half of the sites that matter, or of more but over shorter periods",
            "representative data of one site that matters, or of some over shorter periods",
            "representativeness unknown, or data of few sites over shorter periods",
        ),
        _factors("1.00 1.02 1.05 1.10 1.20"),
    ),
    QualityIndicator(
        "temporal",
        (
            "less than 3 years from the year of use",
            "less than 6 years from the year of use",
            "less than 10 years from the year of use",
            "less than 15 years from the year of use",
            "15 years or more from the year of use, or age unknown",
        ),
        _factors("1.00 1.03 1.10 1.20 1.50"),
    ),
    QualityIndicator(
        "geographical",
        (
            "data of the area of use",
            "average data of a larger area that contains the area of use",
            "data of an area with similar conditions of production",
            "data of an area with slightly similar conditions of production",
            "data of an unknown area, or of one with clearly different conditions",
        ),
        _factors("1.00 1.01 1.02 1.05 1.10"),
    ),
    QualityIndicator(
        "technological",
        (
            "data of the very enterprises, processes and materials",
            "data of the same processes and materials from other enterprises",
            "data of the same processes and materials with another technology",
            "data of related processes or materials",
            "data of related processes at laboratory scale, or with another technology",
        ),
        _factors("1.00 1.05 1.20 1.50 2.00"),
    ),
)

BASIC_UNCERTAINTY = MappingProxyType(
    {
        "energy": Fraction("1.05"),  # electricity and fuels used
        "CO2": Fraction("1.05"),  # emitted
        "transport": Fraction(2),
        "combustion_CH4": Fraction("1.5"),  # emitted
    }
)

_YEARS_BELOW = (3, 6, 10, 15)


@dataclass(frozen=True, slots=True)
class DataQuality:
    """Five scores from 1 (best) to 5; what they mean is in QUALITY_INDICATORS.

    raises  InvalidDataQuality for a score outside 1 to 5: what was not assessed has no score, and is not 1
    """

    reliability: int
    completeness: int
    temporal: int
    geographical: int
    technological: int

    def __post_init__(self) -> None:
        for indicator, score in zip(QUALITY_INDICATORS, self.scores, strict=True):
            if not 1 <= score <= WORST:
                raise InvalidDataQuality(f"{indicator.name} {score} is no score", "score from 1 (best) to 5; 5 also stands for unknown")

    @property
    def scores(self) -> tuple[int, int, int, int, int]:
        """The scores in the order of QUALITY_INDICATORS."""
        return self.reliability, self.completeness, self.temporal, self.geographical, self.technological

    @property
    def meanings(self) -> tuple[str, ...]:
        """What the scores say, in the order of QUALITY_INDICATORS."""
        return tuple(indicator.meanings[score - 1] for indicator, score in zip(QUALITY_INDICATORS, self.scores, strict=True))

    def gsd_squared(self, basic: Fraction) -> Fraction:
        """The square of the geometric standard deviation, to nine decimals.

        basic   uncertainty of the kind of figure even at best quality, such as BASIC_UNCERTAINTY["energy"]
        raises  InvalidDataQuality if it is below 1
        """
        if basic < 1:
            raise InvalidDataQuality(f"basic uncertainty {basic} is below 1", "1 is none, 1.05 is about ± 5 %")
        factors = [indicator.factors[score - 1] for indicator, score in zip(QUALITY_INDICATORS, self.scores, strict=True)]
        return at_places(math.exp(math.hypot(*(math.log(factor) for factor in (*factors, basic)))))

    def interval_percent(self, basic: Fraction) -> tuple[Fraction, Fraction]:
        """How far value / GSD² lies below the value and value × GSD² above it, in per cent."""
        gsd_squared = self.gsd_squared(basic)
        return HUNDRED * (1 - 1 / gsd_squared), HUNDRED * (gsd_squared - 1)

    def spread(self, basic: Fraction) -> Lognormal:
        """The same as a distribution with the value as median, to propagate and to draw from.

        Its interval is that of exactly 95 %, GSD^1.96 to either side, where the pedigree rounds 1.96 to 2.
        """
        return Lognormal.of_gsd_squared(self.gsd_squared(basic))


def temporal_score(years_apart: int) -> int:
    """The temporal score of data this many years before or after the year of their use."""
    return next((score for score, years in enumerate(_YEARS_BELOW, start=1) if abs(years_apart) < years), WORST)
