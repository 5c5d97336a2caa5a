"""Spot values of the national grids."""

from fractions import Fraction


def test_a_factor_of_carbon_dioxide_alone_says_so(factor_of):
    factor = factor_of("electricity.grid", region="VN", data_year=2023)

    (gas,) = factor.gases
    assert (gas.gas, gas.kg_per_unit, gas.gwp_basis) == ("CO2", Fraction("0.6592"), None)  # 0.6592 tCO2/MWh = kgCO2/kWh
    assert factor.gas_coverage == "CO2"


def test_a_factor_in_equivalents_says_that_its_basis_is_unstated(factor_of):
    for region, year, value in (("MX", 2024, "0.444"), ("TW", 2024, "0.474")):
        (gas,) = factor_of("electricity.grid", region=region, data_year=year).gases

        assert (gas.gas, gas.kg_per_unit, gas.gwp_basis) == ("CO2e", Fraction(value), "unstated")


def test_a_number_that_passed_through_a_float_is_taken_at_fifteen_digits(factor_of):
    (gas,) = factor_of("electricity.grid", region="BR", data_year=2022).gases

    assert gas.printed_value == "0.04259554853294196"  # 16 significant digits
    assert gas.kg_per_unit == Fraction("0.0425955485329420")


def test_the_second_thai_value_of_2018_is_excluded_since_it_is_on_another_basis(pack, factor_of):
    (gas,) = factor_of("electricity.grid", dataset="grid-national-th", data_year=2018).gases
    (excluded,) = [row for row in pack.excluded_rows if row.dataset == "grid-national-th"]

    assert gas.kg_per_unit == Fraction("0.459")  # EPPO
    assert "0.4999" in excluded.text  # TGO
    assert "never mixed" in excluded.reason
