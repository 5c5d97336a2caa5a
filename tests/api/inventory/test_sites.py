"""Sites over HTTP: in a real region and time zone, of an entity that the client may see, and not moved once they have records."""

import pytest


def site(external_id: str = "plant", **content):
    return {
        "external_id": external_id,
        "entity_external_id": "a",
        "name": "Plant",
        "region": "CN-GD",
        "timezone": "Asia/Shanghai",
    } | content


@pytest.fixture
async def entities(given_entity):
    return [await given_entity("a"), await given_entity("b")]


async def test_a_site_is_created_owned_unless_it_says_otherwise(operator, entities, told):
    answer = await operator.post("/v1/sites", site(grid_region="grid:CN-SOUTH"))

    assert answer.status == 201
    assert answer.headers["location"] == f"/v1/sites/{answer.body['id']}"
    read = await operator.get(answer.headers["location"])
    assert read.body == answer.body
    assert read.headers["etag"] == '"1"'
    expected = site(grid_region="grid:CN-SOUTH", tenure="owned")
    assert {name: read.body[name] for name in expected} == expected
    (event,) = await told("baseyear.inventory.site.v1")
    assert (event["id"], event["version"], event["entity"]) == (read.body["id"], 1, entities[0]["id"])


async def test_the_same_site_again_changes_nothing_and_another_must_be_patched(operator, entities, told):
    first = await operator.post("/v1/sites", site())

    again = await operator.post("/v1/sites", site(tenure="owned"))
    other = await operator.post("/v1/sites", site(tenure="operating_lease"))

    assert (again.status, again.body) == (200, first.body)
    assert (other.status, other.problem.code) == (409, "use_patch")
    assert len(await told("baseyear.inventory.site.v1")) == 1


@pytest.mark.parametrize(
    ("content", "pointer", "code"),
    [
        ({"entity_external_id": "nobody"}, "/entity_external_id", "unknown_entity"),
        ({"region": "XX-GD"}, "/region", "unknown_country"),
        ({"region": "UK"}, "/region", "unknown_country"),
        ({"region": "GLO"}, "/region", "not_a_place"),
        ({"region": "grid:CN-SOUTH"}, "/region", "not_a_place"),
        ({"region": "Guangdong"}, "/region", "malformed"),
        ({"grid_region": "GLO"}, "/grid_region", "not_a_place"),
        ({"timezone": "Mars/Olympus"}, "/timezone", "unknown_time_zone"),
        ({"tenure": "borrowed"}, "/tenure", "unknown_value"),
        ({"name": None}, "/name", "not_a_string"),
        ({"area": 1}, "/area", "unknown_field"),
    ],
)
async def test_a_wrong_site_is_refused_at_the_field(operator, entities, content, pointer, code):
    refusal = await operator.post("/v1/sites", site(**content))

    assert refusal.status == 422
    assert (refusal.problem.errors[0]["pointer"], refusal.problem.errors[0]["code"]) == (pointer, code)


async def test_a_site_without_records_may_move(operator, entities, given_site, told):
    path = f"/v1/sites/{(await given_site('plant', 'a', grid_region='grid:CN-SOUTH'))['id']}"

    answer = await operator.patch(path, {"entity_external_id": "b", "region": "GB", "grid_region": None}, if_match='"1"')

    assert answer.status == 200
    assert (answer.body["entity_external_id"], answer.body["region"], answer.body["grid_region"]) == ("b", "GB", None)
    assert (await told("baseyear.inventory.site.v1"))[-1]["entity"] == entities[1]["id"]


async def test_a_site_with_records_keeps_its_place_but_changes_its_name(operator, settled, entities, given_site):
    path = f"/v1/sites/{(await given_site('plant', 'a'))['id']}"
    record = {
        "source_system": "ehs",
        "external_id": "r1",
        "site_external_id": "plant",
        "activity_type": "electricity.grid",
        "period": {"start": "2021-03-01", "end": "2021-04-01"},
        "quantity": {"value": "1", "unit": "kWh"},
        "data_quality": "measured",
    }
    assert (await operator.post("/v1/activities", record)).status == 201

    for move in ({"region": "CN-SH"}, {"grid_region": "grid:CN-EAST"}, {"entity_external_id": "b"}):
        refusal = await operator.patch(path, move)
        assert (refusal.status, refusal.problem.code) == (409, "conflict")
    renamed = await operator.patch(path, {"name": "Renamed", "timezone": "Asia/Hong_Kong", "tenure": "finance_lease"})
    assert (renamed.status, renamed.body["region"], renamed.body["version"]) == (200, "CN-GD", 2)


async def test_a_patch_needs_the_version_and_keeps_the_business_key(operator, entities, given_site):
    path = f"/v1/sites/{(await given_site('plant', 'a'))['id']}"

    assert (await operator.patch(path, {"name": "New"}, if_match=None)).status == 428
    assert (await operator.patch(path, {"name": "New"}, if_match='"7"')).status == 412
    assert (await operator.patch(path, {"external_id": "other"})).problem.errors[0]["code"] == "immutable"
    assert (await operator.patch(path, {"region": "GLO"})).problem.pointers == ["/region"]


async def test_sites_come_in_pages_and_by_entity(operator, entities, given_site):
    for name, entity in (("one", "a"), ("two", "b"), ("three", "a")):
        await given_site(name, entity)

    first = await operator.get("/v1/sites", limit=2)
    second = await operator.get("/v1/sites", limit=2, cursor=first.body["next"])

    assert [item["external_id"] for item in first.body["items"] + second.body["items"]] == ["one", "two", "three"]
    of_a = (await operator.get("/v1/sites", entity="a")).body["items"]
    assert [item["external_id"] for item in of_a] == ["one", "three"]
    assert [item["external_id"] for item in (await operator.get("/v1/sites", external_id="two")).body["items"]] == ["two"]


async def test_a_narrowed_client_sees_and_writes_sites_of_its_entities_only(operator, entities, given_entity, given_site, client_with):
    await given_entity("below", "a")
    await given_site("mine", "below")
    foreign = await given_site("foreign", "b")
    client = await client_with(kind="operator", entity_ids=[entities[0]["id"]])

    assert [item["external_id"] for item in (await client.get("/v1/sites")).body["items"]] == ["mine"]
    assert (await client.get(f"/v1/sites/{foreign['id']}")).status == 404
    assert (await client.patch(f"/v1/sites/{foreign['id']}", {"name": "Mine now"})).status == 404
    assert (await client.post("/v1/sites", site("new", entity_external_id="below"))).status == 201
    refusal = await client.post("/v1/sites", site("other", entity_external_id="b"))
    assert (refusal.status, refusal.problem.errors[0]["code"]) == (422, "unknown_entity")
    assert (await client.post("/v1/sites", site("foreign"))).problem.code == "conflict"
    assert (await operator.get(f"/v1/sites/{foreign['id']}")).body == foreign
