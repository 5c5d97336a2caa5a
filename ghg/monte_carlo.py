"""The uncertainty of a sum of products by drawing its inputs many times over: for wide, lopsided or bounded inputs.

Parameters are drawn, not the lines they make up, so an input that several lines share is one draw in all of them. The same seed gives
the same figures on every machine: inputs are drawn in the order of their ids, sums do not depend on the order of the lines, and results
keep ten significant digits, without the last bits of a machine's mathematical library.

Source: IPCC 2006 Guidelines, volume 1, chapter 3, section 3.2.3.2 (Approach 2); JCGM 101:2008 (GUM, supplement 1).
"""

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from random import Random

from ghg.correlation import Correlation, Decomposition, decompose
from ghg.distributions import STANDARD_NORMAL
from ghg.errors import InvalidUncertainty
from ghg.uncertainty import UncertainLine, distinct_inputs

LEAST_DRAWS = 10_000
MOST_DRAWS = 200_000
LOW, MIDDLE, HIGH = 0.025, 0.5, 0.975
SETTLED_WITHIN = 0.01  # of the larger bound
LEAST_PROBABILITY = 2.0**-54  # stands for a draw of exactly zero, whose deviate would be endless
SIGNIFICANT_DIGITS = 10


@dataclass(frozen=True, slots=True)
class Simulation:
    """What the draws say of the total, in the unit of the lines.

    low, high  the 2.5th and the 97.5th percentile
    settled    whether both moved by less than 1 % in the last batch of draws; if not, more draws than `draws` are needed
    """

    mean: float
    median: float
    low: float
    high: float
    standard_deviation: float
    draws: int
    seed: int
    settled: bool


def simulate(
    lines: Sequence[UncertainLine],
    seed: int,
    correlations: Sequence[Correlation] = (),
    least_draws: int = LEAST_DRAWS,
    most_draws: int = MOST_DRAWS,
) -> Simulation:
    """The distribution of the sum of the lines, from `least_draws` draws on until its 95 % bounds have settled.

    Two batches of half of `least_draws` come first; after each further batch the bounds are compared with those before it.
    correlations  drawn together as correlated normal deviates, whatever the shapes (a Gaussian copula)
    raises  InvalidUncertainty: no line, an id with two values, contradicting correlations, fewer than 10,000 draws
    """
    if not LEAST_DRAWS <= least_draws <= most_draws:
        raise InvalidUncertainty(f"{least_draws} to {most_draws} draws", f"draw at least {LEAST_DRAWS} times: percentiles need many draws")
    totals = _totals(lines, decompose(correlations, distinct_inputs(lines).keys()), Random(seed))
    batch = (least_draws + 1) // 2
    drawn: list[float] = []
    bounds, settled = None, False
    while not settled and (len(drawn) < least_draws or len(drawn) + batch <= most_draws):
        drawn.extend(next(totals) for _ in range(min(batch, most_draws - len(drawn))))
        drawn.sort()
        before, bounds = bounds, (_percentile(drawn, LOW), _percentile(drawn, HIGH))
        settled = before is not None and _near(before, bounds)
    return _simulation(drawn, seed, settled)


def _totals(lines: Sequence[UncertainLine], together: Decomposition, generator: Random) -> Iterator[float]:
    inputs = distinct_inputs(lines)
    place = {name: index for index, name in enumerate(inputs)}
    multipliers = [each.spread.multiplier() for each in inputs.values()]
    products = [(float(line.value), [place[each.id] for each in line.inputs]) for line in lines]
    correlate = _correlation_of_deviates(together, place)
    while True:
        deviates = [_deviate(generator) for _ in multipliers]
        correlate(deviates)
        drawn = [multiplier(deviate) for multiplier, deviate in zip(multipliers, deviates, strict=True)]
        yield math.fsum(math.prod([drawn[index] for index in indices], start=value) for value, indices in products)


def _deviate(generator: Random) -> float:
    """A standard normal deviate, by inversion of the one method whose numbers Python promises never to change."""
    return STANDARD_NORMAL.inv_cdf(max(generator.random(), LEAST_PROBABILITY))


def _correlation_of_deviates(together: Decomposition, place: dict[str, int]) -> Callable[[list[float]], None]:
    indices = [place[name] for name in together.ids]
    roots = [math.sqrt(pivot) for pivot in together.pivots]
    rows = [[*(float(entry) * roots[k] for k, entry in enumerate(row)), roots[len(row)]] for row in together.rows]

    def correlate(deviates: list[float]) -> None:
        independent = [deviates[index] for index in indices]
        for index, row in zip(indices, rows, strict=True):
            deviates[index] = math.fsum(weight * deviate for weight, deviate in zip(row, independent, strict=False))

    return correlate


def _percentile(ascending: Sequence[float], probability: float) -> float:
    """Linear between the two draws around the place."""
    place = probability * (len(ascending) - 1)
    index = min(int(place), len(ascending) - 2)
    return ascending[index] + (place - index) * (ascending[index + 1] - ascending[index])


def _near(before: tuple[float, float], now: tuple[float, float]) -> bool:
    larger = max(abs(now[0]), abs(now[1]))
    return all(abs(left - right) <= SETTLED_WITHIN * larger for left, right in zip(before, now, strict=True))


def _simulation(drawn: Sequence[float], seed: int, settled: bool) -> Simulation:
    mean = math.fsum(drawn) / len(drawn)
    variance = math.fsum((each - mean) ** 2 for each in drawn) / (len(drawn) - 1)
    return Simulation(
        mean=_significant(mean),
        median=_significant(_percentile(drawn, MIDDLE)),
        low=_significant(_percentile(drawn, LOW)),
        high=_significant(_percentile(drawn, HIGH)),
        standard_deviation=_significant(math.sqrt(variance)),
        draws=len(drawn),
        seed=seed,
        settled=settled,
    )


def _significant(value: float) -> float:
    return float(f"{value:.{SIGNIFICANT_DIGITS - 1}e}")
