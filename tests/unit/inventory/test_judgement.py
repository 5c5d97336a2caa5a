"""How a record is judged against the master data, without a database."""

from dataclasses import replace
from datetime import date

import pytest

from services.inventory.domain.activity_records import Accepted, ClosedPeriod, Mapping, Quarantined, Refused
from services.inventory.domain.judgement import judge, nearest
from tests.unit.inventory.master_data import ELECTRICITY, GAS, OPERATOR, OTHER_SITE, SITE, days, record, surroundings

METER = Mapping("electricity.grid", "MWh", OTHER_SITE, None)
CODED = {"activity_type": None, "item_code": "E-1", "quantity": {"value": "1"}}
CLOSED = (ClosedPeriod("2021 primary", date(2021, 1, 1), date(2022, 1, 1)),)


def test_a_record_is_accepted_with_everything_that_its_calculation_needs():
    judgement = judge(record(), OPERATOR, surroundings())

    assert isinstance(judgement, Accepted)
    assert (judgement.site, judgement.kind, judgement.unit.symbol) == (SITE, ELECTRICITY, "kWh")
    assert (judgement.scope, judgement.category) == (2, "electricity")


def test_a_category_of_its_own_brings_its_scope():
    judgement = judge(record(category="s3.8"), OPERATOR, surroundings())

    assert isinstance(judgement, Accepted)
    assert (judgement.scope, judgement.category) == (3, "s3.8")


def test_a_mapping_gives_what_the_record_leaves_out():
    judgement = judge(record(**CODED, site_external_id=None), OPERATOR, surroundings({"E-1": replace(METER, category="s3.8")}))

    assert isinstance(judgement, Accepted)
    assert (judgement.site, judgement.kind, judgement.unit.symbol) == (OTHER_SITE, ELECTRICITY, "MWh")
    assert (judgement.scope, judgement.category) == (3, "s3.8")


def test_what_the_record_says_goes_before_its_mapping():
    said = record(**CODED | {"quantity": {"value": "1", "unit": "kWh"}}, category="s3.13")

    judgement = judge(said, OPERATOR, surroundings({"E-1": replace(METER, category="s3.8")}))

    assert isinstance(judgement, Accepted)
    assert (judgement.site, judgement.unit.symbol, judgement.category) == (SITE, "kWh", "s3.13")


def test_an_unmapped_item_waits_wherever_it_is():
    for site, expected in (("SZ-01", SITE), (None, None)):
        judgement = judge(record(**CODED, site_external_id=site), OPERATOR, surroundings())

        assert isinstance(judgement, Quarantined)
        assert (judgement.reason, judgement.site, judgement.accepted) == ("unmapped_item", expected, None)


@pytest.mark.parametrize("period", [days("2021-12-31", "2022-01-02"), days("2020-12-31", "2021-01-02"), days("2021-03-01", "2021-03-02")])
def test_a_day_in_a_closed_period_waits_and_keeps_what_it_would_be(period: dict):
    judgement = judge(record(period=period), OPERATOR, surroundings(closed=CLOSED))

    assert isinstance(judgement, Quarantined)
    assert judgement.reason == "closed_period"
    assert isinstance(judgement.accepted, Accepted)


def test_what_is_wrong_is_refused_before_it_could_wait():
    judgement = judge(record(quantity={"value": "1", "unit": "kg"}), OPERATOR, surroundings(closed=CLOSED))

    assert isinstance(judgement, Refused)


@pytest.mark.parametrize(
    ("said", "pointer", "code"),
    [
        ({"site_external_id": "XX-01"}, "/site_external_id", "unknown_site"),
        ({"site_external_id": None}, "/site_external_id", "required"),
        ({"activity_type": "electricity.gird"}, "/activity_type", "unknown_activity_type"),
        ({"quantity": {"value": "1", "unit": "furlong"}}, "/quantity/unit", "unknown_unit"),
        ({"quantity": {"value": "1", "unit": "kg"}}, "/quantity/unit", "dimension_mismatch"),
        ({"quantity": {"value": "1"}}, "/quantity/unit", "required"),
        ({"scope": 1}, "/scope", "scope_mismatch"),
        ({"scope": 2, "category": "s3.8"}, "/scope", "scope_mismatch"),
        ({"period": days("1989-12-31", "1990-01-02")}, "/period", "period_out_of_range"),
        ({"period": days("2100-12-31", "2101-01-02")}, "/period", "period_out_of_range"),
        ({"period": days("2021-01-01", "2024-01-05")}, "/period/end", "period_too_long"),
        (CODED | {"quantity": {"value": "1", "unit": "furlong"}}, "/quantity/unit", "unknown_unit"),
    ],
)
def test_a_wrong_record_is_refused_at_its_field(said: dict, pointer: str, code: str):
    judgement = judge(record(**said), OPERATOR, surroundings())

    assert isinstance(judgement, Refused)
    assert [(error.pointer, error.code) for error in judgement.problem.errors] == [(pointer, code)]


def test_a_unit_that_the_mapping_cannot_be_converted_to_is_refused():
    litres = surroundings({"G-1": Mapping(GAS.id, "Nm3", SITE, None)})
    judgement = judge(record(activity_type=None, item_code="G-1", quantity={"value": "1", "unit": "L"}), OPERATOR, litres)

    assert isinstance(judgement, Refused)
    assert judgement.problem.errors[0].code == "dimension_mismatch"


def test_three_whole_years_are_the_longest_period():
    assert isinstance(judge(record(period=days("2020-01-01", "2023-01-01")), OPERATOR, surroundings()), Accepted)


def test_a_client_writes_for_its_own_source_systems_only():
    narrowed = replace(OPERATOR, source_systems=("erp",))

    judgement = judge(record(), narrowed, surroundings())

    assert isinstance(judgement, Refused)
    assert judgement.problem.type.status == 403


def test_a_client_narrowed_to_entities_names_the_site_even_of_what_waits():
    judgement = judge(record(**CODED, site_external_id=None), replace(OPERATOR, entity_ids=("x",)), surroundings())

    assert isinstance(judgement, Refused)
    assert [error.pointer for error in judgement.problem.errors] == ["/site_external_id"]


def test_the_hint_names_what_the_unit_lacks():
    judgement = judge(record(activity_type=GAS.id), OPERATOR, surroundings())

    assert isinstance(judgement, Refused)
    assert judgement.problem.errors[0].hint == "Say on which heating value: kWh_gross or kWh_net."


def test_misspelt_names_are_guessed_and_far_ones_are_not():
    known = ["electricity.grid", "fuel.natural_gas", "fuel.diesel", "vehicle_fuel.diesel"]

    assert nearest("electricity.gird", known) == ["electricity.grid"]
    assert nearest("fuel.desel", known)[0] == "fuel.diesel"
    assert nearest("paper", known) == []
