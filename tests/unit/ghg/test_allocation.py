from fractions import Fraction

import pytest

from ghg.allocation import (
    ALLOCATION_BASES,
    AllocationBasis,
    Output,
    SupplierBoundary,
    SupplierTotal,
    allocate,
    allocate_to_customer,
)
from ghg.errors import DimensionMismatch, InvalidAllocation
from ghg.units import Quantity, unit


def output(name: str, value: str, symbol: str = "t", *, waste: bool = False) -> Output:
    return Output(name, Quantity.parse(value, symbol), waste)


def milligrams(total: int, *outputs: Output, basis: AllocationBasis = "mass") -> dict[str, int]:
    return {each.output_id: each.emissions_mg for each in allocate(total, outputs, basis)}


def supplier(output: str = "1000", symbol: str = "t", year: int = 2021, boundary: SupplierBoundary = "cradle_to_gate") -> SupplierTotal:
    return SupplierTotal(10_000, Quantity.parse(output, symbol), year, boundary)


def bought(value: str, symbol: str = "t") -> Quantity:
    return Quantity.parse(value, symbol)


def test_what_is_left_over_goes_to_the_largest_remainder() -> None:
    # 100 mg over 1 : 2 : 4 are 14.29, 28.57 and 57.14
    assert milligrams(100, output("a", "1"), output("b", "2"), output("c", "4")) == {"a": 14, "b": 29, "c": 57}


def test_equal_remainders_are_served_in_the_order_of_ids() -> None:
    assert milligrams(2, output("c", "1"), output("b", "1"), output("a", "1")) == {"c": 0, "b": 1, "a": 1}


def test_outputs_may_be_in_different_units_of_one_dimension() -> None:
    assert milligrams(400, output("a", "1", "t"), output("b", "3000", "kg")) == {"a": 100, "b": 300}


def test_waste_gets_nothing_whatever_its_quantity() -> None:
    assert milligrams(100, output("a", "1"), output("ash", "50", waste=True)) == {"a": 100, "ash": 0}


def test_waste_needs_no_market_value() -> None:
    assert milligrams(100, output("a", "5", "EUR"), output("ash", "50", "kg", waste=True), basis="market_value") == {"a": 100, "ash": 0}


def test_an_output_of_which_nothing_was_made_gets_nothing() -> None:
    assert milligrams(100, output("a", "1"), output("b", "0")) == {"a": 100, "b": 0}


@pytest.mark.parametrize("outputs", [(), (output("a", "0"),), (output("ash", "3", waste=True),)], ids=["none", "of zero", "waste"])
def test_a_system_that_puts_nothing_out_is_refused(outputs: tuple[Output, ...]) -> None:
    with pytest.raises(InvalidAllocation, match="nothing was put out"):
        allocate(100, outputs, "mass")


def test_an_output_that_stands_twice_is_refused() -> None:
    with pytest.raises(InvalidAllocation, match="twice"):
        milligrams(100, output("a", "1"), output("a", "2"))


def test_negative_quantities_and_emissions_are_refused() -> None:
    with pytest.raises(InvalidAllocation, match="negative quantity of a"):
        milligrams(100, Output("a", Quantity(Fraction(-1), unit("t"))), output("b", "3"))
    with pytest.raises(InvalidAllocation, match="negative emissions"):
        milligrams(-100, output("a", "1"))


@pytest.mark.parametrize(
    ("basis", "symbol"),
    [
        ("mass", "kWh"),
        ("units", "kg"),
        ("volume", "t"),
        ("energy", "m3"),
        ("area", "m3"),
        ("market_value", "piece"),
        ("sub_metering", "EUR"),
    ],
)
def test_a_unit_that_is_not_of_the_basis_is_refused(basis: AllocationBasis, symbol: str) -> None:
    with pytest.raises(InvalidAllocation, match=f"{symbol} for an allocation by"):
        milligrams(100, output("a", "1", symbol), basis=basis)
    with pytest.raises(InvalidAllocation, match=f"{symbol} for an allocation by"):
        allocate_to_customer(supplier(symbol=symbol), bought("1", symbol), 2021, basis)


@pytest.mark.parametrize("basis", ["sub_metering", "volume"])
def test_a_gas_meter_may_read_standard_cubic_feet(basis: AllocationBasis) -> None:
    assert milligrams(400, output("a", "1", "scf"), output("b", "3", "scf"), basis=basis) == {"a": 100, "b": 300}


def test_another_basis_is_refused_naming_the_known_ones() -> None:
    with pytest.raises(InvalidAllocation, match="unknown basis 'weight'") as refusal:
        allocate(100, [output("a", "1")], "weight")  # type: ignore[arg-type]

    assert "mass" in refusal.value.hint
    with pytest.raises(InvalidAllocation, match="unknown basis 'weight'"):
        allocate_to_customer(supplier(), bought("1"), 2021, "weight")  # type: ignore[arg-type]


def test_two_currencies_are_not_added_up() -> None:
    with pytest.raises(DimensionMismatch):
        milligrams(100, output("a", "1", "EUR"), output("b", "1", "USD"), basis="market_value")


def test_the_last_resort_is_market_value() -> None:
    first, *_, last = ALLOCATION_BASES

    assert (first, last) == ("sub_metering", "market_value")


def test_a_customer_gets_the_share_of_its_purchases() -> None:
    part = allocate_to_customer(supplier(), bought("25"), 2021, "mass")

    assert part.share == Fraction(1, 40)
    assert (part.emissions_mg, part.notes) == (250, ())


def test_a_customer_may_buy_everything_and_nothing() -> None:
    assert allocate_to_customer(supplier(), bought("1000"), 2021, "mass").emissions_mg == 10_000
    assert allocate_to_customer(supplier(), bought("0"), 2021, "mass").emissions_mg == 0


def test_purchases_above_the_output_are_refused() -> None:
    with pytest.raises(InvalidAllocation, match=r"100\.1 % of the supplier's output"):
        allocate_to_customer(supplier(), bought("1001"), 2021, "mass")


def test_a_supplier_without_output_or_revenue_is_refused() -> None:
    with pytest.raises(InvalidAllocation, match="output of 0 EUR"):
        allocate_to_customer(supplier("0", "EUR"), bought("0", "EUR"), 2021, "market_value")


def test_negative_purchases_and_supplier_emissions_are_refused() -> None:
    with pytest.raises(InvalidAllocation, match="negative purchases"):
        allocate_to_customer(supplier(), Quantity(Fraction(-1), unit("t")), 2021, "mass")
    with pytest.raises(InvalidAllocation, match="negative emissions"):
        allocate_to_customer(SupplierTotal(-1, bought("1"), 2021, "gate_to_gate"), bought("1"), 2021, "mass")


@pytest.mark.parametrize("year", [2019, 2023])
def test_years_further_apart_than_one_are_refused(year: int) -> None:
    with pytest.raises(InvalidAllocation, match=f"figure of {year} for purchases of 2021"):
        allocate_to_customer(supplier(year=year), bought("1"), 2021, "mass")


@pytest.mark.parametrize("year", [2020, 2022])
def test_a_figure_of_the_year_beside_is_taken_and_said(year: int) -> None:
    assert allocate_to_customer(supplier(year=year), bought("1"), 2021, "mass").notes == (
        f"the supplier's figure of {year} stands for purchases of 2021",
    )


def test_spend_in_another_currency_than_the_revenue_is_refused() -> None:
    with pytest.raises(DimensionMismatch):
        allocate_to_customer(supplier("1000", "CNY"), bought("1", "USD"), 2021, "market_value")


def test_spend_at_the_prices_of_another_year_is_refused() -> None:
    with pytest.raises(DimensionMismatch):
        allocate_to_customer(supplier("1000", "USD_2021"), bought("1", "USD_2022"), 2021, "market_value")


def test_market_value_and_a_figure_without_upstream_are_said() -> None:
    part = allocate_to_customer(supplier("1000", "EUR", boundary="gate_to_gate"), bought("1", "EUR"), 2021, "market_value")

    assert [note.split(":")[0] for note in part.notes] == [
        "allocated by market value, which misleads where prices differ or move",
        "scopes 1 and 2 of the supplier alone",
    ]
