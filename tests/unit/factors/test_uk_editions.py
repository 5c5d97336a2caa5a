"""The UK editions 2021 to 2026: every section, spot values read from the publisher's files by hand, and what is left out."""

from collections import Counter
from fractions import Fraction as F

import pytest

from ghg.units import unit
from services.factors.catalogue.contribution import Contribution
from services.factors.catalogue.importers.uk_desnz import import_uk_desnz
from services.factors.catalogue.pack_model import Factor
from services.factors.catalogue.source_files import SourceFolder
from services.factors.catalogue.taxonomy import written_activity_types

from .conftest import PACK, masses

EDITIONS = ["uk-desnz-2021", "uk-desnz-2022", "uk-desnz-2023", "uk-desnz-2024", "uk-desnz-2025", "uk-desnz-2026"]

# Rows of each file, and how many are loaded. Counted in a spreadsheet below the header (2023 without its end mark); the copy of five years
# by `zcat | wc -l` less the header; 2026: 8,740 figures in blocks and 48 + 55 + 219 lines of three other tables; the JSON: its factors.
ROWS = {
    "uk-desnz-2021": (7606, 3551),
    "uk-desnz-2022": (8039, 3445),
    "uk-desnz-2023": (8038, 3455),
    "uk-desnz-2024": (41162, 3514),
    "uk-desnz-2025": (8740, 3514),
    "uk-desnz-2025-fuel-properties": (39, 34),
    "uk-desnz-2026": (9062, 3519),
    "uk-desnz-2026-revised": (893, 435),
}


@pytest.fixture(scope="module")
def uk() -> Contribution:
    return import_uk_desnz(SourceFolder(PACK / "sources"))


def one(uk: Contribution, dataset: str, activity_type: str, unit_name: str, **attributes: object) -> Factor:
    """The one factor with these attributes: `is_default` and the type's own stage unless a stage or technology is asked for."""
    wanted = {"dataset": dataset, "activity_type": activity_type, "unit": unit_name, **(attributes or {"is_default": True})}
    found = [factor for factor in uk.factors if all(getattr(factor, name) == value for name, value in wanted.items())]
    assert len(found) == 1, [factor.key for factor in found]
    return found[0]


def test_every_row_of_every_edition_is_loaded_or_left_out_with_its_reason(uk):
    files = {dataset.id: dataset.source_files[0] for dataset in uk.datasets}

    assert {name: (file.rows, file.rows_loaded) for name, file in files.items()} == ROWS
    excluded = Counter(row.dataset for row in uk.excluded_rows)
    assert {name: file.rows - file.rows_loaded for name, file in files.items()} == {name: excluded[name] for name in files}
    assert all(row.reason for row in uk.excluded_rows)


def test_each_section_gives_factors_in_every_edition(uk):
    families = ("fuel", "vehicle_fuel", "electricity", "heat", "steam", "vehicle_distance", "vehicle_electricity", "water", "material")
    families += ("waste", "travel", "travel_distance", "freight", "freight_distance", "accommodation", "homeworking")
    given = {(factor.dataset, factor.activity_type.split(".")[0]) for factor in uk.factors}

    missing = {(edition, family) for edition in EDITIONS for family in families} - given
    assert missing == {("uk-desnz-2021", "homeworking")}  # the section began in 2022


# Dataset, activity type, unit: kg CO2e as printed, in the order of the editions 2021 to 2026
TOTALS = [
    ("water.supply", "m3", ["0.149", "0.149", "0.176684546579014", "0.15311", "0.19130", "0.1913"]),
    ("material.glass", "t", ["1402.76666666667", "1402.76667", "1402.76666666667", "1402.76667", "1402.76667", "1402.76667"]),
    ("waste.household_residual.landfill", "t", ["446.2415", "446.20411", "497.044706528032", "497.04416", "497.24244", "497.28993"]),
    ("accommodation.hotel_night", "room.night", ["62.9", "53.5", "53.5", "53.5", "53.50000", "53.5"]),
    ("travel.air.long_haul.business", "p.km", ["0.42882", "0.42882", "0.580286930201342", "0.58028", "0.33940", "0.3394"]),
]


@pytest.mark.parametrize(("activity", "unit_name", "printed"), TOTALS, ids=[total[0] for total in TOTALS])
def test_totals_are_those_printed_in_each_edition(uk, activity, unit_name, printed):
    region = "CN" if activity.startswith("accommodation") else "GB"
    found = [one(uk, edition, activity, unit_name, is_default=True, region=region) for edition in EDITIONS]

    assert [factor.gases[0].kg_per_unit for factor in found] == [F(value) for value in printed]
    assert all([part.gas for part in factor.gases] == ["CO2e"] for factor in found)


# Activity type, unit, attributes: kg CO2e of CO2, CH4 and N2O as printed; CH4 and N2O are divided by 25 and 298 (AR4) or 28 and 265 (AR5)
AR4, AR5 = (25, 298), (28, 265)
SPLITS = [
    ("uk-desnz-2021", "travel.rail.national", "p.km", {}, AR4, ("0.0351", "0.00007", "0.00032")),
    ("uk-desnz-2021", "vehicle_electricity.car_average.battery_electric", "km", {}, AR4, ("0.0498", "0.00019", "0.00032")),
    ("uk-desnz-2022", "freight.road.hgv_articulated_over_33t.average_laden", "t.km", {}, AR4, ("0.0789", "0.00001", "0.00141")),
    ("uk-desnz-2022", "electricity.grid", "kWh", {}, AR4, ("0.19121", "0.0008", "0.00137")),
    ("uk-desnz-2022", "travel_distance.taxi_black_cab", "km", {}, AR4, ("0.30436", "0", "0.00188")),
    ("uk-desnz-2023", "freight.rail.freight_train", "t.km", {}, AR5, ("0.02749", "0.0000224", "0.000275671140939597")),
    ("uk-desnz-2023", "electricity.grid", "kWh", {}, AR5, ("0.20496", "0.000896", "0.00121828859060403")),
    ("uk-desnz-2024", "freight.sea.container_ship.average", "t.km", {}, AR5, ("0.01592", "0.00001", "0.00019")),
    ("uk-desnz-2024", "travel.ferry.foot_passenger", "p.km", {}, AR5, ("0.01848", "0.00001", "0.00022")),
    ("uk-desnz-2025", "travel_distance.car_average.battery_electric", "km", {}, AR5, ("0.03992", "0.00024", "0.00031")),
    ("uk-desnz-2025", "freight_distance.van_average.diesel", "km", {}, AR5, ("0.25395", "0.000005", "0.00165")),
    (
        *("uk-desnz-2025", "travel.air.long_haul.business", "p.km"),
        {"technology": "without radiative forcing"},
        *(AR5, ("0.19795", "0.00002", "0.00285")),
    ),
    ("uk-desnz-2026", "electricity.grid", "kWh", {}, AR5, ("0.12943", "0.00067", "0.00086")),
    ("uk-desnz-2026", "vehicle_distance.car_average.diesel", "km", {}, AR5, ("0.17097", "0.0000046368", "0.00167")),
    ("uk-desnz-2026", "freight.road.hgv_rigid_all.average_laden", "t.km", {}, AR5, ("0.19713", "0.00004", "0.00229")),
    ("uk-desnz-2026", "freight.road.hgv_refrigerated_all.half_laden", "t.km", {}, AR5, ("0.14241", "0.00002", "0.00178")),
    ("uk-desnz-2026", "freight_distance.hgv_all.unladen", "km", {}, AR5, ("0.65488", "0.00016", "0.01195")),
    ("uk-desnz-2026", "freight.sea.general_cargo.0_to_4999_dwt_100_teu", "t.km", {}, AR5, ("0.0198", "0.00001", "0.00024")),
]


@pytest.mark.parametrize(("dataset", "activity", "unit_name", "attributes", "gwps", "printed"), SPLITS)
def test_gases_are_masses_by_the_edition_s_own_gwps(uk, dataset, activity, unit_name, attributes, gwps, printed):
    factor = one(uk, dataset, activity, unit_name, **(attributes or {"is_default": True}))

    co2, ch4, n2o = (F(value) for value in printed)
    assert masses(factor) == {"CO2": co2, "CH4_fossil": ch4 / gwps[0], "N2O": n2o / gwps[1]}
    assert factor.stage == "direct"


# Well to tank and losses: (data set, activity type, unit, region, technology, stage): kg CO2e
UPSTREAM = [
    ("uk-desnz-2021", "electricity.grid", "kWh", "FR", None, "upstream", "0.00764791539132773"),
    ("uk-desnz-2021", "electricity.grid", "kWh", "CN", "of transmission and distribution losses", "upstream", "0.00912191017155761"),
    ("uk-desnz-2022", "travel.air.long_haul.business", "p.km", "GB", None, "upstream", "0.04696"),
    ("uk-desnz-2023", "freight.road.hgv_articulated_over_33t.average_laden", "t.km", "GB", None, "upstream", "0.01792"),
    ("uk-desnz-2024", "vehicle_distance.car_average.diesel", "km", "GB", None, "upstream", "0.04146"),
    ("uk-desnz-2024", "travel_distance.car_average.diesel", "km", "GB", None, "upstream", "0.04146"),
    ("uk-desnz-2026", "freight.sea.container_ship.from_8000_teu", "t.km", "GB", None, "upstream", "0.00287"),
    ("uk-desnz-2026", "travel.rail.metro", "p.km", "GB", None, "upstream", "0.00728"),
]


@pytest.mark.parametrize(("dataset", "activity", "unit_name", "region", "technology", "stage", "printed"), UPSTREAM)
def test_well_to_tank_is_a_stage_of_the_same_activity(uk, dataset, activity, unit_name, region, technology, stage, printed):
    factor = one(uk, dataset, activity, unit_name, region=region, technology=technology, stage=stage)

    assert masses(factor) == {"CO2e": F(printed)}
    assert not factor.is_default


def test_the_electricity_of_a_car_and_its_losses_make_up_what_business_travel_counts(uk):
    drawn = one(uk, "uk-desnz-2025", "vehicle_electricity.car_average.battery_electric", "km", stage="direct")
    lost = one(uk, "uk-desnz-2025", "vehicle_electricity.car_average.battery_electric", "km", stage="transmission_losses")
    travelled = one(uk, "uk-desnz-2025", "travel_distance.car_average.battery_electric", "km", stage="direct")

    # 0.03663 drawn + 0.00384 lost = 0.04047 of business travel; driven in an own vehicle, scope 1 is nothing
    assert F(drawn.value_printed) + F(lost.value_printed) == F(travelled.value_printed) == F("0.04047")
    assert travelled.notes == ("Includes the electricity drawn and its losses in transmission and distribution.",)
    assert drawn.purpose == "location_average"
    own = one(uk, "uk-desnz-2025", "vehicle_distance.car_average.battery_electric", "km", stage="direct")
    assert set(masses(own).values()) == {0}


def test_with_radiative_forcing_the_total_alone_is_kept_for_its_carbon_dioxide_is_no_mass(uk):
    for edition in EDITIONS:
        factor = one(uk, edition, "travel.air.short_haul", "p.km", technology="with radiative forcing")
        assert [part.gas for part in factor.gases] == ["CO2e"]
        assert factor.is_default
        left_out = [row for row in uk.excluded_rows if row.dataset == edition and row.reason.startswith("part of a total with radiative")]
        assert len(left_out) == 3 * (14 + 4)  # three gases of 14 flights of passengers and 4 of freight


def test_a_material_answers_for_its_primary_production_and_names_its_recycled_sources(uk):
    found = {
        factor.technology: (factor.value_printed, factor.is_default)
        for factor in uk.factors
        if (factor.dataset, factor.activity_type) == ("uk-desnz-2026", "material.aggregates")
    }

    assert found == {None: ("7.80307", True), "re-used": ("2.21", False), "closed-loop recycled": ("3.22398", False)}


def test_the_empty_reuse_column_of_2026_does_not_shift_the_routes_of_waste(uk):
    found = {
        factor.activity_type.rpartition(".")[2]: factor.value_printed
        for factor in uk.factors
        if factor.dataset == "uk-desnz-2026" and factor.activity_type.startswith("waste.wood.")
    }

    assert found == {"closed_loop_recycling": "4.65358", "combustion": "4.65358", "composting": "9.00687", "landfill": "925.36725"}


def test_energy_recovery_of_2025_is_the_combustion_of_the_other_editions(uk):
    printed = [one(uk, edition, "waste.clothing.combustion", "t").source_row for edition in EDITIONS]

    assert ["Incineration with Energy Recovery" in row for row in printed] == [False, False, False, False, True, False]


def test_lorries_are_the_same_activities_before_and_after_their_renaming(uk):
    def lorries(edition: str) -> set[str]:
        return {factor.activity_type for factor in uk.factors if factor.dataset == edition and ".hgv_" in factor.activity_type}

    assert lorries("uk-desnz-2026") == lorries("uk-desnz-2025") == lorries("uk-desnz-2021")


def test_a_hotel_is_in_its_country_and_london_is_named(uk):
    london = one(uk, "uk-desnz-2022", "accommodation.hotel_night", "room.night", technology="London")

    assert (london.region, london.value_printed, london.is_default) == ("GB", "11.50000", False)
    assert london.gases[0].gwp_basis == "unstated"  # mixed: AR5 for some countries only
    regions = {factor.region for factor in uk.factors if factor.activity_type == "accommodation.hotel_night"}
    assert {"HK", "MO", "TW", "KR", "VN"} <= regions


def test_the_year_2020_beside_electricity_of_2022_is_not_its_data_year(uk):
    factor = one(uk, "uk-desnz-2022", "electricity.grid", "kWh", is_default=True)

    assert "| 2020 |" in factor.source_row
    assert (factor.data_year, factor.valid_from) == (2022, "2022-01-01")


def test_the_change_of_method_of_uk_electricity_is_told(uk):
    factor = one(uk, "uk-desnz-2026", "electricity.grid", "kWh", is_default=True)

    assert factor.value_printed == "0.13096"  # 0.17700 in 2025
    assert any("base-year check" in note for note in factor.notes)


def test_methane_that_2022_rounds_to_nothing_is_told(uk):
    factor = one(uk, "uk-desnz-2022", "vehicle_distance.car_average.diesel", "km", stage="direct")

    assert masses(factor)["CH4_fossil"] == 0  # 0.00000 in the CSV, 0.00000414 in the workbook of that year
    assert "CH4 is printed as 0.00000: less than 0.000005 kg CO2e, counted as nothing." in factor.notes


def test_the_sum_of_the_gases_is_the_printed_total_or_the_difference_is_noted(uk):
    noted = 0
    for factor in uk.factors:
        if len(factor.gases) == 3 and factor.dataset in EDITIONS:
            gap = abs(sum(F(part.printed_value) for part in factor.gases) - F(factor.value_printed))
            is_noted = any(note.startswith("The printed gases add up to") for note in factor.notes)
            noted += is_noted
            # four figures of five decimals, or of two where tonnes and kWh of fuel are printed so
            assert is_noted or gap <= (F(2, 100_000) if factor.unit not in ("t", "kWh_gross", "kWh_net") else F(2, 100)), factor.key
    assert noted == 3


def test_what_answers_is_one_and_what_does_not_is_told_apart(uk):
    def question(factor: Factor) -> tuple[object, ...]:
        return (factor.dataset, factor.activity_type, factor.region, factor.data_year, unit(factor.unit).dimension)

    defaults = Counter(question(factor) for factor in uk.factors if factor.is_default)
    all_told = Counter((*question(factor), factor.stage, factor.purpose, factor.technology) for factor in uk.factors)
    assert max(defaults.values()) == max(all_told.values()) == 1


def test_stages_units_and_names_are_those_of_the_activity_types(uk):
    types = written_activity_types() | {activity.id: activity for activity in uk.activity_types}

    for factor in uk.factors:
        activity = types[factor.activity_type]
        assert unit(factor.unit).dimension in activity.unit_dimensions, factor.key
        assert not factor.is_default or factor.stage == activity.stage, factor.key
        assert factor.stage in ("upstream", "transmission_losses", activity.stage), factor.key
        assert all(part.kg_per_unit >= 0 for part in factor.gases), factor.key
    assert all(any("一" <= letter <= "鿿" for letter in activity.name_zh) for activity in uk.activity_types)
    assert max(len(activity.id) for activity in uk.activity_types) < 100


def test_zero_is_only_what_is_really_nothing(uk):
    nothing = {
        (factor.activity_type, factor.stage)
        for factor in uk.factors
        if factor.dataset in EDITIONS and not any(part.kg_per_unit for part in factor.gases)
    }

    assert {
        stage for activity, stage in nothing if activity.startswith("vehicle_distance.") and activity.endswith(".battery_electric")
    } == {"direct"}
    assert {key for key in nothing if not key[0].endswith(".battery_electric")} == {("fuel.landfill_gas", "upstream")}


def test_factors_of_the_first_pack_keep_their_ids(uk):
    ids = {factor.id for factor in uk.factors}

    first = {
        "08603200-94ae-52a7-b605-b3a384abcb9f",  # uk-desnz-2021/fuel.diesel/GB/2021/direct/-/-/L
        "1f0a3fec-0f21-5b75-ba48-f8ca869a4a3d",  # uk-desnz-2021/vehicle_distance.car_average.petrol/GB/2021/direct/-/-/km
        "5fe9a051-322d-5e44-951e-9f90b443f6fd",  # uk-desnz-2025/electricity.grid/GB/2025/direct/location_average/-/kWh
        "9785bcaf-1b4c-58d9-91f8-f0ce741d663d",  # uk-desnz-2025/fuel.diesel/GB/2025/direct/-/-/L
        "a7410853-e3f0-5262-ae12-061b826adc01",  # uk-desnz-2025/vehicle_distance.car_average.petrol/GB/2025/direct/-/-/km
    }
    assert first <= ids
