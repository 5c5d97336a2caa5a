from fractions import Fraction

import pytest

from ghg.errors import DimensionMismatch, MalformedNumber
from ghg.units import Property, Quantity, convert, unit, unit_pair
from tests.golden.published_factors import diesel_density, metered_at_normal_conditions, source


def fuel_property(name: str, value: str, rate: str, region: str = "CN") -> Property:
    numerator, denominator = unit_pair(rate)
    return Property(name, Fraction(value), numerator, denominator, source("example", "1", value, rate), region, 2021)


NET = fuel_property("net_calorific_value", "43.33", "GJ_net/t")
GROSS = fuel_property("gross_calorific_value", "45", "GJ_gross/t")


def test_inside_a_dimension_the_ratio_is_exact() -> None:
    conversion = convert(Quantity.parse("1", "lb"), unit("kg"))

    assert conversion.value == Fraction("0.45359237")
    assert conversion.properties == ()
    assert [step.result for step in conversion.steps] == ["0.45359237 kg"]


def test_the_same_unit_needs_no_step() -> None:
    conversion = convert(Quantity.parse("7.5", "kWh"), unit("kWh"))

    assert (conversion.value, conversion.ratio, conversion.steps) == (Fraction(15, 2), 1, ())


def test_a_density_connects_volume_and_mass_and_is_named_in_the_trace() -> None:
    conversion = convert(Quantity.parse("1000", "L"), unit("t"), [diesel_density()])

    assert conversion.value == Fraction("0.830565")
    assert conversion.properties == (diesel_density(),)
    assert [step.result for step in conversion.steps] == ["1 m3", "830.565 kg", "0.830565 t"]
    assert "density 830.565 kg/m3 (GB 2025" in conversion.steps[1].text


def test_a_property_works_in_either_direction() -> None:
    there = convert(Quantity.parse("3", "t"), unit("L"), [diesel_density()])
    back = convert(Quantity(there.value, there.unit), unit("t"), [diesel_density()])

    assert back.value == 3


def test_properties_are_chained_when_one_is_not_enough() -> None:
    # 1,000 L = 0.830565 t; × 43.33 GJ/t = 35.98838145 GJ = 0.03598838145 TJ
    conversion = convert(Quantity.parse("1000", "L"), unit("TJ_net"), [NET, diesel_density()])

    assert conversion.value == Fraction("0.03598838145")
    assert [used.name for used in conversion.properties] == ["density", "net_calorific_value"]


def test_the_shortest_chain_is_taken_and_of_equals_the_first() -> None:
    by_volume = fuel_property("net_calorific_value", "36", "GJ_net/m3")
    elsewhere = fuel_property("net_calorific_value", "35", "GJ_net/m3", region="IN")

    conversion = convert(Quantity.parse("1", "m3"), unit("GJ_net"), [NET, diesel_density(), by_volume, elsewhere])

    assert conversion.properties == (by_volume,)


def test_gross_and_net_energy_meet_only_through_both_calorific_values() -> None:
    conversion = convert(Quantity.parse("45", "GJ_gross"), unit("GJ_net"), [NET, GROSS])

    assert conversion.value == Fraction("43.33")
    with pytest.raises(DimensionMismatch):
        convert(Quantity.parse("45", "GJ_gross"), unit("GJ_net"), [NET])


def test_metered_gas_is_taken_at_the_conditions_of_its_factor_with_a_note() -> None:
    conversion = convert(Quantity.parse("1000", "m3"), unit("Nm3"), [metered_at_normal_conditions()])

    assert conversion.value == 1000
    assert conversion.steps[0].text == "m3 taken at 0 °C and 101.325 kPa, as the factor"


def test_a_cubic_metre_is_not_a_normal_cubic_metre_by_itself() -> None:
    with pytest.raises(DimensionMismatch) as refusal:
        convert(Quantity.parse("1000", "m3"), unit("Nm3"))

    assert "Nm3" in refusal.value.hint


@pytest.mark.parametrize(
    ("given", "wanted", "hint"),
    [
        ("kWh", "kWh_gross", "kWh_gross"),
        ("kWh_gross", "kWh_net", "gross and the net calorific value"),
        ("L", "kg", "density"),
        ("t", "GJ_net", "calorific value"),
        ("m3", "scf", "in scf"),
        ("scf", "Nm3", "60 or 68 °F"),
        ("scf", "kg", "density"),
        ("MWh_gross", "scf", "calorific value"),
        ("kWh", "kg", "give the quantity in kg"),
        ("piece", "h", "give the quantity in h or d"),
    ],
)
def test_crossed_dimensions_are_refused_saying_what_would_help(given: str, wanted: str, hint: str) -> None:
    with pytest.raises(DimensionMismatch) as refusal:
        convert(Quantity.parse("1", given), unit(wanted))

    assert refusal.value.code == "dimension_mismatch"
    assert hint in refusal.value.hint


def test_a_ratio_that_never_ends_stays_exact_and_is_marked_in_the_trace() -> None:
    conversion = convert(Quantity.parse("1", "MJ"), unit("kWh"))

    assert conversion.value == Fraction(5, 18)
    assert conversion.steps[0].result == "0.277777777778… kWh"


def test_the_ratio_serves_any_quantity() -> None:
    ratio = convert(Quantity.parse("1", "L"), unit("t"), [diesel_density()]).ratio

    assert ratio * 250 == convert(Quantity.parse("250", "L"), unit("t"), [diesel_density()]).value


def test_a_property_of_zero_is_refused() -> None:
    with pytest.raises(MalformedNumber):
        fuel_property("density", "0", "kg/m3")
