"""Spot values of the UK editions 2021 (AR4) and 2025 (AR5), and the quirks of their files."""

from fractions import Fraction

import pytest

from ghg.gwp import gwp_set

from .conftest import masses


def test_blend_diesel_of_2021_is_split_by_the_gwps_of_that_edition(factor_of):
    factor = factor_of("fuel.diesel", region="GB", data_year=2021, unit="L")

    # kg CO2e per litre: CO2 2.47507, CH4 0.00026, N2O 0.037; GWPs 25 and 298
    assert masses(factor) == {"CO2": Fraction("2.47507"), "CH4_fossil": Fraction("0.00026") / 25, "N2O": Fraction("0.037") / 298}
    assert factor.biogenic_co2 is not None
    assert factor.biogenic_co2.kg_per_unit == Fraction("0.15117")
    # 1 000 L under AR6: 2475.07 + 0.0104 × 29.8 + 0.124161074 × 273 = 2475.07 + 0.30992 + 33.895973154 = 2509.275893154
    ar6 = gwp_set("AR6")
    co2e_mg = [round(1000 * 1_000_000 * mass * ar6.of(gas)) for gas, mass in masses(factor).items()]
    assert sum(co2e_mg) == 2_509_275_893


def test_the_same_litre_of_2025_is_split_by_the_gwps_of_2025(factor_of):
    factor = factor_of("fuel.diesel", region="GB", data_year=2025, unit="L")

    # kg CO2e per litre: CO2 2.53763, CH4 0.00029, N2O 0.03290; GWPs 28 and 265; biogenic printed as 0.14000
    assert masses(factor) == {"CO2": Fraction("2.53763"), "CH4_fossil": Fraction("0.00029") / 28, "N2O": Fraction("0.0329") / 265}
    assert factor.biogenic_co2 is not None
    assert factor.biogenic_co2.kg_per_unit == Fraction("0.14")


def test_vehicle_fuel_in_britain_is_the_same_row_as_the_stationary_fuel(factor_of):
    for fuel in ("diesel", "petrol"):
        stationary = factor_of(f"fuel.{fuel}", region="GB", data_year=2025, unit="t")
        mobile = factor_of(f"vehicle_fuel.{fuel}", region="GB", data_year=2025, unit="t")

        assert (mobile.gases, mobile.biogenic_co2, mobile.source_row) == (stationary.gases, stationary.biogenic_co2, stationary.source_row)


def test_biogenic_carbon_dioxide_of_a_blend_per_kilowatt_hour_follows_from_the_row_per_tonne(factor_of):
    factor = factor_of("fuel.diesel", region="GB", data_year=2025, unit="kWh_net")

    # 163.17 kg/t × 0.25620 kg CO2 per kWh ÷ 3048.71 kg CO2 per tonne = 0.013712 (the row per kWh prints 0.01)
    assert factor.biogenic_co2 is not None
    assert factor.biogenic_co2.kg_per_unit == Fraction("163.17") * Fraction("0.2562") / Fraction("3048.71")
    # 2021 printed enough digits to confirm the rule: 0.01514 per kWh (net)
    of_2021 = factor_of("fuel.diesel", region="GB", data_year=2021, unit="kWh_net").biogenic_co2
    assert of_2021 is not None
    assert float(of_2021.kg_per_unit) == pytest.approx(0.01514, abs=1e-5)


def test_each_printed_basis_of_natural_gas_is_a_factor_of_its_own(pack):
    found = {
        one.unit: one.value_printed
        for one in pack.factors
        if (one.activity_type, one.dataset, one.stage) == ("fuel.natural_gas", "uk-desnz-2021", "direct")
    }

    assert found == {"kWh_gross": "0.18316", "kWh_net": "0.20297", "m3": "2.02135", "t": "2538.48"}


def test_electricity_is_direct_with_losses_and_upstream_apart(factor_of):
    generated = factor_of("electricity.grid", region="GB", data_year=2021)
    losses = factor_of("electricity.grid", region="GB", data_year=2021, stage="transmission_losses", is_default=False)
    upstream = factor_of("electricity.grid", region="GB", data_year=2021, stage="upstream", is_default=False, technology=None)

    # CO2 0.21016, CH4 0.0008, N2O 0.00137 kg CO2e/kWh; total 0.21233, which the workbook holds as 0.21233000000000002
    assert masses(generated) == {"CO2": Fraction("0.21016"), "CH4_fossil": Fraction("0.0008") / 25, "N2O": Fraction("0.00137") / 298}
    assert generated.value_printed == "0.21233"
    assert generated.biogenic_co2 is not None
    assert generated.biogenic_co2.kg_per_unit == Fraction("0.106867856756268")  # 0.10686785675626792 at 15 digits
    assert masses(losses)["CO2"] == Fraction("0.0186")
    assert masses(upstream) == {"CO2e": Fraction("0.05529")}
    assert upstream.gases[0].gwp_basis == "AR4"


def test_bioenergy_is_equivalents_on_an_unstated_basis_with_biogenic_carbon_dioxide_apart(factor_of):
    factor = factor_of("fuel.wood_pellets", region="GB", data_year=2025, unit="t")

    (gas,) = factor.gases
    assert (gas.gas, gas.kg_per_unit, gas.gwp_basis) == ("CO2e", Fraction("55.19389"), "unstated")
    assert factor.biogenic_co2 is not None
    assert factor.biogenic_co2.kg_per_unit == Fraction("1677.18")


def test_real_zeros_stay_and_blanks_go(pack, factor_of):
    electric = factor_of("vehicle_distance.car_average.battery_electric", region="GB", data_year=2025)

    assert masses(electric) == {"CO2": 0, "CH4_fossil": 0, "N2O": 0}
    assert electric.notes[0] == "No fuel is burned; the electricity drawn is a scope 2 activity of its own."
    assert not [one for one in pack.factors if one.activity_type == "fuel.refinery_miscellaneous" and one.unit == "L"]  # blank cells


def test_a_van_is_a_factor_per_kilometre_and_its_mile_is_left_to_conversion(factor_of):
    factor = factor_of("vehicle_distance.van_average.diesel", region="GB", data_year=2021)

    assert (factor.unit, factor.value_printed) == ("km", "0.24116")


@pytest.mark.parametrize("dataset", ["uk-desnz-2021", "uk-desnz-2025"])
def test_the_514_energy_rows_of_an_edition_are_excluded_also_the_one_with_a_backtick_as_its_unit(pack, dataset):
    energy = [row for row in pack.excluded_rows if row.dataset == dataset and row.reason.startswith("SECR energy")]

    assert len(energy) == 514
    assert any("`" in row.text for row in energy) == (dataset == "uk-desnz-2021")


def test_less_than_one_is_not_read_as_a_number(pack):
    bounds = [row for row in pack.excluded_rows if row.dataset == "uk-desnz-2021" and "< 1" in row.text]

    assert len(bounds) == 2  # R1234yf and R1234ze
    assert not [one for one in pack.factors if "<" in one.value_printed]


def test_litres_of_diesel_elsewhere_go_through_the_mineral_density_of_2025(property_of):
    for activity in ("fuel.diesel", "vehicle_fuel.diesel"):
        density = property_of(activity, "density", "GB")

        assert (density.value, density.unit, density.data_year) == (Fraction("830.565"), "kg/m3", 2025)
        assert density.row == "Fuel properties row 24: Diesel (100% mineral diesel), Density"


def test_gross_and_net_calorific_values_of_the_united_kingdom_stand_side_by_side(property_of):
    assert property_of("fuel.natural_gas", "net_calorific_value", "GB").value == Fraction("45.745")
    gross = property_of("fuel.natural_gas", "gross_calorific_value", "GB")
    assert (gross.value, gross.unit) == (Fraction("50.678"), "GJ_gross/t")


def test_a_printed_total_that_is_not_the_sum_of_its_gases_is_noted(pack):
    noted = {one.key for one in pack.factors if any(note.startswith("The printed gases add up to") for note in one.notes)}

    for one in pack.factors:
        if one.dataset in ("uk-desnz-2021", "uk-desnz-2025") and len(one.gases) == 3:
            gap = abs(sum(Fraction(part.printed_value) for part in one.gases) - Fraction(one.value_printed))
            assert gap <= Fraction(2, 100) or one.key in noted
