from datetime import date
from fractions import Fraction

import pytest

from ghg.consolidation import ConsolidationTree, ControlInterval, GroupEntity, OwnershipInterval, consolidate
from ghg.errors import InvalidOwnership, OwnershipCycle, UnknownEntity

DAY = date(2021, 6, 1)
APPROACHES = ("operational_control", "financial_control", "equity_share")


def owned(share: str, start: date | None = None, end: date | None = None, owner: str | None = None) -> OwnershipInterval:
    return OwnershipInterval(start, end, Fraction(share), owner)


def shares(tree: ConsolidationTree, entity: str, day: date = DAY) -> tuple[Fraction, ...]:
    return tuple(tree.share(entity, approach, day) for approach in APPROACHES)


def test_an_entity_without_intervals_is_wholly_the_groups_under_every_approach() -> None:
    tree = ConsolidationTree([GroupEntity("group"), GroupEntity("plant", "group")])

    assert shares(tree, "plant") == (1, 1, 1)


@pytest.mark.parametrize(("share", "control"), [("0.51", 1), ("0.500000001", 1), ("0.5", 0), ("0.2", 0), ("0", 0)])
def test_control_that_is_not_stated_follows_a_majority_of_the_equity(share: str, control: int) -> None:
    tree = ConsolidationTree([GroupEntity("venture", None, (owned(share),))])

    assert shares(tree, "venture") == (control, control, Fraction(share))


def test_control_that_is_not_stated_passes_down_majorities_however_small_the_product_becomes() -> None:
    # The group controls the holding by 60 %, and the holding the plant by 60 %: all of it is consolidated, though 36 % is the group's.
    tree = ConsolidationTree([GroupEntity("holding", None, (owned("0.6"),)), GroupEntity("plant", "holding", (owned("0.6"),))])

    assert shares(tree, "plant") == (1, 1, Fraction("0.36"))


def test_interests_held_through_a_company_that_is_not_controlled_do_not_give_control() -> None:
    # 45 % by an associate, of which the group has 40 %, and 50 % by the group itself: only the 50 % count for control.
    tree = ConsolidationTree(
        [GroupEntity("associate", None, (owned("0.4"),)), GroupEntity("plant", None, (owned("0.5"), owned("0.45", owner="associate")))]
    )

    assert shares(tree, "plant") == (0, 0, Fraction("0.68"))


def test_interests_of_several_controlled_owners_add_up_to_control() -> None:
    # 30 % each by two companies that the group controls by 60 %: 0.18 + 0.18 of the equity, and 60 % of the votes.
    tree = ConsolidationTree(
        [
            GroupEntity("one", None, (owned("0.6"),)),
            GroupEntity("two", None, (owned("0.6"),)),
            GroupEntity("plant", "one", (owned("0.3"), owned("0.3", owner="two"))),
        ]
    )

    assert shares(tree, "plant") == (1, 1, Fraction("0.36"))


def test_what_a_company_owns_follows_the_control_that_is_stated_for_it() -> None:
    operated_by_the_partner = (ControlInterval(None, None, operational=False, financial=True),)
    tree = ConsolidationTree([GroupEntity("venture", None, (owned("0.9"),), operated_by_the_partner), GroupEntity("plant", "venture")])

    assert shares(tree, "plant") == (0, 1, Fraction("0.9"))


def test_another_approach_is_refused_rather_than_taken_for_one_of_the_three() -> None:
    with pytest.raises(InvalidOwnership, match="unknown consolidation approach 'equity'"):
        ConsolidationTree([GroupEntity("plant")]).share("plant", "equity", DAY)  # type: ignore[arg-type]


def test_stated_control_is_independent_of_the_equity() -> None:
    operated = GroupEntity("operated", None, (owned("0.2"),), (ControlInterval(None, None, operational=True, financial=False),))
    financed = GroupEntity("financed", None, (owned("0.9"),), (ControlInterval(None, None, operational=False, financial=True),))
    tree = ConsolidationTree([operated, financed])

    assert shares(tree, "operated") == (1, 0, Fraction("0.2"))
    assert shares(tree, "financed") == (0, 1, Fraction("0.9"))


def test_the_share_is_the_product_up_the_tree() -> None:
    tree = ConsolidationTree(
        [GroupEntity("a", None, (owned("0.8"),)), GroupEntity("b", "a", (owned("0.6"),)), GroupEntity("c", "b", (owned("0.5"),))]
    )

    assert tree.share("c", "equity_share", DAY) == Fraction("0.24")


def test_several_owners_within_the_group_add_up() -> None:
    # 40 % by the parent (owned 50 %) and 30 % by a wholly owned sister: 0.4 × 0.5 + 0.3 = 0.5
    tree = ConsolidationTree(
        [
            GroupEntity("parent", None, (owned("0.5"),)),
            GroupEntity("sister"),
            GroupEntity("plant", "parent", (owned("0.4"), owned("0.3", owner="sister"))),
        ]
    )

    assert tree.share("plant", "equity_share", DAY) == Fraction("0.5")


def test_ownership_counts_by_day_with_the_end_exclusive() -> None:
    tree = ConsolidationTree([GroupEntity("plant", None, (owned("0.6", date(2021, 1, 1), date(2021, 7, 1)), owned("1", date(2022, 1, 1))))])
    by_day = {
        day: tree.share("plant", "equity_share", day) for day in (date(2020, 12, 31), date(2021, 1, 1), date(2021, 6, 30), date(2021, 7, 1))
    }

    assert list(by_day.values()) == [0, Fraction("0.6"), Fraction("0.6"), 0]
    assert tree.share("plant", "equity_share", date(2030, 1, 1)) == 1
    assert shares(tree, "plant", date(2021, 7, 1)) == (0, 0, 0)


def test_control_counts_by_day_and_no_interval_means_no_control() -> None:
    control = (ControlInterval(date(2021, 7, 1), None, operational=True, financial=True),)
    tree = ConsolidationTree([GroupEntity("plant", None, (), control)])

    assert shares(tree, "plant", date(2021, 6, 30)) == (0, 0, 1)
    assert shares(tree, "plant", date(2021, 7, 1)) == (1, 1, 1)


def test_a_company_may_not_own_itself_up_the_tree() -> None:
    with pytest.raises(OwnershipCycle) as refusal:
        ConsolidationTree([GroupEntity("a", "c"), GroupEntity("b", "a"), GroupEntity("c", "b")])

    assert refusal.value.code == "ownership_cycle"
    with pytest.raises(OwnershipCycle):
        ConsolidationTree([GroupEntity("a", "a")])
    with pytest.raises(OwnershipCycle):
        ConsolidationTree([GroupEntity("a", None, (owned("0.1", owner="b"),)), GroupEntity("b", "a")])


def test_a_deep_group_whose_owners_are_named_beside_its_parents_is_built_at_once() -> None:
    # Thirty levels with two ways up from each: 2^30 paths, which nobody walks one by one.
    levels = [GroupEntity("level 0")]
    levels += [GroupEntity(f"level {up + 1}", f"level {up}", (owned("1", owner=f"level {up}"),)) for up in range(30)]

    assert shares(ConsolidationTree(levels), "level 30") == (1, 1, 1)


def test_owning_each_other_one_after_the_other_is_no_cycle() -> None:
    turn = date(2021, 7, 1)
    tree = ConsolidationTree(
        [
            GroupEntity("a", None, (owned("1", None, turn), owned("0.5", turn, None, owner="b"))),
            GroupEntity("b", None, (owned("0.5", None, turn, owner="a"), owned("1", turn))),
        ]
    )

    assert tree.share("b", "equity_share", date(2021, 1, 1)) == Fraction("0.5")
    assert tree.share("a", "equity_share", turn) == Fraction("0.5")


@pytest.mark.parametrize("share", ["1.01", "-0.1"])
def test_a_share_outside_nothing_and_whole_is_refused(share: str) -> None:
    with pytest.raises(InvalidOwnership):
        owned(share)


def test_owners_of_more_than_the_whole_are_refused() -> None:
    tree = ConsolidationTree([GroupEntity("plant", None, (owned("0.6"), owned("0.5")))])

    with pytest.raises(InvalidOwnership, match="more than the whole"):
        tree.share("plant", "equity_share", DAY)


def test_a_reversed_interval_is_refused() -> None:
    with pytest.raises(InvalidOwnership):
        owned("1", date(2021, 1, 1), date(2021, 1, 1))
    with pytest.raises(InvalidOwnership):
        ControlInterval(date(2021, 2, 1), date(2021, 1, 1), operational=True, financial=True)


def test_an_unknown_parent_owner_or_entity_is_refused() -> None:
    with pytest.raises(InvalidOwnership):
        ConsolidationTree([GroupEntity("plant", "nobody")])
    with pytest.raises(InvalidOwnership):
        ConsolidationTree([GroupEntity("plant", None, (owned("1", owner="nobody"),))])
    with pytest.raises(InvalidOwnership):
        ConsolidationTree([GroupEntity("plant"), GroupEntity("plant")])
    with pytest.raises(UnknownEntity):
        ConsolidationTree([]).share("plant", "equity_share", DAY)


@pytest.mark.parametrize(
    ("mg", "share", "consolidated"),
    [
        (5, "0.5", 2),
        (7, "0.5", 4),
        (15, "0.1", 2),
        (25, "0.1", 2),
        (10, "1", 10),
        (10, "0", 0),
        (3, "1/3", 1),
        (10**18 + 1, "0.5", 5 * 10**17),
    ],
)
def test_a_consolidated_figure_is_half_even(mg: int, share: str, consolidated: int) -> None:
    assert consolidate(mg, Fraction(share)) == consolidated
