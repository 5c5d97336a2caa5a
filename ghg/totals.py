"""The roll-up of cells into totals, shared by whoever keeps cells: consolidate each figure once, then only add integers.

Cells come one by one, or in groups with their figures side by side, as a database makes them faster than it hands out single cells.

Because nothing is rounded after the share is taken, every way of grouping adds up to the same total, to the milligram.
Sources: GHG Protocol Corporate Standard (2004), chapter 3; Scope 2 Guidance (2015), chapter 7 (two methods, each with all that has none).
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction
from typing import Literal

from ghg import gwp
from ghg.calculation import GasAmount
from ghg.consolidation import consolidate, consolidated_sum

GroupKey = Literal["scope", "category", "site", "entity", "gas", "month", "activity_type", "factor"]
Method = Literal["location_based", "market_based"]
CellMethod = Literal["location_based", "market_based", "none"]
CellState = Literal["calculated", "awaiting_factor", "no_factor", "quarantined"]
KeyValue = str | int | None


@dataclass(frozen=True, slots=True)
class Cell:
    """All records of one site, category, activity type, factor, calendar month and method, at 100 %.

    A cell whose state is not `calculated` holds records without a figure; its site, entity, scope and activity type may be unknown.
    """

    id: str
    entity: str | None
    site: str | None
    scope: int | None
    category: str | None
    activity_type: str | None
    factor: str | None
    state: CellState
    segment_start: date
    segment_end: date
    method: CellMethod
    quantity_nano: int
    gases: tuple[GasAmount, ...]
    biogenic_co2_mg: int
    records: int


@dataclass(frozen=True, slots=True)
class GasFigures:
    """One gas of several cells: the mass and the CO2e of each in the chosen set, None where missing."""

    gas: str
    gwp_basis: str | None
    mass_mg: Sequence[int | None]
    co2e_mg: Sequence[int | None]


@dataclass(frozen=True, slots=True)
class CellGroup:
    """Cells at 100 % that agree in the key, the state, the entity and the month, and so in the group's share; each figure by itself.

    key              value of every group key but gas, in the order asked for
    biogenic_co2_mg  those of the cells that have any
    """

    key: tuple[KeyValue, ...]
    entity: str | None
    segment_start: date
    state: CellState
    gases: Sequence[GasFigures]
    biogenic_co2_mg: Sequence[int]
    records: int


@dataclass(frozen=True, slots=True)
class GasTotal:
    """One gas of a total: mass (None for CO2e) and CO2e in the chosen set (None where the set has no value: missing is not zero)."""

    gas: str
    mass_mg: int | None
    co2e_mg: int | None
    gwp_basis: str | None


@dataclass(frozen=True, slots=True)
class Total:
    """Emissions of one group or of all.

    key                  group key → value, in the order asked for; empty for the total
    co2e_mg              the sum of the gases that have CO2e; `gases_without_gwp` names those that have none in the set
    co2e_on_other_basis  GWP basis → mg of CO2e-only figures that stand on another basis than the set; they are within `co2e_mg`
    records              records with a figure, each counted once; None when grouped by gas
    """

    key: dict[GroupKey, KeyValue]
    gases: tuple[GasTotal, ...]
    co2e_mg: int
    biogenic_co2_mg: int
    records: int | None
    gases_without_gwp: tuple[str, ...]
    co2e_on_other_basis: dict[str, int]


@dataclass(frozen=True, slots=True)
class Incomplete:
    """Records that no total contains, by why."""

    awaiting_factor: int = 0
    no_factor: int = 0
    quarantined: int = 0


@dataclass(frozen=True, slots=True)
class Totals:
    """The groups in the order of their keys, their total, and what they lack."""

    groups: tuple[Total, ...]
    total: Total
    incomplete: Incomplete


def roll_up(
    cells: Iterable[Cell],
    share_of: Callable[[Cell], Fraction],
    *,
    gwp_set: str,
    start: date,
    end: date,
    group_by: Sequence[GroupKey] = (),
    method: Method = "location_based",
) -> Totals:
    """The totals of an inventory's days [start, end), of cells wholly within them.

    share_of  the group's share of a cell, by the approach of the inventory; a cell of which it has nothing is outside, also its records
    method    either includes the cells that have none
    group_by  any subset; grouped by gas, biogenic CO2 stands with the gas CO2, outside its CO2e
    raises    UnknownGwpSet
    """
    gwp.gwp_set(gwp_set)
    key_of = _key_function([key for key in group_by if key != "gas"])
    sums, lacking = _Sums(_Sum), Counter[str]()
    for cell in cells:
        if cell.segment_start < start or cell.segment_end > end or cell.method not in (method, "none"):
            continue
        share = share_of(cell)
        if not share:
            continue
        if cell.state != "calculated":
            lacking[cell.state] += cell.records
        else:
            sums[key_of(cell)].add(cell, share, gwp_set)
    return _totals(sums, lacking, group_by, gwp_set)


def roll_up_groups(
    groups: Iterable[CellGroup], share_of: Callable[[CellGroup], Fraction], *, gwp_set: str, group_by: Sequence[GroupKey] = ()
) -> Totals:
    """The totals of the same cells in groups: those of the inventory's days and method, with CO2e under `gwp_set`.

    raises  UnknownGwpSet
    """
    gwp.gwp_set(gwp_set)
    sums, lacking = _Sums(_Sum), Counter[str]()
    for group in groups:
        share = share_of(group)
        if not share:
            continue
        if group.state != "calculated":
            lacking[group.state] += group.records
        else:
            sums[group.key].add_group(group, share)
    return _totals(sums, lacking, group_by, gwp_set)


@dataclass(slots=True)
class _Sum:
    """A running sum: (gas, GWP basis) → [mass, CO2e], each None where missing."""

    gases: dict[tuple[str, str | None], list[int | None]] = field(default_factory=dict)
    biogenic_co2_mg: int = 0
    records: int = 0

    def add(self, cell: Cell, share: Fraction, gwp_set: str) -> None:
        self.records += cell.records
        self.biogenic_co2_mg += consolidate(cell.biogenic_co2_mg, share)
        for gas in cell.gases:
            co2e = gas.co2e_mg[gwp_set]
            self._add_gas(
                (gas.gas, gas.gwp_basis),
                None if gas.mass_mg is None else consolidate(gas.mass_mg, share),
                None if co2e is None else consolidate(co2e, share),
            )

    def add_group(self, group: CellGroup, share: Fraction) -> None:
        self.records += group.records
        self.biogenic_co2_mg += sum(consolidate(figure, share) for figure in group.biogenic_co2_mg)
        for gas in group.gases:
            self._add_gas((gas.gas, gas.gwp_basis), consolidated_sum(gas.mass_mg, share), consolidated_sum(gas.co2e_mg, share))

    def merge(self, other: "_Sum") -> None:
        self.records += other.records
        self.biogenic_co2_mg += other.biogenic_co2_mg
        for key, (mass, co2e) in other.gases.items():
            self._add_gas(key, mass, co2e)

    def by_gas(self) -> dict[str, "_Sum"]:
        """The same sum cut by gas; biogenic CO2 goes with CO2."""
        pieces: dict[str, _Sum] = {}
        for key, (mass, co2e) in self.gases.items():
            pieces.setdefault(key[0], _Sum())._add_gas(key, mass, co2e)
        if self.biogenic_co2_mg:
            pieces.setdefault("CO2", _Sum()).biogenic_co2_mg = self.biogenic_co2_mg
        return pieces

    def result(self, key: dict[GroupKey, KeyValue], gwp_set: str, *, with_records: bool = True) -> Total:
        gases = tuple(GasTotal(gas, mass, co2e, basis) for (gas, basis), (mass, co2e) in sorted(self.gases.items(), key=_gas_order))
        return Total(
            key=key,
            gases=gases,
            co2e_mg=sum(gas.co2e_mg for gas in gases if gas.co2e_mg is not None),
            biogenic_co2_mg=self.biogenic_co2_mg,
            records=self.records if with_records else None,
            gases_without_gwp=tuple(gas.gas for gas in gases if gas.co2e_mg is None),
            co2e_on_other_basis={gas.gwp_basis: gas.co2e_mg or 0 for gas in gases if gas.gwp_basis and gas.gwp_basis != gwp_set},
        )

    def _add_gas(self, key: tuple[str, str | None], mass: int | None, co2e: int | None) -> None:
        held = self.gases.get(key)
        if held is None:
            self.gases[key] = [mass, co2e]
            return
        held[0] = None if mass is None or held[0] is None else held[0] + mass
        held[1] = None if co2e is None or held[1] is None else held[1] + co2e


_Sums = defaultdict[tuple[KeyValue, ...], _Sum]


def _totals(sums: _Sums, lacking: Counter[str], group_by: Sequence[GroupKey], gwp_set: str) -> Totals:
    total = _Sum()
    for group in sums.values():
        total.merge(group)
    return Totals(_groups(sums, group_by, gwp_set), total.result({}, gwp_set), Incomplete(**lacking))


def _groups(sums: _Sums, group_by: Sequence[GroupKey], gwp_set: str) -> tuple[Total, ...]:
    by_gas = "gas" in group_by
    if not by_gas:
        named = [(dict(zip(group_by, key, strict=True)), group) for key, group in sums.items()]
    else:
        others = [key for key in group_by if key != "gas"]
        named = []
        for key, group in sums.items():
            values = dict(zip(others, key, strict=True))
            for gas, piece in group.by_gas().items():
                named.append(({name: gas if name == "gas" else values[name] for name in group_by}, piece))
    named.sort(key=lambda pair: [(value is None, value) for value in pair[0].values()])
    return tuple(group.result(key, gwp_set, with_records=not by_gas) for key, group in named)


def _key_function(keys: Sequence[GroupKey]) -> Callable[[Cell], tuple[KeyValue, ...]]:
    readers = [_READERS[key] for key in keys]
    return lambda cell: tuple(read(cell) for read in readers)


def _gas_order(item: tuple[tuple[str, str | None], list[int | None]]) -> tuple[str, str]:
    (gas, basis), _ = item
    return gas, basis or ""


_READERS: dict[GroupKey, Callable[[Cell], KeyValue]] = {
    "scope": lambda cell: cell.scope,
    "category": lambda cell: cell.category,
    "site": lambda cell: cell.site,
    "entity": lambda cell: cell.entity,
    "month": lambda cell: cell.segment_start.isoformat()[:7],
    "activity_type": lambda cell: cell.activity_type,
    "factor": lambda cell: cell.factor,
}
