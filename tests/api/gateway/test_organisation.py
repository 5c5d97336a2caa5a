"""The organisation: there from the first start, replaced as a whole."""

import json

import pytest
from sqlalchemy import text

GROUP = {
    "name": "示例制造集团",
    "responsible": "Sustainability Office",
    "time_zone": "Asia/Shanghai",
    "gwp_set": "AR5",
    "languages": ["zh-CN", "en"],
}


@pytest.fixture
def installation(fresh_installation):
    return fresh_installation


async def test_the_organisation_exists_from_the_first_start(operator):
    answer = await operator.get("/v1/organisation")

    assert answer.status == 200
    assert answer.body == {"name": "Unnamed organisation", "responsible": None, "time_zone": "UTC", "gwp_set": "AR6", "languages": ["en"]}


async def test_the_organisation_is_replaced_as_a_whole(operator):
    await operator.put("/v1/organisation", GROUP)
    without_responsible = {name: value for name, value in GROUP.items() if name != "responsible"}

    answer = await operator.put("/v1/organisation", without_responsible)

    assert answer.status == 200
    assert (await operator.get("/v1/organisation")).body == GROUP | {"responsible": None}


async def test_a_change_needs_the_version_that_it_was_made_for_only_if_it_names_one(operator):
    read = await operator.get("/v1/organisation")
    first = await operator.put("/v1/organisation", GROUP, headers={"If-Match": read.headers["etag"]})

    stale = await operator.put("/v1/organisation", GROUP | {"name": "Other"}, headers={"If-Match": read.headers["etag"]})

    assert first.status == 200
    assert first.headers["etag"] != read.headers["etag"]
    assert (stale.status, stale.problem.code) == (412, "precondition_failed")


async def test_the_same_content_again_changes_nothing(operator):
    first = await operator.put("/v1/organisation", GROUP)
    second = await operator.put("/v1/organisation", GROUP)

    assert second.status == 200
    assert second.headers["etag"] == first.headers["etag"]


@pytest.mark.parametrize(
    ("change", "pointer", "code"),
    [
        ({"time_zone": "Mars/Olympus"}, "/time_zone", "unknown_time_zone"),
        ({"time_zone": "../../etc/passwd"}, "/time_zone", "unknown_time_zone"),
        ({"gwp_set": "AR7"}, "/gwp_set", "unknown_value"),
        ({"languages": []}, "/languages", "too_short"),
        ({"languages": ["e"]}, "/languages/0", "malformed"),
        ({"name": ""}, "/name", "string_too_short"),
        ({"logo": "x"}, "/logo", "unknown_field"),
    ],
)
async def test_what_is_wrong_is_refused_at_its_field(operator, change, pointer, code):
    refusal = await operator.put("/v1/organisation", GROUP | change)

    assert refusal.status == 422
    assert [(error["pointer"], error["code"]) for error in refusal.problem.errors] == [(pointer, code)]


async def test_a_client_without_the_scope_reads_but_does_not_write(client_with):
    app = await client_with(kind="app")

    assert (await app.get("/v1/organisation")).status == 200
    assert (await app.put("/v1/organisation", GROUP)).status == 403


async def test_services_are_told_of_the_organisation_at_the_first_start_and_with_every_change(operator, installation, settled):
    await operator.put("/v1/organisation", GROUP)
    await settled()

    async with installation.services["gateway"].ground.database.unit_of_work() as session:
        values = await session.execute(
            text("SELECT value FROM bus.log WHERE topic = 'baseyear.gateway.organisation.v1' AND key = 'organisation' ORDER BY position")
        )
        events = [json.loads(value) for value in values.scalars()]

    assert [(event["id"], event["version"], event["name"]) for event in events] == [
        ("organisation", 1, "Unnamed organisation"),
        ("organisation", 2, GROUP["name"]),
    ]
