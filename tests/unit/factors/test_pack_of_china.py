"""Spot values of the Chinese sources, with the arithmetic."""

from fractions import Fraction

from ghg.gwp import gwp_set

from .conftest import masses


def test_guangdong_2021_is_the_published_factor_of_carbon_dioxide_alone(factor_of):
    factor = factor_of("electricity.grid", region="CN-GD", data_year=2021)

    assert masses(factor) == {"CO2": Fraction("0.4715")}  # MEE & NBS Notice 2024 No.12
    assert (factor.unit, factor.purpose, factor.gas_coverage) == ("kWh", "location_average", "CO2")
    assert factor.notes == ("CO2 only: the publisher gives no CH4 and no N2O.",)


def test_each_year_has_the_nation_seven_grids_and_thirty_provinces_as_defaults(pack):
    for year in (2021, 2022, 2023):
        regions = {one.region for one in pack.factors if one.dataset == f"cn-mee-electricity-{year}" and one.is_default}
        grids = {f"grid:CN-{name}" for name in ("NORTH", "NORTHEAST", "EAST", "CENTRAL", "NORTHWEST", "SOUTH", "SOUTHWEST")}
        provinces = {region for region in regions if region.startswith("CN-")}

        assert regions == {"CN"} | grids | provinces
        assert len(provinces) == 30
        assert "CN-XZ" not in provinces  # no factor for Tibet


def test_the_special_national_rows_of_2023_answer_only_when_their_purpose_is_named(factor_of):
    national = factor_of("electricity.grid", region="CN", data_year=2023)
    residual = factor_of("electricity.grid", region="CN", data_year=2023, is_default=False, purpose="residual")
    fossil = factor_of("electricity.grid", region="CN", data_year=2023, is_default=False, purpose="fossil")

    # MEE & NBS Notice 2025 No.47: national average 0.5306, excluding market-traded non-fossil 0.6096, fossil only 0.8273 kgCO2/kWh
    assert masses(national) == {"CO2": Fraction("0.5306")}
    assert masses(residual) == {"CO2": Fraction("0.6096")}
    assert masses(fossil) == {"CO2": Fraction("0.8273")}


def test_the_emissions_trading_constants_are_factors_for_compliance_only(factor_of):
    of_2021 = factor_of("electricity.grid", dataset="cn-ets-electricity-2021", is_default=False)
    of_2022 = factor_of("electricity.grid", dataset="cn-ets-electricity-2022", is_default=False)

    assert (of_2021.purpose, of_2022.purpose) == ("ets_compliance", "ets_compliance")
    assert masses(of_2021) == {"CO2": Fraction("0.5810")}  # tCO2/MWh = kgCO2/kWh
    assert masses(of_2022) == {"CO2": Fraction("0.5703")}


def test_purchased_heat_and_steam_have_the_chinese_default(factor_of):
    for activity in ("heat.purchased", "steam.purchased"):
        factor = factor_of(activity, region="CN")

        assert masses(factor) == {"CO2": Fraction(110)}  # 0.11 tCO2/GJ × 1000 kg/t
        assert (factor.unit, factor.data_year) == ("GJ", None)


def test_diesel_is_composed_gas_by_gas_each_with_its_own_source(factor_of):
    factor = factor_of("fuel.diesel", region="CN")

    assert masses(factor) == {
        # 43.33 GJ/t × 0.02020 tC/GJ × 0.98 × 44/12 × 1000 kg/t = 3145.122267 (the file prints 3.145122, rounded, and it is not used)
        "CO2": Fraction("43.33") * Fraction("0.02020") * Fraction("0.98") * Fraction(44, 12) * 1000,
        "CH4_fossil": Fraction(3) * Fraction("43.33") / 1000,  # IPCC 2006 manufacturing & construction, 3 kg/TJ
        "N2O": Fraction("0.6") * Fraction("43.33") / 1000,  # 0.6 kg/TJ
    }
    assert [(part.dataset, part.row) for part in factor.gases] == [
        ("cn-mee-fuels", "line 12"),
        ("ipcc-2006-stationary", "EFDB 117830"),
        ("ipcc-2006-stationary", "EFDB 117884"),
    ]
    assert (factor.unit, factor.data_year, factor.value_printed) == ("t", None, "3.145122")


def test_natural_gas_is_per_normal_cubic_metre_of_the_stated_conditions(factor_of):
    factor = factor_of("fuel.natural_gas", region="CN")

    assert masses(factor) == {
        # 389.31 GJ/1e4 Nm3 ÷ 10 000 × 0.01530 tC/GJ × 0.99 × 44/12 × 1000 kg/t
        "CO2": Fraction("2.162188809"),
        "CH4_fossil": Fraction(1) * Fraction("0.038931") / 1000,  # 1 kg/TJ
        "N2O": Fraction("0.1") * Fraction("0.038931") / 1000,  # 0.1 kg/TJ
    }
    assert (factor.unit, factor.conditions) == ("Nm3", "Nm3: 0 °C, 101.325 kPa")


def test_vehicle_diesel_takes_methane_and_nitrous_oxide_of_road_transport(factor_of):
    factor = factor_of("vehicle_fuel.diesel", region="CN")

    # IPCC 2006 table 3.2.2, diesel: 3.9 kg CH4/TJ and 3.9 kg N2O/TJ; × 43.33 GJ/t ÷ 1000
    assert masses(factor)["CH4_fossil"] == masses(factor)["N2O"] == Fraction("3.9") * Fraction("43.33") / 1000
    assert masses(factor)["CO2"] == masses(factor_of("fuel.diesel", region="CN"))["CO2"]


def test_the_calorific_value_behind_a_fuel_is_a_property_of_the_pack(factor_of, property_of):
    ncv = property_of("fuel.natural_gas", "net_calorific_value", "CN")

    assert (ncv.value, ncv.unit) == (Fraction("0.038931"), "GJ_net/Nm3")
    assert factor_of("fuel.natural_gas", region="CN").properties == (ncv.id,)


def test_a_fuel_that_ipcc_does_not_list_says_from_which_fuel_its_methane_comes(factor_of):
    assert (
        "CH4 and N2O: IPCC 2006, Coal Tar, manufacturing & construction, with this row's NCV."
        in factor_of("fuel.crude_benzene", region="CN").notes
    )


def test_a_thousand_cubic_metres_of_gas_and_a_thousand_litres_of_diesel_are_these_kilograms_under_ar6(factor_of, property_of):
    ar6 = gwp_set("AR6")
    gas = {name: 1000 * mass * ar6.of(name) for name, mass in masses(factor_of("fuel.natural_gas", region="CN")).items()}
    tonnes = property_of("fuel.diesel", "density", "GB").value / 1000  # 1 000 L = 1 m3 × 830.565 kg/m3
    diesel = {name: tonnes * mass * ar6.of(name) for name, mass in masses(factor_of("fuel.diesel", region="CN")).items()}

    # 2,162.188809 + 0.038931 × 29.8 + 0.0038931 × 273
    assert {name: round(value, 6) for name, value in gas.items()} == {
        "CO2": Fraction("2162.188809"),
        "CH4_fossil": Fraction("1.160144"),
        "N2O": Fraction("1.062816"),
    }
    # 0.830565 t × 3,145.122267 kg/t; × 0.12999 kg/t × 29.8; × 0.025998 kg/t × 273
    assert {name: round(value, 6) for name, value in diesel.items()} == {
        "CO2": Fraction("2612.228664"),
        "CH4_fossil": Fraction("3.217361"),
        "N2O": Fraction("5.894897"),
    }
