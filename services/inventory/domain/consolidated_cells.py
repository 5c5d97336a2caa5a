"""A cell as an inventory counts it: the group's share of every figure, each rounded once."""

from collections.abc import Iterable
from fractions import Fraction

from contracts.events import ApprovedCellChanged, GasOfCell
from ghg.calculation import GasAmount
from ghg.consolidation import WHOLE, ConsolidationApproach, ConsolidationTree, consolidate
from ghg.totals import Cell


def share_of(cell: Cell, tree: ConsolidationTree, approach: ConsolidationApproach) -> Fraction:
    """The group's share of a cell on its first day; records whose site is not known yet stand in full, since somebody must look at them.

    tree  by the business keys under which the cell names its entity
    """
    return WHOLE if cell.entity is None else tree.share(cell.entity, approach, cell.segment_start)


def consolidated_gases(gases: Iterable[GasAmount], share: Fraction) -> list[GasOfCell]:
    """The share of every figure in half-even whole milligrams; a missing figure stays missing."""
    return [
        GasOfCell(
            gas=gas.gas,
            gwp_basis=gas.gwp_basis,
            mass_mg=_consolidated(gas.mass_mg, share),
            co2e_mg_ar4=_consolidated(gas.co2e_mg["AR4"], share),
            co2e_mg_ar5=_consolidated(gas.co2e_mg["AR5"], share),
            co2e_mg_ar6=_consolidated(gas.co2e_mg["AR6"], share),
        )
        for gas in gases
    ]


def _consolidated(milligrams: int | None, share: Fraction) -> int | None:
    return None if milligrams is None else consolidate(milligrams, share)


def emptied_row(row: ApprovedCellChanged) -> ApprovedCellChanged:
    """A row of an inventory that was opened again: it counts nothing."""
    nothing = {"quantity_nano": 0, "biogenic_co2_mg": 0, "records": 0, "gases": [_emptied(gas) for gas in row.gases]}
    return row.model_copy(update=nothing)


def _emptied(gas: GasOfCell) -> GasOfCell:
    """The gas of a row that was let go: zero where there was a figure."""
    figures = ("mass_mg", "co2e_mg_ar4", "co2e_mg_ar5", "co2e_mg_ar6")
    return gas.model_copy(update={name: 0 for name in figures if getattr(gas, name) is not None})
