"""Worked examples of published guidance through POST /v1/estimates: with their own factors, and with those of the catalogue."""

import pytest

from tests.conftest import Client
from tests.golden.worked_examples import WORKED_EXAMPLES, WorkedExample


async def estimate(client: Client, item: dict[str, object]) -> dict[str, object]:
    (estimated,) = (await client.post("/v1/estimates", {"items": [item]})).body["items"]
    assert estimated["status"] == 200, estimated
    emissions: dict[str, object] = estimated["emissions"]
    return emissions


@pytest.mark.parametrize("example", WORKED_EXAMPLES, ids=lambda example: example.name)
async def test_a_worked_example_has_the_figures_of_its_guidance(reader: Client, example: WorkedExample) -> None:
    gases = [{"gas": gas, "kg_per_unit": kg} for gas, kg in example.gases.items()]
    item = {
        "factor": {"gases": gases, "per_unit": example.per_unit},
        "quantity": {"value": example.quantity, "unit": example.unit},
        "gwp_set": example.gwp_set,
    }

    emissions = await estimate(reader, item)

    assert {gas["gas"]: gas["co2e_kg"] for gas in emissions["gases"]} == example.co2e_kg  # type: ignore[attr-defined]
    assert emissions["co2e_kg"] == example.total_kg


@pytest.mark.parametrize(
    ("activity_type", "region", "date", "quantity", "more", "co2e_kg", "biogenic_co2_kg"),
    [
        # IPCC 2006 equation 2.1: 1,000 t of anthracite × 26.7 GJ/t; 2,624,610 + 7,956.6 + 10,933.65
        ("fuel.anthracite", "AU", "2024-06-15", ("1000", "t"), {}, "2643500.250000", "0.000000"),
        # Scope 2 Guidance, market-based: 1,000 MWh in Germany in 2024, of which certificates cover 400: 600,000 kWh × 0.7245642 kg of
        # the residual mix (AIB 2024) = 434,738.52
        ("electricity.grid", "DE", "2024-06-15", ("600", "MWh"), {"purpose": "residual"}, "434738.520000", "0.000000"),
        # Scope 2 Guidance, location-based: the same 1,000 MWh whatever the certificates, per MWh of Eurostat 2023
        # 336,821.166126 + 184.959525221 × 29.8 = 5,511.7938515... + 10.112923948 × 273 = 2,760.8282378... = 345,093.788215...
        ("electricity.grid", "DE", "2024-06-15", ("1000", "MWh"), {}, "345093.788216", "0.000000"),
        # US EPA hub 2025, table 1: 100 short tons of wood: CH4 12.6 kg × 27.0 = 340.2; N2O 6.3 kg × 273 = 1,719.9; CO2 is biogenic
        ("fuel.wood", "US", "2025-06-15", ("100", "short_ton"), {}, "2060.100000", "164000.000000"),
        # Scope 3 category 3, DESNZ 2025: losses 0.01834 + 0.00008 ÷ 28 × 29.8 + 0.00011 ÷ 265 × 273 per kWh; 1,000,000 kWh:
        # 18,340 + 85.142857... + 113.320754...
        ("electricity.grid", "GB", "2025-06-15", ("1000000", "kWh"), {"stage": "transmission_losses"}, "18538.463612", "0.000000"),
        # US EPA hub 2025, table 12: 12 lb of R-410A; × 0.45359237 = 5.44310844 kg × 1,923.5 (AR5, 50 % × 677 + 50 % × 3,170)
        ("refrigerant.R-410A", "US", "2025-06-15", ("12", "lb"), {"gwp_set": "AR5"}, "10469.819084", "0.000000"),
    ],
)
async def test_a_worked_example_has_its_figures_with_factors_of_the_catalogue(
    reader: Client, activity_type: str, region: str, date: str, quantity: tuple[str, str], more: dict[str, str], co2e_kg: str,
    biogenic_co2_kg: str,
) -> None:  # fmt: skip
    value, symbol = quantity

    emissions = await estimate(
        reader, {"activity_type": activity_type, "region": region, "date": date, "quantity": {"value": value, "unit": symbol}, **more}
    )

    assert (emissions["co2e_kg"], emissions["biogenic_co2_kg"]) == (co2e_kg, biogenic_co2_kg)
