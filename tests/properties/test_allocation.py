"""What must hold for any system and its outputs when emissions are allocated."""

from fractions import Fraction
from itertools import pairwise
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from ghg.allocation import Output, SupplierTotal, allocate, allocate_to_customer
from ghg.units import Quantity, unit

quick = settings(max_examples=100, deadline=None)

emissions = st.integers(0, 10**16)
amounts = st.builds(Fraction, st.integers(0, 10**9), st.sampled_from([1, 3, 7, 10**9]))


@st.composite
def systems(draw: st.DrawFn) -> list[Output]:
    first = Output("first", Quantity(draw(amounts.filter(bool)), unit("t")))
    others = draw(st.lists(st.tuples(amounts, st.sampled_from(["kg", "t", "lb"]), st.booleans()), max_size=8))
    return [first, *(Output(str(number), Quantity(amount, unit(symbol)), waste) for number, (amount, symbol, waste) in enumerate(others))]


@quick
@given(emissions, systems())
def test_the_parts_add_up_to_the_whole(total: int, outputs: list[Output]) -> None:
    parts = allocate(total, outputs, "mass")

    assert sum(part.emissions_mg for part in parts) == total
    assert sum(part.share for part in parts) == 1


@quick
@given(emissions, systems())
def test_each_part_is_less_than_a_milligram_from_its_exact_share(total: int, outputs: list[Output]) -> None:
    for part in allocate(total, outputs, "mass"):
        assert abs(part.emissions_mg - total * part.share) < 1


@quick
@given(emissions, systems(), st.randoms())
def test_the_order_of_outputs_does_not_matter(total: int, outputs: list[Output], chance: Random) -> None:
    shuffled = outputs.copy()
    chance.shuffle(shuffled)

    assert set(allocate(total, shuffled, "mass")) == set(allocate(total, outputs, "mass"))


@quick
@given(emissions, systems())
def test_whoever_puts_out_more_gets_no_less(total: int, outputs: list[Output]) -> None:
    parts = sorted(allocate(total, outputs, "mass"), key=lambda part: part.share)

    for less, more in pairwise(parts):
        assert less.share == more.share or less.emissions_mg <= more.emissions_mg


@quick
@given(emissions, st.lists(amounts, min_size=1, max_size=6).filter(any))
def test_customers_who_buy_everything_get_everything_to_the_rounding(total: int, purchases: list[Fraction]) -> None:
    mill = SupplierTotal(total, Quantity(sum(purchases, Fraction(0)), unit("t")), 2021, "gate_to_gate")
    parts = [allocate_to_customer(mill, Quantity(each, unit("t")), 2021, "mass") for each in purchases]

    assert sum(part.share for part in parts) == 1
    assert abs(sum(part.emissions_mg for part in parts) - total) <= Fraction(len(parts), 2)
