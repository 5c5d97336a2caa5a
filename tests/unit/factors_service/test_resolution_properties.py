"""What holds for every question, over the shipped catalogue."""

import random
from dataclasses import replace
from fractions import Fraction

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ghg.units import Quantity, convert, unit, units
from services.factors.domain.answers import resolution_answer
from services.factors.domain.catalogue import Catalogue
from services.factors.domain.regions import WORLD, country_of
from services.factors.domain.resolution import Question, resolve
from tests.unit.factors_service.conftest import catalogue_of
from tests.whole_pack import Pack

REGIONS = ("CN", "CN-GD", "CN-XZ", "CN-TW", "grid:CN-SOUTH", "GB", "GB-ENG", "US", "US-CA", "MX", "VN", "TW", "GLO")
PURPOSES = (None, None, "location_average", "residual", "fossil", "ets_compliance")
METHODS = (None, None, "location_based", "market_based", "none")
quick = settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@st.composite
def questions(draw: st.DrawFn, activity_types: list[str]) -> Question:
    usual = st.sampled_from(("electricity.grid", "fuel.diesel", "fuel.natural_gas", "vehicle_fuel.petrol", "refrigerant.R-410A"))
    return Question(
        activity_type=draw(usual | st.sampled_from(activity_types)),
        region=draw(st.sampled_from(REGIONS)),
        year=draw(st.integers(2004, 2032)),
        unit=draw(st.sampled_from(("kWh", "L", "kg", "m3", "t", "GJ_net")) | st.sampled_from([one.symbol for one in units()])),
        method=draw(st.sampled_from(METHODS)),
        purpose=draw(st.sampled_from(PURPOSES)),
    )


@pytest.fixture(scope="session")
def shuffled(pack: Pack) -> Catalogue:
    order = random.Random(7)
    factors, properties = list(pack.factors), list(pack.properties)
    order.shuffle(factors)
    order.shuffle(properties)
    return catalogue_of(replace(pack, factors=tuple(factors), properties=tuple(properties)))


@quick
@given(data=st.data())
def test_the_answer_does_not_depend_on_the_order_in_which_the_catalogue_was_read(
    catalogue: Catalogue, shuffled: Catalogue, data: st.DataObject
) -> None:
    question = data.draw(questions(sorted(catalogue.activity_types)))

    answers = [resolution_answer(resolve(one, question), one.datasets) for one in (catalogue, shuffled, catalogue)]

    assert answers[0] == answers[1] == answers[2]


@quick
@given(data=st.data())
def test_what_is_chosen_keeps_the_rules(catalogue: Catalogue, data: st.DataObject) -> None:
    question = data.draw(questions(sorted(catalogue.activity_types)))

    selection = resolve(catalogue, question)

    if selection.chosen is None:
        assert selection.outcome != "resolved"
        assert len(selection.candidates) <= 5
        assert all(candidate.misfits for candidate in selection.candidates)
        return
    listed = selection.chosen.listed
    factor, activity_type = listed.factor, catalogue.activity_types[question.activity_type]
    assert factor.activity_type == question.activity_type
    assert factor.stage == "direct"
    if activity_type.category == "electricity":
        assert country_of(factor.region) == ("TW" if question.region == "CN-TW" else country_of(question.region))
        by_method = "residual" if question.method == "market_based" else "location_average"
        assert factor.purpose == (question.purpose or by_method)
    else:
        assert factor.region == WORLD or country_of(factor.region) == ("TW" if question.region == "CN-TW" else country_of(question.region))
        assert factor.region != WORLD or listed.dataset.is_global
        assert factor.purpose == question.purpose
    assert factor.data_year is None or 0 <= question.year - factor.data_year <= 5
    used = [one.connects for one in selection.chosen.connection or ()]
    assert convert(Quantity(Fraction(1), unit(question.unit)), listed.emission.unit, used).ratio > 0


@quick
@given(data=st.data())
def test_every_candidate_gives_a_reason_and_the_chosen_one_stands_first(catalogue: Catalogue, data: st.DataObject) -> None:
    question = data.draw(questions(sorted(catalogue.activity_types)))

    answer = resolution_answer(resolve(catalogue, question), catalogue.datasets)

    assert answer.detail
    assert all(candidate.reasons for candidate in answer.candidates)
    assert [candidate.chosen for candidate in answer.candidates].count(True) == (answer.outcome == "resolved")
    if answer.factor is not None:
        assert answer.candidates[0].chosen and answer.candidates[0].factor_id == answer.factor.id


def test_a_refrigerant_by_its_number_is_told_the_name_of_its_gas(catalogue: Catalogue) -> None:
    selection = resolve(catalogue, Question("refrigerant.R-32", "CN", 2024, "kg"))

    assert selection.outcome == "unknown_activity_type"
    assert "did you mean refrigerant.HFC-32?" in selection.detail
