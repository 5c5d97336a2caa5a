"""The group of the GHG Protocol Corporate Standard (2004), chapter 3, "Holland Industries", as far as shares follow from ownership."""

from datetime import date
from fractions import Fraction

from ghg.consolidation import ConsolidationTree, ControlInterval, GroupEntity, OwnershipInterval, consolidate

DAY = date(2021, 6, 1)


def holland_industries() -> ConsolidationTree:
    """Holland America 83 % and controlled; BGB 50 % owned by Holland America and operated by the other partner."""
    return ConsolidationTree(
        [
            GroupEntity("Holland Industries"),
            GroupEntity("Holland America", "Holland Industries", (OwnershipInterval(None, None, Fraction("0.83")),)),
            GroupEntity(
                "BGB",
                "Holland America",
                (OwnershipInterval(None, None, Fraction("0.50")),),
                (ControlInterval(None, None, operational=False, financial=False),),
            ),
        ]
    )


def test_the_equity_share_of_a_venture_is_the_product_up_the_tree() -> None:
    # 83 % × 50 % = 41.5 %
    assert holland_industries().share("BGB", "equity_share", DAY) == Fraction("0.415")


def test_a_controlled_subsidiary_counts_in_full_under_control() -> None:
    tree = holland_industries()

    assert tree.share("Holland America", "equity_share", DAY) == Fraction("0.83")
    assert tree.share("Holland America", "operational_control", DAY) == 1
    assert tree.share("Holland America", "financial_control", DAY) == 1


def test_a_venture_that_the_partner_operates_is_outside_under_operational_control() -> None:
    assert holland_industries().share("BGB", "operational_control", DAY) == 0


def test_a_venture_of_a_thousand_kilograms_gives_the_group_its_share() -> None:
    # 1,000 kg × 41.5 % = 415 kg
    assert consolidate(1_000_000_000, holland_industries().share("BGB", "equity_share", DAY)) == 415_000_000
