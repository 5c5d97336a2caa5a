"""Units of activity data, quantities, and exact conversion.

Inside a dimension a conversion is the ratio of two units; across dimensions it goes through named properties of the fuel.
"""

import difflib
import re
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction

from ghg import money
from ghg.errors import DimensionMismatch, MalformedNumber, UnknownUnit
from ghg.rounding import decimal_text, ratio_text
from ghg.sources import Source
from ghg.unit_table import AMBIGUOUS, UNITS, UNITS_BY_SPELLING, Unit

__all__ = ["Conversion", "Property", "Quantity", "Step", "Unit", "convert", "unit", "unit_pair", "units"]

QUANTITY_PATTERN = re.compile(r"[0-9]{1,15}(\.[0-9]{1,9})?")
LONGEST_SPELLING = 24
VOLUME_CONDITIONS = "volume_conditions"
PRICE_YEAR = "price_year"
TAKEN_AS = (VOLUME_CONDITIONS, PRICE_YEAR)  # not measured: they say that one unit is taken as another


@dataclass(frozen=True, slots=True)
class Quantity:
    """An amount of something, in a unit."""

    value: Fraction
    unit: Unit

    @classmethod
    def parse(cls, value: str, unit_symbol: str) -> "Quantity":
        """A quantity as it arrives: up to 15 digits, a point, up to 9 decimals; no sign, exponent or NaN.

        raises  MalformedNumber, UnknownUnit
        """
        if not isinstance(value, str) or not QUANTITY_PATTERN.fullmatch(value):
            raise MalformedNumber(
                f"{value!r:.60} is not a quantity",
                'write a string of up to 15 digits and up to 9 decimals, such as "1250.5": no sign, no exponent, no separators',
            )
        whole, _, decimals = value.partition(".")
        return cls(Fraction(int(whole + decimals), 10 ** len(decimals)), unit(unit_symbol))


def unit(symbol: str) -> Unit:
    """The unit of this exact symbol or listed other spelling; case matters. Money may have a price year: "USD", "USD_2022".

    raises  UnknownUnit, with suggestions, also for a symbol that means several units ("ton", "gal")
    """
    found = UNITS_BY_SPELLING.get(symbol) or money.at_prices_of_a_year(symbol)
    if found is None:
        raise UnknownUnit(symbol, _suggestions(symbol))
    return found


def units() -> tuple[Unit, ...]:
    """All units, by dimension; of money the currencies, each of which also exists at the prices of a year."""
    return UNITS


def unit_pair(text: str) -> tuple[Unit, Unit]:
    """Numerator and denominator of a rate such as "kg/m3" or "GJ_net/t".

    raises  UnknownUnit
    """
    numerator, _, denominator = text.partition("/")
    return unit(numerator), unit(denominator)


@dataclass(frozen=True, slots=True)
class Property:
    """What connects two dimensions of one fuel, or two kinds of money, with its own provenance: 830.565 kg/m3, 43.33 GJ_net/t, 1 Nm3/m3.

    `name` is density, net_calorific_value, gross_calorific_value, exchange_rate, price_index, or one of two of value 1 that are not
    measured but taken: volume_conditions says that a gas metered in m3 is taken at the conditions that its factor states, price_year
    that an amount without price year is taken at the prices of the factor. The caller adds these only where the factor does state them.
    raises  MalformedNumber for a value that is not above zero, or not 1 where the units are only taken as each other
    """

    name: str
    value: Fraction
    numerator: Unit
    denominator: Unit
    source: Source
    region: str
    year: int | None
    note: str = ""

    def __post_init__(self) -> None:
        if self.value <= 0:
            raise MalformedNumber(f"{self.name} {self.value} is not above zero", "correct the property in its source")
        if self.name in TAKEN_AS and self.value != 1:
            raise MalformedNumber(
                f"{self.name} is {ratio_text(self.value)} instead of 1", "it takes one unit as another; a ratio has a name of its own"
            )


@dataclass(frozen=True, slots=True)
class Step:
    """One line of a trace: what was done, in human words, and what came of it, as an exact decimal with its unit."""

    text: str
    result: str


@dataclass(frozen=True, slots=True)
class Conversion:
    """A quantity in another unit: `value` = quantity × `ratio`, by `properties` in the order in which they were used."""

    quantity: Quantity
    unit: Unit
    ratio: Fraction
    value: Fraction
    properties: tuple[Property, ...]

    @property
    def steps(self) -> tuple[Step, ...]:
        """The conversion line by line, each with its intermediate result."""
        return tuple(_steps(self))


def convert(quantity: Quantity, to: Unit, properties: Sequence[Property] = ()) -> Conversion:
    """The quantity in the unit `to`, exactly.

    Inside a dimension by the ratio of the units; across dimensions by the shortest chain of `properties`, of equally short ones the
    one whose properties stand first. The result is linear in the quantity, so `ratio` may be kept and used again.
    raises  DimensionMismatch, saying which property would help
    """
    if quantity.unit.symbol == to.symbol:
        return Conversion(quantity, to, Fraction(1), quantity.value, ())
    chain = _shortest_chain(quantity.unit, to, properties)
    ratio, unit = Fraction(1), quantity.unit
    for used in chain:
        factor, unit = _across(unit, used)
        ratio *= factor
    ratio *= unit.ratio / to.ratio
    return Conversion(quantity, to, ratio, quantity.value * ratio, chain)


def _suggestions(symbol: str) -> tuple[str, ...]:
    if len(symbol) > LONGEST_SPELLING:  # comparing a long text with every spelling is slow, and nothing is near it
        return ()
    if symbol in AMBIGUOUS:
        return AMBIGUOUS[symbol]
    same_but_for_case = [found.symbol for spelling, found in UNITS_BY_SPELLING.items() if spelling.casefold() == symbol.casefold()]
    if meant := money.meant_by(symbol):
        same_but_for_case.append(meant.symbol)
    near = [
        UNITS_BY_SPELLING[spelling].symbol for spelling in difflib.get_close_matches(symbol, _SPELLINGS_BUT_CURRENCIES, n=3, cutoff=0.6)
    ]
    return tuple(dict.fromkeys(same_but_for_case + near))


def _kind(unit: Unit) -> str:
    """Units of one kind are connected by an exact ratio; no two currencies or price years are."""
    return unit.symbol if unit.dimension == money.MONEY else unit.dimension


def _across(unit: Unit, used: Property) -> tuple[Fraction, Unit]:
    """By what an amount in `unit` is multiplied when it crosses the property, and the unit in which it arrives."""
    if _kind(unit) == _kind(used.denominator):
        return unit.ratio / used.denominator.ratio * used.value, used.numerator
    return unit.ratio / used.numerator.ratio / used.value, used.denominator


def _shortest_chain(start: Unit, to: Unit, properties: Sequence[Property]) -> tuple[Property, ...]:
    reached: dict[str, tuple[Property, ...]] = {_kind(start): ()}
    queue = deque(reached)
    while queue and _kind(to) not in reached:
        here = queue.popleft()
        for candidate in properties:
            ends = (_kind(candidate.numerator), _kind(candidate.denominator))
            if here in ends:
                there = ends[1] if ends[0] == here else ends[0]
                if there not in reached:
                    reached[there] = (*reached[here], candidate)
                    queue.append(there)
    if _kind(to) not in reached:
        raise DimensionMismatch(start.symbol, to.symbol, _what_would_help(start, to))
    return reached[_kind(to)]


def _steps(conversion: Conversion) -> Iterator[Step]:
    value, unit = conversion.quantity.value, conversion.quantity.unit
    for used in conversion.properties:
        entry = used.denominator if _kind(unit) == _kind(used.denominator) else used.numerator
        if entry.symbol != unit.symbol:
            value *= unit.ratio / entry.ratio
            yield _ratio_step(unit, entry, value)
        factor, unit = _across(entry, used)
        value *= factor
        yield Step(_property_text(used), f"{decimal_text(value)} {unit.symbol}")
    if unit.symbol != conversion.unit.symbol:
        yield _ratio_step(unit, conversion.unit, conversion.value)


def _ratio_step(unit: Unit, to: Unit, value: Fraction) -> Step:
    return Step(f"1 {unit.symbol} = {ratio_text(unit.ratio / to.ratio)} {to.symbol}", f"{decimal_text(value)} {to.symbol}")


def _property_text(used: Property) -> str:
    if used.name in TAKEN_AS:
        return used.note or f"{used.denominator.symbol} is taken as {used.numerator.symbol}, as the factor has it"
    where = used.region if used.year is None else f"{used.region} {used.year}"
    text = f"{used.name.replace('_', ' ')} {ratio_text(used.value)} {used.numerator.symbol}/{used.denominator.symbol}"
    return f"{text} ({where}, {used.source.dataset})" + (f"; {used.note}" if used.note else "")


def _what_would_help(start: Unit, to: Unit) -> str:
    dimensions = {start.dimension, to.dimension}
    if dimensions == {money.MONEY}:
        return money.what_would_connect(start, to)
    for pair, hint in _HINTS:
        if pair == dimensions:
            return hint
    return f"give the quantity in {_examples(to)}"


def _examples(to: Unit) -> str:
    same = [other.symbol for other in units() if _kind(other) == _kind(to)]
    return " or ".join(same[:4]) or to.symbol


# Codes of three letters are near to many a misspelt unit, but not meant by it.
_SPELLINGS_BUT_CURRENCIES = tuple(spelling for spelling, found in UNITS_BY_SPELLING.items() if found.dimension != money.MONEY)
_DENSITY = "a density of this fuel would connect them; or give the quantity in the unit of the factor"
_CALORIFIC_VALUE = "a calorific value of this fuel would connect them; or give the quantity in the unit of the factor"
_HEATING_BASIS = "say on which heating value the energy is measured: write the unit with _gross or _net, such as kWh_gross"
_HINTS: tuple[tuple[set[str], str], ...] = (
    ({"mass", "volume"}, _DENSITY),
    ({"mass", "normal_volume"}, _DENSITY),
    ({"mass", "standard_volume"}, _DENSITY),
    ({"volume", "normal_volume"}, "give the volume at 0 °C and 101.325 kPa in Nm3"),
    ({"volume", "standard_volume"}, "give the volume at the standard conditions of the factor in scf"),
    (
        {"normal_volume", "standard_volume"},
        "standard conditions are 60 or 68 °F, so no exact ratio connects them: give the quantity as the factor has it",
    ),
    ({"energy_gross", "energy_net"}, "the gross and the net calorific value of this fuel would connect them"),
    ({"energy", "energy_gross"}, _HEATING_BASIS),
    ({"energy", "energy_net"}, _HEATING_BASIS),
    *(
        ({other, basis}, _CALORIFIC_VALUE)
        for other in ("mass", "volume", "normal_volume", "standard_volume")
        for basis in ("energy_gross", "energy_net")
    ),
)
