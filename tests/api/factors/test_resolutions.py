"""The question for factors over HTTP, against the shipped catalogue."""

import pytest

from tests.conftest import Client


def question(activity_type: str, region: str, unit: str, date: str = "2021-03-01", **more: str) -> dict[str, str]:
    return {"activity_type": activity_type, "region": region, "date": date, "unit": unit, **more}


async def ask(client: Client, *items: dict[str, str]) -> list[dict]:
    answer = await client.post("/v1/factor-resolutions", {"items": list(items)})
    assert answer.status == 200, answer.content
    return answer.body["items"]


async def test_guangdongs_electricity_is_resolved_to_the_provinces_own_factor_of_the_year(reader: Client) -> None:
    (resolved,) = await ask(reader, question("electricity.grid", "CN-GD", "kWh"))

    assert resolved["outcome"] == "resolved"
    factor = resolved["factor"]
    assert (factor["region"], factor["data_year"], factor["unit"], factor["value_printed"]) == ("CN-GD", 2021, "kWh", "0.4715")
    assert [gas["kg_per_unit"] for gas in factor["gases"]] == ["0.4715"]
    assert "Notice 2024 No.12" in factor["gases"][0]["document"]
    assert factor["gas_coverage"] == "CO2"
    assert any("CO2 only" in note for note in factor["notes"])
    assert factor["properties"] == []
    first = resolved["candidates"][0]
    assert first["chosen"] and first["factor_id"] == factor["id"]
    assert "province CN-GD as asked" in first["reasons"]
    assert "data year 2021 is the activity's year" in first["reasons"]


async def test_tibet_takes_the_national_factor_and_says_so(reader: Client) -> None:
    (resolved,) = await ask(reader, question("electricity.grid", "CN-XZ", "kWh"))

    assert resolved["factor"]["region"] == "CN"
    assert "country CN stands in for province CN-XZ" in resolved["candidates"][0]["reasons"]


async def test_a_snapshot_carries_the_property_that_leads_to_its_unit(reader: Client) -> None:
    (resolved,) = await ask(reader, question("fuel.diesel", "CN-GD", "L"))

    (density,) = resolved["factor"]["properties"]
    assert (density["name"], density["value"], density["unit"], density["region"]) == ("density", "830.565", "kg/m3", "GB")
    assert len(density["sha256"]) == 64


async def test_the_worldwide_default_of_fuels_is_that_of_manufacturing_and_construction(reader: Client) -> None:
    (resolved,) = await ask(reader, question("fuel.diesel", "KE", "t"))

    assert (resolved["factor"]["dataset"], resolved["factor"]["region"]) == ("ipcc-2006-stationary", "GLO")
    assert "technology manufacturing & construction, the default" in resolved["candidates"][0]["reasons"]


async def test_no_factor_names_the_nearest_and_what_would_make_each_match(reader: Client) -> None:
    (refused,) = await ask(reader, question("electricity.grid", "CN-GD", "kWh", "2019-01-01"))

    assert refused["outcome"] == "no_factor"
    assert refused["factor"] is None
    assert 1 <= len(refused["candidates"]) <= 5
    assert refused["candidates"][0]["reasons"][0] == "data year 2021 is after the activity's year 2019: it serves activities from 2021 on"
    assert not any(candidate["chosen"] for candidate in refused["candidates"])


async def test_wrong_questions_are_answered_by_their_outcome_not_by_a_refusal_of_all(reader: Client) -> None:
    answers = await ask(
        reader,
        question("fuel.dragon", "CN", "kg"),
        question("fuel.diesel", "CN", "barrels"),
        question("electricity.grid", "CN", "kg"),
        question("fuel.diesel", "GB", "L"),
    )

    assert [one["outcome"] for one in answers] == ["unknown_activity_type", "unknown_unit", "dimension_mismatch", "resolved"]


async def test_the_first_unknown_names_of_a_batch_are_corrected_and_the_rest_is_not_worth_the_time(reader: Client) -> None:
    misspelt = [question(f"fuel.diesl{number}", "CN", "kg") for number in range(12)]
    estimated = {"region": "CN", "date": "2021-03-01", "quantity": {"value": "1", "unit": "kg"}}

    resolved = [one["detail"] for one in await ask(reader, *misspelt, misspelt[0])]
    items = [{**estimated, "activity_type": one["activity_type"]} for one in misspelt]
    refused = [one["problem"]["detail"] for one in (await reader.post("/v1/estimates", {"items": items})).body["items"]]

    assert all("did you mean fuel.diesel" in detail for detail in [*resolved[:10], resolved[12], *refused[:10]])
    assert all("see GET /v1/activity-types" in detail for detail in [*resolved[10:12], *refused[10:]])


@pytest.mark.parametrize("purpose", ["residual", "fossil", "ets_compliance"])
async def test_a_purpose_is_answered_when_it_is_asked_for(reader: Client, purpose: str) -> None:
    (resolved,) = await ask(reader, question("electricity.grid", "CN-GD", "kWh", "2022-05-01", purpose=purpose))

    assert (resolved["factor"]["purpose"], resolved["factor"]["region"]) == (purpose, "CN")


@pytest.mark.parametrize(
    ("wrong", "pointer"),
    [
        (question("fuel.diesel", "china", "L"), "/items/0/region"),
        (question("fuel.diesel", "CN", "L", "yesterday"), "/items/0/date"),
        (question("fuel.diesel", "CN", "L", purpose="fun"), "/items/0/purpose"),
        (question("fuel.diesel", "CN", "L", colour="blue"), "/items/0/colour"),
    ],
)
async def test_a_wrong_shape_is_refused_at_its_field(reader: Client, wrong: dict[str, str], pointer: str) -> None:
    answer = await reader.post("/v1/factor-resolutions", {"items": [wrong]})

    assert answer.status == 422
    assert answer.problem.pointers == [pointer]


async def test_a_client_without_the_scope_may_not_ask(client_with) -> None:  # type: ignore[no-untyped-def]
    client = await client_with("app", scopes=["reports:read"])

    answer = await client.post("/v1/factor-resolutions", {"items": [question("fuel.diesel", "CN", "L")]})

    assert answer.status == 403
    assert answer.problem.code == "missing_scope"
