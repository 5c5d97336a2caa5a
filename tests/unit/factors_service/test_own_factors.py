"""Factors of the organisation's own: what a proposal becomes, and what is refused because it could never serve."""

from dataclasses import replace
from typing import Any

import pytest

from kernel.problems import Problem
from services.factors.catalogue.pack_model import ActivityType, Factor
from services.factors.domain.own_factors import OWN_DATASET, OwnFactorContent, own_factor
from services.factors.domain.resolution import Question, resolve
from tests.unit.factors_service.small_catalogue import DIESEL, GRID, STEEL, catalogue_with

SPEND = replace(STEEL, id="spend.machinery", unit_dimensions=("money",))


def own(activity: ActivityType, region: str = "CN", unit: str = "t", **more: Any) -> Factor:
    content: dict[str, Any] = {
        "activity_type": activity.id, "region": region, "year": 2021, "unit": unit, "stage": None, "purpose": None,
        "gases": (("CO2", "3.1"),), "co2e": None, "gwp_basis": None, "biogenic_co2": None, "document": "Contract 7", "row": "",
        "name_en": None, "name_zh": None, "price_year": None, "uncertainty_percent": None, "notes": (),
    }  # fmt: skip
    return own_factor(OwnFactorContent(**content | more), activity)


def serves(factor: Factor, question: Question) -> bool:
    return resolve(catalogue_with([factor], datasets=[OWN_DATASET]), question).chosen is not None


@pytest.mark.parametrize(("listed", "code"), [("CN-HK", "HK"), ("CN-MO", "MO"), ("CN-TW", "TW")])
def test_a_region_that_has_a_country_code_of_its_own_is_kept_under_it(listed: str, code: str) -> None:
    factor = own(DIESEL, listed)

    assert factor.region == code
    assert serves(factor, Question(DIESEL.id, listed, 2021, "t"))
    assert serves(factor, Question(DIESEL.id, code, 2021, "t"))


@pytest.mark.parametrize(("spelling", "symbol"), [("吨", "t"), ("tonnes", "t"), ("t", "t")])
def test_spellings_of_a_unit_make_factors_about_the_same(spelling: str, symbol: str) -> None:
    assert (own(DIESEL, unit=spelling).unit, own(DIESEL, unit=spelling).key) == (symbol, own(DIESEL, unit="t").key)


def test_the_price_year_is_kept_apart_from_the_currency_however_it_is_written() -> None:
    one, other = own(SPEND, unit="CNY_2022"), own(SPEND, unit="CNY", price_year=2022)

    assert (one.unit, one.price_year, one.key) == (other.unit, other.price_year, other.key) == ("CNY", 2022, other.key)


def test_a_life_cycle_figure_of_electricity_answers_when_life_cycle_is_asked_for_and_never_scope_2() -> None:
    for factor in (own(GRID, unit="kWh", purpose="life_cycle"), own(GRID, unit="kWh", stage="life_cycle")):
        assert (factor.stage, factor.purpose) == ("life_cycle", "life_cycle")
        assert serves(factor, Question(GRID.id, "CN", 2021, "kWh", purpose="life_cycle"))
        assert not serves(factor, Question(GRID.id, "CN", 2021, "kWh"))
        assert not serves(factor, Question(GRID.id, "CN", 2021, "kWh", method="market_based"))


@pytest.mark.parametrize(("activity", "unit", "kept"), [(DIESEL, "t", "life_cycle"), (STEEL, "t", None), (GRID, "kWh", "life_cycle")])
def test_two_ways_to_say_life_cycle_make_factors_about_the_same(activity: ActivityType, unit: str, kept: str | None) -> None:
    by_purpose, by_stage = own(activity, unit=unit, purpose="life_cycle"), own(activity, unit=unit, stage="life_cycle")

    assert by_purpose.key == by_stage.key
    assert (by_stage.stage, by_stage.purpose) == ("life_cycle", kept)


@pytest.mark.parametrize(
    ("activity", "changes", "pointer", "code"),
    [
        (DIESEL, {"region": "GLO"}, "/region", "no_country"),
        (DIESEL, {"purpose": "residual"}, "/purpose", "no_purposes"),
        (GRID, {"unit": "kWh", "purpose": "life_cycle", "stage": "direct"}, "/stage", "contradiction"),
        (DIESEL, {"price_year": 2022}, "/price_year", "no_money"),
        (SPEND, {"unit": "CNY_2022", "price_year": 2023}, "/price_year", "contradiction"),
    ],
)
def test_what_could_never_serve_is_refused_at_its_field(activity: ActivityType, changes: dict[str, Any], pointer: str, code: str) -> None:
    with pytest.raises(Problem) as refusal:
        own(activity, **changes)

    assert [(error.pointer, error.code) for error in refusal.value.errors] == [(pointer, code)]
    assert refusal.value.errors[0].hint
