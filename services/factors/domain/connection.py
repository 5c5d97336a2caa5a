"""How a quantity in the asked unit reaches the unit of a factor: inside a dimension, or through properties of the fuel."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

from ghg.errors import DimensionMismatch
from ghg.money import MONEY, currency, price_year
from ghg.rounding import ratio_text
from ghg.sources import Source
from ghg.units import PRICE_YEAR, TAKEN_AS, VOLUME_CONDITIONS, Property, Quantity, Unit, convert, unit
from services.factors.catalogue.pack_model import Dataset
from services.factors.domain.catalogue import Catalogue, CatalogueFactor
from services.factors.domain.provenance import document_of, sha256_of
from services.factors.domain.regions import WORLD, described, fallback_chain

METERED = ("m3", "ft3")
AT_CONDITIONS = {"Nm3": "m3", "scf": "ft3"}  # a volume at stated conditions, and the metered volume of the same size
NO_YEAR = 10_000  # farther than any year


@dataclass(frozen=True, slots=True)
class UsableProperty:
    """A fuel property as a question may use it: `connects` carries the note that says when it is another country's or another year's."""

    id: str
    dataset: Dataset
    connects: Property


def usable_properties(catalogue: Catalogue, activity_type: str, region: str, year: int | None) -> tuple[UsableProperty, ...]:
    """The properties of an activity type in the order in which a question for `region` and `year` prefers them.

    Own region first, then the worldwide ones, then those of another country, all of one, so that its calorific values agree with each
    other; among equals the nearest year, then the newest, then the id. A question about no year in particular takes the newest.
    """
    own = fallback_chain(region)

    def preference(content: Property, identity: str) -> tuple[int, str, int, int, str]:
        place = own.index(content.region) if content.region in own else len(own) + (content.region != WORLD)
        distance = NO_YEAR if content.year is None else abs(content.year - (year or content.year))
        return place, content.region, distance, -(content.year or 0), identity

    listed = catalogue.properties.get(activity_type, ())
    ordered = sorted(listed, key=lambda one: preference(one.connects, one.content.id))
    return tuple(UsableProperty(one.content.id, one.dataset, _marked(one.connects, own, year)) for one in ordered)


def connect(asked: Unit, listed: CatalogueFactor, usable: Sequence[UsableProperty]) -> tuple[UsableProperty, ...]:
    """The properties that lead from the asked unit to the factor's unit, in order; none inside one dimension.

    raises  DimensionMismatch, saying what would help
    """
    candidates = (*_taken_as(asked, listed), *usable)
    chain = convert(Quantity(Fraction(1), asked), listed.emission.unit, [one.connects for one in candidates]).properties
    return tuple(next(one for one in candidates if one.connects is used) for used in chain)


def connects_by_itself(listed: CatalogueFactor) -> bool:
    """Whether what leads to the factor's unit may be the factor's own statement: its volume conditions, its price year."""
    return listed.factor.conditions is not None or _prices_of(listed.emission.unit) is not None


def connection_text(asked: Unit, listed: CatalogueFactor, chain: Sequence[UsableProperty]) -> str:
    """The connection as a reason: "per t: L converts through density 830.565 kg/m3 (GB, 2025)"."""
    per = f"per {listed.factor.unit}"
    if not chain:
        return f"{per}, a unit of the asked kind" if asked.symbol != listed.factor.unit else f"{per} as asked"
    return f"{per}: {asked.symbol} converts through {' and '.join(_named(one.connects) for one in chain)}"


def mismatch_text(asked: Unit, listed: CatalogueFactor, mismatch: DimensionMismatch) -> str:
    """Why the asked unit does not reach the factor's, and what would help."""
    return f"per {listed.factor.unit}: nothing connects {asked.symbol} with it; {mismatch.hint}"


def _named(used: Property) -> str:
    if used.name in TAKEN_AS:
        stated = "price year" if used.name == PRICE_YEAR else "conditions"
        return f"the {stated} of the factor, 1 {used.numerator.symbol} per {used.denominator.symbol}"
    where = used.region if used.year is None else f"{used.region}, {used.year}"
    return f"{used.name.replace('_', ' ')} {ratio_text(used.value)} {used.numerator.symbol}/{used.denominator.symbol} ({where})"


def _marked(content: Property, own: Sequence[str], year: int | None) -> Property:
    marks = []
    if content.region not in (*own, WORLD):
        marks.append(f"of another region: {described(content.region)}")
    if None not in (content.year, year) and content.year != year:
        marks.append(f"of another year: {content.year}")
    return replace(content, note="; ".join(filter(None, [content.note, *marks]))) if marks else content


def _taken_as(asked: Unit, listed: CatalogueFactor) -> tuple[UsableProperty, ...]:
    """What the factor itself states of its unit: a gas metered in plain m3 or ft3 is taken at its conditions, money at its price year.

    Litres of a gas may be compressed, and stay apart.
    """
    factor, to = listed.factor, listed.emission.unit
    if asked.symbol in METERED and to.symbol in AT_CONDITIONS and factor.conditions is not None:
        metered = unit(AT_CONDITIONS[to.symbol])
        note = f"{asked.symbol} is taken at the conditions of the factor ({factor.conditions}): 1 {metered.symbol} = 1 {to.symbol}"
        return (_stated_by(listed, VOLUME_CONDITIONS, metered, note),)
    if asked.dimension == MONEY and asked.symbol == currency(to) and (year := _prices_of(to)) is not None:
        note = f"spend is taken at the price year of the factor: 1 {asked.symbol} = 1 {asked.symbol} of {year}"
        return (_stated_by(listed, PRICE_YEAR, asked, note),)
    return ()


def _prices_of(unit: Unit) -> int | None:
    return price_year(unit) if unit.dimension == MONEY else None


def _stated_by(listed: CatalogueFactor, name: str, taken: Unit, note: str) -> UsableProperty:
    """The property that takes one unit of `taken` as one of the factor's, with the factor as its source."""
    factor, to = listed.factor, listed.emission.unit
    source = Source(
        dataset=factor.dataset,
        row=factor.source_row,
        sha256=sha256_of(listed.dataset),
        licence=listed.dataset.licence,
        document=document_of(listed.dataset),
        printed_value="1",
        printed_unit=f"{to.symbol}/{taken.symbol}",
    )
    content = Property(name, Fraction(1), to, taken, source, factor.region, factor.data_year, note)
    return UsableProperty(f"{name}:{factor.id}", listed.dataset, content)
