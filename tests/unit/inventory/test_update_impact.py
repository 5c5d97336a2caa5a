"""What a factor update would move, added up by cell: exact, and missing where a figure is missing."""

from dataclasses import replace

from services.inventory.domain.cells import Contribution, calculate_record, combinations_of
from services.inventory.domain.update_impact import Figure, Moves, total
from tests.golden.published_factors import factor, gas
from tests.unit.inventory.master_data import ELECTRICITY, accepted, bound, days

OLD, NEW = "old", "new"


def contributions(kg_per_kwh: str, identity: str, unit: str = "kWh", **content: object) -> list[Contribution]:
    record = accepted(ELECTRICITY, **content)
    named = replace(factor(unit, gas("CO2", kg_per_kwh)), id=identity)
    return calculate_record(record, {one: bound(one, named) for one in combinations_of(record)}).contributions


def test_records_of_a_cell_are_added_up_each_rounded_by_itself() -> None:
    """0.000005 kWh × 0.1 kg/kWh = 0.5 mg, half-even 0; × 0.3 = 1.5 mg, half-even 2: of two records 0 mg become 4, not 1 become 3."""
    moves = Moves("AR6")
    for _ in range(2):
        quantity = {"quantity": {"value": "0.000005", "unit": "kWh"}}
        moves.add(contributions("0.1", OLD, **quantity), contributions("0.3", NEW, **quantity), has_figure=True)

    (move,) = moves.all()

    assert (move.to_factor, move.records, move.now, move.then) == (NEW, 2, Figure(10_000, 0), Figure(10_000, 4))
    assert move.difference_mg == 4


def test_each_month_is_a_move_of_its_own_and_the_record_counts_in_its_first() -> None:
    moves = Moves("AR6")
    period = {"period": days("2021-03-01", "2021-05-01")}  # 31 and 30 days of 1,000 kWh

    moves.add(contributions("0.5", OLD, **period), contributions("0.6", NEW, **period), has_figure=True)

    assert [move.records for move in moves.all()] == [1, 0]
    assert total(moves.all()).difference_mg == 100_000_000


def test_a_quantity_is_told_in_the_unit_of_each_factor() -> None:
    moves = Moves("AR6")

    moves.add(contributions("0.5", OLD), contributions("500", NEW, "MWh"), has_figure=True)

    (move,) = moves.all()
    assert (move.now.quantity_nano, move.then and move.then.quantity_nano, move.to_unit) == (1000 * 10**9, 10**9, "MWh")
    assert move.difference_mg == 0


def test_what_stays_the_same_moves_nothing() -> None:
    moves = Moves("AR6")

    moves.add(contributions("0.5", OLD), contributions("0.5", OLD), has_figure=True)

    assert moves.all() == []


def test_a_figure_that_ceases_leaves_the_totals() -> None:
    moves = Moves("AR6")
    moves.add(contributions("0.5", OLD), [], has_figure=False)

    (move,) = moves.all()
    summed = total([move])

    assert (move.to_factor, move.then, move.difference_mg) == (None, None, -500_000_000)
    assert (summed.records_without_factor, summed.now_mg, summed.then_mg, summed.difference_mg) == (1, 500_000_000, 0, -500_000_000)


def test_a_gas_that_the_set_has_no_value_for_leaves_the_figure_missing() -> None:
    (now,) = contributions("0.5", OLD)
    without = replace(now, gases={("CO2", ""): (500_000_000, 500_000_000, 500_000_000, None)})
    (then,) = contributions("0.6", NEW)
    moves = Moves("AR6")

    moves.add([without], [then], has_figure=True)

    (move,) = moves.all()
    assert (move.now.co2e_mg, move.difference_mg, total([move]).now_mg) == (None, None, None)
    other = Moves("AR5")
    other.add([without], [then], has_figure=True)
    assert total(other.all()).difference_mg == 100_000_000
