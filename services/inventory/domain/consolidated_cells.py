"""A cell as an inventory counts it: the group's share of every figure, each rounded once."""

from collections.abc import Iterable
from datetime import date
from fractions import Fraction

from contracts.events import ApprovedCellChanged, GasOfCell
from ghg.consolidation import WHOLE, ConsolidationApproach, ConsolidationTree, consolidate


def share_of(entity: str | None, day: date, tree: ConsolidationTree, approach: ConsolidationApproach) -> Fraction:
    """The group's share of an entity's cells on their first day, by the business keys of the tree.

    Records whose site is not known yet stand in full, since somebody must look at them.
    """
    return WHOLE if entity is None else tree.share(entity, approach, day)


def consolidated_gases(
    gases: Iterable[tuple[str, str, int | None, int | None, int | None, int | None]], share: Fraction
) -> list[GasOfCell]:
    """The share of every figure in half-even whole milligrams; a missing figure stays missing.

    gases  gas, GWP basis, mass, CO2e under AR4, AR5 and AR6 of each
    """
    return [
        GasOfCell(
            gas=gas,
            gwp_basis=basis or None,
            mass_mg=_consolidated(mass, share),
            co2e_mg_ar4=_consolidated(ar4, share),
            co2e_mg_ar5=_consolidated(ar5, share),
            co2e_mg_ar6=_consolidated(ar6, share),
        )
        for gas, basis, mass, ar4, ar5, ar6 in gases
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
