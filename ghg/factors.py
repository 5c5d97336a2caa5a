"""Emission factors: kilograms of each gas per unit of activity, and what they are in whole milligrams.

Publishers print factors in three forms, each with its constructor: the mass of a gas (`GasFactor.in_mass`), the CO2e of a gas
(`GasFactor.in_co2e`, divided back to the mass), and CO2e of unnamed gases (`GasFactor.co2e_only`, kept on its GWP basis).
"""

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction

from ghg.errors import InvalidFactor, MalformedNumber
from ghg.gwp import CO2E, GWP_SETS, gases, gwp_set, usual_name
from ghg.rounding import half_even, ratio_text
from ghg.sources import Source
from ghg.units import Unit

MG_PER_KG = 1_000_000
KNOWN_GASES = frozenset(gases())
SIGNIFICANT_DIGITS = 15  # a binary float carries 15 decimal digits; what stands behind them is noise of the float
LONGEST_NUMBER = 100  # characters; no publisher prints so many, and Python refuses whole numbers of some thousand digits
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

    @classmethod
    def in_mass(cls, gas: str, kg_per_unit: Fraction, source: Source, derivation: str = "") -> "GasFactor":
        """A gas that the publisher gives as its mass, in kg of the gas per unit; the name in any usual spelling.

        raises  UnknownGas, also for plain "CH4" and for CO2e
        """
        return cls(usual_name(gas), kg_per_unit, source, derivation)

    @classmethod
    def in_co2e(cls, gas: str, kg_co2e_per_unit: Fraction, gwp: Fraction, source: Source, whose: str = "the publisher's") -> "GasFactor":
        """A gas that the publisher gives as its CO2e, divided back to its mass by the GWP with which the publisher multiplied.

        gwp    the value behind the printed figure, whatever set it is of: a publisher may use 28 for fossil methane too
        whose  stands before "GWP of" in the derivation: "AR4's", "the edition's"
        raises  UnknownGas; InvalidFactor for a GWP that is not above zero
        """
        name = usual_name(gas)
        derivation = f"{ratio_text(kg_co2e_per_unit)} kg CO2e ÷ {ratio_text(gwp)}, {whose} GWP of {name}"
        return cls(name, mass_of_co2e(kg_co2e_per_unit, gwp), source, derivation)

    @classmethod
    def co2e_only(cls, kg_co2e_per_unit: Fraction, gwp_basis: str, source: Source) -> "GasFactor":
        """CO2e of gases that the publisher does not name, in kg per unit; it has no mass and is never converted to another GWP set.

        gwp_basis  the publisher's own: AR4, AR5, AR6, or a word such as "unstated" where the publisher does not say
        raises  InvalidFactor without a GWP basis
        """
        if not gwp_basis:
            raise InvalidFactor("CO2e without its GWP basis", 'name the set of the publisher, or write "unstated"')
        return cls(CO2E, kg_co2e_per_unit, source, gwp_basis=gwp_basis)


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
    id, activity_type, region, year, dataset, stage   its place in a catalogue; empty for a factor that stands in none
    raises   InvalidFactor: a gas twice, an unknown gas, a negative mass, CO2e without its GWP basis or another gas with one, biogenic
             CO2 that is another gas
    """

    unit: Unit
    gases: tuple[GasFactor, ...]
    biogenic_co2: GasFactor | None = None
    id: str = ""
    activity_type: str = ""
    region: str = ""
    year: int | None = None
    dataset: str = ""
    stage: str = ""
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


def mass_of_co2e(kg_co2e: Fraction, gwp: Fraction) -> Fraction:
    """Kilograms of the gas whose CO2e is `kg_co2e` under `gwp`, exactly.

    raises  InvalidFactor for a GWP that is not above zero
    """
    if gwp <= 0:
        raise InvalidFactor(f"a GWP of {ratio_text(gwp)}", "give the GWP by which the publisher multiplied the mass")
    return kg_co2e / gwp


def blend_factor(shares: Mapping[str, Fraction], source: Source) -> tuple[GasFactor, ...]:
    """The gases of a refrigerant blend, in kg of each per kg of the blend, by its composition in fractions of mass.

    shares  gas, in any usual spelling → share: R-410A is {"HFC-32": 1/2, "HFC-125": 1/2}. Designations and their compositions:
            ANSI/ASHRAE Standard 34, ISO 817
    raises  UnknownGas; InvalidFactor for a share that is not above zero, a gas twice, shares that do not add up to one
    """
    by_gas = [(usual_name(gas), share) for gas, share in shares.items()]
    names = [gas for gas, _ in by_gas]
    if len(set(names)) != len(names):
        raise InvalidFactor(f"a gas stands twice in {', '.join(names)}", "add up its shares")
    for gas, share in by_gas:
        if share <= 0:
            raise InvalidFactor(f"the share of {gas} is {ratio_text(share)}", "leave out what the blend does not hold")
    if (total := sum(share for _, share in by_gas)) != 1:
        raise InvalidFactor(
            f"the shares add up to {ratio_text(Fraction(total))} instead of 1", "give each gas its fraction of the mass: 0.5 for 50 %"
        )
    return tuple(GasFactor(gas, share, source, f"{ratio_text(share * 100)} % by mass") for gas, share in by_gas)


def as_fraction(text: str) -> Fraction:
    """The exact value of a decimal ("0.4715") or of a ratio of whole numbers ("44/12").

    A decimal of more than 15 significant digits has passed through a binary float and is taken at 15: "0.21233000000000002" is 0.21233.
    raises  MalformedNumber, also for a sign, an exponent, NaN and infinity
    """
    short_enough = len(text) <= LONGEST_NUMBER
    if short_enough and _RATIO.fullmatch(text):
        return Fraction(text)
    if not (short_enough and _DECIMAL.fullmatch(text)):
        raise MalformedNumber(f"{text!r:.60} is not a decimal", 'write digits and a point, such as "0.4715", or a ratio such as "44/12"')
    return _at_significant_digits(text)


def source_number(text: str) -> Fraction:
    """A number as it stands in a source file, where spreadsheets write exponents ("4.6368e-06"); at 15 significant digits.

    raises  MalformedNumber
    """
    if len(text) > LONGEST_NUMBER or not _SCIENTIFIC.fullmatch(text):
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
    if biogenic_co2 and biogenic_co2.gas != "CO2":
        raise InvalidFactor(
            f"biogenic CO2 is given as {biogenic_co2.gas!r:.60} instead of CO2", "give biogenic methane among the gases, as CH4_biogenic"
        )
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
