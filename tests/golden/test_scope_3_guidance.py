"""The examples of the GHG Protocol Scope 3 Calculation Guidance (2013) whose inputs are printed, each with its sum in a comment.

Their factors are illustrative, of CO2e without a GWP basis. Where the guidance slips in its arithmetic, the figure here is that of its
inputs.
"""

from fractions import Fraction

from ghg import EmissionFactor, GasFactor, Quantity, Source, as_fraction, calculate, kilograms, unit

ILLUSTRATIVE = Source("GHG Protocol Scope 3 Calculation Guidance (2013)")


def total(*lines: tuple[str, str, str]) -> str:
    """Kilograms of CO2e of lines of quantity, unit and kg CO2e per unit."""
    return kilograms(
        sum(calculate(Quantity.parse(value, symbol), per(symbol, rate)).emissions.co2e_mg("AR6") or 0 for value, symbol, rate in lines)
    )


def per(symbol: str, kg_co2e: str) -> EmissionFactor:
    rate = Fraction(1)
    for term in kg_co2e.split(" × "):
        rate *= as_fraction(term)
    return EmissionFactor(unit(symbol), (GasFactor.co2e_only(rate, "unstated", ILLUSTRATIVE),))


def test_materials_of_a_builder_by_the_supplier_specific_method() -> None:
    # Example 1.1: 200,000 × 0.15 + 600,000 × 0.10 + 200,000 × 0.10 + 100,000 × 0.25 + 50,000 × 0.20 = 145,000
    materials = [("200000", "0.15"), ("600000", "0.10"), ("200000", "0.10"), ("100000", "0.25"), ("50000", "0.20")]

    assert total(*((kg, "kg", rate) for kg, rate in materials)) == "145000.000000"


def test_t_shirts_by_the_hybrid_method() -> None:
    # Example 1.2: scopes 1 and 2 are 5,000 × 0.5 + 2,500 × 0.2 = 3,000; materials 35,000 + 12,500 + 1,000 + 750 = 49,250; waste 50.
    # Transport 5,000 kg × 1,000 km × 0.01 + 2,500 × 2,500 × 0.02 + 500 × 800 × 0.05 + 500 × 200 × 0.10 =
    # 50,000 + 125,000 + 20,000 + 10,000 = 205,000. (The guidance prints 20,500, and so 72,800 in all.)
    assert total(("5000", "kWh", "0.5"), ("2500", "kWh_gross", "0.2")) == "3000.000000"
    assert total(("5000", "kg", "7.0"), ("2500", "kg", "5.0"), ("500", "kg", "2.0"), ("500", "kg", "1.5")) == "49250.000000"
    assert (
        total(("5000000", "kg.km", "0.01"), ("6250000", "kg.km", "0.02"), ("400000", "kg.km", "0.05"), ("100000", "kg.km", "0.10"))
        == "205000.000000"
    )


def test_t_shirts_by_the_hybrid_method_with_the_upstream_of_a_database() -> None:
    # Example 1.3: 3,000 + 100 × 0.5 + 12,000 × 5.6 = 70,250. (The guidance prints 50,000 × 5.6 on the way to the same 67,200.)
    own = [("5000", "kWh", "0.5"), ("2500", "kWh_gross", "0.2"), ("100", "kg", "0.5")]

    assert total(*own, ("12000", "piece", "5.6")) == "70250.000000"


def test_upstream_and_grid_losses_of_data_centres() -> None:
    # Example 3.1: upstream 60,000 + 60,000 + 60,000 + 550,000 + 10,000 = 740,000, and 50,000 kWh of heat × 0.05 = 2,500;
    # losses 40,000 + 31,200 + 375 + 48,000 + 275,000 + 9,600 = 404,175
    upstream = [("500000", "0.12"), ("600000", "0.10"), ("400000", "0.15"), ("5500000", "0.10"), ("200000", "0.05")]
    losses = [
        ("500000", "0.8 × 0.10"), ("600000", "0.4 × 0.13"), ("50000", "0.15 × 0.05"), ("400000", "0.8 × 0.15"), ("5500000", "0.5 × 0.10"),
        ("200000", "0.4 × 0.12"),
    ]  # fmt: skip

    assert total(*((kwh, "kWh", rate) for kwh, rate in [*upstream, ("50000", "0.05")])) == "742500.000000"
    assert total(*((kwh, "kWh", rate) for kwh, rate in losses)) == "404175.000000"


def test_refrigerated_transport_by_its_fuel() -> None:
    # Example 4.1: (50,000 + 80,000 + 90,000) L × 3 + 50 kg of R-410A × 2,000 = 660,000 + 100,000
    diesel = [("50000", "L", "3"), ("80000", "L", "3"), ("90000", "L", "3")]

    assert total(*diesel, ("50", "kg", "2000")) == "760000.000000"
