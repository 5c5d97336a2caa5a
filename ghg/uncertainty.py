"""How far a sum of products may be off: error propagation, with inputs that several lines share seen as one.

A line is a product of inputs (activity × factor, or one measured figure); an inventory is a sum of lines. With S_k the sum of the lines
in which input k stands, and U_k its half interval in per cent, the total's is U = √(ΣΣ r_kl S_k U_k S_l U_l) / |Σ lines|. For one line
this is equation 3.1 of the source, for lines without a common input equation 3.2; a factor in many lines adds up linearly over them.

Source: IPCC 2006 Guidelines, volume 1, chapter 3, section 3.2.3.1 (Approach 1); JCGM 100:2008 (GUM), clauses 5.1 and 5.2.
Exact rationals up to the one root.
"""

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

from ghg.calculation import Calculation
from ghg.correlation import Correlation, decompose
from ghg.distributions import HALF_INTERVAL, HUNDRED, Spread, square_root
from ghg.errors import InvalidUncertainty, MissingGwp
from ghg.gwp import GWP_SETS
from ghg.rounding import decimal_text

Grade = Literal["high", "good", "fair", "poor"]
WIDEST_FOR_PROPAGATION = 30 * HALF_INTERVAL  # the equations hold up to a standard deviation of 30 % of the mean


@dataclass(frozen=True, slots=True)
class UncertainInput:
    """A number with its 95 % interval; the same `id` in several lines is the same number, known equally badly in all of them.

    raises  InvalidUncertainty without an id
    """

    id: str
    value: Fraction
    spread: Spread

    def __post_init__(self) -> None:
        if not self.id:
            raise InvalidUncertainty("an input without an id", "name inputs, and factors, so that what several lines share is seen")


@dataclass(frozen=True, slots=True)
class UncertainLine:
    """One source of emissions as the product of its inputs; negative for a removal.

    raises  InvalidUncertainty without an input
    """

    inputs: tuple[UncertainInput, ...]

    def __post_init__(self) -> None:
        if not self.inputs:
            raise InvalidUncertainty("a line without inputs", "give its activity and its factor, or its figure as one input")

    @property
    def value(self) -> Fraction:
        """The product of the inputs' values."""
        return math.prod((each.value for each in self.inputs), start=Fraction(1))


@dataclass(frozen=True, slots=True)
class Contribution:
    """The share of the total's variance that comes from one input; the shares add up to 1."""

    input_id: str
    share: Fraction


@dataclass(frozen=True, slots=True)
class CombinedUncertainty:
    """A total and its 95 % interval.

    value          the sum of the lines, in their unit
    low_percent    how far the interval reaches below the value, in per cent of its magnitude; likewise `high_percent` above it
    contributions  the inputs by what they contribute, the largest first; empty if nothing is uncertain
    notes          where the method is at its limits, and what to do
    """

    value: Fraction
    low_percent: Fraction
    high_percent: Fraction
    contributions: tuple[Contribution, ...]
    notes: tuple[str, ...]

    @property
    def percent(self) -> Fraction:
        """The wider side, as one figure for ±."""
        return max(self.low_percent, self.high_percent)

    @property
    def low(self) -> Fraction:
        """The lower end of the 95 % interval, in the unit of the value."""
        return self.value - abs(self.value) * self.low_percent / HUNDRED

    @property
    def high(self) -> Fraction:
        """The upper end of the 95 % interval, in the unit of the value."""
        return self.value + abs(self.value) * self.high_percent / HUNDRED

    @property
    def grade(self) -> Grade:
        """The rank of the GHG Protocol's uncertainty tool: high up to ± 5 %, good up to 15, fair up to 30, poor above."""
        return next((grade for grade, widest in _GRADES if self.percent <= widest), "poor")


def combine_uncertainty(lines: Iterable[UncertainLine], correlations: Sequence[Correlation] = ()) -> CombinedUncertainty:
    """The uncertainty of the sum of the lines, lower and upper side each by itself.

    correlations  of inputs with different ids that err together; none for an input that lines share
    raises  InvalidUncertainty: no line, a sum of zero, an id with two values, correlations that contradict each other, or that set
            inputs against each other of which one reaches further on one side
    source  IPCC 2006, volume 1, chapter 3, equations 3.1 and 3.2; GUM, equation 16
    """
    lines = tuple(lines)
    inputs = distinct_inputs(lines)
    decompose(correlations, inputs.keys())
    total = sum((line.value for line in lines), Fraction(0))
    if not total:
        raise InvalidUncertainty("the lines add up to zero, of which nothing is a percentage", "combine emissions and removals apart")
    sensitivities = _sensitivities(lines)
    _refuse_lopsided_opposites(inputs, sensitivities, correlations)
    low = _deviations(inputs, sensitivities, side=-1)
    high = _deviations(inputs, sensitivities, side=1)
    low_variance, high_variance = (sum(_parts(side, correlations).values(), Fraction(0)) for side in (low, high))
    wider = low if low_variance > high_variance else high
    return CombinedUncertainty(
        value=total,
        low_percent=square_root(low_variance / total**2),
        high_percent=square_root(high_variance / total**2),
        contributions=_contributions(_parts(wider, correlations)),
        notes=tuple(_notes(inputs)),
    )


def calculation_line(calculation: Calculation, activity_id: str, activity: Spread, factor: Spread) -> UncertainLine:
    """A calculated figure as quantity × factor, in milligrams of CO2e under the calculation's GWP set, before they are rounded.

    The factor's id is that of the input, so calculations with one factor share its error. One line by itself combines into
    the uncertainty that stands beside the figure.
    raises  MissingGwp if a gas of the factor has no CO2e in the set; InvalidUncertainty for a factor without id
    """
    used = calculation.factor
    rates = [rate.co2e[GWP_SETS.index(calculation.gwp_set)] for rate in used.rates]
    for rate, name in zip(rates, (rate.gas for rate in used.rates), strict=True):
        if rate is None:
            raise MissingGwp(name, calculation.gwp_set)
    milligrams_per_unit = Fraction(sum(rate for rate in rates if rate is not None), used.denominator)
    return UncertainLine(
        (UncertainInput(activity_id, calculation.conversion.value, activity), UncertainInput(used.id, milligrams_per_unit, factor))
    )


def distinct_inputs(lines: Sequence[UncertainLine]) -> dict[str, UncertainInput]:
    """The inputs of all lines by their id, in the order of ids.

    raises  InvalidUncertainty: no line, or an id that stands with two values or two spreads
    """
    if not lines:
        raise InvalidUncertainty("no line to combine", "give at least one line")
    inputs: dict[str, UncertainInput] = {}
    for line in lines:
        for each in line.inputs:
            if inputs.setdefault(each.id, each) != each:
                raise InvalidUncertainty(f"input {each.id} stands with two values or spreads", "give different inputs different ids")
    return dict(sorted(inputs.items()))


def _sensitivities(lines: Sequence[UncertainLine]) -> Mapping[str, Fraction]:
    """By how much the total grows if an input is twice as large, to first order."""
    sensitivities: dict[str, Fraction] = defaultdict(Fraction)
    for line in lines:
        value = line.value
        for each in line.inputs:
            sensitivities[each.id] += value
    return sensitivities


def _refuse_lopsided_opposites(
    inputs: Mapping[str, UncertainInput], sensitivities: Mapping[str, Fraction], correlations: Sequence[Correlation]
) -> None:
    """Where one input raises the total the other lowers it, so upper sides must not be set off against upper sides."""
    for each in correlations:
        against = each.coefficient * sensitivities[each.first] * sensitivities[each.second] < 0
        if against and (_is_lopsided(inputs[each.first].spread) or _is_lopsided(inputs[each.second].spread)):
            raise InvalidUncertainty(
                f"{each.first} and {each.second} err against each other, and one of them reaches further on one side",
                "draw them: use simulate",
            )


def _is_lopsided(spread: Spread) -> bool:
    return spread.low_percent != spread.high_percent


def _deviations(inputs: Mapping[str, UncertainInput], sensitivities: Mapping[str, Fraction], side: int) -> dict[str, Fraction]:
    """What each input moves the total towards `side`, in per cent × unit of the total; signed by its sensitivity."""
    deviations = {}
    for name, each in inputs.items():
        sensitivity = sensitivities[name]
        widens_upwards = (sensitivity >= 0) == (side > 0)
        deviations[name] = sensitivity * (each.spread.high_percent if widens_upwards else each.spread.low_percent)
    return deviations


def _parts(deviations: Mapping[str, Fraction], correlations: Sequence[Correlation]) -> dict[str, Fraction]:
    """The variance of the total, split by input; what two inputs have together is halved between them."""
    parts = {name: deviation * deviation for name, deviation in deviations.items()}
    for correlation in correlations:
        together = correlation.coefficient * deviations[correlation.first] * deviations[correlation.second]
        parts[correlation.first] += together
        parts[correlation.second] += together
    return parts


def _contributions(parts: Mapping[str, Fraction]) -> tuple[Contribution, ...]:
    variance = sum(parts.values(), Fraction(0))
    if not variance:
        return ()
    contributions = (Contribution(name, part / variance) for name, part in parts.items() if part)
    return tuple(sorted(contributions, key=lambda each: (-each.share, each.input_id)))


def _notes(inputs: Mapping[str, UncertainInput]) -> Iterable[str]:
    for name, each in inputs.items():
        widest = max(each.spread.low_percent, each.spread.high_percent)
        if widest > WIDEST_FOR_PROPAGATION:
            yield f"{name} is known to ± {decimal_text(widest)} %, more than propagation bears (± 59 %): use Monte Carlo"
    if any(_is_lopsided(each.spread) for each in inputs.values()):
        yield "intervals that reach further on one side are combined side by side, which is rough: Monte Carlo is exact"


_GRADES: tuple[tuple[Grade, int], ...] = (("high", 5), ("good", 15), ("fair", 30))
