from fractions import Fraction

import pytest

from ghg.errors import DimensionMismatch, MalformedNumber, UnknownUnit
from ghg.money import currency, price_year
from ghg.units import Property, Quantity, convert, unit, units
from tests.golden.published_factors import source

CURRENCIES = sorted(found.symbol for found in units() if found.dimension == "money")


def connecting(name: str, value: str, numerator: str, denominator: str, note: str = "") -> Property:
    row = source("example", "1", value, f"{numerator}/{denominator}")
    return Property(name, Fraction(value), unit(numerator), unit(denominator), row, "US", 2022, note)


def test_each_currency_exists_plain_and_at_the_prices_of_a_year() -> None:
    for code in CURRENCIES:
        at_prices = unit(f"{code}_2022")

        assert (at_prices.symbol, at_prices.dimension, at_prices.ratio) == (f"{code}_2022", "money", 1)
        assert (currency(at_prices), price_year(at_prices), price_year(unit(code))) == (code, 2022, None)


def test_the_name_and_the_source_of_money_are_those_of_iso_4217() -> None:
    assert (unit("USD").name, unit("USD").source) == ("US Dollar", "ISO 4217")
    assert (unit("EUR_2019").name, unit("EUR_2019").source) == ("Euro at prices of 2019", "ISO 4217")


@pytest.mark.parametrize(
    "code", ["RUB", "SAR", "AED", "ILS", "CLP", "COP", "ARS", "PEN", "EGP", "NGN", "KES", "PKR", "BDT", "LKR", "HRK", "XOF", "KWD"]
)
def test_currencies_of_the_world_are_known(code: str) -> None:
    assert unit(code).dimension == "money"


@pytest.mark.parametrize("code", ["XAU", "XDR", "XTS", "XXX", "CLF", "USN"])
def test_metals_funds_and_testing_codes_are_no_money_of_invoices(code: str) -> None:
    with pytest.raises(UnknownUnit):
        unit(code)


@pytest.mark.parametrize(("symbol", "year"), [("USD_1990", 1990), ("USD_2099", 2099)])
def test_price_years_reach_from_1990_to_2099(symbol: str, year: int) -> None:
    assert price_year(unit(symbol)) == year


@pytest.mark.parametrize(
    "symbol", ["USD_1989", "USD_2100", "USD_22", "USD2022", "usd_2022", "USD_２０２２", "kWh_2022", "XXX_2022", "USD_2022_"]
)
def test_money_written_otherwise_is_refused(symbol: str) -> None:
    with pytest.raises(UnknownUnit):
        unit(symbol)


@pytest.mark.parametrize("symbol", ["usd_2022", "USD2022", "USD 2022", "2022 USD", "USD (2022)"])
def test_what_was_meant_by_an_amount_of_a_year_is_suggested(symbol: str) -> None:
    with pytest.raises(UnknownUnit) as refusal:
        unit(symbol)

    assert refusal.value.suggestions[0] == "USD_2022"


def test_another_spelling_of_a_currency_keeps_the_code_in_its_symbol() -> None:
    assert unit("RMB_2021").symbol == "CNY_2021"


@pytest.mark.parametrize(
    ("given", "wanted", "hint"),
    [
        ("CNY", "USD", "an exchange rate of the year of the spend from CNY to USD"),
        ("CNY_2022", "USD_2022", "an exchange rate of 2022 from CNY to USD would connect them"),
        ("CNY", "USD_2022", "an exchange rate of 2022 from CNY to USD would connect them"),
        ("CNY_2021", "USD_2022", "an exchange rate of 2021 from CNY to USD and a price index from 2021 to 2022"),
        ("USD_2021", "USD_2022", "a price index from 2021 to 2022 would connect them; or give the amount in USD_2022"),
        ("USD", "USD_2022", "the property price_year"),
        ("USD_2022", "USD", "the property price_year"),
        ("kg", "USD_2022", "give the quantity in USD_2022"),
    ],
)
def test_two_kinds_of_money_are_refused_saying_what_would_connect_them(given: str, wanted: str, hint: str) -> None:
    with pytest.raises(DimensionMismatch) as refusal:
        convert(Quantity.parse("1", given), unit(wanted))

    assert hint in refusal.value.hint


def test_the_same_money_needs_no_connection() -> None:
    assert convert(Quantity.parse("5", "CNY"), unit("CNY")).value == 5
    assert convert(Quantity.parse("5", "CNY_2021"), unit("CNY_2021")).value == 5


def test_spend_without_price_year_is_taken_at_that_of_the_factor_where_the_caller_says_so() -> None:
    taken = connecting("price_year", "1", "USD_2022", "USD", "spend is taken at the price year of the factor")

    conversion = convert(Quantity.parse("1250.50", "USD"), unit("USD_2022"), [taken])

    assert conversion.value == Fraction("1250.5")
    assert [step.text for step in conversion.steps] == ["spend is taken at the price year of the factor"]


def test_an_exchange_rate_and_a_price_index_are_chained() -> None:
    # 645.08 CNY of 2021 ÷ 6.4508 CNY/USD = 100 USD of 2021; × 1.08 = 108 USD of 2022
    rate = connecting("exchange_rate", "6.4508", "CNY_2021", "USD_2021")
    index = connecting("price_index", "1.08", "USD_2022", "USD_2021")

    conversion = convert(Quantity.parse("645.08", "CNY_2021"), unit("USD_2022"), [rate, index])

    assert conversion.value == 108
    assert [step.result for step in conversion.steps] == ["100 USD_2021", "108 USD_2022"]


def test_taking_one_unit_as_another_is_no_ratio() -> None:
    with pytest.raises(MalformedNumber):
        connecting("price_year", "1.08", "USD_2022", "USD")
