"""Spend meets its factor in the inventory as it met it in the factors service: at the price year of the factor, and saying so."""

from fractions import Fraction

import pytest

from contracts.factor_questions import Resolution
from ghg.units import Quantity, convert, unit
from services.factors.domain.answers import resolution_answer
from services.factors.domain.resolution import Question, resolve
from services.inventory.domain.bindings import Binding, Combination, bind
from tests.unit.factors_service.small_catalogue import catalogue_with, factor


def answered(unit_symbol: str) -> Resolution:
    """What the factors service answers a question in `unit_symbol`, where the factor is per dollar of 2022."""
    catalogue = catalogue_with([factor("spend", unit="USD", price_year=2022)])
    return resolution_answer(resolve(catalogue, Question("fuel.diesel", "CN", 2022, unit_symbol)), catalogue.datasets)


def bound(unit_symbol: str) -> Binding:
    binding = bind(Combination("fuel.diesel", "CN", 2022, unit_symbol, "none"), answered(unit_symbol))
    assert isinstance(binding, Binding)
    return binding


@pytest.mark.parametrize("unit_symbol", ["USD", "USD_2022"])
def test_a_dollar_is_a_dollar_of_the_price_year(unit_symbol: str) -> None:
    binding = bound(unit_symbol)

    assert (binding.factor.unit.symbol, binding.ratio) == ("USD_2022", Fraction(1))


def test_the_trace_says_that_spend_without_price_year_was_taken_at_that_of_the_factor() -> None:
    binding = bound("USD")

    (step,) = convert(Quantity.parse("5", "USD"), binding.factor.unit, binding.properties).steps

    assert step.text == "spend is taken at the price year of the factor: 1 USD = 1 USD of 2022"
    assert convert(Quantity.parse("5", "USD_2022"), unit("USD_2022"), bound("USD_2022").properties).steps == ()


@pytest.mark.parametrize("unit_symbol", ["USD_2021", "CNY", "CNY_2022"])
def test_money_of_another_price_year_or_currency_is_not_bound(unit_symbol: str) -> None:
    answer = answered(unit_symbol)

    assert (answer.outcome, answer.factor) == ("dimension_mismatch", None)
