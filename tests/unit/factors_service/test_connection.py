"""What a factor itself states of its unit connects a question in the plain unit with it, and says so."""

import pytest

from ghg.errors import DimensionMismatch
from ghg.units import Quantity, convert, unit
from services.factors.domain.catalogue import CatalogueFactor
from services.factors.domain.connection import connect, connection_text
from services.factors.domain.resolution import Question, resolve
from tests.unit.factors_service.small_catalogue import catalogue_with, factor

STANDARD_CONDITIONS = "60 or 68 °F, 14.7 psia"
NORMAL_CONDITIONS = "0 °C, 101.325 kPa"


def listed(unit_symbol: str, conditions: str | None = None) -> CatalogueFactor:
    return catalogue_with([factor("one", unit=unit_symbol, conditions=conditions)]).by_id["one"]


def test_spend_is_taken_at_the_price_year_of_the_factor() -> None:
    per_dollar = listed("USD_2022")

    (used,) = connect(unit("USD"), per_dollar, ())

    assert (used.connects.name, used.connects.value) == ("price_year", 1)
    assert used.connects.note == "spend is taken at the price year of the factor: 1 USD = 1 USD of 2022"
    assert used.connects.source.dataset == per_dollar.factor.dataset
    assert connection_text(unit("USD"), per_dollar, (used,)).endswith("the price year of the factor, 1 USD_2022 per USD")
    assert convert(Quantity.parse("12.5", "USD"), unit("USD_2022"), [used.connects]).value == Quantity.parse("12.5", "USD").value


@pytest.mark.parametrize(
    ("asked", "of_factor"), [("CNY", "USD_2022"), ("USD_2021", "USD_2022"), ("USD_2022", "USD"), ("USD", "EUR"), ("kg", "USD_2022")]
)
def test_no_other_money_is_taken_as_that_of_the_factor(asked: str, of_factor: str) -> None:
    with pytest.raises(DimensionMismatch):
        connect(unit(asked), listed(of_factor), ())


def test_spend_at_the_prices_of_the_factor_needs_no_connection() -> None:
    assert connect(unit("USD_2022"), listed("USD_2022"), ()) == ()


@pytest.mark.parametrize(
    ("asked", "of_factor", "conditions", "one_to_one"),
    [
        ("m3", "Nm3", NORMAL_CONDITIONS, "1 m3 = 1 Nm3"),
        ("ft3", "Nm3", NORMAL_CONDITIONS, "1 m3 = 1 Nm3"),
        ("ft3", "scf", STANDARD_CONDITIONS, "1 ft3 = 1 scf"),
        ("m3", "scf", STANDARD_CONDITIONS, "1 ft3 = 1 scf"),
    ],
)
def test_metered_gas_is_taken_at_the_conditions_of_the_factor(asked: str, of_factor: str, conditions: str, one_to_one: str) -> None:
    (used,) = connect(unit(asked), listed(of_factor, conditions), ())

    assert used.connects.note == f"{asked} is taken at the conditions of the factor ({conditions}): {one_to_one}"


@pytest.mark.parametrize(("asked", "conditions"), [("m3", None), ("L", STANDARD_CONDITIONS), ("Nm3", STANDARD_CONDITIONS)])
def test_a_volume_of_which_the_conditions_are_not_known_is_refused(asked: str, conditions: str | None) -> None:
    with pytest.raises(DimensionMismatch):
        connect(unit(asked), listed("scf", conditions), ())


def test_each_factor_is_reached_by_its_own_price_year_and_names_itself_as_the_source() -> None:
    factors = [factor(row, unit="USD_2022", year=year, source_row=row) for row, year in (("row 1", 2022), ("row 2", 2021))]

    selection = resolve(catalogue_with(factors), Question("fuel.diesel", "CN", 2022, "USD"))

    assert selection.outcome == "resolved"
    used = [one.connection[0] for one in selection.candidates if one.connection]
    assert [one.connects.source.row for one in used] == ["row 1", "row 2"]
