"""From an amount of activity to whole milligrams: per gas, per month, under every GWP set at once.

A month's part is a difference of two rounded running totals, so the parts of a year add up to the year's rounded figure, whatever the
cut. Exact rationals up to the one rounding, half-even: docs/adr. Source: GHG Protocol Corporate Standard (2004), chapter 6
(activity data × emission factor × GWP); IPCC 2006 Guidelines, volume 1, chapter 1, section 1.2.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from itertools import pairwise

from ghg import gwp
from ghg.errors import InvalidPeriod, OutOfRange
from ghg.factors import EmissionFactor
from ghg.gwp import GWP_SETS
from ghg.rounding import half_even
from ghg.trace import calculation_steps, formula_text
from ghg.units import Conversion, Property, Quantity, Step, convert

MAX_MG = 10**16  # of any gas, as mass or as CO2e, in one record: ten million tonnes
NANO = 10**9
AR4, AR5, AR6 = GWP_SETS


@dataclass(frozen=True, slots=True)
class GasAmount:
    """One gas in whole milligrams: its mass, and its CO2e under each GWP set, None where the set has no value (missing is not zero).

    For gas CO2e the mass is None and the publisher's figure stands unconverted under every set; `gwp_basis` names its own.
    """

    gas: str
    mass_mg: int | None
    co2e_mg: Mapping[str, int | None]
    gwp_basis: str | None = None


@dataclass(frozen=True, slots=True)
class Part:
    """What falls into one calendar month: days [start, end), the quantity in the factor's unit × 10^9, the gases."""

    start: date
    end: date
    quantity_nano: int
    gases: tuple[GasAmount, ...]
    biogenic_co2_mg: int


@dataclass(frozen=True, slots=True)
class Emissions:
    """Milligrams of each gas; biogenic CO2 beside them, outside every total."""

    gases: tuple[GasAmount, ...]
    biogenic_co2_mg: int

    def co2e_mg(self, gwp_set: str) -> int | None:
        """The sum of the gases' CO2e, or None if a gas lacks a value in the set.

        raises  UnknownGwpSet
        """
        gwp.gwp_set(gwp_set)
        total = 0
        for gas in self.gases:
            co2e = gas.co2e_mg[gwp_set]
            if co2e is None:
                return None
            total += co2e
        return total


@dataclass(frozen=True, slots=True)
class Calculation:
    """An estimate with all that is needed to follow it."""

    emissions: Emissions
    conversion: Conversion
    factor: EmissionFactor
    gwp_set: str

    @property
    def formula(self) -> str:
        """The formula in words."""
        return formula_text(self.factor, self.gwp_set)

    @property
    def steps(self) -> tuple[Step, ...]:
        """The arithmetic line by line: conversion, mass of each gas, its CO2e under `gwp_set`, the sum."""
        total = self.emissions.co2e_mg(self.gwp_set)
        return (*self.conversion.steps, *calculation_steps(self.conversion.value, self.factor, self.gwp_set, total))


def calculate(quantity: Quantity, factor: EmissionFactor, properties: Sequence[Property] = (), gwp_set: str = AR6) -> Calculation:
    """Emissions of one activity within one calendar year, and their trace under `gwp_set`.

    The figures are those which a record of the same quantity gets: its parts add up to them.
    raises  UnknownGwpSet; DimensionMismatch; OutOfRange above 10^16 mg of a gas
    """
    gwp.gwp_set(gwp_set)
    conversion = convert(quantity, factor.unit, properties)
    amount = conversion.value
    _refuse_out_of_range(amount, factor)
    gases, biogenic = _round(amount.numerator, amount.denominator * factor.denominator, factor)
    return Calculation(Emissions(gases, biogenic), conversion, factor, gwp_set)


def calculate_parts(amount: Fraction, factor: EmissionFactor, start: date, end: date) -> tuple[Part, ...]:
    """The emissions of `amount`, in the factor's unit, spread evenly over the days [start, end), month by month.

    Of D days in all, the part up to day k gets R(E × k / D) less what the parts before it got, with E the exact figure of the whole
    period and R half-even to whole milligrams; likewise the quantity at nine decimals.
    raises  InvalidPeriod if the period is empty or crosses the end of a year (`split_by_year` cuts it); OutOfRange
    """
    _refuse_period(start, end)
    _refuse_out_of_range(amount, factor)
    numerator, denominator = amount.numerator, amount.denominator
    if (start.year, start.month) == (end.year, end.month) or end == _next_month(start):
        gases, biogenic = _round(numerator, denominator * factor.denominator, factor)
        return (Part(start, end, half_even(numerator * NANO, denominator), gases, biogenic),)
    return _parts_by_month(numerator, denominator, factor, start, end)


def split_by_year(amount: Fraction, start: date, end: date) -> tuple[tuple[date, date, Fraction], ...]:
    """The period cut at each new year, each piece with the exact share of `amount` that its days have.

    raises  InvalidPeriod if the period is empty
    """
    if start >= end:
        raise InvalidPeriod(start, end, "has no day", "the end is exclusive: give the day after the last one")
    cuts = [start, *(date(year, 1, 1) for year in range(start.year + 1, end.year + 1) if date(year, 1, 1) < end), end]
    days = (end - start).days
    return tuple((left, right, amount * (right - left).days / days) for left, right in pairwise(cuts))


def sum_parts(parts: Iterable[Part]) -> Emissions:
    """A record's figure: the sum of its parts, gas by gas, also where years have factors with other gases."""
    sums: dict[tuple[str, str | None], GasAmount] = {}
    biogenic = 0
    for part in parts:
        biogenic += part.biogenic_co2_mg
        for gas in part.gases:
            key = (gas.gas, gas.gwp_basis)
            sums[key] = _add(sums[key], gas) if key in sums else gas
    return Emissions(tuple(sums.values()), biogenic)


def _round(numerator: int, denominator: int, factor: EmissionFactor) -> tuple[tuple[GasAmount, ...], int]:
    """numerator / denominator × the factor's whole-number rates, each figure rounded once."""
    gases = []
    for rate in factor.rates:
        ar4, ar5, ar6 = rate.co2e
        gases.append(
            GasAmount(
                rate.gas,
                None if rate.mass is None else half_even(numerator * rate.mass, denominator),
                {
                    AR4: None if ar4 is None else half_even(numerator * ar4, denominator),
                    AR5: None if ar5 is None else half_even(numerator * ar5, denominator),
                    AR6: None if ar6 is None else half_even(numerator * ar6, denominator),
                },
                rate.gwp_basis,
            )
        )
    return tuple(gases), half_even(numerator * factor.biogenic_rate, denominator)


def _parts_by_month(numerator: int, denominator: int, factor: EmissionFactor, start: date, end: date) -> tuple[Part, ...]:
    days = (end - start).days
    parts, left, before = [], start, None
    while left < end:
        right = min(_next_month(left), end)
        elapsed = numerator * (right - start).days
        running = Part(
            left,
            right,
            half_even(elapsed * NANO, denominator * days),
            *_round(elapsed, denominator * days * factor.denominator, factor),
        )
        parts.append(running if before is None else _difference(running, before))
        left, before = right, running
    return tuple(parts)


def _difference(running: Part, before: Part) -> Part:
    gases = tuple(_add(now, earlier, sign=-1) for now, earlier in zip(running.gases, before.gases, strict=True))
    quantity = running.quantity_nano - before.quantity_nano
    return Part(running.start, running.end, quantity, gases, running.biogenic_co2_mg - before.biogenic_co2_mg)


def _add(one: GasAmount, other: GasAmount, sign: int = 1) -> GasAmount:
    mass = None if one.mass_mg is None or other.mass_mg is None else one.mass_mg + sign * other.mass_mg
    co2e: dict[str, int | None] = {}
    for name in GWP_SETS:
        left, right = one.co2e_mg[name], other.co2e_mg[name]
        co2e[name] = None if left is None or right is None else left + sign * right
    return GasAmount(one.gas, mass, co2e, one.gwp_basis)


def _refuse_period(start: date, end: date) -> None:
    if start >= end:
        raise InvalidPeriod(start, end, "has no day", "the end is exclusive: give the day after the last one")
    if end.year != start.year and end != date(start.year + 1, 1, 1):
        raise InvalidPeriod(start, end, "crosses the end of a year", "calculate each calendar year by itself")


def _refuse_out_of_range(amount: Fraction, factor: EmissionFactor) -> None:
    if abs(amount.numerator) * factor.largest_rate > MAX_MG * amount.denominator * factor.denominator:
        raise OutOfRange(f"more than {MAX_MG} mg of one gas in one record", "check the quantity and its unit")


def _next_month(day: date) -> date:
    return date(day.year + 1, 1, 1) if day.month == 12 else date(day.year, day.month + 1, 1)
