"""ADEME: every row of the Base Carbone and of the spend factors accounted for, each quirk, and spot values with their arithmetic."""

import csv
import gzip
from collections import Counter
from collections.abc import Callable
from fractions import Fraction

import pytest

from ghg.units import unit
from services.factors.catalogue.contribution import Contribution
from services.factors.catalogue.importers.fr_ademe import import_fr_ademe
from services.factors.catalogue.importers.fr_ademe.figures import GWPS
from services.factors.catalogue.importers.fr_ademe.rows import BASE_CARBONE, AdemeRow, read_rows
from services.factors.catalogue.importers.fr_ademe.spend import import_spend
from services.factors.catalogue.importers.uk_desnz import import_uk_desnz
from services.factors.catalogue.pack_model import Factor
from services.factors.catalogue.printed_numbers import printed_number
from services.factors.catalogue.source_files import SourceFolder
from services.factors.catalogue.taxonomy import written_activity_types

from .conftest import SOURCES, masses

BASE, FOREIGN, SPEND = "fr-ademe-base-carbone", "fr-ademe-foreign-grids", "fr-ademe-spend"


@pytest.fixture(scope="module")
def share() -> Contribution:
    return import_fr_ademe(SourceFolder(SOURCES))


@pytest.fixture(scope="module")
def rows() -> list[AdemeRow]:
    return read_rows(SourceFolder(SOURCES))


@pytest.fixture(scope="module")
def spend_elements(rows) -> frozenset[str]:
    return import_spend(SourceFolder(SOURCES), rows, Contribution())


@pytest.fixture(scope="module")
def one(share) -> Callable[..., Factor]:
    """The one factor of an activity with these attributes; in France unless a region is named."""

    def find(activity_type: str, *, region: str = "FR", **attributes: object) -> Factor:
        wanted = {"activity_type": activity_type, "region": region, **attributes}
        found = [factor for factor in share.factors if all(getattr(factor, name) == value for name, value in wanted.items())]
        assert len(found) == 1, [factor.key for factor in found]
        return found[0]

    return find


@pytest.fixture(scope="module")
def reason_of(share) -> Callable[[str], set[str]]:
    """The reasons for which rows of an element were left out."""

    def find(element_id: str) -> set[str]:
        return {row.reason for row in share.excluded_rows if row.text.startswith(f"{element_id} |")}

    return find


def test_every_row_of_both_files_is_loaded_or_excluded_with_a_reason(share):
    accounts = {dataset.id: (dataset.rows_loaded, dataset.rows_excluded) for dataset in share.datasets}
    with gzip.open(SOURCES / BASE_CARBONE, "rt", encoding="utf-8", newline="") as file:
        lines = sum(1 for _ in csv.reader(file)) - 1

    assert accounts == {BASE: (7382, 3926), FOREIGN: (136, 1), SPEND: (282, 0)}
    assert lines == 11_445 == 7382 + 3926 + 136 + 1
    assert all(row.reason for row in share.excluded_rows)


def test_reasons_say_what_the_rows_are(share):
    counted = Counter(" ".join(row.reason.split()[:4]) for row in share.excluded_rows)

    assert counted == {
        "source data by the": 1645,
        "a part of the": 1052,  # making, transport and energy of goods, making of vehicles
        "the same as element": 354,  # the factor per GJ beside the one per kWh; potassium nitrate twice
        "the same figure as": 282,  # spend
        "a global warming potential,": 266,
        "a forest's yearly balance": 185,
        "emissions avoided elsewhere by": 102,
        "a removal, or emissions": 19,
        "of the building label": 9,
        "superseded by element 24305": 4,  # Guadeloupe: the element and three items
        "superseded by element 28175": 1,
        "superseded by element 28176": 1,
        "superseded by element 43778": 1,
        "superseded by element 43785": 1,
        "prints no combustion for": 2,
        "its total is the": 1,
        "a golf ball by": 1,
        "the Netherlands Antilles were": 1,
    }


@pytest.mark.parametrize(
    ("activity", "attributes", "expected"),
    [
        # 0.354 kg CO2, 0.0001 kg CO2e of CH4 / 27.9, 0.00147 kg CO2e of N2O / 273
        (
            "fuel.anthracite",
            {"unit": "kWh_net", "stage": "direct", "is_default": True},
            {"CO2": "0.354", "CH4_fossil": "1/279000", "N2O": "147/27300000"},
        ),
        # 0.0119 kg CO2, 0.0186 / 27.9 = 1/1500 kg CH4
        ("fuel.anthracite", {"unit": "kWh_net", "stage": "upstream"}, {"CO2": "0.0119", "CH4_fossil": "1/1500", "N2O": "0"}),
        # 0.571 kg CO2, 0.0053 / 27.9, 0.033 / 273
        (
            "vehicle_fuel.diesel",
            {"unit": "L", "stage": "upstream", "technology": None},
            {"CO2": "0.571", "CH4_fossil": "53/279000", "N2O": "33/273000"},
        ),
        # 2022: nothing but CO2 when it burns; 0.0112 / 27.9 upstream
        ("fuel.natural_gas", {"unit": "kWh_gross", "data_year": 2022, "stage": "direct"}, {"CO2": "0.181", "CH4_fossil": "0", "N2O": "0"}),
        ("electricity.grid", {"data_year": 2023, "stage": "direct", "technology": None, "region": "FR"}, {"CO2e": "0.0394"}),
        ("electricity.grid", {"data_year": 2023, "stage": "transmission_losses", "technology": None}, {"CO2e": "0.0053"}),
        ("electricity.nuclear", {}, {"CO2e": "0.0037"}),
        ("material.steel_or_tinplate", {"technology": "recycled"}, {"CO2e": "938"}),
        ("product.electronics.computer_portable", {}, {"CO2e": "156"}),
        ("product.food.cereal_bar_with_fruit_fortified_with_vitamins_and_minerals", {}, {"CO2e": "2.46"}),
        ("waste.glass.landfill", {}, {"CO2e": "41"}),
        # 5.73 kg CO2e of N2O / 273 per kg of nitrogen
        (
            "fertiliser.nitrogen",
            {"stage": "direct"},
            {"CO2": "0", "CH4_fossil": "0", "N2O": "573/27300"},
        ),
        # 3370 kg CO2, 2.93 / 27.9 kg CH4, 412 / 273 kg N2O per tonne of nitrogen
        (
            "material.ammonium_nitrate_33_5_percent_0_335_per_mass_of_nitrogen_n",
            {"region": "EU"},
            {"CO2": "3370", "CH4_fossil": "293/2790", "N2O": "412/273"},
        ),
        # 0.042 kg per 100 sheets
        ("product.office.black_and_white_inkjet_cartridge_repackage_per_a4_sheet", {"region": "GLO"}, {"CO2e": "0.00042"}),
        # 1.12 kg per kg of hydrogen and 100 km: 10 of these make a tonne-kilometre
        ("product.hydrogen.hydrogen_transport_at_200_bars", {}, {"CO2e": "11.2"}),
        # 166 kg per 1 000 EUR
        ("spend.ademe.travel_agencies", {"data_year": 2019}, {"CO2e": "0.166"}),
    ],
)
def test_figures_are_those_of_the_rows(one, activity, attributes, expected):
    assert masses(one(activity, **attributes)) == {gas: Fraction(value) for gas, value in expected.items()}


def test_the_gwps_behind_the_file_turn_its_rows_into_the_ipcc_default_rates(rows):
    """IPCC 2006, volume 2, table 2.2 and 2.3, per GJ: 1, 3 or 10 g of methane, 0.6, 1.5 or 3 g of nitrous oxide."""
    per_gj = [row for row in rows if row.cells["Type poste"] == "Combustion" and row.unit == "kgCO2e/GJ PCI" and row.cells["CO2f"]]
    methane = Counter(printed_number(row.cells["CH4f"]) / GWPS["CH4_fossil"] * 1000 for row in per_gj)
    nitrous_oxide = Counter(round(float(printed_number(row.cells["N2O"]) / GWPS["N2O"] * 1000), 2) for row in per_gj)

    assert [methane[grams] for grams in (1, 2, 3, 10)] == [7, 7, 19, 3]  # 0.0279, 0.0558, 0.0837 and 0.279 kg CO2e, exactly
    assert [nitrous_oxide[grams] for grams in (0.6, 1.5, 3)] == [9, 6, 9]  # 0.164, 0.41 and 0.819 kg CO2e


def test_an_element_total_never_stands_for_direct_emissions(share, one):
    totals = [factor for factor in share.factors if "Total of all items, combustion and upstream among them." in factor.notes]

    assert len(totals) > 800
    assert {factor.stage for factor in totals} == {"life_cycle"}
    assert one("fuel.anthracite", unit="kg", stage="direct").value_printed == "2.63"
    assert one("fuel.anthracite", unit="kg", stage="upstream").value_printed == "0.226"
    assert one("fuel.anthracite", unit="kg", stage="life_cycle").value_printed == "2.86"  # 2.63 + 0.226


def test_scope_1_and_2_take_direct_factors_only_by_default(share):
    kinds = {activity.id: activity for activity in (*share.activity_types, *written_activity_types().values())}
    defaults = [factor for factor in share.factors if factor.is_default and factor.activity_type in kinds]

    assert {factor.stage for factor in defaults if kinds[factor.activity_type].scope in (1, 2)} == {"direct"}
    assert all(factor.stage == kinds[factor.activity_type].stage for factor in defaults)


def test_upstream_items_that_stand_apart_are_added_up(one):
    upstream = one("fuel.hvo", unit="L", stage="upstream", technology="from used cooking oil")

    # collection and transport, processing, distribution
    assert (upstream.value_printed, masses(upstream)) == ("0.116 + 0.346 + 0.082", {"CO2e": Fraction("0.544")})


def test_a_fuel_that_prints_zero_for_burning_answers_only_when_it_is_named(one):
    pellets = one("fuel.wood_pellets", unit="kg", stage="direct")

    assert not pellets.is_default
    assert any("CH4 and N2O are not in the figure" in note for note in pellets.notes)


def test_biogenic_carbon_dioxide_is_that_of_burning_and_never_what_plants_took_up(one):
    direct = one("vehicle_fuel.diesel", unit="L", stage="direct", technology="B7")
    upstream = one("vehicle_fuel.diesel", unit="L", stage="upstream", technology=None)

    assert direct.biogenic_co2.kg_per_unit == Fraction("0.155899")
    assert upstream.biogenic_co2 is None
    assert "Biogenic CO2 of -0.155899 kg, an uptake by plants, is not counted." in upstream.notes


def test_french_electricity_is_split_into_scope_2_upstream_losses_and_life_cycle(share):
    mix = {
        (factor.stage, factor.purpose, factor.is_default): factor.value_printed
        for factor in share.factors
        if (factor.activity_type, factor.region, factor.data_year, factor.dataset) == ("electricity.grid", "FR", 2023, BASE)
        and factor.technology is None
    }

    assert mix == {
        ("direct", "location_average", True): "0.0394",
        ("upstream", None, False): "0.0133",
        ("transmission_losses", None, False): "0.0053",
        ("life_cycle", "life_cycle", False): "0.058",  # 0.0394 + 0.0133 + 0.0053
    }


def test_methane_of_a_reservoir_counts_as_direct_and_biogenic(one):
    guiana = one("electricity.grid", region="GF", stage="direct")

    assert guiana.value_printed == "0.314 + 0.6"
    assert masses(guiana)["CH4_biogenic"] == Fraction(6, 280)  # 0.6 / 28


def test_gases_without_a_column_of_their_own_are_counted_as_co2e(one):
    losses = one("electricity.grid", region="RE", stage="transmission_losses")  # SF6 of the transformers
    flight = one("travel.air.101_to_220_seats.1000_to_2000km", stage="direct", is_default=True)  # contrails
    biopropane = one("fuel.biopropane", unit="kg", stage="upstream", technology="from rapeseed oil")  # "Autres GES"

    assert masses(losses)["CO2e"] == Fraction("0.00826")
    assert (flight.technology, masses(flight)["CO2e"]) == ("with contrails", Fraction("0.083"))
    assert masses(biopropane)["CO2e"] == Fraction("0.021")


def test_electric_trains_answer_over_the_life_cycle_since_their_combustion_is_zero(one):
    train = one("travel.rail.tgv", data_year=2022)

    assert (train.stage, train.is_default, train.value_printed) == ("life_cycle", True, "0.00293")  # 0 + 0.0023 + 0.00063


def test_foreign_grids_are_the_agency_s_co2_in_a_data_set_apart(share, one):
    morocco = one("electricity.grid", region="MA")
    dataset = next(dataset for dataset in share.datasets if dataset.id == FOREIGN)

    assert (morocco.dataset, masses(morocco), morocco.gas_coverage) == (FOREIGN, {"CO2": Fraction("0.718")}, "CO2")
    assert (dataset.tier, morocco.data_year) == ("A*", 2011)


def test_networks_of_heat_and_cold_are_used_only_when_they_are_named(share):
    networks = [factor for factor in share.factors if factor.activity_type in ("heat.purchased", "cooling.purchased")]

    assert Counter(factor.activity_type for factor in networks) == {"heat.purchased": 839, "cooling.purchased": 33}
    assert {(factor.stage, factor.is_default) for factor in networks} == {("life_cycle", False)}
    assert any(factor.technology == 'network 16, Soyaux, Réseau "Champ de manœuvre"' for factor in networks)  # escaped twice in the file


def test_the_same_factor_in_another_unit_is_left_out_or_told_apart(one, reason_of):
    assert reason_of("12898") == {"the same as element 12897 in another unit (kWh PCI), equal within rounding"}  # 4382 kg/toe, 0.376 kg/kWh
    # Upstream 8.6 kg/GJ of anthracite is 1.5 % above 0.0305 kg/kWh
    assert not one("fuel.anthracite", unit="GJ_net", stage="upstream", technology="stated per GJ PCI").is_default


def test_one_row_for_several_overseas_regions_serves_each_of_them(share):
    regions = {factor.region for factor in share.factors if "Guadeloupe, Martinique, Guyane, Corse" in factor.source_row}

    assert regions == {"GP", "MQ", "GF", "FR-20R"}


def test_a_farm_product_is_answered_by_the_national_average_and_lies_where_its_process_does(one):
    assert one("product.farm.cow_milk", is_default=True).technology == "national average, at farm gate/FR U"
    assert one("product.farm.palm_fruit_bunch", region="MY", technology="without deforestation, animal feed, at farm gate/MY U")


def test_avoided_emissions_and_removals_are_left_out(share, reason_of):
    assert reason_of("34461") == {"emissions avoided elsewhere by recycling or by energy recovered: never set off in an inventory"}
    assert reason_of("42299") == {"a removal, or emissions net of one: an inventory reports removals apart"}
    parts = [part for factor in share.factors for part in (*factor.gases, *([factor.biogenic_co2] if factor.biogenic_co2 else []))]
    assert all(part.kg_per_unit >= 0 for part in parts)


def test_uncertainty_and_validity_are_the_publisher_s(one):
    coal = one("fuel.anthracite", unit="kWh_net", stage="direct")

    assert coal.uncertainty_percent == 20
    assert "Valid until 2018-12-31 by the publisher." in coal.notes  # "déc.-18"


def test_spend_has_its_price_year_and_uncertainty_and_two_rows_have_none(share):
    spend = [factor for factor in share.factors if factor.dataset == SPEND]

    years = Counter((factor.price_year, factor.uncertainty_percent) for factor in spend)
    assert years == {**{(year, 80): 56 for year in range(2019, 2024)}, (None, 33): 1, (None, 50): 1}
    assert {(factor.unit, factor.price_basis) for factor in spend} == {("EUR", "purchaser")}


def test_each_question_has_one_answer(share):
    def key(factor: Factor) -> tuple[object, ...]:
        return factor.dataset, factor.activity_type, factor.region, factor.data_year, unit(factor.unit).dimension

    defaults = Counter(key(factor) for factor in share.factors if factor.is_default)
    others = Counter((*key(factor), factor.stage, factor.purpose, factor.technology) for factor in share.factors)

    assert [question for counted in (defaults, others) for question, count in counted.items() if count > 1] == []


def test_activity_types_have_stable_ids_known_units_and_names_in_both_languages(share):
    kinds = {activity.id: activity for activity in (*share.activity_types, *written_activity_types().values())}

    assert len({activity.id for activity in share.activity_types}) == len(share.activity_types)
    for activity in share.activity_types:
        assert len(activity.id) < 100
        assert set(activity.id) <= set("abcdefghijklmnopqrstuvwxyz0123456789._")
        assert any("\u4e00" <= character <= "\u9fff" for character in activity.name_zh), activity.id
    assert all(
        unit(factor.unit).dimension in kinds[factor.activity_type].unit_dimensions
        for factor in share.factors
        if factor.activity_type in kinds
    )


def test_the_same_things_stand_under_the_activity_types_of_other_publishers(share, one):
    known = {activity.id for activity in share.activity_types} | written_activity_types().keys()
    british = {activity.id for activity in import_uk_desnz(SourceFolder(SOURCES)).activity_types}

    assert {factor.activity_type for factor in share.factors} - known <= british
    assert one("waste.board.combustion").value_printed == "120"  # cardboard packaging, incinerated
    assert one("material.board", technology="recycled").value_printed == "670"
