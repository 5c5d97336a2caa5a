"""What must hold for any amount in any unit: conversions are exact, linear and may be chained; forms of a factor are the same factor."""

from collections import defaultdict
from fractions import Fraction
from itertools import product

from hypothesis import given, settings
from hypothesis import strategies as st

from ghg import EmissionFactor, GasFactor, Property, Quantity, Source, blend_factor, calculate, convert, unit
from ghg.gwp import GWP_SETS, gwp_set
from ghg.units import Unit, units

quick = settings(max_examples=40, deadline=None)

amounts = st.builds(Fraction, st.integers(0, 10**12), st.sampled_from([1, 10, 10**3, 10**9, 3, 7]))
above_zero = st.builds(Fraction, st.integers(1, 10**9), st.integers(1, 10**6))
years = st.integers(1990, 2099)
currencies = st.sampled_from(sorted(one.symbol for one in units() if one.dimension == "money"))
SOURCE = Source("example")


def kinds() -> list[list[Unit]]:
    """The units that convert by a ratio, by dimension; each currency is alone."""
    by_kind: dict[str, list[Unit]] = defaultdict(list)
    for one in units():
        by_kind[one.symbol if one.dimension == "money" else one.dimension].append(one)
    return list(by_kind.values())


KINDS = kinds()
PAIRS = [pair for kind in KINDS for pair in product(kind, kind)]
units_of_one_kind = st.sampled_from(KINDS).flatmap(lambda kind: st.tuples(*[st.sampled_from(kind)] * 3))


@quick
@given(amounts)
def test_every_pair_of_units_of_a_kind_leads_there_and_back(amount: Fraction) -> None:
    for start, to in PAIRS:
        there = convert(Quantity(amount, start), to).value

        assert convert(Quantity(there, to), start).value == amount, (start.symbol, to.symbol)


@quick
@given(amounts, units_of_one_kind)
def test_a_stop_on_the_way_changes_nothing(amount: Fraction, three: tuple[Unit, Unit, Unit]) -> None:
    start, between, to = three
    at_stop = convert(Quantity(amount, start), between).value

    assert convert(Quantity(at_stop, between), to).value == convert(Quantity(amount, start), to).value


@quick
@given(amounts, amounts, st.integers(0, 10**6), units_of_one_kind)
def test_conversion_is_linear(one: Fraction, other: Fraction, times: int, three: tuple[Unit, Unit, Unit]) -> None:
    start, to, _ = three

    def converted(amount: Fraction) -> Fraction:
        return convert(Quantity(amount, start), to).value

    assert converted(one + other) == converted(one) + converted(other)
    assert converted(times * one) == times * converted(one)
    assert converted(one) == one * convert(Quantity(Fraction(1), start), to).ratio


@quick
@given(amounts, above_zero, above_zero)
def test_properties_lead_there_and_back_and_are_linear(amount: Fraction, density: Fraction, calorific_value: Fraction) -> None:
    properties = [
        Property("density", density, unit("kg"), unit("m3"), SOURCE, "GLO", None),
        Property("net_calorific_value", calorific_value, unit("GJ_net"), unit("t"), SOURCE, "GLO", None),
    ]
    there = convert(Quantity(amount, unit("L")), unit("kWh_net"), properties)

    assert there.value == amount * density / 1000 / 1000 * calorific_value * 10**9 / 3_600_000
    assert convert(Quantity(there.value, unit("kWh_net")), unit("L"), properties).value == amount


@quick
@given(amounts, above_zero, currencies, years, years)
def test_a_price_index_leads_there_and_back(amount: Fraction, index: Fraction, code: str, start: int, to: int) -> None:
    earlier, later = unit(f"{code}_{start}"), unit(f"{code}_{to}")
    known = [Property("price_index", index, later, earlier, SOURCE, "GLO", None)]
    there = convert(Quantity(amount, earlier), later, known)

    assert there.value == (amount if start == to else amount * index)
    assert convert(Quantity(there.value, later), earlier, known).value == amount


@quick
@given(amounts, st.sampled_from(GWP_SETS), st.data())
def test_a_gas_printed_as_co2e_has_that_co2e_under_the_set_of_its_publisher(kg_co2e: Fraction, set_name: str, data: st.DataObject) -> None:
    gas, gwp = data.draw(st.sampled_from(sorted(gwp_set(set_name).values.items())))

    assert GasFactor.in_co2e(gas, kg_co2e, gwp, SOURCE).kg_per_unit * gwp == kg_co2e


@quick
@given(st.lists(st.integers(1, 1000), min_size=1, max_size=6), st.sampled_from(GWP_SETS), st.data())
def test_the_co2e_of_a_blend_is_that_of_its_gases_to_a_milligram_each(parts: list[int], set_name: str, data: st.DataObject) -> None:
    values = gwp_set(set_name).values
    names = data.draw(st.lists(st.sampled_from(sorted(values)), min_size=len(parts), max_size=len(parts), unique=True))
    shares = {name: Fraction(part, sum(parts)) for name, part in zip(names, parts, strict=True)}

    lost = calculate(Quantity(Fraction(1), unit("kg")), EmissionFactor(unit("kg"), blend_factor(shares, SOURCE)))

    co2e = lost.emissions.co2e_mg(set_name)
    assert co2e is not None
    assert co2e == sum(gas.co2e_mg[set_name] or 0 for gas in lost.emissions.gases)
    assert abs(co2e - sum(share * values[name] for name, share in shares.items()) * 10**6) <= Fraction(len(parts), 2)
