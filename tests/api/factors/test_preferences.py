"""Data sets that the organisation prefers, over HTTP."""

from typing import Any

from tests.conftest import Client

DIESEL = {"activity_type": "fuel.diesel", "region": "CN-GD", "date": "2024-05-01", "unit": "t"}
IPCC = "ipcc-2006-stationary"


async def resolution(client: Client, **changes: str) -> dict[str, Any]:
    answer = await client.post("/v1/factor-resolutions", {"items": [{**DIESEL, **changes}]})
    return dict(answer.body["items"][0])


async def prefer(client: Client, dataset: str, *preferences: dict[str, Any]) -> Any:
    return await client.put(f"/v1/datasets/{dataset}/preferences", {"preferences": list(preferences), "reason": "Group guideline 7."})


async def test_a_preferred_data_set_goes_before_a_nearer_one_for_its_activity_types_only(operator: Client) -> None:
    assert (await resolution(operator))["factor"]["dataset"] == "cn-mee-fuels"

    answer = await prefer(operator, IPCC, {"activity_types": "fuel.*"})

    assert answer.status == 200
    resolved = await resolution(operator)
    assert resolved["factor"]["dataset"] == IPCC
    assert f"data set {IPCC} is preferred by the organisation" in resolved["candidates"][0]["reasons"]
    assert (await resolution(operator, activity_type="vehicle_fuel.diesel"))["factor"]["dataset"] == "cn-mee-fuels"
    kept = (await operator.get(f"/v1/datasets/{IPCC}")).body
    assert kept["preferences"] == [{"activity_types": "fuel.*", "rank": 1, "region": None, "stands_in_for": []}]


async def test_preferences_are_replaced_whole_and_taken_back(operator: Client) -> None:
    await prefer(operator, IPCC, {"activity_types": "fuel.*"})

    again = await prefer(operator, IPCC, {"activity_types": "fuel.*"})
    none = await prefer(operator, IPCC)

    assert (again.body["version"], none.body["version"]) == (2, 3)
    assert (await resolution(operator))["factor"]["dataset"] == "cn-mee-fuels"


async def test_a_region_stands_in_for_scope_3_only(operator: Client) -> None:
    refusal = await prefer(operator, "uk-desnz-2025", {"activity_types": "fuel.*", "rank": 1, "region": "GB", "stands_in_for": ["CN"]})

    assert refusal.status == 422
    assert (refusal.problem.pointers, refusal.problem.errors[0]["code"]) == (["/preferences/0/region"], "scope_3_only")


async def test_unknown_data_sets_and_activity_types_are_refused(operator: Client) -> None:
    assert (await prefer(operator, "nothing", {"activity_types": "*"})).status == 404
    refusal = await prefer(operator, IPCC, {"activity_types": "dragon.*"})
    assert refusal.problem.errors[0]["code"] == "unknown_activity_type"


async def test_preferring_needs_the_scope_to_approve(operator: Client, client_with: Any) -> None:
    reader = await client_with("app", scopes=["factors:read"])

    assert (await prefer(reader, IPCC, {"activity_types": "fuel.*"})).problem.code == "missing_scope"
