from fractions import Fraction

import pint
import pytest

from ghg.errors import MalformedNumber, UnknownUnit
from ghg.unit_table import AMBIGUOUS, UNITS_BY_SPELLING, Unit
from ghg.units import Quantity, unit, unit_pair, units

# Our symbol -> pint's, for every unit that pint knows. Pint's own Btu, and with it its therm, is that of ISO (1,055.056 J), ours the
# International Table one, which pint has too.
ENERGY = {name: name for name in ("J", "kJ", "MJ", "GJ", "TJ", "kWh", "MWh", "GWh")} | {"mmBtu": "megaBtu_it"}
FUEL_ENERGY = ENERGY | {"therm": "therm_it", "toe": "tonne_of_oil_equivalent"}
PINT_NAMES = {
    "mass": {"kg": "kg", "mg": "mg", "g": "g", "t": "metric_ton", "kt": "kilometric_ton", "lb": "lb", "short_ton": "short_ton"}
    | {"long_ton": "long_ton"},
    "energy": ENERGY,
    "energy_gross": {f"{symbol}_gross": name for symbol, name in FUEL_ENERGY.items()},
    "energy_net": {f"{symbol}_net": name for symbol, name in FUEL_ENERGY.items()},
    "volume": {"m3": "m**3", "L": "L", "gal_us": "US_liquid_gallon", "gal_uk": "imperial_gallon", "bbl": "oil_barrel", "ft3": "ft**3"},
    "distance": {"km": "km", "m": "m", "mi": "mile", "nmi": "nautical_mile"},
    "freight": {"t.km": "t * km", "kg.km": "kg * km", "t.mi": "t * mile", "t.nmi": "t * nautical_mile", "short_ton.mi": "short_ton * mile"},
    "passenger_distance": {"p.km": "km", "p.mi": "mile"},
    "volume_distance": {"m3.km": "m**3 * km"},
    "area": {"m2": "m**2", "ha": "hectare", "ft2": "ft**2"},
    "area_time": {"m2.yr": "m**2 * year", "ha.yr": "hectare * year"},
    "time": {"h": "h", "d": "day"},
}
# Counted things and volumes at conditions that are not convertible; money has no ratio at all.
UNKNOWN_TO_PINT = {"Nm3", "scf", "TEU.km", "FEU.km", "unit", "piece", "room.night", "FTE.h", "head.yr"}


@pytest.fixture(scope="module")
def registry() -> pint.UnitRegistry:
    registry = pint.UnitRegistry(non_int_type=Fraction)
    registry.define("Btu_it = international_british_thermal_unit")
    registry.define("therm_it = 100000 * Btu_it")
    return registry


@pytest.mark.parametrize(
    ("symbol", "pint_name", "reference"),
    [(symbol, name, next(iter(names.values()))) for names in PINT_NAMES.values() for symbol, name in names.items()],
)
def test_every_ratio_is_that_of_pint(registry: pint.UnitRegistry, symbol: str, pint_name: str, reference: str) -> None:
    ours = unit(symbol)
    first = unit(next(known for known, name in PINT_NAMES[ours.dimension].items() if name == reference))

    assert registry.Quantity(Fraction(1), pint_name).to(reference).magnitude == ours.ratio / first.ratio


def test_every_unit_with_a_ratio_of_its_own_is_compared_with_pint() -> None:
    compared = {symbol for names in PINT_NAMES.values() for symbol in names}

    assert {found.symbol for found in units() if found.dimension != "money"} == compared | UNKNOWN_TO_PINT


def test_only_units_that_the_si_brochure_holds_name_it_as_their_source() -> None:
    # Its 9th edition (2019) with prefixes, products and powers, and a year, whose length no ratio uses. The nautical mile stood last in
    # table 8 of the 8th edition (2006).
    of_the_brochure = {"kg", "mg", "g", "t", "kt", "J", "kJ", "MJ", "GJ", "TJ", "kWh", "MWh", "GWh", "m3", "L", "km", "m", "t.km", "kg.km"}
    of_the_brochure |= {"p.km", "m3.km", "m2", "ha", "m2.yr", "ha.yr", "h", "d"}

    assert {found.symbol for found in units() if found.source == "SI" and not found.dimension.startswith("energy_")} == of_the_brochure


def test_a_container_of_forty_feet_counts_as_two_of_twenty() -> None:
    assert unit("FEU.km").ratio == 2 * unit("TEU.km").ratio


def test_a_standard_cubic_foot_has_no_ratio_to_a_normal_cubic_metre() -> None:
    assert unit("scf").dimension not in (unit("Nm3").dimension, unit("ft3").dimension)


@pytest.mark.parametrize("basis", ["gross", "net"])
@pytest.mark.parametrize("symbol", ["J", "kJ", "MJ", "GJ", "TJ", "kWh", "MWh", "GWh", "mmBtu"])
def test_fuel_energy_has_the_ratios_of_energy_and_a_dimension_of_its_own(symbol: str, basis: str) -> None:
    fuel_energy = unit(f"{symbol}_{basis}")

    assert fuel_energy.ratio == unit(symbol).ratio
    assert fuel_energy.dimension == f"energy_{basis}"


def test_a_therm_is_a_hundred_thousand_btu() -> None:
    assert unit("therm_gross").ratio * 10 == unit("mmBtu_gross").ratio


def test_each_dimension_has_exactly_one_way_to_write_its_reference() -> None:
    reference = {found.dimension: found.symbol for found in units() if found.ratio == 1 and found.dimension not in ("money", "count")}

    assert set(reference) == {found.dimension for found in units()} - {"money", "count"}


@pytest.mark.parametrize(
    ("spelling", "symbol"),
    [("litres", "L"), ("l", "L"), ("m³", "m3"), ("tkm", "t.km"), ("千瓦时", "kWh"), ("吨", "t"), ("vkm", "km"), ("RMB", "CNY")],
)
def test_a_unit_may_be_written_in_its_listed_ways(spelling: str, symbol: str) -> None:
    assert unit(spelling) == unit(symbol)


@pytest.mark.parametrize(
    ("symbol", "suggestion"),
    [("kwh", "kWh"), ("KG", "kg"), ("Liters", "L"), ("m^3", "m3"), ("kWh_gros", "kWh_gross"), ("Nm^3", "Nm3"), ("MWH", "MWh")],
)
def test_an_unknown_unit_is_refused_with_what_may_have_been_meant(symbol: str, suggestion: str) -> None:
    with pytest.raises(UnknownUnit) as refusal:
        unit(symbol)

    assert suggestion in refusal.value.suggestions
    assert suggestion in refusal.value.hint
    assert refusal.value.code == "unknown_unit"


@pytest.mark.parametrize("symbol", sorted(AMBIGUOUS))
def test_a_unit_that_means_several_is_refused_with_each_of_them(symbol: str) -> None:
    with pytest.raises(UnknownUnit) as refusal:
        unit(symbol)

    assert [unit(suggestion).symbol for suggestion in refusal.value.suggestions] == list(AMBIGUOUS[symbol])


def test_a_text_far_from_any_unit_is_refused_without_a_suggestion() -> None:
    with pytest.raises(UnknownUnit) as refusal:
        unit("k" * 100_000)

    assert refusal.value.suggestions == ()
    assert len(str(refusal.value)) < 200


def test_no_two_units_are_written_alike() -> None:
    for spelling, found in UNITS_BY_SPELLING.items():
        assert spelling == found.symbol or spelling not in {other.symbol for other in units()}
    assert len({found.symbol for found in units()}) == len(units())


def test_a_rate_is_a_pair_of_units() -> None:
    assert unit_pair("GJ_net/t") == (unit("GJ_net"), unit("t"))
    with pytest.raises(UnknownUnit):
        unit_pair("GJ_net")


@pytest.mark.parametrize(
    ("text", "value"),
    [("0", Fraction(0)), ("41250.000", Fraction(41250)), ("0.000000001", Fraction(1, 10**9)), ("9" * 15, Fraction(10**15 - 1))],
)
def test_a_quantity_is_read_exactly(text: str, value: Fraction) -> None:
    assert Quantity.parse(text, "kWh") == Quantity(value, unit("kWh"))


@pytest.mark.parametrize(
    "text",
    [
        "",
        " 1",
        "1 ",
        "-1",
        "+1",
        "1e3",
        "1E3",
        "NaN",
        "nan",
        "inf",
        "1,000",
        "1.",
        ".5",
        "1.0000000000",
        "1" * 16,
        "0x10",
        "1_000",
        "１２",
        "1\n",
    ],
)
def test_a_quantity_written_otherwise_is_refused(text: str) -> None:
    with pytest.raises(MalformedNumber) as refusal:
        Quantity.parse(text, "kWh")

    assert refusal.value.code == "malformed_number"
    assert refusal.value.hint


@pytest.mark.parametrize("value", [1.5, 1, None, True])
def test_a_number_that_is_no_string_is_refused(value: object) -> None:
    with pytest.raises(MalformedNumber):
        Quantity.parse(value, "kWh")  # type: ignore[arg-type]


def test_a_unit_says_from_which_publication_its_ratio_is() -> None:
    assert all(isinstance(found, Unit) and found.source for found in units())
