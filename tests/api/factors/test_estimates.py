"""Estimates with the numbers of published rows; the arithmetic stands in tests/golden/test_activity_to_emission.py."""

import pytest

from tests.conftest import Answer, Client


def item(activity_type: str, region: str, value: str, unit: str, date: str = "2021-06-15", **more: object) -> dict[str, object]:
    return {"activity_type": activity_type, "region": region, "date": date, "quantity": {"value": value, "unit": unit}, **more}


async def estimate(client: Client, *items: dict[str, object], query: str = "") -> list[dict]:
    answer: Answer = await client.post(f"/v1/estimates{query}", {"items": list(items)})
    assert answer.status == 207, answer.content
    return answer.body["items"]


def by_gas(estimated: dict) -> dict[str, str]:
    return {gas["gas"]: gas["co2e_kg"] for gas in estimated["emissions"]["gases"]}


async def test_a_million_kilowatt_hours_in_guangdong_are_the_notice_times_the_kilowatt_hours(reader: Client) -> None:
    (estimated,) = await estimate(reader, item("electricity.grid", "CN-GD", "1000000", "kWh"))

    assert estimated["status"] == 200
    assert estimated["of_record"] is True
    assert estimated["emissions"] == {
        "co2e_kg": "471500.000000",
        "gases": [{"gas": "CO2", "kg": "471500.000000", "co2e_kg": "471500.000000", "gwp_basis": None}],
        "biogenic_co2_kg": "0.000000",
        "gwp_set": "AR6",
    }
    assert estimated["factor"]["gas_coverage"] == "CO2"
    assert any("CO2 only" in note for note in estimated["factor"]["notes"])
    assert "Notice 2024 No.12" in estimated["trace"]["factor"]["source"]
    assert estimated["trace"]["factor"]["value"] == "0.4715"
    assert len(estimated["trace"]["factor"]["sha256"]) == 64
    assert any("CO2 only" in step["result"] for step in estimated["trace"]["steps"])


async def test_a_thousand_cubic_metres_of_natural_gas_in_guangdong(reader: Client) -> None:
    (estimated,) = await estimate(reader, item("fuel.natural_gas", "CN-GD", "1000", "m3"))

    assert by_gas(estimated) == {"CO2": "2162.188809", "CH4_fossil": "1.160144", "N2O": "1.062816"}
    assert estimated["emissions"]["co2e_kg"] == "2164.411769"
    (conditions,) = estimated["trace"]["properties"]
    assert (conditions["name"], conditions["value"], conditions["unit"]) == ("volume_conditions", "1", "Nm3/m3")
    assert "taken at the conditions of the factor" in conditions["note"]


async def test_a_thousand_litres_of_diesel_in_guangdong_go_through_the_british_density(reader: Client) -> None:
    (estimated,) = await estimate(reader, item("fuel.diesel", "CN-GD", "1000", "L"))

    assert by_gas(estimated) == {"CO2": "2612.228664", "CH4_fossil": "3.217361", "N2O": "5.894897"}
    assert estimated["emissions"]["co2e_kg"] == "2621.340922"
    (density,) = estimated["trace"]["properties"]
    assert (density["value"], density["unit"], density["region"], density["data_year"]) == ("830.565", "kg/m3", "GB", 2025)
    assert "of another region: country GB" in density["note"]
    assert "of another year: 2025" in density["note"]


async def test_each_gas_of_a_composed_factor_names_its_own_source(reader: Client) -> None:
    (estimated,) = await estimate(reader, item("fuel.diesel", "CN-GD", "1000", "L"))

    datasets = {gas["gas"]: gas["dataset"] for gas in estimated["trace"]["factor"]["gases"]}
    assert datasets == {"CO2": "cn-mee-fuels", "CH4_fossil": "ipcc-2006-stationary", "N2O": "ipcc-2006-stationary"}


async def test_a_thousand_litres_of_british_diesel_have_their_biogenic_carbon_apart(reader: Client) -> None:
    (estimated,) = await estimate(reader, item("fuel.diesel", "GB", "1000", "L"))

    assert estimated["emissions"]["co2e_kg"] == "2509.275893"
    assert estimated["emissions"]["biogenic_co2_kg"] == "151.170000"


async def test_twelve_and_a_half_kilograms_of_r410a(reader: Client) -> None:
    # 12.5 × (0.5 × 771 + 0.5 × 3740) = 28,193.75
    (estimated,) = await estimate(reader, item("refrigerant.R-410A", "CN-GD", "12.5", "kg"))

    assert by_gas(estimated) == {"HFC-125": "23375.000000", "HFC-32": "4818.750000"}
    assert estimated["emissions"]["co2e_kg"] == "28193.750000"


async def test_the_gwp_set_is_the_callers_choice(reader: Client) -> None:
    # 12.5 × (0.5 × 675 + 0.5 × 3500) = 26,093.75
    (estimated,) = await estimate(reader, item("refrigerant.R-410A", "CN-GD", "12.5", "kg", gwp_set="AR4"))

    assert estimated["emissions"]["co2e_kg"] == "26093.750000"
    assert estimated["emissions"]["gwp_set"] == "AR4"


async def test_the_callers_own_gases_are_calculated_but_not_of_record(reader: Client) -> None:
    # 10 × (2 + 0.5 × 29.8) = 169
    own = {"gases": [{"gas": "CO2", "kg_per_unit": "2"}, {"gas": "CH4_fossil", "kg_per_unit": "0.5"}], "per_unit": "kg"}
    (estimated,) = await estimate(reader, {"factor": own, "quantity": {"value": "0.01", "unit": "t"}})

    assert estimated["emissions"]["co2e_kg"] == "169.000000"
    assert estimated["of_record"] is False
    assert estimated["factor"] is None


async def test_a_callers_co2e_keeps_its_basis_under_every_set(reader: Client) -> None:
    own = {"co2e": "0.25", "per_unit": "kWh", "gwp_basis": "AR5"}
    (estimated,) = await estimate(reader, {"factor": own, "quantity": {"value": "4", "unit": "MWh"}})

    (gas,) = estimated["emissions"]["gases"]
    assert gas == {"gas": "CO2e", "kg": None, "co2e_kg": "1000.000000", "gwp_basis": "AR5"}


async def test_a_named_factor_is_used_whatever_its_region(reader: Client) -> None:
    british = (await reader.get("/v1/factors", activity_type="fuel.diesel", region="GB", year=2021, unit_kind="volume")).body["items"][0]
    (estimated,) = await estimate(reader, {"factor_id": british["id"], "region": "CN-GD", "quantity": {"value": "1000", "unit": "L"}})

    assert estimated["emissions"]["co2e_kg"] == "2509.275893"


async def test_an_item_without_a_factor_has_its_own_problem_and_the_others_their_figures(reader: Client) -> None:
    refused, estimated = await estimate(reader, item("electricity.grid", "KE", "1", "kWh"), item("electricity.grid", "CN-GD", "1", "kWh"))

    assert refused["status"] == 422
    assert refused["problem"]["code"] == "no_factor"
    assert refused["problem"]["alternatives"]
    assert refused["emissions"] is None
    assert estimated["emissions"]["co2e_kg"] == "0.471500"


@pytest.mark.parametrize(
    ("wrong", "pointer", "code"),
    [
        (item("fuel.diesel", "CN", "1", "parsec"), "/quantity/unit", "unknown_unit"),
        (item("fuel.diesel", "CN", "1", "kWh"), "/quantity/unit", "dimension_mismatch"),
        (item("fuel.dragon", "CN", "1", "kg"), "/activity_type", "unknown_activity_type"),
        (item("fuel.diesel", "CN", "999999999999999", "kt"), "/quantity/value", "out_of_range"),
        ({"factor_id": "none", "quantity": {"value": "1", "unit": "kg"}}, "/factor_id", "unknown_factor"),
        (
            {"factor": {"gases": [{"gas": "CH4", "kg_per_unit": "1"}], "per_unit": "kg"}, "quantity": {"value": "1", "unit": "kg"}},
            "/factor/gases",
            "unknown_gas",
        ),
        (
            {"factor": {"co2e": "1", "gwp_basis": "AR5", "per_unit": "ton"}, "quantity": {"value": "1", "unit": "kg"}},
            "/factor/per_unit",
            "unknown_unit",
        ),
        (
            {"factor": {"co2e": "1", "gwp_basis": "AR5", "per_unit": "kWh"}, "quantity": {"value": "1", "unit": "kg"}},
            "/quantity/unit",
            "dimension_mismatch",
        ),
    ],
)
async def test_what_is_wrong_with_one_item_is_said_at_its_field(reader: Client, wrong: dict, pointer: str, code: str) -> None:
    (refused,) = await estimate(reader, wrong)

    assert refused["status"] == 422
    assert [(error["pointer"], error["code"]) for error in refused["problem"]["errors"]] == [(pointer, code)]


@pytest.mark.parametrize(
    ("wrong", "pointer"),
    [
        (item("fuel.diesel", "CN", 1, "L"), "/items/0/quantity/value"),  # type: ignore[arg-type]
        (item("fuel.diesel", "CN", "-1", "L"), "/items/0/quantity/value"),
        (item("fuel.diesel", "CN", "1e3", "L"), "/items/0/quantity/value"),
        (item("fuel.diesel", "CN", "NaN", "L"), "/items/0/quantity/value"),
        (item("fuel.diesel", "China", "1", "L"), "/items/0/region"),
        (item("fuel.diesel", "CN", "1", "L", date="2021-13-01"), "/items/0/date"),
        (item("fuel.diesel", "CN", "1", "L", gwp_set="AR7"), "/items/0/gwp_set"),
        (item("fuel.diesel", "CN", "1", "L", colour="blue"), "/items/0/colour"),
        (item("fuel.diesel", "CN", "1", "L", factor_id="x"), "/items/0"),
        ({"quantity": {"value": "1", "unit": "L"}}, "/items/0"),
        ({"activity_type": "fuel.diesel", "quantity": {"value": "1", "unit": "L"}}, "/items/0"),
    ],
)
async def test_a_wrong_shape_refuses_the_request_at_its_field(reader: Client, wrong: dict, pointer: str) -> None:
    answer = await reader.post("/v1/estimates", {"items": [wrong]})

    assert answer.status == 422
    assert answer.problem.pointers == [pointer]


async def test_traces_come_by_default_for_few_items_only(reader: Client) -> None:
    few = [item("electricity.grid", "CN-GD", "1", "kWh")] * 100

    assert all(one["trace"] for one in await estimate(reader, *few))
    assert not any(one["trace"] for one in await estimate(reader, *few, few[0]))
    assert all(one["trace"] for one in await estimate(reader, *few, few[0], query="?trace=true"))
    assert not any(one["trace"] for one in await estimate(reader, few[0], query="?trace=false"))


async def test_ten_thousand_items_are_answered_in_their_order(reader: Client) -> None:
    items = [item("electricity.grid", "CN-GD", str(index), "kWh") for index in range(10_000)]

    estimated = await estimate(reader, *items)

    assert [one["index"] for one in estimated] == list(range(10_000))
    assert estimated[9_999]["emissions"]["co2e_kg"] == "4714.528500"  # 9,999 × 0.4715


async def test_uncertainties_of_quantity_and_factor_combine(reader: Client) -> None:
    factor = {"gases": [{"gas": "CO2", "kg_per_unit": "2"}], "per_unit": "kg", "uncertainty_percent": "4"}
    quantity = {"value": "10", "unit": "kg"}

    known, unknown, zero = await estimate(
        reader,
        {"factor": factor, "quantity": quantity, "uncertainty_percent": "3"},
        {"factor": factor, "quantity": quantity},
        {"factor": factor, "quantity": {"value": "0", "unit": "kg"}, "uncertainty_percent": "3"},
    )

    # √(3² + 4²) = 5
    assert (known["uncertainty_percent"], unknown["uncertainty_percent"], zero["uncertainty_percent"]) == ("5", None, None)


async def test_the_upstream_stage_of_a_fuel_is_estimated_when_it_is_asked_for(reader: Client) -> None:
    diesel = {"activity_type": "fuel.diesel_mineral", "region": "GB", "date": "2025-01-01", "quantity": {"value": "1000", "unit": "L"}}

    direct, upstream = await estimate(reader, diesel, {**diesel, "stage": "upstream"})

    assert (direct["factor"]["stage"], upstream["factor"]["stage"]) == ("direct", "upstream")
    assert upstream["emissions"]["gases"][0]["gas"] == "CO2e"


async def test_of_record_is_what_a_record_of_the_same_activity_would_get(reader: Client) -> None:
    diesel, grid = item("fuel.diesel", "CN-GD", "1", "t"), item("electricity.grid", "CN-GD", "1", "kWh", date="2022-05-01")
    (usual,) = await estimate(reader, diesel)
    named = {"factor_id": usual["factor"]["id"], "quantity": diesel["quantity"]}
    there = {"region": "CN-GD", "date": "2021-06-15"}

    answers = await estimate(
        reader,
        {**diesel, "dataset": "cn-mee-fuels"},
        {**grid, "method": "location_based", "purpose": "location_average"},
        {**named, **there},
        {**diesel, "dataset": "ipcc-2006-stationary"},
        {**grid, "method": "market_based"},
        {**grid, "purpose": "fossil"},
        {**item("fuel.diesel_mineral", "GB", "1", "L", date="2025-01-01"), "stage": "upstream"},
        named,
        {**named, **there, "region": "GB"},
    )

    assert [one["status"] for one in answers] == [200] * 9
    assert [one["of_record"] for one in answers] == [True] * 3 + [False] * 6


@pytest.mark.parametrize("choice", [{"stage": "direct"}, {"purpose": "residual"}, {"dataset": "cn-mee-fuels"}])
async def test_a_named_factor_leaves_nothing_to_choose(reader: Client, choice: dict[str, str]) -> None:
    answer = await reader.post("/v1/estimates", {"items": [{"factor_id": "any", "quantity": {"value": "1", "unit": "t"}, **choice}]})

    assert (answer.status, answer.problem.errors[0]["code"]) == (422, "nothing_to_choose")


async def test_a_factor_is_given_as_the_fraction_in_which_the_catalogue_shows_it(reader: Client) -> None:
    given = {"gases": [{"gas": "N2O", "kg_per_unit": "37/298000"}], "per_unit": "kg"}

    (answer,) = await estimate(reader, {"factor": given, "quantity": {"value": "298000", "unit": "kg"}})

    # 298,000 kg × 37/298,000 = 37 kg N2O × 273 (AR6) = 10,101 kg CO2e
    assert by_gas(answer)["N2O"] == "10101.000000"
