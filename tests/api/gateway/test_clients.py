"""Clients: what they may do by their kind, that nobody grants more than they have, rotation and deletion."""

import asyncio
import json
from uuid import uuid4

import httpx
import pytest
from sqlalchemy import text

from gateway.scopes import DEFAULTS, SCOPES

ENTITY = "0197a3c2-7d4e-7b1a-9f00-3c5d2b7a9e10"
OTHER_ENTITY = "0197a3c2-7d4e-7b1a-9f00-3c5d2b7a9e11"


async def token_status(http: httpx.AsyncClient, client_id: str, secret: str) -> int:
    form = {"grant_type": "client_credentials"}
    return (await http.post("/oauth2/token", data=form, auth=(client_id, secret))).status_code


@pytest.mark.parametrize(
    ("kind", "needs"),
    [
        ("operator", {}),
        ("ehs", {"source_systems": ["ehs-1"]}),
        ("supplier", {"supplier_id": "S-1"}),
        ("app", {}),
        ("verifier", {}),
        ("partner", {}),
    ],
)
async def test_a_client_has_the_scopes_of_its_kind_unless_others_are_named(operator, name, kind, needs):
    created = await operator.post("/v1/clients", {"name": name, "kind": kind, **needs})

    assert created.status == 201
    assert set(created.body["scopes"]) == set(DEFAULTS[kind])
    assert created.body["client_id"] == created.body["id"]
    assert created.headers["location"] == f"/v1/clients/{created.body['id']}"


async def test_the_secret_is_in_the_answer_to_the_creation_and_nowhere_else(operator, name):
    content = {"name": name, "kind": "app"}
    created = await operator.post("/v1/clients", content)
    secret = created.body["client_secret"]

    again = await operator.post("/v1/clients", content)
    read = await operator.get(f"/v1/clients/{created.body['id']}")
    listed = await operator.get("/v1/clients")

    assert secret.startswith("baseyear_")
    assert (again.status, again.body["id"], again.body["client_secret"]) == (200, created.body["id"], None)
    assert secret not in read.content.decode() + listed.content.decode()


async def test_neither_a_secret_nor_an_answer_with_one_is_stored_in_the_clear(operator, installation, name):
    key = {"Idempotency-Key": "create the app"}
    created = await operator.post("/v1/clients", {"name": name, "kind": "app"}, headers=key)
    rotated = await operator.post(f"/v1/clients/{created.body['id']}/secrets", headers={"Idempotency-Key": "rotate"})

    stored = ""
    async with installation.services["gateway"].ground.database.unit_of_work() as session:
        for table in ("client", "client_secret", "idempotent_answer", "audit", "outbox"):
            stored += str((await session.execute(text(f"SELECT to_jsonb(t) FROM {table} t"))).all())

    assert created.body["id"] in stored
    assert created.body["client_secret"] not in stored
    assert rotated.body["client_secret"] not in stored


async def test_a_name_with_other_rights_is_a_conflict(operator, name):
    await operator.post("/v1/clients", {"name": name, "kind": "ehs", "source_systems": ["ehs-1"]})

    refusal = await operator.post("/v1/clients", {"name": name, "kind": "ehs", "source_systems": ["ehs-2"]})

    assert refusal.status == 409
    assert refusal.problem.code == "use_patch"


async def test_clients_that_ask_for_one_name_at_the_same_moment_get_one_client(operator, name):
    answers = await asyncio.gather(*(operator.post("/v1/clients", {"name": name, "kind": "app"}) for _ in range(5)))

    assert sorted(answer.status for answer in answers) == [200, 200, 200, 200, 201]
    assert len({answer.body["id"] for answer in answers}) == 1


@pytest.mark.parametrize(
    ("content", "pointer", "code"),
    [
        ({"kind": "ehs"}, "/source_systems", "required"),
        ({"kind": "ehs", "source_systems": []}, "/source_systems", "required"),
        ({"kind": "supplier"}, "/supplier_id", "required"),
        ({"kind": "app", "supplier_id": "S-1"}, "/supplier_id", "not_for_this_kind"),
        ({"kind": "service"}, "/scopes", "required"),
        ({"kind": "app", "scopes": ["factors:read", "factor:read"]}, "/scopes/1", "unknown_scope"),
        ({"kind": "app", "entity_ids": ["CN-01"]}, "/entity_ids/0", "uuid_parsing"),
        ({"kind": "robot"}, "/kind", "unknown_value"),
        ({"kind": "app", "admin": True}, "/admin", "unknown_field"),
    ],
)
async def test_a_client_that_is_wrong_in_itself_is_refused_at_its_field(operator, name, content, pointer, code):
    refusal = await operator.post("/v1/clients", {"name": name, **content})

    assert refusal.status == 422
    assert [(error["pointer"], error["code"]) for error in refusal.problem.errors] == [(pointer, code)]


async def test_an_unknown_scope_is_answered_with_the_nearest(operator):
    refusal = await operator.post("/v1/clients", {"name": "an app", "kind": "app", "scopes": ["factor:read"]})

    assert refusal.problem.errors[0]["hint"] == "Did you mean factors:read?"


async def test_nobody_grants_a_scope_that_they_do_not_have(client_with, name):
    manager = await client_with(kind="app", scopes=["clients:manage", "factors:read"])

    within = await manager.post("/v1/clients", {"name": name, "kind": "app", "scopes": ["factors:read"]})
    beyond = await manager.post("/v1/clients", {"name": name + " beyond", "kind": "app", "scopes": ["factors:read", "reports:issue"]})
    by_default = await manager.post("/v1/clients", {"name": name + " by default", "kind": "app"})

    assert within.status == 201
    assert beyond.status == 403
    assert [(error["pointer"], error["code"]) for error in beyond.problem.errors] == [("/scopes/1", "beyond_own")]
    assert by_default.status == 403


async def test_an_operator_grants_the_scopes_of_suppliers_and_partners_to_these_only(operator, name):
    for kind, scope in (("supplier", "portal:use"), ("partner", "pact:exchange")):
        needs = {"supplier_id": "S-1"} if kind == "supplier" else {}
        assert scope not in DEFAULTS["operator"]
        assert (await operator.post("/v1/clients", {"name": f"{name} {kind}", "kind": kind, **needs})).status == 201
        assert (await operator.post("/v1/clients", {"name": f"{name} {scope}", "kind": "app", "scopes": [scope]})).status == 403


@pytest.mark.parametrize(
    ("own", "wanted", "status"),
    [
        ({"entity_ids": [ENTITY]}, {"entity_ids": [ENTITY]}, 201),
        ({"entity_ids": [ENTITY]}, {"entity_ids": [ENTITY, OTHER_ENTITY]}, 403),
        ({"entity_ids": [ENTITY]}, {}, 403),
        ({"entity_ids": [ENTITY]}, {"entity_ids": []}, 403),
        ({"source_systems": ["ehs-1", "ehs-2"]}, {"source_systems": ["ehs-2"]}, 201),
        ({"source_systems": ["ehs-1"]}, {"source_systems": ["ehs-3"]}, 403),
        ({"source_systems": ["ehs-1"]}, {}, 403),
    ],
)
async def test_nobody_grants_a_wider_view_than_their_own(client_with, name, own, wanted, status):
    manager = await client_with(kind="app", scopes=["clients:manage", "factors:read"], **own)

    answer = await manager.post("/v1/clients", {"name": name, "kind": "app", "scopes": ["factors:read"], **wanted})

    assert answer.status == status


async def test_a_narrowed_manager_neither_sees_nor_touches_clients_beyond_its_view(operator, client_with):
    own = str(uuid4())
    manager = await client_with(kind="app", scopes=["clients:manage", "factors:read"], entity_ids=[own])
    inside = await client_with(kind="app", scopes=["factors:read"], entity_ids=[own])
    outside = await client_with(kind="app", scopes=["factors:read"], entity_ids=[OTHER_ENTITY])

    listed = await manager.get("/v1/clients")

    assert {client["id"] for client in listed.body["items"]} == {manager.client_id, inside.client_id}
    for foreign in (outside.client_id, operator.client_id):
        assert (await manager.get(f"/v1/clients/{foreign}")).status == 404
        assert (await manager.delete(f"/v1/clients/{foreign}")).status == 404
        assert (await manager.post(f"/v1/clients/{foreign}/secrets")).status == 404


async def test_nobody_makes_a_secret_for_a_client_that_may_do_more_than_they(operator, client_with):
    manager = await client_with(kind="app", scopes=["clients:manage"])

    refusal = await manager.post(f"/v1/clients/{operator.client_id}/secrets")

    assert refusal.status == 403


async def test_two_secrets_are_valid_while_a_client_rotates_and_the_eldest_makes_way(http, operator, client_with):
    client = await client_with(kind="app")

    second = (await operator.post(f"/v1/clients/{client.client_id}/secrets")).body["client_secret"]
    assert [await token_status(http, client.client_id, secret) for secret in (client.secret, second)] == [200, 200]

    third = (await operator.post(f"/v1/clients/{client.client_id}/secrets")).body["client_secret"]
    assert [await token_status(http, client.client_id, secret) for secret in (client.secret, second, third)] == [401, 200, 200]


async def test_a_deleted_client_gets_no_token_and_the_one_that_it_has_is_refused_at_once(http, operator, client_with):
    client = await client_with(kind="app")
    assert (await client.get("/v1/factors")).status == 200

    assert (await operator.delete(f"/v1/clients/{client.client_id}")).status == 204

    refusal = await client.get("/v1/factors")
    assert (refusal.status, refusal.problem.code) == (401, "unauthenticated")
    assert "deleted" in refusal.problem.detail
    assert await token_status(http, client.client_id, client.secret) == 401
    assert (await operator.get(f"/v1/clients/{client.client_id}")).status == 404
    assert (await operator.delete(f"/v1/clients/{client.client_id}")).status == 404


async def test_the_name_of_a_deleted_client_is_free_again(operator, name):
    first = await operator.post("/v1/clients", {"name": name, "kind": "app"})
    await operator.delete(f"/v1/clients/{first.body['id']}")

    second = await operator.post("/v1/clients", {"name": name, "kind": "app"})

    assert second.status == 201
    assert second.body["id"] != first.body["id"]


async def test_services_are_told_of_clients_without_their_names(operator, installation, settled, name):
    created = await operator.post("/v1/clients", {"name": name, "kind": "app"})
    await operator.delete(f"/v1/clients/{created.body['id']}")
    await settled()

    async with installation.services["gateway"].ground.database.unit_of_work() as session:
        values = await session.scalars(
            text("SELECT value FROM bus.log WHERE topic = 'baseyear.gateway.client.v1' AND key = :id ORDER BY position"),
            {"id": created.body["id"]},
        )
        events = [json.loads(value) for value in values]

    assert [(event["state"], event["version"], event["kind"]) for event in events] == [("active", 1, "app"), ("deleted", 2, "app")]
    assert name not in str(events)


async def test_every_change_of_a_client_leaves_an_audit_line_and_a_refused_one_too(operator, client_with, installation, name):
    manager = await client_with(kind="operator")
    created = await manager.post("/v1/clients", {"name": name, "kind": "app"})
    await manager.post(f"/v1/clients/{created.body['id']}/secrets")
    await manager.delete(f"/v1/clients/{created.body['id']}")
    await manager.post("/v1/clients", {"name": name, "kind": "ehs"})

    async with installation.services["gateway"].ground.database.unit_of_work() as session:
        lines = await session.execute(
            text("SELECT action, outcome FROM audit WHERE principal = :id ORDER BY id"), {"id": manager.client_id}
        )

    assert [tuple(line) for line in lines] == [
        ("create_client", "done"),
        ("add_client_secret", "done"),
        ("delete_client", "done"),
        ("create_client", "refused"),
    ]


async def test_clients_are_listed_page_by_page_each_once(operator, name):
    wanted = [f"{name} {number}" for number in range(5)]
    for wanted_name in wanted:
        await operator.post("/v1/clients", {"name": wanted_name, "kind": "app"})

    names, path = [], "/v1/clients?limit=2"
    while path:
        page = (await operator.get(path)).body
        names += [client["name"] for client in page["items"]]
        path = f"/v1/clients?limit=2&cursor={page['next']}" if page["next"] else ""

    assert len(names) == len(set(names))
    assert set(wanted) <= set(names)
    assert (await operator.get("/v1/clients?cursor=made-up")).status == 422


def test_every_default_is_of_the_closed_list():
    assert {scope for scopes in DEFAULTS.values() for scope in scopes} <= set(SCOPES)
