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


async def test_preferences_that_were_read_before_they_changed_do_not_take_the_place_of_the_new_ones(operator: Client) -> None:
    read = (await operator.get(f"/v1/datasets/{IPCC}")).headers["etag"]
    await prefer(operator, IPCC, {"activity_types": "fuel.*"})
    body = {"preferences": [], "reason": "Group guideline 8."}

    late = await operator.put(f"/v1/datasets/{IPCC}/preferences", body, {"If-Match": read})
    kept = (await operator.get(f"/v1/datasets/{IPCC}")).body["preferences"]
    timely = await operator.put(f"/v1/datasets/{IPCC}/preferences", body, {"If-Match": late.headers["etag"]})

    assert (late.status, late.problem.code, len(kept)) == (412, "precondition_failed", 1)
    assert (timely.status, timely.body["preferences"]) == (200, [])


async def test_a_region_with_a_country_code_of_its_own_is_preferred_under_it(operator: Client) -> None:
    decided = {"activity_types": "material.*", "region": "CN", "stands_in_for": ["CN-HK", "VN"]}

    kept = (await prefer(operator, "cn-mee-footprint-2024", decided)).body["preferences"]

    assert kept[0]["stands_in_for"] == ["HK", "VN"]


async def test_the_world_stands_in_for_no_region(operator: Client) -> None:
    refusal = await prefer(operator, IPCC, {"activity_types": "material.*", "region": "GLO", "stands_in_for": ["CN"]})

    assert (refusal.problem.pointers, refusal.problem.errors[0]["code"]) == (["/preferences/0/region"], "no_country")


async def test_no_region_stands_in_for_electricity_whatever_its_scope(operator: Client) -> None:
    refusal = await prefer(
        operator, "cn-mee-footprint-2024", {"activity_types": "electricity.wind", "region": "CN", "stands_in_for": ["VN"]}
    )

    assert (refusal.problem.pointers, refusal.problem.errors[0]["code"]) == (["/preferences/0/region"], "electricity_stays")


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
