"""Reading the catalogue: data sets, activity types, factors, GWP sets, units."""

import pytest

from tests.conftest import Client


async def every_item(client: Client, path: str, **params: object) -> list[dict]:
    items, cursor = [], None
    while True:
        answer = await client.get(path, **params, **({"cursor": cursor} if cursor else {}))
        assert answer.status == 200, answer.content
        items += answer.body["items"]
        cursor = answer.body["next"]
        if cursor is None:
            return items


async def test_every_data_set_has_a_licence_and_hashed_files_whose_rows_add_up(reader: Client) -> None:
    datasets = await every_item(reader, "/v1/datasets")

    assert {"cn-mee-electricity-2021", "cn-mee-fuels", "ipcc-2006-stationary", "uk-desnz-2021"} <= {one["id"] for one in datasets}
    for one in datasets:
        assert one["licence"] and one["attribution"]
        assert one["id"] == "own" or one["source_files"]
        assert all(len(file["sha256"]) == 64 for file in one["source_files"])
        assert sum(file["rows"] for file in one["source_files"]) == one["rows_loaded"] + one["rows_excluded"]


async def test_one_data_set_is_read_with_an_etag(reader: Client) -> None:
    answer = await reader.get("/v1/datasets/cn-mee-electricity-2021")

    assert answer.status == 200
    assert answer.headers["etag"] == '"1"'
    assert "Notice 2024 No.12" in answer.body["title"] + answer.body["edition"]


async def test_excluded_rows_come_page_by_page_each_with_its_reason(reader: Client) -> None:
    dataset = (await reader.get("/v1/datasets/gwp-ar6-metrics")).body

    rows = await every_item(reader, "/v1/datasets/gwp-ar6-metrics/excluded-rows", limit=150)

    assert len(rows) == dataset["rows_excluded"] > 150
    assert len({row["row"] for row in rows}) == len(rows)
    assert all(row["reason"] for row in rows)


@pytest.mark.parametrize("path", ["/v1/datasets/none", "/v1/datasets/none/excluded-rows", "/v1/factors/none", "/v1/gwp-sets/AR7"])
async def test_what_is_not_there_is_not_found(reader: Client, path: str) -> None:
    assert (await reader.get(path)).problem.code == "not_found"


async def test_activity_types_have_names_in_two_languages_and_kinds_of_unit(reader: Client) -> None:
    types = {one["id"]: one for one in await every_item(reader, "/v1/activity-types", limit=200)}

    diesel = types["fuel.diesel"]
    assert (diesel["scope"], diesel["category"], diesel["name_zh"]) == (1, "stationary_combustion", "柴油")
    assert {"mass", "volume"} <= set(diesel["unit_kinds"])
    assert types["electricity.grid"]["method"] == "location_based"
    assert {"vehicle_fuel.diesel", "refrigerant.R-410A"} <= set(types)


@pytest.mark.parametrize(
    ("filters", "field", "values"),
    [
        ({"activity_type": "fuel.diesel"}, "activity_type", {"fuel.diesel"}),
        ({"region": ["GB", "MX"]}, "region", {"GB", "MX"}),
        ({"year": 2022}, "data_year", {2022}),
        ({"dataset": "cn-mee-fuels"}, "dataset", {"cn-mee-fuels"}),
        ({"unit_kind": "volume"}, "unit_kind", {"volume"}),
        ({"stage": "upstream"}, "stage", {"upstream"}),
        ({"purpose": ["residual", "fossil"]}, "purpose", {"residual", "fossil"}),
    ],
)
async def test_factors_are_filtered_by_type(reader: Client, filters: dict, field: str, values: set) -> None:
    found = await every_item(reader, "/v1/factors", limit=1000, **filters)

    assert {one[field] for one in found} == values


@pytest.mark.parametrize("filters", [{"unit_kind": "luck"}, {"stage": "late"}, {"purpose": "fun"}, {"year": "soon"}, {"limit": 0}])
async def test_a_filter_that_cannot_be_is_refused_by_name(reader: Client, filters: dict) -> None:
    answer = await reader.get("/v1/factors", **filters)

    assert answer.status == 422
    assert answer.problem.pointers[0].startswith(f"/{next(iter(filters))}")


async def test_pages_hold_every_factor_once_in_a_stable_order(reader: Client) -> None:
    at_once = await every_item(reader, "/v1/factors", dataset="cn-mee-electricity-2022", limit=1000)

    in_pages = await every_item(reader, "/v1/factors", dataset="cn-mee-electricity-2022", limit=7)

    assert in_pages == at_once
    assert len({one["id"] for one in in_pages}) == 40


async def test_a_cursor_belongs_to_its_filters(reader: Client) -> None:
    cursor = (await reader.get("/v1/factors", region="CN", limit=5)).body["next"]

    answer = await reader.get("/v1/factors", region="GB", limit=5, cursor=cursor)

    assert [error["code"] for error in answer.problem.errors] == ["invalid_cursor"]


async def test_a_factor_is_read_whole_with_the_row_that_prints_each_gas(reader: Client) -> None:
    (found,) = await every_item(reader, "/v1/factors", activity_type="fuel.natural_gas", dataset="cn-mee-fuels")

    factor = (await reader.get(f"/v1/factors/{found['id']}")).body

    assert factor == found | {"supersedes": [], "proposal": None}
    assert (factor["state"], factor["superseded_by"], factor["stage"], factor["conditions"]) == (
        "published",
        None,
        "direct",
        "Nm3: 0 °C, 101.325 kPa",
    )
    carbon_dioxide, methane, _ = factor["gases"]
    assert (carbon_dioxide["gas"], carbon_dioxide["kg_per_unit"]) == ("CO2", "2.162188809")
    assert "44/12" in carbon_dioxide["derivation"]
    assert (methane["gas"], methane["dataset"], methane["printed_value"]) == ("CH4_fossil", "ipcc-2006-stationary", "1")
    assert all(len(gas["sha256"]) == 64 and gas["licence"] and gas["row"] for gas in factor["gases"])


async def test_a_gwp_set_has_its_values_with_their_tables(reader: Client) -> None:
    assert [one["name"] for one in (await reader.get("/v1/gwp-sets")).body["items"]] == ["AR4", "AR5", "AR6"]

    values = {one["gas"]: one for one in (await reader.get("/v1/gwp-sets/AR6")).body["values"]}
    assert (values["CH4_fossil"]["gwp_100"], values["CH4_biogenic"]["gwp_100"], values["SF6"]["gwp_100"]) == ("29.8", "27", "24300")
    assert "Table 7.15" in values["CH4_fossil"]["source"]


async def test_units_have_exact_ratios(reader: Client) -> None:
    found = {one["symbol"]: one for one in (await reader.get("/v1/units")).body["items"]}

    assert (found["kWh"]["unit_kind"], found["kWh"]["ratio"]) == ("energy", "3600000")
    assert found["lb"]["ratio"] == "0.45359237"
    assert (found["EUR"]["unit_kind"], found["EUR"]["name"], found["room.night"]["unit_kind"]) == ("money", "Euro", "room_night")


async def test_quantities_are_converted_exactly_or_refused_one_by_one(reader: Client) -> None:
    items = [
        {"quantity": {"value": "1", "unit": "lb"}, "to": "g"},
        {"quantity": {"value": "1", "unit": "km"}, "to": "mi"},
        {"quantity": {"value": "1", "unit": "L"}, "to": "kg"},
        {"quantity": {"value": "1", "unit": "kg"}, "to": "stone"},
        {"quantity": {"value": "1", "unit": "USD_2021"}, "to": "USD_2022"},
        {"quantity": {"value": "1", "unit": "USD_2022"}, "to": "USD_2022"},
    ]
    answer = await reader.post("/v1/unit-conversions", {"items": items})

    assert answer.status == 207
    pound, kilometre, litre, stone, older_dollar, same_dollar = answer.body["items"]
    assert pound["quantity"] == {"value": "453.59237", "unit": "g"}
    assert kilometre["quantity"] == {"value": "15625/25146", "unit": "mi"}
    assert litre["problem"]["errors"][0]["pointer"] == "/quantity/unit"
    assert "density" in litre["problem"]["errors"][0]["hint"]
    assert (stone["status"], stone["problem"]["errors"][0]["pointer"]) == (422, "/to")
    assert "a price index from 2021 to 2022" in older_dollar["problem"]["errors"][0]["hint"]
    assert same_dollar["quantity"] == {"value": "1", "unit": "USD_2022"}
