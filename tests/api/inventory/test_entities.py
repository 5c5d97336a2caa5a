"""Entities over HTTP: created once, changed on the first of a month, never in a cycle, seen only from above."""

import asyncio

import pytest


def entity(external_id: str, **content):
    return {"external_id": external_id, "name": f"Company {external_id}", "country": "CN"} | content


async def test_an_entity_is_created_with_its_place_in_the_group(operator, given_entity):
    await given_entity("group")
    ownership = [{"from": "2015-01-01", "to": "2020-01-01", "share": "0.60"}, {"from": "2020-01-01", "share": "0.75"}]
    control = [{"from": "2015-01-01", "operational": True, "financial": False}]

    answer = await operator.post("/v1/entities", entity("jv", parent_external_id="group", ownership=ownership, control=control))

    assert answer.status == 201
    assert answer.headers["location"] == f"/v1/entities/{answer.body['id']}"
    assert answer.headers["etag"] == '"1"'
    read = (await operator.get(answer.headers["location"])).body
    assert read == answer.body
    assert read["parent_external_id"] == "group"
    assert read["ownership"] == [
        {"from": "2015-01-01", "to": "2020-01-01", "share": "0.60", "owner_external_id": None},
        {"from": "2020-01-01", "to": None, "share": "0.75", "owner_external_id": None},
    ]
    assert read["control"] == [{"from": "2015-01-01", "to": None, "operational": True, "financial": False}]
    assert read["operational_control"] is None


async def test_the_control_booleans_hold_for_always(given_entity):
    created = await given_entity("plant", operational_control=True, financial_control=False)

    assert created["control"] == [{"from": None, "to": None, "operational": True, "financial": False}]
    assert (created["operational_control"], created["financial_control"]) == (True, False)


async def test_one_control_boolean_leaves_the_other_to_the_majority(given_entity):
    minority = await given_entity("minority", operational_control=True, ownership=[{"share": "0.50"}])
    majority = await given_entity("majority", operational_control=False, ownership=[{"share": "0.51"}])

    assert (minority["operational_control"], minority["financial_control"]) == (True, False)
    assert (majority["operational_control"], majority["financial_control"]) == (False, True)


async def test_control_by_date_and_for_always_exclude_each_other(operator):
    control = [{"from": "2020-01-01", "operational": True, "financial": True}]

    refusal = await operator.post("/v1/entities", entity("a", control=control, operational_control=True))

    assert refusal.status == 422
    assert refusal.problem.errors[0]["code"] == "either_or"


async def test_the_same_content_again_changes_nothing(operator, told):
    body = entity("a", ownership=[{"from": "2015-01-01", "share": "0.60"}], operational_control=True, financial_control=True)
    first = await operator.post("/v1/entities", body)
    again = await operator.post("/v1/entities", body | {"ownership": [{"from": "2015-01-01", "share": "0.6"}]})

    assert again.status == 200
    assert again.body == first.body
    assert len(await told("baseyear.inventory.entity.v1")) == 1


async def test_other_content_under_the_same_key_must_be_patched(operator, given_entity):
    await given_entity("a")

    refusal = await operator.post("/v1/entities", entity("a", name="Another name"))

    assert refusal.status == 409
    assert refusal.problem.code == "use_patch"


async def test_clients_that_create_the_same_entity_at_once_get_one(operator):
    answers = await asyncio.gather(*(operator.post("/v1/entities", entity("a")) for _ in range(8)))

    assert sorted(answer.status for answer in answers) == [200] * 7 + [201]
    assert len({answer.body["id"] for answer in answers}) == 1


@pytest.mark.parametrize(
    ("content", "pointer", "code"),
    [
        ({"parent_external_id": "nobody"}, "/parent_external_id", "unknown_entity"),
        (
            {"ownership": [{"share": "1"}, {"share": "0", "owner_external_id": "nobody"}]},
            "/ownership/1/owner_external_id",
            "unknown_entity",
        ),
        ({"parent_external_id": "a"}, "/parent_external_id", "ownership_cycle"),
        ({"ownership": [{"share": "0.1", "owner_external_id": "a"}]}, "/ownership", "ownership_cycle"),
        ({"country": "UK"}, "/country", "unknown_country"),
        ({"country": "cn"}, "/country", "malformed"),
        ({"ownership": [{"share": 0.6}]}, "/ownership/0/share", "not_a_string"),
        ({"ownership": [{"share": "1.2"}]}, "/ownership/0/share", "malformed"),
        ({"ownership": [{"from": "2020-01-02", "share": "1"}]}, "/ownership/0/from", "month_start_only"),
        ({"ownership": [{"to": "2020-01-31", "share": "1"}]}, "/ownership/0/to", "month_start_only"),
        ({"ownership": [{"from": "2020-02-01", "to": "2020-01-01", "share": "1"}]}, "/ownership/0/to", "reversed_interval"),
        (
            {"ownership": [{"from": "2020-02-01", "share": "0.2"}, {"to": "2020-03-01", "share": "0.3"}]},
            "/ownership/0",
            "overlapping_interval",
        ),
        (
            {"control": [{"operational": True, "financial": True}, {"from": "2020-03-01", "operational": False, "financial": True}]},
            "/control/1",
            "overlapping_interval",
        ),
        (
            {"control": [{"from": "2020-03-15", "operational": True, "financial": True}]},
            "/control/0/from",
            "month_start_only",
        ),
        ({"name": ""}, "/name", "string_too_short"),
        ({"shares": []}, "/shares", "unknown_field"),
    ],
)
async def test_a_wrong_entity_is_refused_at_the_field(operator, content, pointer, code):
    refusal = await operator.post("/v1/entities", entity("a", **content))

    assert refusal.status == 422
    assert (refusal.problem.errors[0]["pointer"], refusal.problem.errors[0]["code"]) == (pointer, code)
    assert (await operator.get("/v1/entities")).body["items"] == []


async def test_owners_hold_no_more_than_the_whole_on_any_day(operator, given_entity):
    await given_entity("one")
    await given_entity("other")

    def shared(share: str, since: str):
        ownership = [{"to": "2021-01-01", "share": "0.60", "owner_external_id": "one"}]
        return entity("jv", ownership=[*ownership, {"from": since, "share": share, "owner_external_id": "other"}])

    refusal = await operator.post("/v1/entities", shared("0.41", "2020-12-01"))
    assert refusal.status == 422
    assert refusal.problem.errors[0]["code"] == "shares_exceed_whole"
    assert (await operator.post("/v1/entities", shared("1", "2021-01-01"))).status == 201


async def test_a_patch_replaces_what_it_names_and_raises_the_version(operator, given_entity, told):
    await given_entity("group")
    created = await given_entity("a", "group", ownership=[{"share": "0.60"}])
    path = f"/v1/entities/{created['id']}"

    answer = await operator.patch(path, {"name": "Renamed", "ownership": [{"from": "2020-01-01", "share": "0.75"}]}, if_match='"1"')

    assert answer.status == 200
    assert answer.headers["etag"] == '"2"'
    assert (answer.body["name"], answer.body["parent_external_id"]) == ("Renamed", "group")
    assert answer.body["ownership"] == [{"from": "2020-01-01", "to": None, "share": "0.75", "owner_external_id": None}]
    event = (await told("baseyear.inventory.entity.v1"))[-1]
    assert (event["id"], event["version"], event["name"]) == (created["id"], 2, "Renamed")
    assert event["ownership"] == [{"start": "2020-01-01", "end": None, "share": "0.75", "owner": None}]


async def test_a_patch_needs_the_version_that_it_was_made_for(operator, given_entity):
    path = f"/v1/entities/{(await given_entity('a'))['id']}"
    await operator.patch(path, {"name": "Second"}, if_match='"1"')

    assert (await operator.patch(path, {"name": "Third"}, if_match=None)).status == 428
    assert (await operator.patch(path, {"name": "Third"}, if_match='"1"')).status == 412
    assert (await operator.get(path)).body["name"] == "Second"


async def test_a_patch_that_changes_nothing_keeps_the_version(operator, given_entity):
    path = f"/v1/entities/{(await given_entity('a', operational_control=True, financial_control=True))['id']}"

    assert (await operator.patch(path, {"country": "CN", "operational_control": True})).body["version"] == 1


async def test_control_for_always_can_be_patched_to_control_by_date_and_back(operator, given_entity):
    path = f"/v1/entities/{(await given_entity('a', operational_control=True, financial_control=True))['id']}"
    control = [{"from": "2020-01-01", "to": None, "operational": False, "financial": True}]

    by_date = await operator.patch(path, {"control": control})
    assert (by_date.body["control"], by_date.body["operational_control"]) == (control, None)
    always = await operator.patch(path, {"operational_control": True, "financial_control": False})
    assert always.body["control"] == [{"from": None, "to": None, "operational": True, "financial": False}]
    unstated = await operator.patch(path, {"control": None})
    assert unstated.body["control"] == []


@pytest.mark.parametrize(
    ("patch", "pointer", "code"),
    [
        ({"name": None}, "/name", "required"),
        ({"external_id": "b"}, "/external_id", "immutable"),
        ({"parent_external_id": "child"}, "/parent_external_id", "ownership_cycle"),
        ({"ownership": [{"share": "0.1", "owner_external_id": "grandchild"}]}, "/parent_external_id", "ownership_cycle"),
        ({"ownership": [{"from": "2020-01-15", "share": "0.1"}]}, "/ownership/0/from", "month_start_only"),
        ({"nonsense": 1}, "/nonsense", "unknown_field"),
    ],
)
async def test_a_wrong_patch_is_refused_at_the_field(operator, given_entity, patch, pointer, code):
    path = f"/v1/entities/{(await given_entity('a'))['id']}"
    await given_entity("child", "a")
    await given_entity("grandchild", "child")

    refusal = await operator.patch(path, patch)

    assert refusal.status == 422
    assert (refusal.problem.errors[0]["pointer"], refusal.problem.errors[0]["code"]) == (pointer, code)
    assert (await operator.get(path)).body["version"] == 1


async def test_two_halves_of_a_cycle_do_not_pass_each_other(operator, given_entity):
    one, other = await given_entity("one"), await given_entity("other")

    answers = await asyncio.gather(
        operator.patch(f"/v1/entities/{one['id']}", {"parent_external_id": "other"}),
        operator.patch(f"/v1/entities/{other['id']}", {"parent_external_id": "one"}),
    )

    assert sorted(answer.status for answer in answers) == [200, 422]


async def test_entities_come_in_pages_and_by_external_id(operator, given_entity):
    for name in ("a", "b", "c"):
        await given_entity(name)

    first = await operator.get("/v1/entities", limit=2)
    second = await operator.get("/v1/entities", limit=2, cursor=first.body["next"])

    assert [item["external_id"] for item in first.body["items"] + second.body["items"]] == ["a", "b", "c"]
    assert second.body["next"] is None
    assert [item["external_id"] for item in (await operator.get("/v1/entities", external_id="b")).body["items"]] == ["b"]


async def test_a_narrowed_client_sees_its_entity_and_everything_below(given_entity, client_with):
    group = await given_entity("group")
    mine, foreign = await given_entity("mine", "group"), await given_entity("foreign", "group")
    below = await given_entity("below", "mine")
    client = await client_with(kind="app", entity_ids=[mine["id"]])

    assert [item["external_id"] for item in (await client.get("/v1/entities")).body["items"]] == ["mine", "below"]
    assert (await client.get(f"/v1/entities/{below['id']}")).status == 200
    for hidden in (group, foreign):
        assert (await client.get(f"/v1/entities/{hidden['id']}")).status == 404


async def test_a_narrowed_client_writes_only_below_its_entity(operator, given_entity, client_with):
    await given_entity("group")
    mine, foreign = await given_entity("mine", "group", ownership=[{"share": "0.6"}]), await given_entity("foreign", "group")
    client = await client_with(kind="operator", entity_ids=[mine["id"]])

    assert (await client.post("/v1/entities", entity("new", parent_external_id="mine"))).status == 201
    assert (await client.post("/v1/entities", entity("top"))).status == 403
    under_foreign = await client.post("/v1/entities", entity("under", parent_external_id="foreign"))
    assert (under_foreign.status, under_foreign.problem.errors[0]["code"]) == (422, "unknown_entity")
    assert (await client.post("/v1/entities", entity("foreign", parent_external_id="mine"))).problem.code == "conflict"
    assert (await client.patch(f"/v1/entities/{foreign['id']}", {"name": "Mine now"})).status == 404
    path = f"/v1/entities/{mine['id']}"
    assert (await client.patch(path, {"name": "Renamed"})).status == 200
    assert (await client.patch(path, {"parent_external_id": "foreign"})).status == 422
    assert (await client.patch(path, {"parent_external_id": None})).status == 403
    assert (await operator.get(path)).body["parent_external_id"] == "group"


async def test_reading_and_writing_entities_need_their_scopes(given_entity, client_with):
    reader = await client_with(kind="app", scopes=["entities:read"])
    stranger = await client_with(kind="app", scopes=["factors:read"])

    assert (await reader.post("/v1/entities", entity("a"))).problem.code == "missing_scope"
    assert (await stranger.get("/v1/entities")).problem.code == "missing_scope"
