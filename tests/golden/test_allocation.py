"""Allocation against published worked examples, each with its sum in a comment."""

from fractions import Fraction

from ghg.allocation import Output, SupplierTotal, allocate, allocate_to_customer
from ghg.units import Quantity

KG = 10**6  # milligrams


def test_a_leased_floor_takes_its_area_of_the_occupied_building() -> None:
    # GHG Protocol Scope 3 Calculation Guidance (2013), formula 8.2 and example 8.1: 200 m2 of 2,000 m2 that are 75 % occupied,
    # 200 ÷ (2,000 × 0.75) = 2 ÷ 15. The building: 1,500 kWh × 0.2 + 3,000 kWh × 0.7 + 5 kg × 1,500 = 300 + 2,100 + 7,500 = 9,900 kg.
    # 9,900 × 2 ÷ 15 = 1,320 kg. (The guidance prints 1,325, because it rounds the 0.6667 kg of refrigerant to 0.67 on the way.)
    building = SupplierTotal(9_900 * KG, Quantity.parse("1500", "m2"), 2021, "gate_to_gate")
    floor = allocate_to_customer(building, Quantity.parse("200", "m2"), 2021, "area")

    assert floor.share == Fraction(2, 15)
    assert floor.emissions_mg == 1_320 * KG


def test_toner_takes_30_percent_by_units_and_40_percent_by_value() -> None:
    # GHG Protocol Scope 3 Standard (2011), appendix B, scenario uncertainty: the same electricity is 30 % toner's by number of units
    # and 40 % by economic value. On 1,000 kg: 300 and 400 kg.
    by_units = [Output("toner", Quantity.parse("30", "piece")), Output("other lines", Quantity.parse("70", "piece"))]
    by_value = [Output("toner", Quantity.parse("40", "USD")), Output("other lines", Quantity.parse("60", "USD"))]

    assert [each.emissions_mg for each in allocate(1_000 * KG, by_units, "units")] == [300 * KG, 700 * KG]
    assert [each.emissions_mg for each in allocate(1_000 * KG, by_value, "market_value")] == [400 * KG, 600 * KG]


def test_purchases_over_production_of_box_8_1() -> None:
    # Scope 3 Standard, box 8.1: total facility emissions × purchases ÷ total production, in one unit; the figures are ours.
    # 12,500 t × 450 t ÷ 9,000 t = 12,500 × 0.05 = 625 t, with the purchases given in kg
    mill = SupplierTotal(12_500 * 1000 * KG, Quantity.parse("9000", "t"), 2021, "gate_to_gate")

    assert allocate_to_customer(mill, Quantity.parse("450000", "kg"), 2021, "mass").emissions_mg == 625 * 1000 * KG
