"""What must hold for any quantity, factor, period and share, not only for the examples."""

from dataclasses import replace
from datetime import date, timedelta
from fractions import Fraction
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ghg.calculation import calculate, calculate_parts, split_by_year, sum_parts
from ghg.consolidation import consolidate
from ghg.factors import EmissionFactor
from ghg.gwp import GWP_SETS, gwp_set
from ghg.rounding import decimal_text, half_even, kilograms, milligrams
from ghg.totals import Cell, GroupKey, Totals, roll_up
from ghg.units import Quantity
from tests.golden.published_factors import factor, gas

quick = settings(max_examples=60, deadline=None)

quantities = st.builds(Fraction, st.integers(0, 10**5), st.sampled_from([1, 10, 10**3, 10**9, 3, 7]))
masses = st.builds(Fraction, st.integers(0, 10**6), st.sampled_from([10**6, 2 * 10**6, 12 * 10**6, 7 * 10**6]))
shares = st.builds(lambda percent: Fraction(percent, 10_000), st.integers(0, 10_000))
days_2021 = st.dates(date(2021, 1, 1), date(2021, 12, 31))
gas_names = st.lists(st.sampled_from(sorted(gwp_set("AR6").values)), min_size=1, max_size=4, unique=True)


@st.composite
def factors(draw: st.DrawFn) -> EmissionFactor:
    gases = [gas(name, draw(masses)) for name in draw(gas_names)]
    biogenic = draw(st.none() | masses.map(lambda mass: gas("CO2", mass)))
    return factor("kWh", *gases, biogenic_co2=biogenic)


@st.composite
def periods(draw: st.DrawFn) -> tuple[date, date]:
    start = draw(days_2021)
    return start, draw(st.dates(start, date(2021, 12, 31))) + timedelta(days=1)


def rounded(value: Fraction) -> int:
    return half_even(value.numerator, value.denominator)


@quick
@given(quantities, factors(), periods())
def test_the_parts_add_up_to_the_rounded_figure_of_the_whole_period(
    amount: Fraction, given_factor: EmissionFactor, period: tuple[date, date]
) -> None:
    parts = calculate_parts(amount, given_factor, *period)
    total = sum_parts(parts)

    for gas_factor, summed in zip(given_factor.gases, total.gases, strict=True):
        exact = amount * gas_factor.kg_per_unit * 10**6
        assert summed.mass_mg == rounded(exact)
        for name in GWP_SETS:
            gwp = gwp_set(name).values.get(gas_factor.gas)
            assert summed.co2e_mg[name] == (None if gwp is None else rounded(exact * gwp))
    assert sum(part.quantity_nano for part in parts) == rounded(amount * 10**9)
    assert total == calculate(Quantity(amount, given_factor.unit), given_factor).emissions


@quick
@given(quantities, factors(), periods())
def test_each_part_is_within_a_milligram_of_its_exact_share(
    amount: Fraction, given_factor: EmissionFactor, period: tuple[date, date]
) -> None:
    start, end = period
    for part in calculate_parts(amount, given_factor, start, end):
        share = Fraction((part.end - part.start).days, (end - start).days)
        for gas_factor, given_gas in zip(given_factor.gases, part.gases, strict=True):
            assert given_gas.mass_mg is not None and given_gas.mass_mg >= 0
            assert abs(given_gas.mass_mg - amount * gas_factor.kg_per_unit * 10**6 * share) <= 1


@quick
@given(quantities, factors(), periods())
def test_parts_follow_one_another_and_stay_within_their_months(
    amount: Fraction, given_factor: EmissionFactor, period: tuple[date, date]
) -> None:
    parts = calculate_parts(amount, given_factor, *period)

    assert (parts[0].start, parts[-1].end) == period
    for part in parts:
        assert part.start < part.end
        assert part.start.month == (part.end - timedelta(days=1)).month
    assert [part.start for part in parts[1:]] == [part.end for part in parts[:-1]]


@quick
@given(quantities, factors(), periods(), st.randoms())
def test_the_sum_does_not_depend_on_the_order(
    amount: Fraction, given_factor: EmissionFactor, period: tuple[date, date], chance: Random
) -> None:
    parts = list(calculate_parts(amount, given_factor, *period))
    shuffled = parts.copy()
    chance.shuffle(shuffled)

    assert sum_parts(shuffled) == sum_parts(parts)


@quick
@given(quantities, factors(), periods())
def test_the_sum_over_gases_is_the_total(amount: Fraction, given_factor: EmissionFactor, period: tuple[date, date]) -> None:
    total = sum_parts(calculate_parts(amount, given_factor, *period))

    assert total.co2e_mg("AR6") == sum(gas.co2e_mg["AR6"] or 0 for gas in total.gases)


@quick
@given(quantities, st.dates(date(2019, 1, 1), date(2023, 12, 31)), st.integers(1, 1500))
def test_cutting_at_new_year_loses_nothing(amount: Fraction, start: date, days: int) -> None:
    end = start + timedelta(days=days)
    pieces = split_by_year(amount, start, end)

    assert sum(piece[2] for piece in pieces) == amount
    assert (pieces[0][0], pieces[-1][1]) == (start, end)
    assert [piece[0] for piece in pieces[1:]] == [piece[1] for piece in pieces[:-1]]
    assert all(left.year == (right - timedelta(days=1)).year for left, right, _ in pieces)


@quick
@given(st.integers(-(10**18), 10**18), st.integers(1, 10**9))
def test_half_even_is_nearest_and_even_at_ties(numerator: int, denominator: int) -> None:
    whole = half_even(numerator, denominator)
    distance = abs(Fraction(numerator, denominator) - whole)

    assert distance <= Fraction(1, 2)
    assert distance < Fraction(1, 2) or whole % 2 == 0
    assert whole == round(Fraction(numerator, denominator))  # Python's own rounding of fractions is half-even too


@quick
@given(st.integers(0, 10**16), shares)
def test_what_is_taken_and_what_is_left_are_the_whole(mg: int, share: Fraction) -> None:
    assert 0 <= consolidate(mg, share) <= mg
    assert abs(consolidate(mg, share) - mg * share) <= Fraction(1, 2)


@quick
@given(st.integers(0, 10**20))
def test_milligrams_survive_being_written_as_kilograms(mg: int) -> None:
    assert milligrams(kilograms(mg)) == mg
    assert Fraction(kilograms(mg)) == Fraction(mg, 10**6)


@quick
@given(st.builds(Fraction, st.integers(0, 10**20), st.integers(1, 10**12)))
def test_a_written_value_is_exact_or_twelve_places_near(value: Fraction) -> None:
    text = decimal_text(value)

    if text.endswith("…"):
        assert abs(Fraction(text[:-1]) - value) <= value / 10**11
    else:
        assert Fraction(text) == value


KEYS: tuple[GroupKey, ...] = ("scope", "category", "site", "entity", "gas", "month", "activity_type", "factor")


@st.composite
def cells(draw: st.DrawFn) -> Cell:
    month = draw(st.integers(1, 11))
    (part,) = calculate_parts(draw(quantities), draw(factors()), date(2021, month, 1), date(2021, month + 1, 1))
    letter = st.sampled_from("abc")
    return Cell(
        id="", entity=draw(letter), site=draw(letter), scope=draw(st.integers(1, 3)), category=draw(letter), activity_type=draw(letter),
        factor=draw(letter), state="calculated", segment_start=part.start, segment_end=part.end, method="none",
        quantity_nano=part.quantity_nano, gases=part.gases, biogenic_co2_mg=part.biogenic_co2_mg, records=draw(st.integers(0, 9)),
    )  # fmt: skip


@quick
@given(
    st.lists(cells(), max_size=8),
    st.fixed_dictionaries(dict.fromkeys("abc", shares)),
    st.sets(st.sampled_from(KEYS)),
    st.sampled_from(GWP_SETS),
)
def test_every_grouping_adds_up_to_the_ungrouped_total(
    some: list[Cell], share_of_entity: dict[str, Fraction], group_by: set[GroupKey], set_name: str
) -> None:
    def totals(keys: tuple[GroupKey, ...]) -> Totals:
        return roll_up(
            some,
            lambda cell: share_of_entity[cell.entity or ""],
            gwp_set=set_name,
            start=date(2021, 1, 1),
            end=date(2022, 1, 1),
            group_by=keys,
        )

    grouped, ungrouped = totals(tuple(group_by)), totals(())

    assert grouped.total == ungrouped.total
    for figure in ("co2e_mg", "biogenic_co2_mg") if "gas" in group_by else ("co2e_mg", "biogenic_co2_mg", "records"):
        assert sum(getattr(group, figure) for group in grouped.groups) == getattr(grouped.total, figure)


@quick
@given(st.lists(cells(), min_size=1, max_size=6), st.randoms())
def test_totals_do_not_depend_on_the_order_of_cells(some: list[Cell], chance: Random) -> None:
    shuffled = [replace(cell) for cell in some]
    chance.shuffle(shuffled)

    def totals(of: list[Cell]) -> Totals:
        return roll_up(of, lambda _: Fraction(1, 3), gwp_set="AR6", start=date(2021, 1, 1), end=date(2022, 1, 1), group_by=("site", "gas"))

    assert totals(shuffled) == totals(some)


@pytest.mark.parametrize("numerator", [1, 5, 9, 13])
def test_a_tie_below_an_even_number_tells_half_even_from_half_up(numerator: int) -> None:
    half_up = (2 * numerator + 2) // 4

    assert half_even(numerator, 2) == half_up - 1
