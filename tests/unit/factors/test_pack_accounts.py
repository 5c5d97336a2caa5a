"""What holds for the whole pack: rows add up, one default answers, ids identify, units are known."""

from collections import Counter
from fractions import Fraction

from ghg.units import unit, unit_pair
from services.factors.catalogue.contribution import identity_of
from services.factors.catalogue.pack_format import record_of

# Data rows of each file, as counted independently of the importers
ROWS = {
    "cn-mee/electricity_co2_factors.csv": 120,
    "cn-mee/fuel_default_coefficients.csv": 37,
    "cn-mee/other_constants.csv": 3,
    "grid-national/national_grid_factors.csv": 50,
    "gwp/gwp100_tidy.csv": 454,
    "gwp/refrigerant_blend_composition.csv": 370,
    "ipcc/efdb_2006_mobile_combustion.csv": 418,
    "ipcc/ipcc2006_ncv_carbon_content.csv": 54,
    "ipcc/ipcc2006_stationary_combustion.csv": 648,
    "uk-desnz/conversion-factors-2021-flat.xls": 7606,
    "uk-desnz/conversion-factors-2025-flat.csv": 8740,
    "uk-desnz/conversion-factors-2025-full.xlsx": 39,  # sheet Fuel properties
}


def test_every_row_of_every_file_is_loaded_or_excluded_with_a_reason(pack):
    loaded, excluded = Counter(), Counter()
    for dataset in pack.datasets:
        for file in dataset.source_files:
            loaded[file.path] += file.rows_loaded
            excluded[file.path] += file.rows_excluded

    assert {path: loaded[path] + excluded[path] for path in ROWS} == ROWS
    assert Counter(row.file for row in pack.excluded_rows) == +excluded
    assert all(row.reason for row in pack.excluded_rows)


def test_only_direct_factors_answer_by_default_so_scope_1_and_2_take_no_other(pack):
    scopes = {one.id: one.scope for one in pack.activity_types}

    assert {one.stage for one in pack.factors if one.is_default} == {"direct"}
    assert {scopes[one.activity_type] for one in pack.factors} == {1, 2}
    assert {one.stage for one in pack.factors} == {"direct", "upstream", "transmission_losses"}


def test_one_default_answers_for_each_activity_region_year_and_kind_of_unit(pack):
    answers = Counter((one.activity_type, one.region, one.data_year, unit(one.unit).dimension) for one in pack.factors if one.is_default)

    assert [question for question, count in answers.items() if count > 1] == []


def test_every_other_factor_is_told_apart_by_stage_purpose_and_technology(pack):
    answers = Counter(
        (one.activity_type, one.region, one.data_year, unit(one.unit).dimension, one.stage, one.purpose, one.technology)
        for one in pack.factors
    )

    assert [question for question, count in answers.items() if count > 1] == []


def test_at_most_one_property_serves_per_region_and_one_country_stands_in_elsewhere(pack):
    serving = [
        (activity, one.name, *(part.dimension for part in unit_pair(one.unit)), one.region)
        for one in pack.properties
        for activity in one.activity_types
    ]
    foreign = Counter(key[:-1] for key in serving if key[-1] not in ("CN", "GLO"))

    assert max(Counter(serving).values()) == 1
    assert max(foreign.values()) == 1


def test_ids_are_made_of_the_whole_record(pack):
    assert len({one.id for one in pack.factors}) == len({one.key for one in pack.factors}) == len(pack.factors)
    for one in (*pack.factors[::50], *pack.properties):
        assert identity_of(record_of(one)) == one.id


def test_masses_are_exact_and_never_negative(pack):
    parts = [part for one in pack.factors for part in (*one.gases, *([one.biogenic_co2] if one.biogenic_co2 else []))]

    assert all(isinstance(part.kg_per_unit, Fraction) and part.kg_per_unit >= 0 for part in parts)
    assert all((part.gwp_basis is not None) == (part.gas == "CO2e") for part in parts)
    assert all(part.row and part.printed_value and part.printed_unit and part.derivation for part in parts)


def test_every_reference_leads_somewhere(pack):
    datasets, activities = {one.id for one in pack.datasets}, {one.id for one in pack.activity_types}
    properties = {one.id for one in pack.properties}

    for one in pack.factors:
        assert one.dataset in datasets
        assert one.activity_type in activities
        assert set(one.properties) <= properties
        assert {part.dataset for part in one.gases} <= datasets
    assert {activity for one in pack.properties for activity in one.activity_types} <= activities
    assert {one.activity_type for one in pack.factors} == activities


def test_each_unit_is_one_that_its_activity_type_names(pack):
    dimensions = {one.id: one.unit_dimensions for one in pack.activity_types}

    assert all(unit(one.unit).dimension in dimensions[one.activity_type] for one in pack.factors)


def test_every_data_set_has_a_licence_an_attribution_and_a_tier_that_may_ship(pack):
    assert {one.tier for one in pack.datasets} == {"A", "A*"}
    assert all(one.licence and one.attribution and one.source_files for one in pack.datasets)


def test_names_are_given_in_english_and_chinese(pack):
    for one in pack.activity_types:
        assert one.name_en
        assert any("\u4e00" <= character <= "\u9fff" for character in one.name_zh), one.id
