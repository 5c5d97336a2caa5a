"""The rules by which a factor is chosen, one by one, over catalogues of a few factors."""

from dataclasses import replace

import pytest

from services.factors.catalogue.pack_model import Factor
from services.factors.domain.preferences import Preference
from services.factors.domain.resolution import Question, Selection, resolve
from tests.unit.factors_service.small_catalogue import DIESEL, GRID, STEEL, WIND, catalogue_with, dataset, density, factor


def diesel(region: str = "CN", year: int = 2021, unit: str = "t", **more: str) -> Question:
    return Question("fuel.diesel", region, year, unit, **more)


def electricity(region: str = "CN", year: int = 2021, **more: str) -> Question:
    return Question("electricity.grid", region, year, "kWh", **more)


def chosen(selection: Selection) -> str | None:
    return selection.chosen.listed.factor.id if selection.chosen else None


def reasons(selection: Selection, factor_id: str) -> list[str]:
    return next(one.reasons for one in selection.candidates if one.listed.factor.id == factor_id)


def test_a_subdivision_falls_back_to_its_country() -> None:
    catalogue = catalogue_with([factor("national")])

    selection = resolve(catalogue, diesel("CN-GD"))

    assert chosen(selection) == "national"
    assert "country CN stands in for province CN-GD" in reasons(selection, "national")


def test_the_nearest_region_wins() -> None:
    catalogue = catalogue_with([factor("national"), factor("of the province", region="CN-GD")])

    assert chosen(resolve(catalogue, diesel("CN-GD"))) == "of the province"


def test_the_world_serves_only_for_data_sets_that_declare_themselves_global() -> None:
    worldwide = dataset("worldwide", is_global=True)
    national = factor("of no country", region="GLO")

    assert chosen(resolve(catalogue_with([national]), diesel())) is None
    declared = catalogue_with([factor("default", region="GLO", dataset="worldwide")], datasets=[worldwide])
    assert chosen(resolve(declared, diesel())) == "default"


def test_electricity_never_falls_back_to_the_world() -> None:
    worldwide = dataset("worldwide", is_global=True)
    catalogue = catalogue_with([factor("world", GRID, "GLO", 2021, "kWh", dataset="worldwide")], datasets=[worldwide])

    assert resolve(catalogue, electricity()).outcome == "no_factor"


def test_electricity_of_one_source_leaves_its_country_neither_by_a_global_data_set_nor_by_a_preference() -> None:
    datasets = [dataset("worldwide", is_global=True), dataset("american")]
    world, american = (
        factor(name, WIND, region, unit="kWh", stage="life_cycle", dataset=name)
        for name, region in (("worldwide", "GLO"), ("american", "US"))
    )
    preferences = {"american": (Preference("electricity.wind", 1, "US", ("CN",)),)}
    catalogue = catalogue_with([world, american], datasets=datasets, preferences=preferences)

    assert resolve(catalogue, Question(WIND.id, "CN", 2021, "kWh")).outcome == "no_factor"
    assert chosen(resolve(catalogue, Question(WIND.id, "US", 2021, "kWh"))) == "american"


def test_a_grid_falls_back_to_its_country() -> None:
    catalogue = catalogue_with([factor("south", GRID, "grid:CN-SOUTH", 2021, "kWh"), factor("national", GRID, "CN", 2021, "kWh")])

    assert chosen(resolve(catalogue, electricity("grid:CN-SOUTH"))) == "south"
    assert chosen(resolve(catalogue, electricity("grid:CN-NORTH"))) == "national"


def test_taiwan_hong_kong_and_macao_are_not_served_by_the_mainlands_factor() -> None:
    catalogue = catalogue_with([factor("mainland", GRID, "CN", 2021, "kWh"), factor("taiwan", GRID, "TW", 2021, "kWh")])

    assert chosen(resolve(catalogue, electricity("CN-TW"))) == "taiwan"
    assert chosen(resolve(catalogue, electricity("CN-HK"))) is None


def test_another_countrys_combustion_factor_is_a_candidate_and_never_chosen() -> None:
    catalogue = catalogue_with([factor("british", region="GB")])

    selection = resolve(catalogue, diesel("CN"))

    assert selection.outcome == "no_factor"
    assert "country GB: never chosen for country CN; it serves activities there, or name it by factor_id" in reasons(selection, "british")


def test_the_nearest_data_year_up_to_the_activitys_year_wins() -> None:
    catalogue = catalogue_with([factor(str(year), GRID, "CN", year, "kWh") for year in (2019, 2020, 2022)])

    selection = resolve(catalogue, electricity(year=2021))

    assert chosen(selection) == "2020"
    assert "data year 2022 is after the activity's year 2021: it serves activities from 2022 on" in reasons(selection, "2022")


def test_a_data_year_serves_for_five_years() -> None:
    catalogue = catalogue_with([factor("old", GRID, "CN", 2016, "kWh")])

    assert chosen(resolve(catalogue, electricity(year=2021))) == "old"
    assert chosen(resolve(catalogue, electricity(year=2022))) is None


def test_a_factor_without_vintage_serves_every_year() -> None:
    catalogue = catalogue_with([factor("lasting")])

    assert {chosen(resolve(catalogue, diesel(year=year))) for year in (1995, 2021, 2040)} == {"lasting"}


def test_only_direct_emissions_are_chosen_for_scopes_1_and_2() -> None:
    catalogue = catalogue_with([factor("upstream", stage="upstream", is_default=False)])

    selection = resolve(catalogue, diesel())

    assert selection.outcome == "no_factor"
    assert "stage upstream: scope 1 takes direct emissions" in reasons(selection, "upstream")


def test_a_purpose_beside_the_default_is_used_only_when_asked_for() -> None:
    purposes = ("residual", "fossil", "ets_compliance")
    average = factor("average", GRID, "CN", 2021, "kWh")
    others = [factor(purpose, GRID, "CN", 2021, "kWh", purpose=purpose, is_default=False) for purpose in purposes]
    whole_life = factor("life_cycle", GRID, "CN", 2021, "kWh", purpose="life_cycle", stage="life_cycle", is_default=False)
    catalogue = catalogue_with([average, *others, whole_life])

    assert chosen(resolve(catalogue, electricity())) == "average"
    for purpose in (*purposes, "life_cycle"):
        assert chosen(resolve(catalogue, electricity(purpose=purpose))) == purpose
    assert chosen(resolve(catalogue_with([*others, whole_life]), electricity())) is None


def test_market_based_electricity_takes_the_residual_mix_or_nothing() -> None:
    average = factor("average", GRID, "CN", 2021, "kWh")
    residual = factor("residual", GRID, "CN", 2021, "kWh", purpose="residual", is_default=False)

    assert chosen(resolve(catalogue_with([average, residual]), electricity(method="market_based"))) == "residual"
    assert chosen(resolve(catalogue_with([average]), electricity(method="market_based"))) is None


def test_electricity_without_method_is_refused() -> None:
    selection = resolve(catalogue_with([factor("average", GRID, "CN", 2021, "kWh")]), electricity(method="none"))

    assert selection.outcome == "no_factor"
    assert "location_based or market_based" in selection.detail


def test_a_technology_beside_the_default_is_a_candidate_only() -> None:
    power = factor("power", technology="energy industries", is_default=False)

    selection = resolve(catalogue_with([power]), diesel())

    assert selection.outcome == "no_factor"
    assert "technology energy industries: it is used only when named by factor_id" in reasons(selection, "power")


def test_a_factor_in_the_asked_dimension_is_preferred_to_one_that_a_property_connects() -> None:
    catalogue = catalogue_with([factor("per tonne"), factor("per litre", unit="L")], [density("a", "830", "CN")])

    assert chosen(resolve(catalogue, diesel(unit="L"))) == "per litre"
    assert chosen(resolve(catalogue, diesel(unit="kg"))) == "per tonne"


def test_the_nearer_year_is_preferred_even_if_it_needs_a_property() -> None:
    catalogue = catalogue_with([factor("old", year=2020, unit="L"), factor("new", year=2021)], [density("a", "830", "CN")])

    assert chosen(resolve(catalogue, diesel(unit="L"))) == "new"


def test_a_property_says_in_its_reason_and_its_note_where_it_is_from() -> None:
    selection = resolve(catalogue_with([factor("per tonne")], [density("a", "830.565", "GB", 2025)]), diesel(unit="L"))

    assert "per t: L converts through density 830.565 kg/m3 (GB, 2025)" in reasons(selection, "per tonne")
    assert selection.chosen is not None and selection.chosen.connection is not None
    assert selection.chosen.connection[0].connects.note == "of another region: country GB; of another year: 2025"


def test_properties_are_preferred_by_own_region_then_world_then_other_countries_then_nearest_year() -> None:
    ranked = [density("own", "1", "CN"), density("world", "2", "GLO"), density("near", "3", "GB", 2020), density("far", "4", "GB", 2025)]

    for first in range(len(ranked)):
        selection = resolve(catalogue_with([factor("per tonne")], reversed(ranked[first:])), diesel("CN-GD", unit="L"))
        assert selection.chosen is not None and selection.chosen.connection is not None
        assert [used.id for used in selection.chosen.connection] == [ranked[first].id]


def test_a_dimension_that_nothing_connects_is_said_with_what_would_help() -> None:
    selection = resolve(catalogue_with([factor("per tonne")]), diesel(unit="L"))

    assert selection.outcome == "dimension_mismatch"
    assert "a density of this fuel would connect them" in selection.detail


def test_a_dimension_that_the_activity_never_has_is_refused_even_where_no_factor_is() -> None:
    assert resolve(catalogue_with([]), electricity("CN")).outcome == "no_factor"
    assert resolve(catalogue_with([]), Question("electricity.grid", "CN", 2021, "kg")).outcome == "dimension_mismatch"


def test_fuel_energy_without_a_heating_value_basis_is_told_how_to_write_it() -> None:
    selection = resolve(catalogue_with([factor("per tonne")]), diesel(unit="kWh"))

    assert selection.outcome == "dimension_mismatch"
    assert "write kWh_gross or kWh_net" in selection.detail


def test_unknown_names_are_answered_with_the_nearest_known_ones() -> None:
    catalogue = catalogue_with([factor("national")])

    assert "fuel.diesel" in resolve(catalogue, Question("fuel.diesl", "CN", 2021, "t")).detail
    assert "short_ton" in resolve(catalogue, diesel(unit="ton")).detail


def test_the_asked_data_set_alone_answers() -> None:
    datasets = [dataset("first"), dataset("second")]
    catalogue = catalogue_with([factor("a", dataset="first"), factor("b", dataset="second")], datasets=datasets)

    assert chosen(resolve(catalogue, diesel(dataset="second"))) == "b"
    assert "data set first, asked is third" in reasons(resolve(catalogue, diesel(dataset="third")), "a")


def test_a_tie_goes_to_the_newest_revision_and_then_to_the_smaller_id() -> None:
    datasets = [dataset("old", published_on="2024-01-01"), dataset("new", published_on="2024-06-01")]
    revisions = [factor("a", dataset="old"), factor("c", dataset="new"), factor("b", dataset="new")]

    assert chosen(resolve(catalogue_with(revisions, datasets=datasets), diesel())) == "b"


def test_a_refusal_names_at_most_five_alternatives_nearest_first() -> None:
    provinces = ("BJ", "GX", "HE", "NM", "SD", "SH", "TJ")
    later = factor("later", GRID, "CN-GD", 2022, "kWh")
    catalogue = catalogue_with([later, *(factor(name, GRID, f"CN-{name}", 2021, "kWh") for name in provinces)])

    selection = resolve(catalogue, electricity("CN-GD"))

    assert selection.outcome == "no_factor"
    assert len(selection.candidates) == 5
    assert selection.candidates[0].listed.factor.id == "later"


def test_an_upstream_factor_answers_when_its_stage_is_asked_for() -> None:
    catalogue = catalogue_with([factor("direct"), factor("upstream", stage="upstream", is_default=False)])

    assert chosen(resolve(catalogue, diesel())) == "direct"
    assert chosen(resolve(catalogue, diesel(stage="upstream"))) == "upstream"


@pytest.mark.parametrize("purpose", [None, "life_cycle"])
@pytest.mark.parametrize("asked", [{"purpose": "life_cycle"}, {"stage": "life_cycle"}, {"purpose": "life_cycle", "stage": "life_cycle"}])
def test_life_cycle_is_the_same_whether_it_is_called_a_stage_or_a_purpose(purpose: str | None, asked: dict[str, str]) -> None:
    whole = [
        factor("fuel", DIESEL, "CN", stage="life_cycle", purpose=purpose, is_default=False),
        factor("grid", GRID, "CN", 2021, "kWh", stage="life_cycle", purpose=purpose, is_default=False),
    ]
    catalogue = catalogue_with([*whole, factor("burning"), factor("average", GRID, "CN", 2021, "kWh")])

    assert chosen(resolve(catalogue, diesel(**asked))) == "fuel"
    assert chosen(resolve(catalogue, electricity(**asked))) == "grid"
    assert resolve(catalogue, diesel(purpose="life_cycle", stage="direct")).outcome == "no_factor"
    assert (chosen(resolve(catalogue, diesel())), chosen(resolve(catalogue, electricity()))) == ("burning", "average")


def test_losses_of_the_grid_have_no_purpose_and_answer_by_their_stage() -> None:
    losses = factor("losses", GRID, "GB", 2021, "kWh", stage="transmission_losses", purpose=None, is_default=False)
    catalogue = catalogue_with([factor("average", GRID, "GB", 2021, "kWh"), losses])

    asked = Question("electricity.grid", "GB", 2021, "kWh", "location_based", stage="transmission_losses")

    assert chosen(resolve(catalogue, asked)) == "losses"


def test_what_is_bought_takes_the_emissions_of_its_life_cycle() -> None:
    catalogue = catalogue_with([factor("steel", STEEL, stage="life_cycle"), factor("melting", STEEL, stage="direct", is_default=False)])

    assert chosen(resolve(catalogue, Question("material.steel", "CN", 2021, "t"))) == "steel"


def test_an_own_factor_goes_before_a_nearer_published_one_and_a_ranked_data_set_before_the_rest() -> None:
    near = factor("near", region="CN-GD", year=2021)
    ranked = factor("ranked", year=2020, dataset="ranked")
    own = factor("own", year=2019, dataset="own")
    datasets = [dataset(), dataset("ranked"), dataset("own")]
    preferences = {"ranked": (Preference("fuel.*", 2),)}

    def best(*factors: Factor) -> str | None:
        return chosen(resolve(catalogue_with(factors, (), datasets, preferences), diesel("CN-GD", 2021)))

    assert best(near, ranked, own) == "own"
    assert best(near, ranked) == "ranked"
    assert best(near) == "near"


def test_a_region_stands_in_where_the_organisation_has_decided_so() -> None:
    american = factor("american", STEEL, "US", stage="life_cycle")
    decided = {"national": (Preference("material.*", 1, "US", ("CN", "VN")),)}
    asked = Question("material.steel", "CN-GD", 2021, "t")

    assert resolve(catalogue_with([american]), asked).outcome == "no_factor"
    selection = resolve(catalogue_with([american], preferences=decided), asked)

    assert chosen(selection) == "american"
    assert "country US stands in for country CN, as the organisation has decided" in reasons(selection, "american")
    assert resolve(catalogue_with([american], preferences=decided), replace(asked, region="DE")).outcome == "no_factor"


def test_gases_go_before_co2e_alone_which_no_other_gwp_set_can_be_put_to() -> None:
    in_gases = factor("z in gases", gas_coverage="CO2+CH4+N2O")
    co2e = factor("a co2e", gas_coverage="CO2e", dataset="another")

    assert chosen(resolve(catalogue_with([in_gases, co2e], datasets=[dataset(), dataset("another")]), diesel())) == "z in gases"
