"""Emission factors: kilograms of each gas per unit of activity, and what they are in whole milligrams."""

import math
import re
from dataclasses import dataclass, field
from fractions import Fraction

from ghg.errors import InvalidFactor, MalformedNumber
from ghg.gwp import CO2E, GWP_SETS, gases, gwp_set
from ghg.rounding import half_even
from ghg.sources import Source
from ghg.units import Unit

MG_PER_KG = 1_000_000
KNOWN_GASES = frozenset(gases())
SIGNIFICANT_DIGITS = 15  # a binary float carries 15 decimal digits; what stands behind them is noise of the float
_DECIMAL = re.compile(r"[0-9]+(\.[0-9]+)?")
_RATIO = re.compile(r"[0-9]+/[0-9]*[1-9][0-9]*")
_SCIENTIFIC = re.compile(r"([0-9]+(?:\.[0-9]+)?)(?:[eE]([+-]?[0-9]{1,3}))?")


@dataclass(frozen=True, slots=True)
class GasFactor:
    """Kilograms of one gas per unit of activity, with the printed row behind it and how it was derived from that.

    `gwp_basis` names the publisher's GWP set where `gas` is CO2e, and only there.
    """

    gas: str
    kg_per_unit: Fraction
    source: Source
    derivation: str = ""
    gwp_basis: str | None = None


@dataclass(frozen=True, slots=True)
class GasRate:
    """A gas factor in milligrams per unit, as numerators over the common denominator of its factor.

    `mass` is None for CO2e; `co2e` holds None where the set has no value for the gas.
    """

    gas: str
    gwp_basis: str | None
    mass: int | None
    co2e: tuple[int | None, ...]  # in the order of GWP_SETS


@dataclass(frozen=True, slots=True)
class EmissionFactor:
    """What one unit of an activity emits, gas by gas, in one region.

    unit     the unit of activity to which the kilograms of `gases` and `biogenic_co2` refer
    raises   InvalidFactor: a gas twice, an unknown gas, a negative mass, CO2e without its GWP basis or another gas with one
    """

    id: str
    activity_type: str
    region: str
    year: int | None
    unit: Unit
    gases: tuple[GasFactor, ...]
    biogenic_co2: GasFactor | None
    dataset: str
    stage: str
    notes: tuple[str, ...] = ()
    # The factor in whole numbers, made once, because a bulk import calculates with it a million times.
    denominator: int = field(init=False, repr=False, compare=False)
    rates: tuple[GasRate, ...] = field(init=False, repr=False, compare=False)
    biogenic_rate: int = field(init=False, repr=False, compare=False)
    largest_rate: int = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        _refuse_contradictions(self.gases, self.biogenic_co2)
        denominator, rates, biogenic_rate = _whole_numbers(self.gases, self.biogenic_co2)
        figures = [figure for rate in rates for figure in (rate.mass, *rate.co2e) if figure is not None]
        object.__setattr__(self, "denominator", denominator)
        object.__setattr__(self, "rates", rates)
        object.__setattr__(self, "biogenic_rate", biogenic_rate)
        object.__setattr__(self, "largest_rate", max([biogenic_rate, *figures]))

    @property
    def co2_only(self) -> bool:
        """Whether the publisher counts carbon dioxide and no other gas."""
        return [gas.gas for gas in self.gases] == ["CO2"]


def as_fraction(text: str) -> Fraction:
    """The exact value of a decimal ("0.4715") or of a ratio of whole numbers ("44/12").

    A decimal of more than 15 significant digits has passed through a binary float and is taken at 15: "0.21233000000000002" is 0.21233.
    raises  MalformedNumber, also for a sign, an exponent, NaN and infinity
    """
    if _RATIO.fullmatch(text):
        return Fraction(text)
    if not _DECIMAL.fullmatch(text):
        raise MalformedNumber(f"{text!r:.60} is not a decimal", 'write digits and a point, such as "0.4715", or a ratio such as "44/12"')
    return _at_significant_digits(text)


def source_number(text: str) -> Fraction:
    """A number as it stands in a source file, where spreadsheets write exponents ("4.6368e-06"); at 15 significant digits.

    raises  MalformedNumber
    """
    if not _SCIENTIFIC.fullmatch(text):
        raise MalformedNumber(f"{text!r:.60} is not a number", "exclude the row, with this as the reason")
    return _at_significant_digits(text)


def _at_significant_digits(text: str) -> Fraction:
    value = Fraction(text)
    mantissa, _, exponent = text.lower().partition("e")
    whole, _, decimals = mantissa.partition(".")
    surplus = len((whole + decimals).lstrip("0")) - SIGNIFICANT_DIGITS
    if surplus <= 0:
        return value
    last_place = Fraction(10) ** (int(exponent or 0) - len(decimals) + surplus)
    scaled = value / last_place
    return half_even(scaled.numerator, scaled.denominator) * last_place


def _refuse_contradictions(factors: tuple[GasFactor, ...], biogenic_co2: GasFactor | None) -> None:
    if not factors:
        raise InvalidFactor("a factor without gases", "give at least one gas, if only with zero")
    names = [gas.gas for gas in factors]
    if len(set(names)) != len(names):
        raise InvalidFactor(f"a gas stands twice in {', '.join(names)}", "give each gas once")
    for name in names:
        if name != CO2E and name not in KNOWN_GASES:
            raise InvalidFactor(f"unknown gas {name!r:.60}", "write the gas by its usual name, such as CH4_fossil or HFC-134a")
    for gas in (*factors, *([biogenic_co2] if biogenic_co2 else [])):
        if gas.kg_per_unit < 0:
            raise InvalidFactor(f"{gas.gas} is negative", "removals and avoided emissions are no emission factors")
        if (gas.gas == CO2E) != (gas.gwp_basis is not None):
            raise InvalidFactor(f"{gas.gas} with GWP basis {gas.gwp_basis}", "CO2e needs the publisher's GWP basis, other gases have none")


def _whole_numbers(factors: tuple[GasFactor, ...], biogenic_co2: GasFactor | None) -> tuple[int, tuple[GasRate, ...], int]:
    exact = [(gas, *_milligrams_per_unit(gas)) for gas in factors]
    biogenic = biogenic_co2.kg_per_unit * MG_PER_KG if biogenic_co2 else Fraction(0)
    values = [biogenic, *(value for _, mass, co2e in exact for value in (mass, *co2e) if value is not None)]
    denominator = math.lcm(*(value.denominator for value in values))

    def numerator(value: Fraction | None) -> int | None:
        return None if value is None else value.numerator * (denominator // value.denominator)

    rates = tuple(GasRate(gas.gas, gas.gwp_basis, numerator(mass), tuple(map(numerator, co2e))) for gas, mass, co2e in exact)
    return denominator, rates, biogenic.numerator * (denominator // biogenic.denominator)


def _milligrams_per_unit(gas: GasFactor) -> tuple[Fraction | None, list[Fraction | None]]:
    """Mass, and CO2e in the order of GWP_SETS. A figure that is CO2e already stands the same in every set."""
    milligrams = gas.kg_per_unit * MG_PER_KG
    if gas.gas == CO2E:
        return None, [milligrams] * len(GWP_SETS)
    gwps = [gwp_set(name).values.get(gas.gas) for name in GWP_SETS]
    return milligrams, [None if gwp is None else milligrams * gwp for gwp in gwps]
