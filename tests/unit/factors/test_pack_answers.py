"""Questions to the whole shipped pack, drawn at random: scope 1 and 2 get direct factors, and electricity is that of its country."""

import random
from datetime import UTC, datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ghg.units import unit
from services.factors.domain.catalogue import Catalogue, StoredFactor, make_catalogue
from services.factors.domain.regions import country_of
from services.factors.domain.resolution import Question, resolve
from tests.whole_pack import Pack

YEARS = st.integers(2015, 2027)
METHODS = (None, "location_based", "market_based")
PURPOSES = (None, "location_average", "residual", "fossil", "ets_compliance")
LOADED = datetime(2026, 1, 1, tzinfo=UTC)


def catalogue_of(pack: Pack, factors: list[StoredFactor]) -> Catalogue:
    datasets = {one.id: one for one in pack.datasets}
    return make_catalogue(datasets, {one.id: one for one in pack.activity_types}, factors, pack.properties, {})


def stored(pack: Pack, activity_types: set[str]) -> list[StoredFactor]:
    return [StoredFactor(one, "published", None, 1, LOADED) for one in pack.factors if one.activity_type in activity_types]


@pytest.fixture(scope="module")
def own_emissions(pack: Pack) -> Catalogue:
    """All factors of activities of scopes 1 and 2, whatever their stage."""
    return catalogue_of(pack, stored(pack, {one.id for one in pack.activity_types if one.scope in (1, 2)}))


@pytest.fixture(scope="module")
def answerable(own_emissions: Catalogue) -> list[tuple[str, str, str]]:
    """Activity types with the regions and the units for which there is a factor, be it of another stage."""
    return sorted(
        {
            (activity_type, region, one.factor.unit)
            for activity_type, shelf in own_emissions.published.items()
            for region, factors in shelf.items()
            for one in factors
        }
    )


many_questions = settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@given(data=st.data(), year=YEARS, method=st.sampled_from(METHODS), purpose=st.sampled_from(PURPOSES))
@many_questions
def test_scopes_1_and_2_get_direct_emissions_only_unless_another_stage_is_asked_for(own_emissions, answerable, data, year, method, purpose):
    activity_type, region, symbol = data.draw(st.sampled_from(answerable))

    chosen = resolve(own_emissions, Question(activity_type, region, year, symbol, method, purpose), is_corrected=False).chosen

    assert chosen is None or chosen.listed.factor.stage == "direct"


@given(data=st.data(), year=YEARS, stage=st.sampled_from(("upstream", "transmission_losses", "life_cycle")))
@many_questions
def test_another_stage_is_answered_by_that_stage(own_emissions, answerable, data, year, stage):
    activity_type, region, symbol = data.draw(st.sampled_from(answerable))

    chosen = resolve(own_emissions, Question(activity_type, region, year, symbol, stage=stage), is_corrected=False).chosen

    assert chosen is None or chosen.listed.factor.stage == stage


@given(data=st.data(), year=YEARS, method=st.sampled_from(METHODS), purpose=st.sampled_from((*PURPOSES, "life_cycle")))
@many_questions
def test_electricity_never_leaves_its_country(own_emissions, answerable, data, year, method, purpose):
    region = data.draw(st.sampled_from(sorted({region for _, region, _ in answerable})))

    chosen = resolve(own_emissions, Question("electricity.grid", region, year, "kWh", method, purpose)).chosen

    assert chosen is None or country_of(chosen.listed.factor.region) == country_of(region)


@given(data=st.data(), seed=st.integers(0, 1000), year=YEARS)
@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_the_order_in_which_the_pack_is_loaded_changes_no_answer(pack, own_emissions, answerable, data, seed, year):
    activity_type, region, symbol = data.draw(st.sampled_from(answerable))
    shuffled = stored(pack, {activity_type})
    random.Random(seed).shuffle(shuffled)
    question = Question(activity_type, region, year, symbol)

    answer = resolve(catalogue_of(pack, shuffled), question, is_corrected=False)

    expected = resolve(own_emissions, question, is_corrected=False)
    assert (answer.outcome, [one.listed.factor.id for one in answer.candidates]) == (
        expected.outcome,
        [one.listed.factor.id for one in expected.candidates],
    )


def test_no_default_of_scopes_1_and_2_is_of_another_stage_than_direct(pack):
    scopes = {one.id: one.scope for one in pack.activity_types}

    assert [
        one.key
        for one in pack.factors
        if one.is_default and scopes[one.activity_type] in (1, 2) and one.stage != "direct" and one.purpose != "life_cycle"
    ] == []


def test_every_unit_of_a_factor_and_of_its_price_is_known(pack):
    assert {unit(one.unit).symbol for one in pack.factors} == {one.unit for one in pack.factors}
