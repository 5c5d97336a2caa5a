"""Published rows to kilograms, with the arithmetic; GWP of AR6 unless said otherwise."""

from datetime import date
from fractions import Fraction

import pytest

from ghg.calculation import Calculation, calculate, calculate_parts, sum_parts
from ghg.factors import as_fraction
from ghg.rounding import decimal_text, kilograms
from ghg.units import Quantity
from tests.golden.published_factors import (
    british_diesel_2021,
    chinese_diesel,
    chinese_natural_gas,
    diesel_density,
    guangdong_grid_2021,
    metered_at_normal_conditions,
    refrigerant,
)


def co2e_by_gas(calculation: Calculation, gwp_set: str = "AR6") -> dict[str, str]:
    return {gas.gas: kilograms(gas.co2e_mg[gwp_set] or 0) for gas in calculation.emissions.gases}


def total(calculation: Calculation, gwp_set: str = "AR6") -> str:
    return kilograms(calculation.emissions.co2e_mg(gwp_set) or 0)


def test_a_million_kilowatt_hours_in_guangdong_are_the_notice_times_the_kilowatt_hours() -> None:
    # 1,000,000 kWh × 0.4715 kg CO2/kWh (MEE & NBS Notice 2024 No. 12) = 471,500 kg
    calculation = calculate(Quantity.parse("1000000", "kWh"), guangdong_grid_2021())

    assert total(calculation) == "471500.000000"
    assert calculation.factor.co2_only
    assert any("CO2 only" in step.result for step in calculation.steps)


def test_a_thousand_cubic_metres_of_chinese_natural_gas() -> None:
    # NCV 389.31 GJ/10,000 Nm3: 1,000 m3 hold 38.931 GJ = 0.038931 TJ (Chinese default table; IPCC 2006 vol. 2 table 2.3)
    # CO2  38.931 GJ × 0.0153 tC/GJ × 0.99 × 44/12 = 2.162188809 t
    # CH4  0.038931 TJ × 1 kg/TJ   × 29.8 = 1.1601438 kg  -> 1.160144
    # N2O  0.038931 TJ × 0.1 kg/TJ × 273  = 1.0628163 kg  -> 1.062816
    calculation = calculate(Quantity.parse("1000", "m3"), chinese_natural_gas(), [metered_at_normal_conditions()])

    assert co2e_by_gas(calculation) == {"CO2": "2162.188809", "CH4_fossil": "1.160144", "N2O": "1.062816"}
    assert total(calculation) == "2164.411769"


def test_a_thousand_litres_of_chinese_diesel_through_its_density() -> None:
    # 1,000 L × 830.565 kg/m3 = 0.830565 t; × 43.33 GJ/t = 35.98838145 GJ
    # CO2  35.98838145 GJ × 0.0202 tC/GJ × 0.98 × 44/12 = 2,612.2286637... kg  -> 2,612.228664
    # CH4  0.03598838145 TJ × 3 kg/TJ   × 29.8 = 3.2173613... kg               -> 3.217361
    # N2O  0.03598838145 TJ × 0.6 kg/TJ × 273  = 5.8948968... kg               -> 5.894897
    calculation = calculate(Quantity.parse("1000", "L"), chinese_diesel(), [diesel_density()])

    assert co2e_by_gas(calculation) == {"CO2": "2612.228664", "CH4_fossil": "3.217361", "N2O": "5.894897"}
    assert total(calculation) == "2621.340922"


def test_a_thousand_litres_of_british_diesel_with_their_biogenic_carbon_apart() -> None:
    # DESNZ 2021 (its gas rows are kg CO2e under AR4), per litre × 1,000:
    # CO2  2.47507 × 1,000                    = 2,475.07
    # CH4  0.00026 / 25  × 29.8 × 1,000       =     0.30992
    # N2O  0.037   / 298 × 273  × 1,000       =    33.8959731... -> 33.895973
    # biogenic ("Outside of scopes") 0.15117 × 1,000 = 151.17, not in the total
    calculation = calculate(Quantity.parse("1000", "L"), british_diesel_2021())

    assert co2e_by_gas(calculation) == {"CO2": "2475.070000", "CH4_fossil": "0.309920", "N2O": "33.895973"}
    assert total(calculation) == "2509.275893"
    assert kilograms(calculation.emissions.biogenic_co2_mg) == "151.170000"


def test_british_diesel_under_the_publishers_own_set_gives_the_printed_sum() -> None:
    # 2.47507 + 0.00026 + 0.037 = 2.51233 kg CO2e per litre, as DESNZ 2021 prints it
    assert total(calculate(Quantity.parse("1", "L"), british_diesel_2021()), "AR4") == "2.512330"


def test_twelve_and_a_half_kilograms_of_r410a() -> None:
    # HFC-32 50 % × 771 + HFC-125 50 % × 3,740 = 2,255.5; × 12.5 kg = 28,193.75 kg
    calculation = calculate(Quantity.parse("12.5", "kg"), refrigerant(("HFC-32", "50"), ("HFC-125", "50")))

    assert total(calculation) == "28193.750000"


# US EPA Emission Factors Hub 2025, table 12 (AR5), prints 1924, 3943 and 1624: here the values before its rounding.
@pytest.mark.parametrize(
    ("blend", "gwp_set", "kg_co2e_per_kg"),
    [
        ((("HFC-32", "50"), ("HFC-125", "50")), "AR5", "1923.500000"),  # R-410A: (677 + 3,170) / 2
        ((("HFC-125", "44"), ("HFC-143a", "52"), ("HFC-134a", "4")), "AR5", "3942.800000"),  # R-404A: 1,394.8 + 2,496 + 52
        ((("HFC-125", "44"), ("HFC-143a", "52"), ("HFC-134a", "4")), "AR6", "4728.000000"),  # R-404A: 1,645.6 + 3,021.2 + 61.2
        ((("HFC-32", "23"), ("HFC-125", "25"), ("HFC-134a", "52")), "AR5", "1624.210000"),  # R-407C: 155.71 + 792.5 + 676
    ],
)
def test_a_refrigerant_blend_follows_from_its_composition(blend: tuple[tuple[str, str], ...], gwp_set: str, kg_co2e_per_kg: str) -> None:
    assert total(calculate(Quantity.parse("1", "kg"), refrigerant(*blend)), gwp_set) == kg_co2e_per_kg


# GB/T 2589 calorific value, provincial inventory guideline carbon content: the printed products NCV × C × OX × 44/12 in t CO2/t.
@pytest.mark.parametrize(
    ("fuel", "ncv_gj_per_t", "carbon_t_per_gj", "oxidation", "printed"),
    [
        ("raw coal", "20.908", "0.02637", "0.94", "1.9003"),
        ("coke", "28.435", "0.0295", "0.93", "2.8604"),
        ("crude oil", "41.816", "0.0201", "0.98", "3.0202"),
        ("fuel oil", "41.816", "0.0211", "0.98", "3.1705"),
        ("motor gasoline", "43.070", "0.0189", "0.98", "2.9251"),
        ("kerosene", "43.070", "0.0195", "0.98", "3.0179"),
        ("diesel", "42.652", "0.0202", "0.98", "3.0959"),
        ("LPG", "50.179", "0.0172", "0.98", "3.1013"),
        ("refinery dry gas", "46.055", "0.0182", "0.98", "3.0119"),
    ],
)
def test_a_published_chinese_fuel_factor_is_reproduced(
    fuel: str, ncv_gj_per_t: str, carbon_t_per_gj: str, oxidation: str, printed: str
) -> None:
    exact = as_fraction(ncv_gj_per_t) * as_fraction(carbon_t_per_gj) * as_fraction(oxidation) * as_fraction("44/12")

    assert abs(exact - as_fraction(printed)) <= Fraction(5, 10**5), f"{fuel}: {decimal_text(exact)}"


def test_a_bill_over_three_months_has_the_same_figure_as_its_parts() -> None:
    # 1,000 m3 from 15 January to 10 March 2021, 54 days: 17 + 28 + 9. CO2 2,162,188,809 mg × 17/54 = 680,689,069.5 exactly: a tie.
    # R(17/54) = 680,689,070 (half-even), R(45/54) = 1,801,824,007.5 -> 1,801,824,008, whole 2,162,188,809
    parts = calculate_parts(Fraction(1000), chinese_natural_gas(), date(2021, 1, 15), date(2021, 3, 10))

    assert [(part.start, part.end) for part in parts] == [
        (date(2021, 1, 15), date(2021, 2, 1)),
        (date(2021, 2, 1), date(2021, 3, 1)),
        (date(2021, 3, 1), date(2021, 3, 10)),
    ]
    assert [part.gases[0].mass_mg for part in parts] == [680_689_070, 1_121_134_938, 360_364_801]
    assert sum_parts(parts) == calculate(Quantity.parse("1000", "Nm3"), chinese_natural_gas()).emissions
