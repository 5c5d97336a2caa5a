"""Money as a unit: a currency, plain or at the prices of one year.

An amount of `USD` says nothing about its price year; `USD_2022` is dollars of the year 2022, as spend-based factors have them. No ratio
connects two currencies or two price years: an exchange rate and a price index are measured, each of a year and with a source.
"""

import re
from dataclasses import replace

from ghg.unit_table import UNITS_BY_SPELLING, Unit

MONEY = "money"
PRICE_YEARS = range(1990, 2100)
_AT_PRICES = re.compile(r"([A-Z]{3})_([0-9]{4})")
_LOOSELY_AT_PRICES = re.compile(r"([A-Za-z]{3})[ _-]?\(?([0-9]{4})\)?|\(?([0-9]{4})\)?[ _-]([A-Za-z]{3})")


def at_prices_of_a_year(symbol: str) -> Unit | None:
    """The unit of a currency at the prices of a year from 1990 to 2099, such as "USD_2022"; None if the symbol is no such unit."""
    written = _AT_PRICES.fullmatch(symbol)
    plain = _currency_written(written[1]) if written else None
    if written is None or plain is None or int(written[2]) not in PRICE_YEARS:
        return None
    return replace(plain, symbol=f"{plain.symbol}_{written[2]}", name=f"{plain.name} at prices of {written[2]}")


def price_year(unit: Unit) -> int | None:
    """The price year of a unit of money; None for a plain currency."""
    return int(unit.symbol[4:]) if len(unit.symbol) > 3 else None


def currency(unit: Unit) -> str:
    """The ISO 4217 code of a unit of money."""
    return unit.symbol[:3]


def meant_by(symbol: str) -> Unit | None:
    """What was meant by "usd_2022", "USD2022" or "2022 USD", to be suggested and not to be taken."""
    written = _LOOSELY_AT_PRICES.fullmatch(symbol)
    if written is None:
        return None
    code, year = (written[1], written[2]) if written[1] else (written[4], written[3])
    return at_prices_of_a_year(f"{code.upper()}_{year}") or _currency_written(code.upper())


def what_would_connect(start: Unit, to: Unit) -> str:
    """What would lead from one unit of money to another, as a hint."""
    amount = f"or give the amount in {to.symbol}"
    years = [year for year in (price_year(start), price_year(to)) if year is not None]
    if currency(start) != currency(to):
        rate = f"an exchange rate of {years[0] if years else 'the year of the spend'}"
        index = f" and a price index from {years[0]} to {years[1]}" if len(set(years)) == 2 else ""
        return f"{rate} from {currency(start)} to {currency(to)}{index} would connect them; {amount}"
    if len(years) == 2:
        return f"a price index from {years[0]} to {years[1]} would connect them; {amount}"
    return (
        f"the amount or the factor has no price year: the property price_year would say that the spend is of prices of {years[0]}; {amount}"
    )


def _currency_written(code: str) -> Unit | None:
    found = UNITS_BY_SPELLING.get(code)
    return found if found is not None and found.dimension == MONEY else None
