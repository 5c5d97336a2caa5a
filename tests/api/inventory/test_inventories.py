"""Inventories over HTTP: opened once per year and name, submitted, approved by somebody else, opened again with a reason."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import pytest_asyncio

INVENTORY = {"year": 2021, "consolidation_approach": "operational_control"}


@pytest_asyncio.fixture
async def approver(client_with):
    return await client_with(kind="app", scopes=["inventories:read", "inventories:approve"])


@pytest_asyncio.fixture
async def steps(given_inventory):
    return f"/v1/inventories/{(await given_inventory())['id']}/transitions"


async def test_an_inventory_is_of_the_calendar_year_unless_it_says_otherwise(operator, told):
    answer = await operator.post("/v1/inventories", INVENTORY)

    assert answer.status == 201
    assert answer.headers["location"] == f"/v1/inventories/{answer.body['id']}"
    read = await operator.get(answer.headers["location"])
    assert read.body == answer.body
    assert read.headers["etag"] == '"1"'
    expected = INVENTORY | {
        "name": "primary",
        "period": {"start": "2021-01-01", "end": "2022-01-01"},
        "gwp_set": "AR6",
        "is_base_year": False,
        "state": "open",
    }
    assert {name: read.body[name] for name in expected} == expected
    (event,) = await told("baseyear.inventory.inventory.v1")
    assert (event["id"], event["version"], event["state"]) == (read.body["id"], 1, "open")


async def test_the_gwp_set_is_the_organisations_unless_it_says_otherwise(operator, settled, given_inventory):
    organisation = {"name": "Group", "time_zone": "Asia/Shanghai", "gwp_set": "AR5", "languages": ["en"]}
    assert (await operator.put("/v1/organisation", organisation)).status == 200
    await settled()

    assert (await given_inventory())["gwp_set"] == "AR5"
    assert (await given_inventory(name="ar4", gwp_set="AR4"))["gwp_set"] == "AR4"


async def test_the_same_inventory_again_changes_nothing_and_another_must_be_patched(operator, given_inventory):
    first = await given_inventory(gwp_set="AR5")

    again = await operator.post("/v1/inventories", INVENTORY)
    other = await operator.post("/v1/inventories", INVENTORY | {"gwp_set": "AR4"})

    assert (again.status, again.body) == (200, first)
    assert (other.status, other.problem.code) == (409, "use_patch")


@pytest.mark.parametrize(
    ("content", "pointer", "code"),
    [
        ({"period": {"start": "2021-01-02", "end": "2022-01-01"}}, "/period/start", "month_start_only"),
        ({"period": {"start": "2021-01-01", "end": "2021-12-31"}}, "/period/end", "month_start_only"),
        ({"period": {"start": "2022-01-01", "end": "2021-01-01"}}, "/period", "reversed_period"),
        ({"period": {"start": "2022-01-01", "end": "2023-01-01"}}, "/period", "outside_year"),
        ({"period": {"start": "2020-01-01", "end": "2021-01-01"}}, "/period", "outside_year"),
        ({"period": {"start": "2020-01-01", "end": "2022-02-01"}}, "/period", "period_too_long"),
        ({"consolidation_approach": "all"}, "/consolidation_approach", "unknown_value"),
        ({"gwp_set": "SAR"}, "/gwp_set", "unknown_value"),
        ({"year": "2021"}, "/year", "int_type"),
        ({"state": "approved"}, "/state", "unknown_field"),
    ],
)
async def test_a_wrong_inventory_is_refused_at_the_field(operator, content, pointer, code):
    refusal = await operator.post("/v1/inventories", INVENTORY | content)

    assert refusal.status == 422
    assert (refusal.problem.errors[0]["pointer"], refusal.problem.errors[0]["code"]) == (pointer, code)


async def test_a_financial_year_may_begin_in_another_month(given_inventory):
    period = {"start": "2021-04-01", "end": "2022-04-01"}

    assert (await given_inventory(period=period))["period"] == period


async def test_an_open_inventory_is_patched_and_a_submitted_one_is_not(operator, given_inventory):
    path = f"/v1/inventories/{(await given_inventory())['id']}"

    changed = await operator.patch(path, {"consolidation_approach": "equity_share"}, if_match='"1"')
    assert (changed.status, changed.body["consolidation_approach"], changed.body["version"]) == (200, "equity_share", 2)
    assert (await operator.patch(path, {"year": 2020})).problem.errors[0]["code"] == "immutable"
    assert (await operator.patch(path, {"period": {"start": "2021-01-02", "end": "2022-01-01"}})).problem.pointers == ["/period/start"]
    await operator.post(f"{path}/transitions", {"to": "in_review"})
    refusal = await operator.patch(path, {"gwp_set": "AR4"})
    assert (refusal.status, refusal.problem.code) == (409, "conflict")


async def test_inventories_are_listed_by_year_and_name(operator, given_inventory):
    for year, name in ((2020, "primary"), (2021, "primary"), (2021, "market")):
        await given_inventory(year, name=name)

    async def listed(**query):
        return [(item["year"], item["name"]) for item in (await operator.get("/v1/inventories", **query)).body["items"]]

    assert await listed() == [(2020, "primary"), (2021, "primary"), (2021, "market")]
    assert await listed(year=2021) == [(2021, "primary"), (2021, "market")]
    assert await listed(year=2021, name="market") == [(2021, "market")]
    first = await operator.get("/v1/inventories", limit=2)
    assert len((await operator.get("/v1/inventories", limit=2, cursor=first.body["next"])).body["items"]) == 1


async def test_an_inventory_goes_from_open_to_approved_and_every_step_is_kept(operator, approver, steps, told):
    submitted = await operator.post(steps, {"to": "in_review", "reason": "complete"})
    approved = await approver.post(steps, {"to": "approved"})

    assert (submitted.status, submitted.body["state"], submitted.body["version"]) == (200, "in_review", 2)
    assert (approved.status, approved.body["state"], approved.body["version"]) == (200, "approved", 3)
    history = (await operator.get(steps)).body["items"]
    assert [(step["from_state"], step["to_state"], step["reason"], step["principal"]) for step in history] == [
        ("open", "in_review", "complete", "operator"),
        ("in_review", "approved", None, approver.client_id),
    ]
    events = await told("baseyear.inventory.inventory.v1")
    assert [(event["version"], event["state"]) for event in events] == [(1, "open"), (2, "in_review"), (3, "approved")]


async def test_a_submitter_cannot_approve_their_own_inventory(operator, steps):
    await operator.post(steps, {"to": "in_review"})

    refusal = await operator.post(steps, {"to": "approved"})

    assert refusal.status == 403
    assert refusal.problem.code == "separation_of_duties"
    assert (await operator.get(steps.removesuffix("/transitions"))).body["state"] == "in_review"


async def test_going_back_to_open_needs_a_reason(operator, approver, steps):
    await operator.post(steps, {"to": "in_review"})
    await approver.post(steps, {"to": "approved"})

    for body in ({"to": "open"}, {"to": "open", "reason": "  "}):
        refusal = await operator.post(steps, body)
        assert (refusal.status, refusal.problem.pointers) == (422, ["/reason"])
    opened = await operator.post(steps, {"to": "open", "reason": "an invoice came late"})
    assert (opened.status, opened.body["state"]) == (200, "open")


async def test_whoever_submits_last_is_the_one_who_cannot_approve(operator, client_with, steps):
    other = await client_with(kind="operator")
    await operator.post(steps, {"to": "in_review"})
    await operator.post(steps, {"to": "open", "reason": "too early"})
    await other.post(steps, {"to": "in_review"})

    assert (await other.post(steps, {"to": "approved"})).status == 403
    assert (await operator.post(steps, {"to": "approved"})).status == 200


@pytest.mark.parametrize("to", ["approved", "verified", "locked", "open"])
async def test_a_step_that_is_not_next_is_refused(operator, steps, to):
    refusal = await operator.post(steps, {"to": to, "reason": "because"})

    assert (refusal.status, refusal.problem.code) == (409, "transition_not_available")
    assert "in_review" in refusal.problem.detail


async def test_each_step_needs_its_scope(operator, client_with, approver, steps):
    writer = await client_with(kind="app", scopes=["inventories:read", "inventories:write"])

    assert (await approver.post(steps, {"to": "in_review"})).problem.code == "missing_scope"
    assert (await writer.post(steps, {"to": "in_review"})).status == 200
    assert (await writer.post(steps, {"to": "approved"})).problem.code == "missing_scope"
    assert (await writer.post("/v1/inventories", INVENTORY | {"year": 2020})).status == 201
    assert (await approver.post("/v1/inventories", INVENTORY)).problem.code == "missing_scope"


async def test_a_step_takes_effect_today_unless_it_says_otherwise(operator, settled, given_inventory):
    zone = "Pacific/Kiritimati"  # UTC+14: for ten hours of each UTC day already tomorrow
    await operator.put("/v1/organisation", {"name": "Group", "time_zone": zone, "gwp_set": "AR6", "languages": ["en"]})
    await settled()
    steps = f"/v1/inventories/{(await given_inventory())['id']}/transitions"
    today = datetime.now(ZoneInfo(zone)).date()

    future = await operator.post(steps, {"to": "in_review", "effective_on": str(today + timedelta(days=1))})
    assert (future.status, future.problem.pointers, future.problem.errors[0]["code"]) == (422, ["/effective_on"], "in_the_future")
    assert (await operator.post(steps, {"to": "in_review"})).body["effective_on"] == str(today)


async def test_backdating_needs_its_scope_and_never_goes_before_the_step_before(operator, client_with, steps):
    yesterday = {"effective_on": str(datetime.now(ZoneInfo("UTC")).date() - timedelta(days=1))}
    writer = await client_with(kind="app", scopes=["inventories:read", "inventories:write"])

    assert (await writer.post(steps, {"to": "in_review"} | yesterday)).problem.code == "missing_scope"
    refusal = await operator.post(steps, {"to": "in_review"} | yesterday)  # the inventory is open since today
    assert (refusal.status, refusal.problem.code) == (409, "effective_before_previous")


async def test_a_narrowed_client_reads_inventories_and_changes_none(operator, given_entity, given_inventory, client_with):
    entity = await given_entity("a")
    path = f"/v1/inventories/{(await given_inventory())['id']}"
    client = await client_with(kind="operator", entity_ids=[entity["id"]])

    assert (await client.get(path)).status == 200
    assert (await client.post("/v1/inventories", INVENTORY | {"year": 2020})).status == 403
    assert (await client.patch(path, {"gwp_set": "AR4"})).status == 403
    assert (await client.post(f"{path}/transitions", {"to": "in_review"})).status == 403
    assert (await operator.get(path)).body["version"] == 1


async def test_an_unknown_inventory_is_not_found(operator):
    path = "/v1/inventories/00000000-0000-7000-8000-000000000000"

    assert (await operator.get(path)).status == 404
    assert (await operator.get(f"{path}/totals")).status == 404
    assert (await operator.get(f"{path}/transitions")).status == 404
    assert (await operator.post(f"{path}/transitions", {"to": "in_review"})).status == 404
    assert (await operator.patch(path, {"gwp_set": "AR4"})).status == 404
