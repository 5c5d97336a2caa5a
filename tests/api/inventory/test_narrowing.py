"""A narrowed client sees and changes nothing of others, on every operation of the inventory and of reporting that there is."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from gateway.routes import ROUTES, resource_of
from tests.api.inventory.catalogues import Catalogue
from tests.api.inventory.intake import Intake, until
from tests.conftest import Answer, Client

Json = dict[str, Any]
Request = tuple[str, str, Json | None]

KWH = {"activity_type": "electricity.grid", "unit": "kWh"}
WITH_LETTERS = ("inventory", "reporting")
PERIOD = {"start": "2021-03-01", "end": "2021-04-01"}
ORDER = {"type": "iso14064-1", "year": 2021, "formats": ["json"], "language": "en"}


@dataclass(frozen=True, slots=True)
class Estate:
    """What belongs to one company of the group, in one source system of its own; every name holds `mark`."""

    mark: str
    system: str
    entity: Json
    below: Json
    site: Json
    record: Json
    activity: Json
    waiting: Json
    unplaced: Json
    code: str

    @property
    def marks(self) -> list[str]:
        """What must not be seen of it."""
        parts = (self.entity, self.below, self.site, self.activity, self.waiting, self.unplaced)
        return [self.mark, *(part["id"] for part in parts)]


async def estate(intake: Intake, parent: str) -> Estate:
    mark = intake.name("estate")
    operator = intake.operator

    async def created(path: str, body: Json) -> Json:
        answer = await operator.post(path, body)
        assert answer.status in (201, 202), answer.content
        return answer.body

    async def entity(name: str, above: str) -> Json:
        return await created("/v1/entities", {"external_id": f"{name}-{mark}", "name": mark, "country": "CN", "parent_external_id": above})

    owner = await entity("owner", parent)
    below = await entity("below", owner["external_id"])
    place = {"region": "CN-GD", "timezone": "Asia/Shanghai"}
    site = await created("/v1/sites", {"external_id": f"site-{mark}", "entity_external_id": below["external_id"], "name": mark, **place})
    system, code = f"ehs-{mark}", f"code-{mark}"

    def record(name: str, **content: Any) -> Json:
        return intake.record(site["external_id"], source_system=system, external_id=f"{name}-{mark}", comment=mark, **content)

    counted = record("counted")
    unmapped = {"item_code": f"unmapped-{mark}", "quantity": {"value": "1"}}
    activity = await created("/v1/activities", counted)
    waiting = await created("/v1/activities", record("waiting", **unmapped))
    unplaced = await created("/v1/activities", {k: v for k, v in record("unplaced", **unmapped).items() if k != "site_external_id"})
    await operator.put(f"/v1/source-systems/{system}/items/{code}", KWH | {"site_external_id": site["external_id"]})
    return Estate(mark, system, owner, below, site, counted, activity, waiting, unplaced, code)


@dataclass(frozen=True, slots=True)
class World:
    own: Estate
    foreign: Estate
    inventory: str
    report: Json
    update: str


@pytest.fixture(scope="module")
async def world(intake: Intake, tmp_path_factory: pytest.TempPathFactory) -> World:
    """Two companies of one group, an inventory of both and a report on both; and a factor update that concerns one of them."""
    folder = tmp_path_factory.mktemp("packs")
    parent = (await intake.entity())["external_id"]
    own, foreign = await estate(intake, parent), await estate(intake, parent)
    inventory = await intake.inventory(2021)
    await intake.settle()
    for service in WITH_LETTERS:
        await park(intake, service, foreign)
    ordered = (await intake.operator.post("/v1/reports", ORDER)).body

    async def ready() -> Json | None:
        report = await intake.get(f"/v1/reports/{ordered['id']}")
        return report if report["state"] == "ready" else None

    return World(own, foreign, inventory, await until(ready, 90), await propose_update(intake, foreign, folder))


async def propose_update(intake: Intake, foreign: Estate, folder: Path) -> str:
    """The id of an update that concerns the foreign estate's records only; the new factor's id holds its mark."""
    leak = {"activity_type": "refrigerant.R-410A", "quantity": {"value": "1", "unit": "kg"}, "external_id": f"leak-{foreign.mark}"}
    leaked = await intake.pushed(intake.record(foreign.site["external_id"], source_system=foreign.system, **leak))
    factor = (await intake.get(f"/v1/activities/{leaked['id']}/calculation"))["factor"]["id"]
    catalogue = Catalogue(intake, folder)
    await catalogue.becomes(lambda factors: [one | {"id": foreign.mark} if one["id"] == factor else one for one in factors])
    return (await catalogue.only_update())["id"]


async def park(intake: Intake, service: str, foreign: Estate) -> None:
    """Have an event of the foreign estate parked at a service, as its first."""
    async with intake.installation.services[service].ground.database.unit_of_work() as session:
        await session.execute(
            text(
                "INSERT INTO dead_letter (consumer, topic, partition, position, key, headers, value, reason)"
                " VALUES (:service, 'baseyear.inventory.site.v1', 0, 1000000, :mark, '{}', :value, 'a bug')"
            ),
            {"service": service, "mark": foreign.mark, "value": json.dumps(foreign.site)},
        )


def letter_attempts(service: str, foreign: Estate) -> dict[str, list[Request]]:
    """How a client might try to see or change the event that is parked at a service."""
    letters, reason = f"/v1/services/{service}/dead-letters", {"reason": "not mine"}
    return {
        f"get_state_of_{service}": [("GET", f"/v1/services/{service}", None)],
        f"list_dead_letters_of_{service}": [("GET", letters, None), ("GET", f"{letters}?key={foreign.mark}", None)],
        f"get_dead_letter_of_{service}": [("GET", f"{letters}/1", None)],
        f"redrive_dead_letter_of_{service}": [("POST", f"{letters}/1/redrives", reason)],
        f"drop_dead_letter_of_{service}": [("POST", f"{letters}/1/drops", reason)],
    }


def attempts(world: World) -> dict[str, list[Request]]:
    """For every operation, how a client might try to see or change what is foreign, or to bring its own there."""
    foreign, own, inventory = world.foreign, world.own, world.inventory
    activities = [f"/v1/activities/{one['id']}" for one in (foreign.activity, foreign.waiting, foreign.unplaced)]
    changed = foreign.record | {"quantity": {"value": "7", "unit": "kWh"}}
    moved = changed | {"site_external_id": own.site["external_id"]}
    unplaced = {k: v for k, v in foreign.record.items() if k != "site_external_id"} | {"external_id": f"unplaced-{foreign.mark}"}
    unplaced |= {"activity_type": None, "item_code": f"other-{foreign.mark}"}
    unplaced = {k: v for k, v in unplaced.items() if v is not None}
    new = changed | {"external_id": f"new-{foreign.mark}"}
    pushes = [changed, moved, unplaced, new]
    totals = ["", "?group_by=site,entity,activity_type,month,factor,scope,category", "?group_by=gas"]
    items = f"/v1/source-systems/{foreign.system}/items"
    entity, site = f"/v1/entities/{foreign.entity['id']}", f"/v1/sites/{foreign.site['id']}"
    report, update = f"/v1/reports/{world.report['id']}", f"/v1/factor-updates/{world.update}"
    a_site = {"region": "CN-GD", "timezone": "Asia/Shanghai", "name": "A plant"}
    an_entity = {"name": "A company", "country": "CN"}
    return {
        "record_activity": [("POST", "/v1/activities", record) for record in pushes],
        "record_activities": [("POST", "/v1/activities/batch", {"items": pushes})],
        "list_activities": [
            ("GET", "/v1/activities?limit=1000", None),
            ("GET", f"/v1/activities?site={foreign.site['external_id']}", None),
            ("GET", f"/v1/activities?source_system={foreign.system}", None),
            ("GET", "/v1/activities?outcome=quarantined", None),
        ],
        "get_activity": [("GET", path, None) for path in activities],
        "get_activity_history": [("GET", f"{path}/history", None) for path in activities],
        "get_activity_calculation": [("GET", f"{path}/calculation", None) for path in activities],
        "change_activity": [("PATCH", path, {"comment": "changed"}) for path in activities]
        + [("PATCH", f"/v1/activities/{own.activity['id']}", {"site_external_id": foreign.site["external_id"], "comment": "moved"})],
        "create_activity_void": [("POST", f"{path}/voids", {"reason": "not mine"}) for path in activities],
        "create_activity_release": [("POST", f"{path}/releases", None) for path in activities],
        "create_entity": [
            ("POST", "/v1/entities", an_entity | {"external_id": f"x-{foreign.mark}", "parent_external_id": foreign.entity["external_id"]}),
            ("POST", "/v1/entities", an_entity | {"external_id": foreign.entity["external_id"]}),
        ],
        "list_entities": [
            ("GET", "/v1/entities?limit=1000", None),
            ("GET", f"/v1/entities?external_id={foreign.entity['external_id']}", None),
        ],
        "get_entity": [("GET", entity, None)],
        "change_entity": [
            ("PATCH", entity, {"name": "changed"}),
            ("PATCH", f"/v1/entities/{own.below['id']}", {"parent_external_id": foreign.entity["external_id"]}),
        ],
        "create_site": [
            ("POST", "/v1/sites", a_site | {"external_id": f"x-{foreign.mark}", "entity_external_id": foreign.entity["external_id"]}),
            ("POST", "/v1/sites", a_site | {"external_id": foreign.site["external_id"], "entity_external_id": own.entity["external_id"]}),
        ],
        "list_sites": [("GET", "/v1/sites?limit=1000", None), ("GET", f"/v1/sites?external_id={foreign.site['external_id']}", None)],
        "get_site": [("GET", site, None)],
        "change_site": [
            ("PATCH", site, {"name": "changed"}),
            ("PATCH", f"/v1/sites/{own.site['id']}", {"entity_external_id": foreign.entity["external_id"]}),
        ],
        "list_factor_updates": [("GET", "/v1/factor-updates", None)],
        "get_factor_update": [("GET", update, None)],
        "get_factor_update_impact": [("GET", f"{update}/impact", None)],
        "create_factor_update_acceptance": [("POST", f"{update}/acceptances", {"reason": "not mine"})],
        "create_factor_update_refusal": [("POST", f"{update}/refusals", {"reason": "not mine"})],
        "create_inventory": [("POST", "/v1/inventories", {"year": 2024, "consolidation_approach": "operational_control"})],
        "list_inventories": [("GET", "/v1/inventories", None)],
        "get_inventory": [("GET", f"/v1/inventories/{inventory}", None)],
        "change_inventory": [("PATCH", f"/v1/inventories/{inventory}", {"is_base_year": True})],
        "transition_inventory": [("POST", f"/v1/inventories/{inventory}/transitions", {"to": "in_review"})],
        "list_inventory_transitions": [("GET", f"/v1/inventories/{inventory}/transitions", None)],
        "get_inventory_totals": [("GET", f"/v1/inventories/{inventory}/totals{query}", None) for query in totals],
        "put_source_item": [("PUT", f"{items}/{code}", KWH) for code in (foreign.code, f"unmapped-{foreign.mark}", "another")],
        "list_source_items": [("GET", items, None)],
        "list_unmapped_items": [("GET", f"/v1/source-systems/{foreign.system}/unmapped", None)],
        "get_emissions": [("GET", f"/v1/emissions{query}{'&' if query else '?'}year=2021", None) for query in totals],
        "issue_report": [],  # its content is looked at by a test of its own
        "list_reports": [("GET", "/v1/reports", None)],
        "get_report": [("GET", report, None)],
        "get_report_file": [("GET", f"{report}/files/{file['name']}", None) for file in world.report["files"]],
        **letter_attempts("inventory", foreign),
        **letter_attempts("reporting", foreign),
    }


async def operations(client: Client) -> dict[str, Json]:
    """The operations of the inventory and of reporting, as the merged document lists them."""
    document = (await client.get("/openapi.json")).body
    return {
        operation["operationId"]: operation
        for path, item in document["paths"].items()
        if ROUTES.get(resource_of(path)) in WITH_LETTERS
        for method, operation in item.items()
        if method in ("get", "put", "post", "patch", "delete")
    }


NARROWINGS: dict[str, Callable[[World], Json]] = {
    "to an entity": lambda world: {"entity_ids": [world.own.entity["id"]]},
    "to a source system": lambda world: {"source_systems": [world.own.system]},
    "to both": lambda world: {"entity_ids": [world.own.entity["id"]], "source_systems": [world.own.system]},
}
# A client narrowed to source systems sees the whole group and its places.
NOT_NARROWED_BY_SYSTEM = {
    "create_entity", "list_entities", "get_entity", "change_entity", "create_site", "list_sites", "get_site", "change_site",
}  # fmt: skip


async def foreign_state(intake: Intake, world: World) -> str:
    """Everything of the foreign estate as the operator sees it, and the inventory."""
    foreign = world.foreign
    paths = [
        f"/v1/activities/{one['id']}{part}" for one in (foreign.activity, foreign.waiting, foreign.unplaced) for part in ("", "/history")
    ]
    paths += [f"/v1/entities/{one['id']}" for one in (foreign.entity, foreign.below)] + [f"/v1/sites/{foreign.site['id']}"]
    paths += [f"/v1/inventories/{world.inventory}", f"/v1/inventories/{world.inventory}/transitions", "/v1/inventories"]
    paths += [f"/v1/source-systems/{foreign.system}/items", f"/v1/source-systems/{foreign.system}/unmapped"]
    paths += [f"/v1/activities?source_system={foreign.system}", "/v1/reports"]
    paths += [f"/v1/services/{service}/dead-letters/1" for service in WITH_LETTERS] + [f"/v1/factor-updates/{world.update}"]
    return json.dumps([await intake.get(path) for path in paths], sort_keys=True)


async def test_the_attempts_are_of_all_operations_that_there_are(intake: Intake, world: World):
    assert set(attempts(world)) == set(await operations(intake.operator))


@pytest.mark.parametrize("narrowing", NARROWINGS)
async def test_a_narrowed_client_sees_and_changes_nothing_foreign_on_any_operation(intake: Intake, world: World, narrowing: str):
    client = await intake.make_client(kind="operator", **NARROWINGS[narrowing](world))
    before = await foreign_state(intake, world)
    shown = []

    for operation, requests in attempts(world).items():
        if narrowing == "to a source system" and operation in NOT_NARROWED_BY_SYSTEM:
            continue
        for method, path, body in requests:
            if narrowing == "to a source system" and world.own.activity["id"] in path:
                continue  # its records may go to any site
            answer = await client.request(method, path, {"If-Match": "*"} if method == "PATCH" else None, json=body)
            if reveals(answer, world.foreign):
                shown.append((operation, method, path, answer.status, answer.content[:300]))

    assert shown == []
    assert await foreign_state(intake, world) == before


def reveals(answer: Answer, foreign: Estate) -> bool:
    """Whether an answer tells more than its request did. A refusal may repeat what the request named."""
    if answer.status == 207:
        return any(item["status"] < 400 for item in answer.body["items"])
    if answer.status >= 400:
        return answer.status >= 500
    shown = answer.content.decode()
    if answer.headers["content-type"] == "application/json":
        shown = json.dumps(answer.body | {"self": None})  # the address that was asked for
    return any(mark in shown for mark in foreign.marks)


@pytest.mark.parametrize("narrowing", NARROWINGS)
async def test_a_narrowed_client_does_see_its_own(intake: Intake, world: World, narrowing: str):
    own = world.own
    client = await intake.make_client(kind="operator", **NARROWINGS[narrowing](world))

    activity = f"/v1/activities/{own.activity['id']}"
    paths = [activity, f"{activity}/history", f"{activity}/calculation", f"/v1/activities/{own.waiting['id']}"]
    paths += [f"/v1/sites/{own.site['id']}", f"/v1/entities/{own.below['id']}", f"/v1/source-systems/{own.system}/items"]
    answers = [await client.get(path) for path in paths]
    listed = await client.get("/v1/activities", source_system=own.system, external_id=own.record["external_id"])
    pushed = await client.post("/v1/activities", own.record)

    assert [answer.status for answer in answers] == [200] * len(paths)
    assert [item["id"] for item in listed.body["items"]] == [own.activity["id"]]
    assert pushed.body["outcome"] == "unchanged"


async def test_totals_of_a_client_narrowed_to_an_entity_are_those_of_what_is_below_it(intake: Intake, world: World):
    await intake.settle()
    client = await intake.make_client(kind="operator", entity_ids=[world.own.entity["id"]])
    totals = (await client.get(f"/v1/inventories/{world.inventory}/totals", group_by="entity,site")).body
    reported = (await client.get("/v1/emissions", year=2021, group_by="entity,site")).body

    assert [(item["entity"], item["site"]) for item in totals["items"]] == [(world.own.below["external_id"], world.own.site["external_id"])]
    assert totals["total"]["co2e_kg"] == "471.500000"
    assert totals["incomplete"] == {"awaiting_factor": 0, "no_factor": 0, "quarantined": 1}
    assert (reported["total"], reported["incomplete"]) == (totals["total"], totals["incomplete"])


async def test_a_report_for_a_narrowed_client_holds_its_own_only(intake: Intake, world: World):
    client = await intake.make_client(kind="operator", entity_ids=[world.own.entity["id"]])
    ordered = (await client.post("/v1/reports", ORDER)).body

    async def ready() -> Json | None:
        report = (await client.get(f"/v1/reports/{ordered['id']}")).body
        return report if report["state"] == "ready" else None

    report = await until(ready, 90)
    (file,) = report["files"]
    content = (await client.get(f"/v1/reports/{report['id']}/files/{file['name']}")).content.decode()
    assert world.own.mark in content
    assert not any(mark in content for mark in world.foreign.marks)
    assert report["total"]["co2e_kg"] == "471.500000"


async def test_a_foreign_source_system_in_a_write_is_forbidden(intake: Intake, world: World):
    client = await intake.make_client(kind="ehs", source_systems=[world.own.system])

    single = await client.post("/v1/activities", world.foreign.record)
    batch = await client.post("/v1/activities/batch", {"items": [world.own.record, world.foreign.record]})
    mapping = await client.put(f"/v1/source-systems/{world.foreign.system}/items/{world.foreign.code}", KWH)

    assert [(answer.status, answer.problem.code) for answer in (single, mapping)] == [(403, "forbidden")] * 2
    assert [item["status"] for item in batch.body["items"]] == [200, 403]


async def test_foreign_objects_are_not_found(intake: Intake, world: World):
    by_entity = await intake.make_client(kind="operator", entity_ids=[world.own.entity["id"]])
    by_system = await intake.make_client(kind="ehs", source_systems=[world.own.system])
    activity = f"/v1/activities/{world.foreign.activity['id']}"

    for client in (by_entity, by_system):
        answers = [await client.get(path) for path in (activity, f"{activity}/history", f"{activity}/calculation")]
        answers.append(await client.post(f"{activity}/voids", {"reason": "not mine"}))
        answers.append(await client.patch(activity, {"comment": "changed"}))
        answers.append(await client.post(f"{activity}/releases"))
        assert [(answer.status, answer.problem.code) for answer in answers] == [(404, "not_found")] * 6
    assert (await by_system.get(f"/v1/source-systems/{world.foreign.system}/items")).status == 404


async def test_a_mapping_holds_for_the_whole_source_system_so_a_client_of_one_entity_does_not_set_it(intake: Intake, world: World):
    client = await intake.make_client(kind="operator", entity_ids=[world.own.entity["id"]])

    refusal = await client.put(f"/v1/source-systems/{world.own.system}/items/{world.own.code}", KWH | {"unit": "MWh"})

    assert (refusal.status, refusal.problem.code) == (403, "forbidden")


async def test_a_client_of_one_entity_names_the_site_of_what_it_pushes(intake: Intake, world: World):
    client = await intake.make_client(kind="operator", entity_ids=[world.own.entity["id"]])
    record = intake.record(None, item_code=intake.name("E"), quantity={"value": "1"})

    assert (await client.post("/v1/activities", record)).problem.pointers == ["/site_external_id"]


@pytest.mark.parametrize("kind", ["ehs", "app", "verifier"])
async def test_every_operation_needs_a_scope_and_is_refused_without(intake: Intake, world: World, kind: str):
    """Nobody reaches an operation whose scope the token lacks, whatever is asked."""
    client = await intake.make_client(kind=kind, **({"source_systems": ["ehs"]} if kind == "ehs" else {}))
    granted = await scopes_of(intake, client)
    documented = await operations(intake.operator)

    for operation, requests in attempts(world).items():
        scope = next(iter(documented[operation]["security"][0].values()))[0]
        for method, path, body in requests if scope not in granted else []:
            answer = await client.request(method, path, {"If-Match": "*"}, json=body)
            assert (answer.status, answer.problem.code) == (403, "missing_scope"), (operation, answer.content)


async def scopes_of(intake: Intake, client: Client) -> set[str]:
    (found,) = [one for one in (await intake.get("/v1/clients", limit=1000))["items"] if one["id"] == client.client_id]
    return set(found["scopes"])
