"""Webhooks as clients make them: their addresses, types, secrets and narrowing."""

import asyncio
from typing import Any

import pytest
from sqlalchemy import text

from gateway.webhooks.event_types import EVENT_TYPES
from tests.conftest import Client

ENTITY = "0197a3c2-7d4e-7b1a-9f00-3c5d2b7a9e10"
URL = "http://127.0.0.1:64909/hooks"


@pytest.fixture
def content(name) -> dict[str, Any]:
    return {"name": name, "url": URL, "types": ["inventory.approved"]}


async def created(client: Client, content: dict[str, Any]) -> dict[str, Any]:
    answer = await client.post("/v1/webhooks", content)
    assert answer.status == 201, answer.content
    return answer.body


async def test_a_webhook_is_created_and_its_secret_shown_once(operator, content):
    answer = await operator.post("/v1/webhooks", content)
    webhook = answer.body
    again = await operator.post("/v1/webhooks", content)
    read = await operator.get(f"/v1/webhooks/{webhook['id']}")
    listed = await operator.get("/v1/webhooks")

    assert answer.status == 201
    assert answer.headers["location"] == f"/v1/webhooks/{webhook['id']}"
    assert webhook["secret"].startswith("whsec_")
    assert (again.status, again.body["id"], again.body["secret"]) == (200, webhook["id"], None)
    assert (read.body["state"], read.body["client_id"], read.headers["etag"]) == ("active", operator.client_id, '"1"')
    assert webhook["id"] in {item["id"] for item in listed.body["items"]}
    assert "whsec_" not in read.content.decode() + listed.content.decode()


async def test_no_secret_is_stored_in_the_clear(operator, installation, content):
    key = {"Idempotency-Key": "create the webhook"}
    webhook = (await operator.post("/v1/webhooks", content, headers=key)).body
    rotated = (await operator.post(f"/v1/webhooks/{webhook['id']}/secrets", headers={"Idempotency-Key": "rotate it"})).body

    stored = ""
    async with installation.services["gateway"].ground.database.unit_of_work() as session:
        for table in ("webhook", "webhook_secret", "idempotent_answer", "audit", "outbox"):
            stored += str((await session.execute(text(f"SELECT to_jsonb(t) FROM {table} t"))).all())

    assert webhook["id"] in stored
    assert webhook["secret"] not in stored
    assert rotated["secret"] not in stored


async def test_the_name_of_a_webhook_with_other_content_is_a_conflict(operator, content):
    await created(operator, content)

    for change in ({"url": "http://127.0.0.1:64910/hooks"}, {"types": ["inventory.approved", "site.created"]}):
        refusal = await operator.post("/v1/webhooks", content | change)
        assert (refusal.status, refusal.problem.code) == (409, "use_patch")


async def test_the_same_types_in_another_order_are_the_same_content(operator, content):
    first = await created(operator, content | {"types": ["site.created", "entity.created"]})
    again = await operator.post("/v1/webhooks", content | {"types": ["entity.created", "site.created", "entity.created"]})

    assert (again.status, again.body["id"]) == (200, first["id"])


async def test_clients_that_ask_for_one_name_at_the_same_moment_get_one_webhook(operator, content):
    answers = await asyncio.gather(*(operator.post("/v1/webhooks", content) for _ in range(5)))

    assert sorted(answer.status for answer in answers) == [200, 200, 200, 200, 201]
    assert len({answer.body["id"] for answer in answers}) == 1


@pytest.mark.parametrize(
    ("change", "pointer", "code"),
    [
        ({"url": "https://10.0.0.1/"}, "/url", "private_address"),
        ({"url": "https://169.254.169.254/latest/meta-data"}, "/url", "private_address"),
        ({"url": "https://[::ffff:127.0.0.1]/"}, "/url", "private_address"),
        ({"url": "http://1.1.1.1/"}, "/url", "https_needed"),
        ({"url": "https://nowhere.invalid/"}, "/url", "unknown_host"),
        ({"url": "https://1.1.1.1:22/"}, "/url", "port_refused"),
        ({"url": "https://user:secret@1.1.1.1/"}, "/url", "malformed"),
        ({"url": "1.1.1.1"}, "/url", "malformed"),
        ({"url": "https://a b\n/"}, "/url", "malformed"),
        ({"types": []}, "/types", "too_short"),
        ({"types": ["inventory.aproved"]}, "/types/0", "unknown_event_type"),
        ({"types": ["webhook.test"]}, "/types/0", "unknown_event_type"),
        ({"secret": "whsec_mine"}, "/secret", "unknown_field"),
    ],
)
async def test_a_webhook_that_is_wrong_in_itself_is_refused_at_its_field(operator, content, change, pointer, code):
    refusal = await operator.post("/v1/webhooks", content | change)

    assert refusal.status == 422
    assert [(error["pointer"], error["code"]) for error in refusal.problem.errors] == [(pointer, code)]


async def test_an_unknown_type_is_answered_with_the_nearest(operator, content):
    refusal = await operator.post("/v1/webhooks", content | {"types": ["inventory.aproved"]})

    assert refusal.problem.errors[0]["hint"] == "Did you mean inventory.approved?"


async def test_without_leave_no_webhook_goes_to_this_machine(shared_installation, operator_of, content):
    operator = await operator_of(shared_installation)
    before = (await operator.get("/v1/webhooks")).body["items"]

    for url in (URL, "https://127.0.0.1:8443/", "https://localhost/"):
        assert (await operator.post("/v1/webhooks", content | {"url": url})).problem.pointers == ["/url"]
    assert (await operator.get("/v1/webhooks")).body["items"] == before


async def test_the_types_are_listed_with_what_this_client_may_have(operator, client_with):
    narrowed = await client_with(kind="app", scopes=["webhooks:manage", "inventories:read", "entities:read"], entity_ids=[ENTITY])

    everything = (await operator.get("/v1/webhook-event-types")).body["items"]
    own = (await narrowed.get("/v1/webhook-event-types")).body["items"]

    assert [item["type"] for item in everything] == [item["type"] for item in own] == list(EVENT_TYPES)
    assert all(item["allowed"] for item in everything)
    assert {item["type"].partition(".")[0] for item in own if item["allowed"]} == {"inventory", "organisation"}


async def test_a_change_needs_the_version_that_it_was_made_for(operator, content):
    path = f"/v1/webhooks/{(await created(operator, content))['id']}"

    without = await operator.patch(path, {"types": ["site.created"]}, if_match=None)
    changed = await operator.patch(path, {"types": ["site.created", "entity.created"]}, if_match='"1"')
    stale = await operator.patch(path, {"types": ["site.created"]}, if_match='"1"')
    same = await operator.patch(path, {"types": ["site.created", "entity.created"]}, if_match='"2"')

    assert (without.status, stale.status) == (428, 412)
    assert (changed.status, changed.body["types"], changed.headers["etag"]) == (200, ["entity.created", "site.created"], '"2"')
    assert (same.status, same.headers["etag"]) == (200, '"2"')


@pytest.mark.parametrize(
    ("patch", "pointer", "code"),
    [
        ({"url": "https://192.168.1.1/"}, "/url", "private_address"),
        ({"url": None}, "/url", "required"),
        ({"types": []}, "/types", "too_short"),
        ({"state": "resting"}, "/state", "unknown_value"),
        ({"name": "another"}, "/name", "unknown_field"),
    ],
)
async def test_a_wrong_change_is_refused_and_changes_nothing(operator, content, patch, pointer, code):
    path = f"/v1/webhooks/{(await created(operator, content))['id']}"

    refusal = await operator.patch(path, patch)

    assert refusal.status == 422
    assert [(error["pointer"], error["code"]) for error in refusal.problem.errors] == [(pointer, code)]
    assert (await operator.get(path)).headers["etag"] == '"1"'


async def test_a_deleted_webhook_is_gone_and_its_name_is_free(operator, content):
    webhook = await created(operator, content)
    path = f"/v1/webhooks/{webhook['id']}"
    await operator.post(f"{path}/tests")

    assert (await operator.delete(path)).status == 204
    assert [(await operator.get(gone)).status for gone in (path, f"{path}/deliveries")] == [404, 404]
    assert (await operator.delete(path)).status == 404
    assert (await created(operator, content))["id"] != webhook["id"]


async def test_webhooks_are_listed_page_by_page_each_once(operator, content):
    wanted = {(await created(operator, content | {"name": f"{content['name']} {number}"}))["id"] for number in range(5)}

    ids, path = [], "/v1/webhooks?limit=2"
    while path:
        page = (await operator.get(path)).body
        ids += [webhook["id"] for webhook in page["items"]]
        path = f"/v1/webhooks?limit=2&cursor={page['next']}" if page["next"] else ""

    assert len(ids) == len(set(ids))
    assert wanted <= set(ids)


@pytest.mark.parametrize(
    ("narrowing", "kind"),
    [
        ({"scopes": ["webhooks:manage", "factors:read"]}, "inventory.approved"),
        ({"scopes": ["webhooks:manage", "activities:read"], "entity_ids": [ENTITY]}, "intake.completed"),
        ({"scopes": ["webhooks:manage", "entities:read"], "entity_ids": [ENTITY]}, "site.changed"),
    ],
)
async def test_nobody_has_a_webhook_told_of_more_than_they_may_read(operator, client_with, content, narrowing, kind):
    manager = await client_with(kind="app", **narrowing)
    allowed = [item["type"] for item in (await manager.get("/v1/webhook-event-types")).body["items"] if item["allowed"]]

    refusal = await manager.post("/v1/webhooks", content | {"types": [kind]})

    assert kind not in allowed
    assert (refusal.status, [(error["pointer"], error["code"]) for error in refusal.problem.errors]) == (403, [("/types/0", "beyond_own")])
    assert content["name"] not in str((await operator.get("/v1/webhooks?limit=1000")).body)


@pytest.mark.parametrize(
    "narrowing",
    [
        {"entity_ids": [ENTITY]},
        {"source_systems": ["ehs-1"]},
        {"scopes": ["webhooks:manage", "factors:read"]},
    ],
    ids=lambda narrowing: next(iter(narrowing)),
)
async def test_a_narrowed_manager_neither_sees_nor_touches_webhooks_that_it_could_not_have_made(operator, client_with, content, narrowing):
    manager = await client_with(kind="app", **{"scopes": ["webhooks:manage", "inventories:read", "factors:read"], **narrowing})
    own = await created(manager, {"name": f"own {content['name']}", "url": URL, "types": ["dataset.published"]})
    foreign = await created(operator, content | {"types": ["inventory.approved", "intake.completed"]})
    path = f"/v1/webhooks/{foreign['id']}"
    delivery = (await operator.post(f"{path}/tests")).body["id"]

    listed = {webhook["id"] for webhook in (await manager.get("/v1/webhooks")).body["items"]}
    answers = [
        await manager.get(path),
        await manager.patch(path, {"url": "http://127.0.0.1:64911/"}),
        await manager.delete(path),
        await manager.post(f"{path}/secrets"),
        await manager.post(f"{path}/tests"),
        await manager.get(f"{path}/deliveries"),
        await manager.get(f"{path}/deliveries/{delivery}"),
        await manager.post(f"{path}/deliveries/{delivery}/replays"),
        await manager.get(f"/v1/webhooks/{own['id']}/deliveries/{delivery}"),
        await manager.post(f"/v1/webhooks/{own['id']}/deliveries/{delivery}/replays"),
    ]
    taken = await manager.post("/v1/webhooks", {"name": content["name"], "url": URL, "types": ["dataset.published"]})

    assert own["id"] in listed
    assert foreign["id"] not in listed
    assert {answer.status for answer in answers} == {404}
    assert (taken.status, taken.problem.code) == (409, "conflict")
    assert foreign["id"] not in taken.content.decode()
    assert (await operator.get(path)).headers["etag"] == '"1"'


async def test_a_webhook_stays_as_narrow_as_the_client_that_made_it(operator, client_with, content):
    manager = await client_with(kind="app", scopes=["webhooks:manage", "activities:read"], source_systems=["ehs-1"])
    webhook = await created(manager, content | {"types": ["intake.completed"]})

    again = await operator.post("/v1/webhooks", content | {"types": ["intake.completed"]})
    changed = await operator.patch(f"/v1/webhooks/{webhook['id']}", {"types": ["intake.completed", "intake.incomplete"]})

    assert webhook["source_systems"] == ["ehs-1"]
    assert again.status == 409
    assert changed.body["source_systems"] == ["ehs-1"]


async def test_not_even_an_operator_has_a_narrow_webhook_told_of_more(operator, client_with, content):
    manager = await client_with(kind="app", scopes=["webhooks:manage", "inventories:read"], entity_ids=[ENTITY])
    webhook = await created(manager, content)

    refusal = await operator.patch(f"/v1/webhooks/{webhook['id']}", {"types": ["inventory.approved", "site.changed"]})

    assert (refusal.status, refusal.problem.pointers) == (403, ["/types/1"])


async def test_the_webhooks_of_a_deleted_client_are_disabled_until_another_takes_them_over(operator, client_with, content):
    manager = await client_with(kind="app", scopes=["webhooks:manage", "inventories:read"])
    webhook = await created(manager, content)
    path = f"/v1/webhooks/{webhook['id']}"

    await operator.delete(f"/v1/clients/{manager.client_id}")
    disabled = (await operator.get(path)).body
    taken_over = await operator.patch(path, {"state": "active"})

    assert (disabled["state"], disabled["disabled_because"]) == ("disabled", "The client that it belonged to was deleted.")
    assert (taken_over.body["state"], taken_over.body["disabled_because"]) == ("active", None)
    assert taken_over.body["client_id"] == operator.client_id


async def test_who_has_a_webhook_sent_elsewhere_takes_it_over_and_it_ends_with_them(operator, client_with, content):
    manager = await client_with(kind="app", scopes=["webhooks:manage", "inventories:read"])
    path = f"/v1/webhooks/{(await created(operator, content))['id']}"

    renamed = await manager.patch(path, {"types": ["inventory.locked"]})
    moved = await manager.patch(path, {"url": "http://127.0.0.1:64911/"})
    await operator.delete(f"/v1/clients/{manager.client_id}")

    assert (renamed.body["client_id"], moved.body["client_id"]) == (operator.client_id, manager.client_id)
    assert (await operator.get(path)).body["state"] == "disabled"


async def test_a_client_has_at_most_50_webhooks_however_it_came_by_them(operator, client_with, content):
    manager = await client_with(kind="app", scopes=["webhooks:manage", "inventories:read"])
    foreign = f"/v1/webhooks/{(await created(operator, content))['id']}"
    many = [content | {"name": f"{content['name']} {number}"} for number in range(51)]
    answers = await asyncio.gather(*(manager.post("/v1/webhooks", each) for each in many))
    own = {answer.body["name"]: answer.body["id"] for answer in answers if answer.status == 201}
    (refusal,) = [answer for answer in answers if answer.status != 201]

    taken_over = await manager.patch(foreign, {"url": "http://127.0.0.1:64911/"})
    again = await manager.post("/v1/webhooks", content | {"name": next(iter(own))})
    await manager.delete(f"/v1/webhooks/{own.popitem()[1]}")
    after = await manager.patch(foreign, {"url": "http://127.0.0.1:64911/"})
    await operator.delete(f"/v1/clients/{manager.client_id}")

    assert (refusal.status, refusal.problem.code, taken_over.status) == (409, "conflict", 409)
    assert refusal.problem.detail == "A client has at most 50 webhooks; delete one, or add types to another."
    assert (again.status, after.status) == (200, 200)


async def test_every_change_of_a_webhook_leaves_an_audit_line_and_a_refused_one_too(client_with, installation, ended, content):
    manager = await client_with(kind="operator")
    webhook = await created(manager, content)
    path = f"/v1/webhooks/{webhook['id']}"
    await manager.patch(path, {"state": "disabled"})
    await manager.post(f"{path}/tests")
    await manager.patch(path, {"state": "active"})
    delivery = (await manager.post(f"{path}/tests")).body["id"]
    await ended(webhook)
    await manager.post(f"{path}/deliveries/{delivery}/replays")
    await manager.post(f"{path}/secrets")
    await manager.delete(path)

    async with installation.services["gateway"].ground.database.unit_of_work() as session:
        lines = await session.execute(
            text("SELECT action, outcome FROM audit WHERE principal = :id ORDER BY id"), {"id": manager.client_id}
        )

    assert [tuple(line) for line in lines] == [
        ("create_webhook", "done"),
        ("change_webhook", "done"),
        ("create_webhook_test", "refused"),
        ("change_webhook", "done"),
        ("replay_webhook_delivery", "done"),
        ("add_webhook_secret", "done"),
        ("delete_webhook", "done"),
    ]
