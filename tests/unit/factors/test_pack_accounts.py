"""What holds for the whole pack: rows add up, one default answers, ids identify, units are known."""

from collections import Counter
from fractions import Fraction

from ghg.units import unit, unit_pair
from services.factors.catalogue.contribution import identity_of
from services.factors.catalogue.pack_format import record_of
from services.factors.catalogue.source_files import PINNED

STAGES = {"direct", "upstream", "transmission_losses", "life_cycle"}

# Data rows of each file, as counted independently of the importers
ROWS = {
    "amee-mit/amee_process_factors_2011_MIT.zip": 1974,  # over 93 CSV files
    "cn-mee/electricity_carbon_footprint_factors.csv": 21,
    "cn-mee/electricity_co2_factors.csv": 120,
    "cn-mee/fuel_default_coefficients.csv": 37,
    "cn-mee/originals/2023_power_co2_factors_notice_2025-47.pdf": 2,  # pages
    "cn-mee/originals/2024_power_carbon_footprint_factors.pdf": 1,  # pages
    "cn-mee/other_constants.csv": 3,
    "fr-ademe/Base_Carbone_V23.6_valid.csv.gz": 11445,
    "fr-ademe/spend_factors_kEUR_2019-2023.csv": 282,
    "grid-aib/aib_residual_mix_2022_2024.csv": 102,
    "grid-ember/average-intensities.json": 222,
    "grid-eurostat/eurostat-grid-2023-derived.json": 30,
    "grid-ifi/IFI_Default_Grid_Factors_2021_v3.1.csv": 240,
    "grid-national/national_grid_factors.csv": 50,
    "gwp/ar5_fossil_biogenic.json": 14,
    "gwp/ar6_7sm_metrics.csv": 249,
    "gwp/ar6_fossil_biogenic.json": 14,
    "gwp/globalwarmingpotentials.csv": 105,
    "gwp/gwp100_tidy.csv": 454,
    "gwp/refrigerant_blend_composition.csv": 370,
    "gwp/refrigerant_blend_gwp_computed.csv": 126,
    "india/open-india-emission-factors_v1_2.json": 116,
    "ipcc/efdb_2006_industrial_processes.csv": 401,
    "ipcc/efdb_2006_mobile_combustion.csv": 418,
    "ipcc/efdb_2006_waste.csv": 472,
    "ipcc/ipcc2006_ncv_carbon_content.csv": 54,
    "ipcc/ipcc2006_stationary_combustion.csv": 648,
    "thailand-tgo/tgo_cfo_2022-04.csv": 49,
    "thailand-tgo/tgo_cfp_2022-07.csv": 593,
    "uk-desnz/conversion-factors-2021-flat.xls": 7606,
    "uk-desnz/conversion-factors-2022-flat.csv": 8039,
    "uk-desnz/conversion-factors-2023-flat.xlsx": 8038,
    "uk-desnz/conversion-factors-2025-flat.csv": 8740,
    "uk-desnz/conversion-factors-2025-full.xlsx": 39,  # sheet Fuel properties
    "uk-desnz/conversion-factors-2026-revised-derived.json": 893,
    "uk-desnz/conversion-factors-2026-v1-full.xlsx": 9062,  # figures and the lines of three sheets of text
    "uk-desnz/desnz_flat_2021-2025_tidy.csv.gz": 41162,
    "us-egrid/egrid-2023-subregions-derived.json": 27,
    "us-epa-hub/emission-factors-hub-2021.xlsx": 503,  # filled rows
    "us-epa-hub/emission-factors-hub-2024.xlsx": 427,  # filled rows
    "us-epa-hub/emission-factors-hub-2025.xlsx": 536,  # filled rows
    "us-epa-hub/epa_hub_2025_tidy.csv": 1309,
    "us-epa-supply-chain/v1.2_NAICS_CO2e_USD2021.csv": 1016,
    "us-epa-supply-chain/v1.3.0_NAICS_CO2e_USD2022.csv": 1016,
    "us-epa-supply-chain/v1.3.0_NAICS_byGHG_USD2022.csv": 18288,
}


def test_every_row_of_every_file_is_loaded_or_excluded_with_a_reason(pack):
    loaded, excluded = Counter(), Counter()
    for dataset in pack.datasets:
        for file in dataset.source_files:
            loaded[file.path] += file.rows_loaded
            excluded[file.path] += file.rows_excluded

    assert {path: loaded[path] + excluded[path] for path in loaded} == ROWS == {path: ROWS[path] for path in PINNED}
    assert Counter(row.file for row in pack.excluded_rows) == +excluded
    assert all(row.reason for row in pack.excluded_rows)


def test_a_default_is_of_its_activity_types_own_stage_which_is_direct_in_scopes_1_and_2(pack):
    types = {one.id: one for one in pack.activity_types}

    for one in pack.factors:
        assert one.stage in STAGES
        if one.is_default and one.purpose != "life_cycle":
            assert one.stage == types[one.activity_type].stage, one.key
    assert {one.stage for one in types.values() if one.scope in (1, 2)} == {"direct"}


def test_one_default_of_a_data_set_answers_for_each_activity_region_year_and_kind_of_unit(pack):
    answers = Counter(
        (one.dataset, one.activity_type, one.region, one.data_year, unit(one.unit).dimension, one.purpose)
        for one in pack.factors
        if one.is_default
    )

    assert [question for question, count in answers.items() if count > 1] == []


def test_every_other_factor_of_a_data_set_is_told_apart_by_stage_purpose_and_technology(pack):
    answers = Counter(
        (one.dataset, one.activity_type, one.region, one.data_year, unit(one.unit).dimension, one.stage, one.purpose, one.technology)
        for one in pack.factors
    )

    assert [question for question, count in answers.items() if count > 1] == []


def test_at_most_one_property_of_a_region_and_year_connects_two_kinds_of_units_of_a_fuel(pack):
    serving = Counter(
        (activity, one.name, *(part.dimension for part in unit_pair(one.unit)), one.region, one.data_year)
        for one in pack.properties
        for activity in one.activity_types
    )

    assert [question for question, count in serving.items() if count > 1] == []


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
