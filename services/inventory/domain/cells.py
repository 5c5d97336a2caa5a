"""What a record adds to cells: one contribution per month, exact and kept with the record, so that it can be taken out again."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Any
from uuid import UUID, uuid5

from ghg.calculation import Emissions, GasAmount, Part, calculate_parts, split_by_year
from services.inventory.domain.activity_records import Accepted, ActivityRecord, Place
from services.inventory.domain.bindings import OWN_STAGE, Binding, Combination, Unbound
from services.inventory.domain.categories import FUEL_AND_ENERGY_RELATED

CELLS = UUID("5f0f3b2e-7a61-5d0e-9c55-0c3f6f1f5a10")  # the namespace of cell ids

GasFigures = tuple[int | None, int | None, int | None, int | None]  # mass, CO2e under AR4, AR5, AR6; null stays null


@dataclass(frozen=True, slots=True)
class CellKey:
    """What makes a cell: all that its records have in common."""

    site_id: UUID | None
    scope: int | None
    category: str | None
    activity_type: str | None
    factor_id: str | None
    state: str
    item: str | None
    segment_start: date
    segment_end: date
    method: str
    unit: str | None

    @property
    def id(self) -> UUID:
        parts = (self.site_id, self.category, self.activity_type, self.factor_id, self.state, self.item, self.segment_start, self.method)
        return uuid5(CELLS, "|".join("" if part is None else str(part) for part in parts))


@dataclass(frozen=True, slots=True)
class Contribution:
    """What one record adds to one cell; `key` is None for a contribution read back, whose cell exists."""

    cell_id: UUID
    key: CellKey | None
    quantity_nano: int
    biogenic_co2_mg: int
    records: int
    gases: dict[tuple[str, str], GasFigures]

    def as_json(self) -> list[Any]:
        gases = [[gas, basis, *figures] for (gas, basis), figures in self.gases.items()]
        return [str(self.cell_id), self.quantity_nano, self.biogenic_co2_mg, self.records, gases]

    @classmethod
    def from_json(cls, kept: list[Any]) -> "Contribution":
        cell_id, quantity_nano, biogenic_co2_mg, records, gases = kept
        figures = {(gas, basis): (mass, ar4, ar5, ar6) for gas, basis, mass, ar4, ar5, ar6 in gases}
        return cls(UUID(cell_id), None, quantity_nano, biogenic_co2_mg, records, figures)

    def taken_out(self) -> "Contribution":
        gases = {gas: _negative(figures) for gas, figures in self.gases.items()}
        return Contribution(self.cell_id, self.key, -self.quantity_nano, -self.biogenic_co2_mg, -self.records, gases)


def _negative(figures: GasFigures) -> GasFigures:
    mass, ar4, ar5, ar6 = (None if figure is None else -figure for figure in figures)
    return mass, ar4, ar5, ar6


def add_up(contributions: Iterable[Contribution]) -> dict[UUID, Contribution]:
    """Contributions to the same cell become one; those that cancel out to nothing are left out."""
    sums: dict[UUID, Contribution] = {}
    for one in contributions:
        other = sums.get(one.cell_id)
        sums[one.cell_id] = one if other is None else _added(other, one)
    return {cell_id: total for cell_id, total in sums.items() if not _is_nothing(total)}


def _added(one: Contribution, other: Contribution) -> Contribution:
    gases = dict(one.gases)
    _add_gases(gases, other.gases)
    return Contribution(
        one.cell_id,
        one.key or other.key,
        one.quantity_nano + other.quantity_nano,
        one.biogenic_co2_mg + other.biogenic_co2_mg,
        one.records + other.records,
        gases,
    )


def _add_gases(sums: dict[tuple[str, str], GasFigures], more: dict[tuple[str, str], GasFigures]) -> None:
    for gas, figures in more.items():
        before = sums.get(gas)
        if before is None:
            sums[gas] = figures
        else:
            mass, ar4, ar5, ar6 = map(_plus, before, figures)
            sums[gas] = mass, ar4, ar5, ar6


def _plus(one: int | None, other: int | None) -> int | None:
    return None if one is None or other is None else one + other


def _is_nothing(total: Contribution) -> bool:
    figures = [figure for gas in total.gases.values() for figure in gas]
    return not any((total.quantity_nano, total.biogenic_co2_mg, total.records, *figures))


Bindings = dict[Combination, Binding | Unbound]


@dataclass(frozen=True, slots=True)
class Measured:
    """What of a record decides its cells, beside the factors; of a quarantined one the site and what its item stands for may be unknown.

    quantity  in the unit of its combinations
    """

    site_id: UUID | None
    scope: int | None
    category: str | None
    activity_type: str | None
    method: str
    item: str | None
    period_start: date
    period_end: date
    quantity: Fraction


@dataclass(frozen=True, slots=True)
class Figures:
    """What a record contributes, the state of its calculation, the combinations that decided it and the numbers of their bindings.

    binding_numbers  one per combination of a calculated record, else none
    """

    state: str
    contributions: list[Contribution]
    combinations: list[Combination]
    binding_numbers: list[int]


def combinations_of(accepted: Accepted) -> list[Combination]:
    """The combinations that a record needs a factor for: one per calendar year of its period."""
    record, kind = accepted.record, accepted.kind
    region = accepted.site.region_for(kind)
    stage = stage_counted(kind.scope, accepted.scope, accepted.category)
    return [Combination(kind.id, region, year, accepted.unit.symbol, kind.method, stage) for year in record.years]


def stage_counted(own_scope: int, scope: int, category: str) -> str:
    """The stage of which a record counts the emissions, by the scope that its activity type has and by where it is accounted.

    Fuel and energy under scope 3, category 3 count what came before their use. What is bought counts its life cycle, and under scopes 1
    and 2 its direct emissions alone.
    source  GHG Protocol Corporate Value Chain (Scope 3) Standard, table 5.4, category 3
    """
    if own_scope in (1, 2) and category == FUEL_AND_ENERGY_RELATED:
        return "upstream"
    if own_scope == 3 and scope in (1, 2):
        return "direct"
    return OWN_STAGE


def calculate_record(accepted: Accepted, bindings: Bindings) -> Figures:
    """The figures of a record as `calculate_measured` gives them."""
    return calculate_measured(measured(accepted.record, accepted.site, accepted), combinations_of(accepted), bindings)


def measured(record: ActivityRecord, site: Place | None, accepted: Accepted | None) -> Measured:
    """What of a record decides its cells, as far as it is known."""
    return Measured(
        site_id=site.id if site else None,
        scope=accepted.scope if accepted else None,
        category=accepted.category if accepted else None,
        activity_type=accepted.kind.id if accepted else None,
        method=accepted.kind.method if accepted else "none",
        item=record.item_code,
        period_start=record.period_start,
        period_end=record.period_end,
        quantity=record.quantity,
    )


def calculate_measured(record: Measured, combinations: Sequence[Combination], bindings: Bindings) -> Figures:
    """The figures of a record: by month, with the factor of each calendar year; without a figure where a factor is missing.

    raises  ghg.errors.OutOfRange, for a record of more than 10^16 mg of a gas
    """
    found = [bindings.get(combination) for combination in combinations]
    resolved = [binding for binding in found if isinstance(binding, Binding)]
    if len(resolved) < len(found):
        state = "awaiting_factor" if None in found else "no_factor"
        return Figures(state, without_figure(record, state), list(combinations), [])
    years = split_by_year(record.quantity, record.period_start, record.period_end)
    contributions: list[Contribution] = []
    for binding, (start, end, quantity) in zip(resolved, years, strict=True):
        for part in calculate_parts(quantity * binding.ratio, binding.factor, start, end):
            contributions.append(_contribution(record, binding, part, records=0 if contributions else 1))
    return Figures("calculated", contributions, list(combinations), [binding.number for binding in resolved])


def _contribution(record: Measured, binding: Binding, part: Part, records: int) -> Contribution:
    start, end = _month_of(part.start)
    key = CellKey(
        site_id=record.site_id,
        scope=record.scope,
        category=record.category,
        activity_type=record.activity_type,
        factor_id=binding.factor.id,
        state="calculated",
        item=None,
        segment_start=start,
        segment_end=end,
        method=record.method,
        unit=binding.factor.unit.symbol,
    )
    gases = {(gas.gas, gas.gwp_basis or ""): _figures(gas) for gas in part.gases}
    return Contribution(key.id, key, part.quantity_nano, part.biogenic_co2_mg, records, gases)


def _figures(gas: GasAmount) -> GasFigures:
    return gas.mass_mg, gas.co2e_mg["AR4"], gas.co2e_mg["AR5"], gas.co2e_mg["AR6"]


def without_figure(record: Measured, state: str) -> list[Contribution]:
    """A record that no total contains is counted in a cell of its own kind, in the month of its first day."""
    start, end = _month_of(record.period_start)
    key = CellKey(
        site_id=record.site_id,
        scope=record.scope,
        category=record.category,
        activity_type=record.activity_type,
        factor_id=None,
        state=state,
        item=record.item,
        segment_start=start,
        segment_end=end,
        method=record.method,
        unit=None,
    )
    return [Contribution(key.id, key, 0, 0, 1, {})]


def _month_of(day: date) -> tuple[date, date]:
    start = day.replace(day=1)
    end = date(start.year + 1, 1, 1) if start.month == 12 else start.replace(month=start.month + 1)
    return start, end


def emissions_of(contributions: Iterable[Contribution]) -> Emissions:
    """A record's figure: the sum of its parts."""
    biogenic = 0
    gases: dict[tuple[str, str], GasFigures] = {}
    for contribution in contributions:
        biogenic += contribution.biogenic_co2_mg
        _add_gases(gases, contribution.gases)
    amounts = [
        GasAmount(gas, mass, {"AR4": ar4, "AR5": ar5, "AR6": ar6}, basis or None) for (gas, basis), (mass, ar4, ar5, ar6) in gases.items()
    ]
    return Emissions(tuple(amounts), biogenic)
