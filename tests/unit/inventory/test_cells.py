"""What records add to cells, and that it can be taken out again to the milligram."""

import json
from dataclasses import replace
from fractions import Fraction
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ghg.errors import OutOfRange
from ghg.factors import EmissionFactor
from services.inventory.domain.cells import (
    CellKey,
    Contribution,
    add_up,
    calculate_record,
    combinations_of,
    emissions_of,
    measured,
    without_figure,
)
from tests.golden.published_factors import factor, gas, guangdong_grid_2021
from tests.unit.inventory.master_data import GAS, SITE, accepted, bound, days, first_day, record, unbound

PER_KWH = 471_500  # mg of CO2
GRID = guangdong_grid_2021()
LATER_GRID = replace(factor("kWh", gas("CO2", "0.4403"), activity_type="electricity.grid"), id="grid of 2022")


def calculated(one, *factors: EmissionFactor):
    """The figures with one factor for each calendar year."""
    return calculate_record(one, {key: bound(key, each) for key, each in zip(combinations_of(one), factors, strict=True)})


def test_a_month_is_one_contribution_with_the_factors_quantity_and_each_gas():
    (only,) = calculated(accepted(quantity={"value": "2", "unit": "MWh"}), GRID).contributions

    assert (only.quantity_nano, only.records) == (2_000 * 10**9, 1)
    assert only.gases == {("CO2", ""): (2_000 * PER_KWH,) * 4}
    assert (only.key.segment_start, only.key.segment_end) == (first_day(3), first_day(4))


def test_months_get_their_days_and_the_record_counts_in_the_first():
    figures = calculated(accepted(period=days("2021-01-16", "2021-03-16"), quantity={"value": "59", "unit": "kWh"}), GRID)

    assert [(part.quantity_nano // 10**9, part.records) for part in figures.contributions] == [(16, 1), (28, 0), (15, 0)]
    assert [part.gases["CO2", ""][0] for part in figures.contributions] == [16 * PER_KWH, 28 * PER_KWH, 15 * PER_KWH]


def test_each_calendar_year_has_its_own_combination_and_factor():
    one = accepted(period=days("2021-12-01", "2022-02-01"), quantity={"value": "62", "unit": "kWh"})

    figures = calculated(one, GRID, LATER_GRID)

    assert [key.year for key in figures.combinations] == [2021, 2022]
    assert [(part.key.factor_id, part.gases["CO2", ""][0]) for part in figures.contributions] == [
        (GRID.id, 31 * PER_KWH),
        (LATER_GRID.id, 31 * 440_300),
    ]


def test_a_period_that_ends_with_the_year_needs_no_factor_of_the_next():
    assert [key.year for key in combinations_of(accepted(period=days("2021-12-01", "2022-01-01")))] == [2021]


@pytest.mark.parametrize(("known", "state"), [((), "awaiting_factor"), ((2021,), "awaiting_factor"), ((2021, 2022), "no_factor")])
def test_without_the_factor_of_one_year_there_is_no_figure(known: tuple[int, ...], state: str):
    one = accepted(period=days("2021-12-01", "2022-02-01"))
    found = {2021: lambda key: bound(key, GRID), 2022: unbound}

    figures = calculate_record(one, {key: found[key.year](key) for key in combinations_of(one) if key.year in known})

    assert figures.state == state
    (only,) = figures.contributions
    assert (only.key.state, only.key.factor_id, only.gases, only.records) == (state, None, {}, 1)


def test_a_record_without_a_figure_stands_in_the_month_of_its_first_day():
    (only,) = without_figure(measured(record(period=days("2021-12-31", "2022-02-01"), item_code="E-1"), SITE, None), "quarantined")

    assert (only.key.segment_start, only.key.segment_end) == (first_day(12), first_day(1, 2022))
    assert (only.key.site_id, only.key.item, only.key.activity_type) == (SITE.id, "E-1", None)


def test_a_record_too_large_to_be_true_is_out_of_range():
    with pytest.raises(OutOfRange):
        calculated(accepted(quantity={"value": "999999999999999", "unit": "kWh"}), GRID)


KEY = CellKey(SITE.id, 2, "electricity", "electricity.grid", "f1", "calculated", None, first_day(3), first_day(4), "location_based", "kWh")


@pytest.mark.parametrize(
    "other",
    [
        {"site_id": UUID(int=2)},
        {"site_id": None},
        {"category": "s3.8"},
        {"activity_type": "fuel.diesel"},
        {"factor_id": "f2"},
        {"state": "quarantined"},
        {"item": "E-1"},
        {"segment_start": first_day(4)},
        {"method": "none"},
    ],
)
def test_what_makes_a_cell_makes_its_id(other: dict):
    assert replace(KEY, **other).id != KEY.id
    assert replace(KEY).id == KEY.id


def test_an_item_code_with_the_separator_in_it_makes_no_other_cell():
    ids = {replace(KEY, item=item).id for item in (None, "|", "a", "a|", "|a", "a|2021-03-01", "a|2021-03-01|location_based")}

    assert len(ids) == 7


QUANTITIES = st.decimals(min_value=0, max_value=10**9, places=3, allow_nan=False, allow_infinity=False)
PERIODS = st.tuples(st.dates(first_day(1, 2020), first_day(12, 2021)), st.integers(1, 700))
FUEL = factor(
    "Nm3", gas("CO2", "2.162188809"), gas("CH4_fossil", "0.000038931"), gas("N2O", "0.0000038931"), biogenic_co2=gas("CO2", "0.1")
)


@st.composite
def contributions(draw: st.DrawFn) -> list[Contribution]:
    start, length = draw(PERIODS)
    end = start.fromordinal(start.toordinal() + length)
    content = {
        "period": days(start.isoformat(), end.isoformat()),
        "quantity": {"value": f"{draw(QUANTITIES):f}", "unit": "Nm3"},
    }
    one = accepted(GAS, **content)
    return calculated(one, *[FUEL] * len(combinations_of(one))).contributions


@given(contributions())
def test_the_months_of_a_record_add_up_to_its_figure_and_to_its_quantity(parts: list[Contribution]):
    total = emissions_of(parts)
    nano = sum(part.quantity_nano for part in parts)
    exact = Fraction(nano, 10**9) * Fraction("2.162188809") * 10**6

    assert abs(next(each.mass_mg for each in total.gases if each.gas == "CO2") - exact) <= 3  # once per calendar year and the ninth decimal
    assert sum(part.records for part in parts) == 1


@given(contributions(), contributions())
def test_what_is_taken_out_leaves_what_was_there_before(first: list[Contribution], second: list[Contribution]):
    with_both = add_up([*first, *second, *(part.taken_out() for part in second)])
    with_first = add_up(first)

    assert {key: (one.quantity_nano, one.records, one.gases) for key, one in with_both.items()} == {
        key: (one.quantity_nano, one.records, one.gases) for key, one in with_first.items()
    }
    assert add_up([*first, *(part.taken_out() for part in first)]) == {}


@given(contributions())
def test_a_contribution_is_kept_and_read_back_whole(parts: list[Contribution]):
    read = [Contribution.from_json(json.loads(json.dumps(part.as_json()))) for part in parts]

    assert read == [replace(part, key=None) for part in parts]
    assert emissions_of(read) == emissions_of(parts)


def test_a_figure_that_a_gwp_set_lacks_stays_lacking_in_every_sum():
    lacking = Contribution(KEY.id, KEY, 0, 0, 1, {("X", ""): (5, None, 7, 8)})

    total = add_up([lacking, lacking])[KEY.id]

    assert total.gases == {("X", ""): (10, None, 14, 16)}
    assert emissions_of([lacking]).co2e_mg("AR4") is None
    assert add_up([lacking, lacking.taken_out()]) == {}
