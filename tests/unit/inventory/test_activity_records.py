"""What two pushes have in common, and where and when a record is."""

from datetime import date

import pytest

from services.inventory.domain.activity_records import ClosedPeriod, record_from_content
from tests.unit.inventory.master_data import ELECTRICITY, GAS, OTHER_SITE, SITE, record


@pytest.mark.parametrize("value", ["1000", "1000.0", "1000.000000000", "01000", "0001000.00"])
def test_zeros_that_say_nothing_are_the_same_content(value: str):
    assert record(quantity={"value": value, "unit": "kWh"}).fingerprint() == record().fingerprint()


@pytest.mark.parametrize(
    "change",
    [
        {"quantity": {"value": "1000.1", "unit": "kWh"}},
        {"quantity": {"value": "10000", "unit": "kWh"}},
        {"quantity": {"value": "1000", "unit": "MWh"}},
        {"quantity": {"value": "1000"}},
        {"site_external_id": "KS-01"},
        {"activity_type": "fuel.natural_gas"},
        {"activity_type": None, "item_code": "electricity.grid"},
        {"period": {"start": "2021-03-01", "end": "2021-04-02"}},
        {"data_quality": "invoiced"},
        {"comment": "meter 7"},
        {"scope": 2},
        {"category": "electricity"},
    ],
)
def test_everything_else_that_is_said_is_content(change: dict):
    assert record(**change).fingerprint() != record().fingerprint()


def test_when_a_source_changed_it_is_no_content():
    content = record().content

    assert record_from_content(content, None).fingerprint() == record_from_content(content, date(2021, 4, 5)).fingerprint()  # type: ignore[arg-type]


def test_zero_and_numbers_below_one_keep_their_digits():
    small = {value: record(quantity={"value": value, "unit": "kWh"}).fingerprint() for value in ("0", "0.0", "0.1", "0.10", "0.01")}

    assert small["0"] == small["0.0"]
    assert small["0.1"] == small["0.10"]
    assert len(set(small.values())) == 3


@pytest.mark.parametrize(
    ("start", "end", "years"),
    [("2021-12-01", "2022-01-01", [2021]), ("2021-12-31", "2022-01-02", [2021, 2022]), ("2020-06-01", "2023-01-01", [2020, 2021, 2022])],
)
def test_the_years_of_a_record_are_those_of_its_days(start: str, end: str, years: list[int]):
    assert list(record(period={"start": start, "end": end}).years) == years


def test_electricity_is_of_the_grid_and_everything_else_of_the_region():
    assert SITE.region_for(ELECTRICITY) == "grid:CN-SOUTH"
    assert SITE.region_for(GAS) == "CN-GD"
    assert OTHER_SITE.region_for(ELECTRICITY) == "CN-JS"


@pytest.mark.parametrize(
    ("start", "end", "inside"),
    [
        ("2020-12-01", "2021-01-01", False),
        ("2020-12-01", "2021-01-02", True),
        ("2021-06-01", "2021-07-01", True),
        ("2020-01-01", "2023-01-01", True),
        ("2021-12-31", "2022-01-01", True),
        ("2022-01-01", "2022-02-01", False),
    ],
)
def test_a_period_is_closed_from_its_first_day_to_the_day_before_its_end(start: str, end: str, inside: bool):
    closed = ClosedPeriod("2021 primary", date(2021, 1, 1), date(2022, 1, 1))

    assert closed.contains_any(date.fromisoformat(start), date.fromisoformat(end)) is inside
