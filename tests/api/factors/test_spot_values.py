"""Published values looked up as a stranger would: by words and filters, by the question for a factor, and by an estimate.

spot_values.csv was read from the publishers' files by hand, apart from the importers. One line is one published value:
row             where it stands in `file`, whose SHA-256 the register of the sources gives
q, words        what is searched for, and what tells the factor from others that are found with it
gases           kilograms per unit: the printed figures and the arithmetic that leads from them to a mass. A gas that DESNZ prints as
                kg CO2e is divided by the GWP of its edition, g by 1,000, and lb is multiplied by 0.45359237
publisher_gwps  with which the masses give `printed_total` again; empty where the publisher prints no total
resolves        whether the question for a factor of that activity, region and year is answered by it, or only with its data set named
"""

import csv
import re
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import Client

with (Path(__file__).parent / "spot_values.csv").open(encoding="utf-8") as lines:
    SPOT_VALUES = list(csv.DictReader(lines))

each_value = pytest.mark.parametrize("value", SPOT_VALUES, ids=lambda value: value["id"])
each_answer = pytest.mark.parametrize("value", [one for one in SPOT_VALUES if one["resolves"]], ids=lambda value: value["id"])

UNCONDITIONED_YEAR = "2024"  # asked for where the publisher gives no data year
FOUND: dict[str, dict[str, Any]] = {}


def exact(arithmetic: str) -> Fraction:
    """'0.00028/25' as a fraction: products and quotients from left to right."""
    first, *steps = re.split(r"([*/])", arithmetic)
    result = Fraction(first)
    for sign, number in zip(steps[::2], steps[1::2], strict=True):
        result = result * Fraction(number) if sign == "*" else result / Fraction(number)
    return result


def masses(value: dict[str, str]) -> dict[str, Fraction]:
    return {gas: exact(arithmetic) for gas, arithmetic in (part.split("=") for part in value["gases"].split())}


def milligrams(kilograms: Fraction) -> int:
    return round(kilograms * 1_000_000)


async def found(client: Client, value: dict[str, str]) -> dict[str, Any]:
    """The best match with the unit and the words of the line."""
    if value["id"] not in FOUND:
        filters = {name: value[name] for name in ("dataset", "region", "stage")} | (
            {"year": value["data_year"]} if value["data_year"] else {}
        )
        answer = await client.get("/v1/factors", q=value["q"], limit=60, **filters)
        assert answer.status == 200, answer.content
        told_by = ("name_en", "technology", "purpose", "source_row")
        FOUND[value["id"]] = next(
            one
            for one in answer.body["items"]
            if one["unit"] == value["unit"] and value["words"] in " | ".join(str(one[name]) for name in told_by)
        )
    return FOUND[value["id"]]


@each_value
async def test_a_published_value_is_found_with_its_source_year_licence_unit_and_gases(reader: Client, value: dict[str, str]) -> None:
    factor = await found(reader, value)

    assert value["publisher"] in factor["publisher"]
    assert value["licence"] in factor["licence"]
    assert value["sha256"] in {factor["sha256"], *(gas["sha256"] for gas in factor["gases"])}
    assert str(factor["data_year"] or "") == value["data_year"]
    published = {gas["gas"]: Fraction(gas["kg_per_unit"]) for gas in factor["gases"]}
    assert published.keys() == masses(value).keys()
    for gas, mass in masses(value).items():  # a spreadsheet holds 15 significant digits of what it prints
        assert abs(published[gas] - mass) <= mass / 10**14, gas


@each_value
async def test_a_thousand_units_emit_the_published_value_a_thousand_times(reader: Client, value: dict[str, str]) -> None:
    factor = await found(reader, value)
    item = {"factor_id": factor["id"], "quantity": {"value": "1000", "unit": value["unit"]}}

    (estimated,) = (await reader.post("/v1/estimates", {"items": [item]})).body["items"]

    emissions = estimated["emissions"]
    emitted = {gas["gas"]: milligrams(Fraction(gas["kg"] or gas["co2e_kg"])) for gas in emissions["gases"]}
    assert emitted == {gas: milligrams(1000 * mass) for gas, mass in masses(value).items()}
    assert milligrams(Fraction(emissions["biogenic_co2_kg"])) == milligrams(1000 * exact(value["biogenic_co2"] or "0"))


@each_answer
async def test_the_question_for_a_factor_is_answered_by_the_published_value(reader: Client, value: dict[str, str]) -> None:
    factor = await found(reader, value)
    year = value["data_year"] or UNCONDITIONED_YEAR
    question = {"activity_type": factor["activity_type"], "region": value["region"], "date": f"{year}-06-15", "unit": value["unit"]}
    if value["stage"] in ("upstream", "transmission_losses"):
        question["stage"] = value["stage"]
    if factor["purpose"]:
        question["purpose"] = factor["purpose"]
    if value["resolves"] == "by data set":
        question["dataset"] = value["dataset"]

    (resolved,) = (await reader.post("/v1/factor-resolutions", {"items": [question]})).body["items"]

    assert resolved["outcome"] == "resolved"
    assert resolved["factor"]["id"] == factor["id"]


@pytest.mark.parametrize(
    "value", [one for one in SPOT_VALUES if one["publisher_gwps"] and one["printed_total"]], ids=lambda value: value["id"]
)
def test_the_masses_give_the_total_that_the_publisher_prints(value: dict[str, str]) -> None:
    gwps = {gas: Fraction(gwp) for gas, gwp in (part.split("=") for part in value["publisher_gwps"].split())}
    total = sum(mass * gwps.get(gas.split("_")[0], Fraction(1)) for gas, mass in masses(value).items())

    printed = [value["printed_total"], *re.findall(r"\bCO2=([\d.E-]+)", value["gases"])]
    last_digit = max(Fraction(10) ** int(Decimal(one).as_tuple().exponent) for one in printed)
    assert abs(total - Fraction(value["printed_total"])) <= last_digit
