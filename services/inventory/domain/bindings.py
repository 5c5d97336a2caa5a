"""Bindings: which factor calculates a combination, as the factors service answered, turned into what `ghg` calculates with."""

from dataclasses import dataclass
from fractions import Fraction

from contracts.events import GasOfFactor
from contracts.factor_questions import FactorSnapshot, PropertySnapshot, Resolution
from ghg.factors import EmissionFactor, GasFactor
from ghg.sources import Source
from ghg.units import Property, Quantity, convert, unit, unit_pair

OWN_STAGE = ""


@dataclass(frozen=True, slots=True, order=True)
class Combination:
    """What decides a factor: records that agree in these share one.

    stage  which emissions are counted, where they are not those that the activity type counts by itself
    """

    activity_type: str
    region: str
    year: int
    unit: str
    method: str
    stage: str = OWN_STAGE

    def as_json(self) -> list[str | int]:
        """As a record keeps it; its own stage, which nearly all have, is left out."""
        kept: list[str | int] = [self.activity_type, self.region, self.year, self.unit, self.method]
        return kept if self.stage == OWN_STAGE else [*kept, self.stage]


@dataclass(frozen=True, slots=True)
class Binding:
    """A resolved combination: a frozen copy of its factor, and the properties that lead to the factor's unit.

    ratio   of the combination's unit to the factor's, exactly
    number  the how-manieth binding of its combination: 1, until a factor update is accepted
    """

    combination: Combination
    snapshot: FactorSnapshot
    factor: EmissionFactor
    properties: tuple[Property, ...]
    ratio: Fraction
    number: int = 1


@dataclass(frozen=True, slots=True)
class Unbound:
    """A combination for which the factors service knows no factor, with what comes nearest."""

    combination: Combination
    answer: Resolution


def bind(combination: Combination, answer: Resolution, number: int = 1) -> Binding | Unbound:
    """Take the factors service's answer for a combination as its binding of this number."""
    if answer.factor is None:
        return Unbound(combination, answer)
    snapshot = answer.factor
    factor = EmissionFactor(
        id=snapshot.id,
        activity_type=snapshot.activity_type,
        region=snapshot.region,
        year=snapshot.data_year,
        unit=unit(snapshot.unit),
        gases=tuple(_gas_factor(gas) for gas in snapshot.gases),
        biogenic_co2=None if snapshot.biogenic_co2 is None else _gas_factor(snapshot.biogenic_co2),
        dataset=snapshot.dataset,
        stage=snapshot.stage,
        notes=tuple(snapshot.notes),
    )
    properties = tuple(map(_property, snapshot.properties))
    ratio = convert(Quantity(Fraction(1), unit(combination.unit)), factor.unit, properties).ratio
    return Binding(combination, snapshot, factor, properties, ratio, number)


def _gas_factor(gas: GasOfFactor) -> GasFactor:
    source = Source(gas.dataset, gas.row, gas.sha256, gas.licence, gas.document, gas.printed_value, gas.printed_unit)
    return GasFactor(gas.gas, Fraction(gas.kg_per_unit), source, gas.derivation, gas.gwp_basis)


def _property(used: PropertySnapshot) -> Property:
    numerator, denominator = unit_pair(used.unit)
    source = Source(used.dataset, used.row, used.sha256, used.licence, used.document, used.printed_value, used.printed_unit)
    return Property(used.name, Fraction(used.value), numerator, denominator, source, used.region, used.data_year, used.note)
