"""The breakdowns of a report: sums of the finest groups of its inventory."""

from collections import defaultdict
from collections.abc import Sequence
from fractions import Fraction
from typing import Any

from ghg.calculation import NANO
from ghg.gwp import gwp_set
from ghg.rounding import decimal_text
from ghg.totals import GroupKey, Total
from services.reporting.domain.books import Books
from services.reporting.domain.catalogue import Catalogue
from services.reporting.domain.iso_categories import iso_subcategory
from services.reporting.domain.report_content import (
    ActivityTotal,
    CategoryTotal,
    Emissions,
    EntityTotal,
    GasTotal,
    MonthTotal,
    ScopeTotal,
    SiteTotal,
)

Groups = Sequence[Total]


def sums(groups: Groups, *keys: GroupKey) -> list[tuple[Any, ...]]:
    """(value of each key…, Emissions), in the order of the values."""
    found: dict[tuple[Any, ...], list[int]] = defaultdict(lambda: [0, 0, 0])
    for group in groups:
        held = found[tuple(group.key[key] for key in keys)]
        held[0] += group.co2e_mg
        held[1] += group.biogenic_co2_mg
        held[2] += group.records or 0
    return [(*values, Emissions(*found[values])) for values in sorted(found)]


def by_scope(groups: Groups) -> tuple[ScopeTotal, ...]:
    return tuple(ScopeTotal(*row) for row in sums(groups, "scope"))


def by_category(groups: Groups) -> tuple[CategoryTotal, ...]:
    return tuple(CategoryTotal(scope, name, iso_subcategory(name), found) for scope, name, found in sums(groups, "scope", "category"))


def by_site(groups: Groups) -> tuple[SiteTotal, ...]:
    return tuple(SiteTotal(*row) for row in sums(groups, "site", "scope"))


def by_entity(groups: Groups) -> tuple[EntityTotal, ...]:
    return tuple(EntityTotal(*row) for row in sums(groups, "entity", "scope"))


def by_month(groups: Groups) -> tuple[MonthTotal, ...]:
    return tuple(MonthTotal(*row) for row in sums(groups, "month", "scope"))


def by_gas(groups: Groups, gwp_set_name: str) -> tuple[GasTotal, ...]:
    """Each gas in each scope. A mass or CO2e that is unknown in one part is unknown in the sum: missing is not zero."""
    found: dict[tuple[Any, ...], tuple[int | None, int | None]] = {}
    for group in groups:
        for gas in group.gases:
            key = (group.key["scope"], gas.gas, gas.gwp_basis or "")
            mass, co2e = found.get(key, (0, 0))
            found[key] = _plus(mass, gas.mass_mg), _plus(co2e, gas.co2e_mg)
    values = gwp_set(gwp_set_name).values
    return tuple(
        GasTotal(scope, gas, *found[scope, gas, basis], decimal_text(values[gas]) if gas in values else None, basis or None)
        for scope, gas, basis in sorted(found)
    )


def by_activity(books: Books, groups: Groups, catalogue: Catalogue) -> tuple[ActivityTotal, ...]:
    """Each activity type in each unit that its factors have, with its quantity at 100 %."""
    unit_of: dict[str | None, str | None] = {}
    quantities: dict[tuple[Any, ...], int] = defaultdict(int)
    for held in books.cells:
        cell = held.cell
        if cell.state == "calculated":
            unit_of[cell.factor] = held.unit
            quantities[cell.activity_type, cell.scope, cell.category, held.unit] += cell.quantity_nano
    found: dict[tuple[Any, ...], list[Emissions]] = defaultdict(list)
    for activity_type, scope, category, factor, emissions in sums(groups, "activity_type", "scope", "category", "factor"):
        found[activity_type, scope, category, unit_of[factor]].append(emissions)
    return tuple(
        ActivityTotal(
            activity_type=key[0],
            name=catalogue.activity_names.get(key[0], key[0]),
            scope=key[1],
            category=key[2],
            quantity=decimal_text(Fraction(quantities[key], NANO)),
            unit=key[3],
            emissions=Emissions.sum(parts),
        )
        for key, parts in found.items()
    )


def _plus(one: int | None, other: int | None) -> int | None:
    return None if one is None or other is None else one + other
