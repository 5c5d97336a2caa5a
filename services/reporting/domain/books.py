"""The books of an inventory as reporting has heard of them: its cells with the group's share of each, as one reader may see them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from ghg.consolidation import WHOLE, ConsolidationApproach
from ghg.totals import Cell, GroupKey, Method, Totals, roll_up
from services.reporting.domain.group import Group, Visible

CLOSED_STATES = frozenset({"approved", "verified", "locked"})


@dataclass(frozen=True, slots=True)
class Inventory:
    id: str
    year: int
    name: str
    period_start: date
    period_end: date
    consolidation_approach: ConsolidationApproach
    gwp_set: str
    is_base_year: bool
    state: str
    version: int

    @property
    def is_closed(self) -> bool:
        """From approval on its own consolidated cells are what counts."""
        return self.state in CLOSED_STATES


@dataclass(frozen=True, slots=True)
class HeldCell:
    """A cell inside the boundary.

    cell         its site and entity are external ids
    share        the group's share of it; a closed inventory's cell has it taken already
    site_id, entity_id  ids in the group, null for what belongs to no known site
    unit         of its quantity
    item         what the source called it, where it has no activity type
    """

    cell: Cell
    share: Fraction
    site_id: str | None
    entity_id: str | None
    unit: str | None
    item: str | None
    version: int


@dataclass(frozen=True, slots=True)
class Books:
    """One inventory, under one method, for one reader."""

    inventory: Inventory
    method: Method
    group: Group
    visible: Visible
    cells: Sequence[HeldCell]

    def totals(self, group_by: Sequence[GroupKey] = ()) -> Totals:
        return roll_up(
            (held.cell for held in self.cells),
            self._share_to_take(),
            gwp_set=self.inventory.gwp_set,
            start=self.inventory.period_start,
            end=self.inventory.period_end,
            group_by=group_by,
            method=self.method,
        )

    def _share_to_take(self) -> Callable[[Cell], Fraction]:
        if self.inventory.is_closed:
            return lambda cell: WHOLE
        shares = {held.cell.id: held.share for held in self.cells}
        return lambda cell: shares[cell.id]
