"""Dividing the emissions of a shared system among what it puts out, and a supplier's among its customers.

Allocation comes after what avoids it: product-level figures and sub-metering. Physical bases come before market value, which is for
outputs that no physical quantity tells apart. One basis per system; nothing of the total is lost, and waste gets none of it.

Sources: GHG Protocol Scope 3 Standard (2011), chapter 8, table 8.1, boxes 8.1 and 8.2, figure 8.2; ISO 14044:2006, clause
4.3.4.2. PACT Tech Specs 3 want the basis told in `allocationRulesDescription`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from types import MappingProxyType
from typing import Literal

from ghg.errors import InvalidAllocation
from ghg.rounding import decimal_text, half_even
from ghg.units import Quantity, convert

AllocationBasis = Literal["sub_metering", "mass", "units", "volume", "energy", "area", "market_value"]
SupplierBoundary = Literal["gate_to_gate", "cradle_to_gate"]

_ENERGY = frozenset({"energy", "energy_gross", "energy_net"})
_VOLUME = frozenset({"volume", "normal_volume", "standard_volume"})
ALLOCATION_BASES = MappingProxyType(
    {
        "sub_metering": _ENERGY | _VOLUME | {"mass", "time"},
        "mass": frozenset({"mass"}),
        "units": frozenset({"count"}),
        "volume": _VOLUME,
        "energy": _ENERGY,
        "area": frozenset({"area"}),
        "market_value": frozenset({"money"}),
    }
)
"""The bases from the preferred one to the last resort, with the dimensions in which each is measured."""

MOST_YEARS_APART = 1


@dataclass(frozen=True, slots=True)
class Output:
    """What a system puts out, by the quantity after which emissions are divided: of the product, or what its meter read.

    Waste is what brings no revenue; it stands in the list and gets nothing.
    """

    id: str
    quantity: Quantity
    waste: bool = False


@dataclass(frozen=True, slots=True)
class AllocatedOutput:
    """The share of one output, exactly, and its emissions in whole milligrams."""

    output_id: str
    share: Fraction
    emissions_mg: int


@dataclass(frozen=True, slots=True)
class SupplierTotal:
    """What a supplier's facility, business unit or company emitted and put out in one year.

    emissions_mg  of everything it put out
    output        of everything, in the unit family of the basis: tonnes, pieces, kWh, revenue
    boundary      gate_to_gate if these are its scopes 1 and 2, cradle_to_gate if its scope 3 categories 1 to 8 are in them too
    """

    emissions_mg: int
    output: Quantity
    year: int
    boundary: SupplierBoundary


@dataclass(frozen=True, slots=True)
class CustomerAllocation:
    """A customer's share of a supplier's emissions; `notes` say what to disclose, and what is still to be added."""

    share: Fraction
    emissions_mg: int
    notes: tuple[str, ...]


def allocate(emissions_mg: int, outputs: Sequence[Output], basis: AllocationBasis) -> tuple[AllocatedOutput, ...]:
    """The emissions of a system divided among its outputs, in their order; the parts add up to the whole to the milligram.

    Each output gets the whole milligrams of its share; those left over go one each to the largest remainders, of equal ones to the
    first id in the alphabet.
    raises  InvalidAllocation: negative emissions or quantities, an output twice, nothing put out but waste, another basis, a unit that
            is not of the basis; DimensionMismatch: outputs in units that no exact ratio connects, such as two currencies or price years
    source  Scope 3 Standard, chapter 8: the parts should add up to 100 %; no allocation for waste
    """
    _refuse_negative("emissions", Fraction(emissions_mg))
    quantities = _comparable(outputs, basis)
    whole = sum(quantities.values(), Fraction(0))
    if not whole:
        raise InvalidAllocation(
            "nothing was put out to which emissions could belong", "give the quantities of the outputs that are no waste"
        )
    shares = {output.id: quantities.get(output.id, Fraction(0)) / whole for output in outputs}
    milligrams = _largest_remainders(emissions_mg, shares)
    return tuple(AllocatedOutput(output_id, share, milligrams[output_id]) for output_id, share in shares.items())


def allocate_to_customer(supplier: SupplierTotal, purchases: Quantity, year: int, basis: AllocationBasis) -> CustomerAllocation:
    """The customer's part of a supplier's emissions: total × purchases ÷ output, half-even to whole milligrams.

    purchases  of the same supplier unit in `year`; of market value in the currency, and at the prices, of its revenue
    raises     InvalidAllocation: output or revenue not above zero, negative emissions or purchases, purchases above the output, years
               more than one apart, another basis, a unit that is not of it; DimensionMismatch: units that no exact ratio connects
    source     Scope 3 Standard, boxes 8.1 and 8.2
    """
    _refuse_negative("emissions", Fraction(supplier.emissions_mg))
    _refuse_negative("purchases", purchases.value)
    _refuse_other_units(purchases, basis)
    if supplier.output.value <= 0:
        raise InvalidAllocation(
            f"a supplier's output of {supplier.output.value} {supplier.output.unit.symbol}", "give its whole output or revenue of the year"
        )
    if abs(supplier.year - year) > MOST_YEARS_APART:
        raise InvalidAllocation(
            f"a supplier's figure of {supplier.year} for purchases of {year}",
            "ask for a figure at most one year away, or use secondary data",
        )
    share = convert(purchases, supplier.output.unit).value / supplier.output.value
    if share > 1:
        raise InvalidAllocation(
            f"purchases of {decimal_text(share * 100)} % of the supplier's output", "check that both are of the same unit of the supplier"
        )
    emissions = half_even(supplier.emissions_mg * share.numerator, share.denominator)
    return CustomerAllocation(share, emissions, _notes(supplier, year, basis))


def _comparable(outputs: Sequence[Output], basis: AllocationBasis) -> dict[str, Fraction]:
    """The quantities of the outputs that are no waste, in the unit of the first."""
    if len({output.id for output in outputs}) != len(outputs):
        raise InvalidAllocation("an output stands twice", "give each output once, with its whole quantity")
    products = [output for output in outputs if not output.waste]
    for output in products:
        _refuse_negative(f"quantity of {output.id}", output.quantity.value)
        _refuse_other_units(output.quantity, basis)
    return {output.id: convert(output.quantity, products[0].quantity.unit).value for output in products}


def _largest_remainders(whole: int, shares: dict[str, Fraction]) -> dict[str, int]:
    exact = {output_id: whole * share for output_id, share in shares.items()}
    parts = {output_id: value.numerator // value.denominator for output_id, value in exact.items()}
    by_remainder = sorted(exact, key=lambda output_id: (parts[output_id] - exact[output_id], output_id))
    for output_id in by_remainder[: whole - sum(parts.values())]:
        parts[output_id] += 1
    return parts


def _notes(supplier: SupplierTotal, year: int, basis: AllocationBasis) -> tuple[str, ...]:
    notes = []
    if supplier.year != year:
        notes.append(f"the supplier's figure of {supplier.year} stands for purchases of {year}")
    if basis == "market_value":
        notes.append("allocated by market value, which misleads where prices differ or move: prefer a physical quantity")
    if supplier.boundary == "gate_to_gate":
        notes.append("scopes 1 and 2 of the supplier alone: its upstream emissions (its scope 3, categories 1 to 8) are still to be added")
    return tuple(notes)


def _refuse_negative(what: str, value: Fraction) -> None:
    if value < 0:
        raise InvalidAllocation(f"negative {what}", "allocate removals, returns and credits apart from emissions")


def _refuse_other_units(quantity: Quantity, basis: AllocationBasis) -> None:
    if basis not in ALLOCATION_BASES:
        raise InvalidAllocation(f"unknown basis {basis!r}", f"choose one of {', '.join(ALLOCATION_BASES)}")
    if quantity.unit.dimension not in ALLOCATION_BASES[basis]:
        expected = " or ".join(sorted(ALLOCATION_BASES[basis])).replace("_", " ")
        raise InvalidAllocation(f"{quantity.unit.symbol} for an allocation by {basis.replace('_', ' ')}", f"give a quantity of {expected}")
