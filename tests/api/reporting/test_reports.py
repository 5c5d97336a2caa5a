"""Reports: ordered, made when reporting agrees with the inventory, fetched by those who may see all that is in them."""

import asyncio
import hashlib
import io
import json
from typing import Any

import openpyxl
import pypdf
import pytest

from kernel import jobs
from tests.api.reporting import group
from tests.api.reporting.conftest import Stand, until
from tests.conftest import Client

ORDER = {"type": "iso14064-1", "year": 2021, "formats": ["json"], "language": "en"}
WAITED_ENOUGH = "UPDATE report SET started_at = clock_timestamp() - interval '61 seconds'"


async def ordered(client: Client, **changes: Any) -> str:
    answer = await client.post("/v1/reports", ORDER | changes)
    assert answer.status == 202, answer.content
    assert answer.body["state"] == "queued"
    assert answer.headers["location"] == f"/v1/reports/{answer.body['id']}"
    return answer.headers["location"]


async def ended(client: Client, path: str) -> dict[str, Any]:
    async with asyncio.timeout(40):
        while True:
            body = (await client.get(path)).body
            if body["state"] in ("ready", "failed"):
                return body
            await asyncio.sleep(0.05)


async def ready(client: Client, path: str) -> dict[str, Any]:
    body = await ended(client, path)
    assert body["state"] == "ready", body
    return body


async def document(client: Client, path: str) -> dict[str, Any]:
    return (await client.get(f"{path}/files/iso14064-1-2021.json")).body


async def test_a_report_comes_in_every_format_with_the_hash_of_each_file(told: Stand):
    client = told.client()
    path = await ordered(client, formats=["pdf", "xlsx", "json"])
    report = await ready(client, path)

    contents = {}
    for file in report["files"]:
        answer = await client.get(f"{path}/files/{file['name']}")
        assert answer.headers["content-type"] == file["media_type"]
        assert answer.headers["content-disposition"] == f'attachment; filename="{file["name"]}"'
        assert (hashlib.sha256(answer.content).hexdigest(), len(answer.content)) == (file["sha256"], file["bytes"])
        contents[file["name"].rpartition(".")[2]] = answer.content
    assert "Harbour Precision Group" in pypdf.PdfReader(io.BytesIO(contents["pdf"])).pages[0].extract_text()
    assert openpyxl.load_workbook(io.BytesIO(contents["xlsx"])).sheetnames
    assert json.loads(contents["json"])["total"]["co2e_kg"] == group.TOTAL_KG
    figures = {"co2e_kg": group.TOTAL_KG, "biogenic_co2_kg": group.BIOGENIC_KG, "records": 17}
    assert (report["total"], report["inventory_total"], report["behind_because"]) == (figures, figures, None)


async def test_a_report_of_an_open_inventory_is_a_draft_and_says_what_is_missing(told: Stand):
    client = told.client()
    path = await ordered(client)
    report = await ready(client, path)
    content = await document(client, path)

    assert report["status"] == content["status"] == "draft"
    missing = content["missing"]
    assert missing["counts"] == {"awaiting_factor": 1, "no_factor": 3, "quarantined": 4}
    assert {(line["state"], line["site_external_id"], line["item"], *line["months"], line["records"]) for line in missing["records"]} == {
        ("awaiting_factor", "SITE-A", "fuel.lpg", "2021-02", 1),
        ("no_factor", "SITE-C", "steam.purchased", "2021-02", 3),
        ("quarantined", None, "EHS-7741", "2021-03", 4),
    }
    assert missing["gaps"] == []  # three months of a year that is over: nothing here is reported monthly
    seldom = {(line["site_external_id"], line["activity_type"]): line["months"] for line in missing["seldom"]}
    assert seldom["SITE-B", "electricity.grid"] == ["2021-01", "2021-03"]
    assert seldom["SITE-A", "vehicle_fuel.diesel"] == ["2021-01", "2021-03"]
    assert ("SITE-B", "heat.purchased") in seldom
    assert content["co2_only_factors"] == ["factor-grid"]
    assert [(line["gwp_basis"], line["co2e_kg"]) for line in content["other_gwp_basis"]] == [("AR5", "33.333335")]


async def test_a_report_names_the_boundary_the_factors_and_their_sources(told: Stand):
    client = told.client()
    path = await ordered(client)
    await ready(client, path)
    content = await document(client, path)

    boundary = content["boundary"]
    assert [(e["external_id"], e["parent_external_id"], e["group_share"]) for e in boundary["entities"]] == [
        ("E-HOLD", None, "100 %"),
        ("E-VENT", "E-HOLD", "60 %"),
        ("E-WORKS", "E-HOLD", "100 %"),
    ]
    assert [(s["external_id"], s["entity_external_id"]) for s in boundary["sites"]] == [
        ("SITE-A", "E-WORKS"),
        ("SITE-B", "E-WORKS"),
        ("SITE-C", "E-VENT"),
    ]
    factors = {factor["id"]: factor for factor in content["factors"]}
    assert [gas["gas"] for gas in factors["factor-diesel"]["gases"]] == ["CO2", "CH4_fossil", "N2O", "biogenic CO2"]
    (gas,) = factors["factor-grid"]["gases"]
    assert (gas["publisher"], gas["sha256"], gas["kg_per_unit"]) == ("Ministry of Ecology and Environment", "ab" * 32, "0.4715")
    activity = {(line["activity_type"], line["unit"]): line for line in content["by_activity"]}
    assert (activity["electricity.grid", "kWh"]["name"], activity["electricity.grid", "kWh"]["quantity"]) == ("Grid electricity", "8000")
    categories = {line["category"]: line["iso_category"] for line in content["by_category"]}
    assert categories == {"electricity": "2.1", "heat": "2.2", "mobile_combustion": "1.2"}
    assert {line["gas"]: line["gwp"] for line in content["by_gas"]}["CH4_fossil"] == "29.8"


async def test_the_same_rows_give_the_same_fingerprint_and_a_changed_cell_another(told: Stand):
    client = told.client()

    async def fingerprint() -> str:
        path = await ordered(client)
        await ready(client, path)
        return (await document(client, path))["manifest"]["inputs_sha256"]

    first, again = await fingerprint(), await fingerprint()
    await told.tell(group.cell("grid-site-a-1", "site-a", 1, version=2))
    assert first == again
    assert await fingerprint() != first


async def test_a_report_of_an_approved_inventory_is_final(told: Stand):
    frozen = group.cell("grid-site-c-1", "site-c", 1, gases=[group.gas("CO2", 282_900_001, 282_900_001)])
    await told.tell(group.approved(frozen, group.VENTURE, "3/5"), group.inventory(version=2, state="approved"))
    told.inventory.figures = {"E-VENT": (282_900_001, 0, 1)}
    client = told.client()
    path = await ordered(client, inventory_id=group.INVENTORY)
    report = await ready(client, path)

    assert (report["status"], report["total"]["co2e_kg"]) == ("final", "282.900001")
    shares = {each["external_id"]: each["group_share"] for each in (await document(client, path))["boundary"]["entities"]}
    assert shares["E-VENT"] == "60 %"


async def test_a_report_that_is_ready_stays_as_it_is_though_its_worker_died_before_it_could_say_so(told: Stand):
    client = told.client()
    path = await ordered(client)
    first = await ready(client, path)
    await told.execute("UPDATE job SET state = 'running', leased_until = clock_timestamp() - interval '1 s', finished_at = NULL")

    async with asyncio.timeout(20):
        while await told.scalar("SELECT state FROM job") != "done":
            await asyncio.sleep(0.05)

    assert await ready(client, path) == first


async def test_a_file_that_is_on_another_replicas_volume_is_told_as_unavailable(told: Stand):
    client = told.client()
    path = await ordered(client)
    (file,) = (await ready(client, path))["files"]
    told.service.ground.files.path(file["sha256"]).unlink()

    answer = await client.get(f"{path}/files/{file['name']}")

    assert (answer.status, answer.problem.code) == (503, "unavailable")
    assert "the same volume" in answer.problem.detail


async def test_a_report_waits_for_what_the_inventory_counts_already(told: Stand):
    late = group.diesel("diesel-b-2", "site-b", 2)
    co2e, biogenic, records = group.TOTALS["E-WORKS"]
    told.inventory.figures["E-WORKS"] = (co2e + 125_002_241, biogenic + 7_558_501, records + 2)
    client = told.client()
    path = await ordered(client)
    await until(lambda: told.inventory.asked >= 2)
    assert (await client.get(path)).body["state"] == "running"

    await told.tell(late)
    report = await ready(client, path)

    assert report["status"] == "draft"
    assert report["total"] == report["inventory_total"]
    assert report["total"]["records"] == 19


async def test_a_report_that_waited_in_vain_is_behind_with_both_figures(told: Stand):
    told.inventory.figures["E-NEW"] = (1_000_000, 0, 1)
    client = told.client()
    path = await ordered(client)
    await until(lambda: told.inventory.asked >= 1)
    await told.execute(WAITED_ENOUGH)
    report = await ready(client, path)
    content = await document(client, path)

    assert report["status"] == content["status"] == "behind"
    assert (report["total"]["co2e_kg"], report["inventory_total"]["co2e_kg"]) == (group.TOTAL_KG, "3640.540515")
    assert content["inventory_total"]["co2e_kg"] == "3640.540515"
    assert "within the time" in report["behind_because"]


async def test_a_report_is_behind_where_the_inventory_does_not_answer_and_says_so(told: Stand):
    told.inventory.silent = True
    client = told.client()
    path = await ordered(client, formats=["pdf", "json", "xlsx"])
    await until(lambda: told.inventory.asked >= 1)
    await told.execute(WAITED_ENOUGH)
    report = await ready(client, path)

    assert (report["status"], report["inventory_total"]) == ("behind", None)
    assert "did not say what it counts" in report["behind_because"]
    first_page = pypdf.PdfReader(io.BytesIO((await client.get(f"{path}/files/iso14064-1-2021.pdf")).content)).pages[0].extract_text()
    assert "Behind: not compared" in first_page


async def test_a_narrowed_clients_report_holds_only_what_it_may_see(told: Stand):
    narrowed = told.client(entity_ids=[group.VENTURE])
    path = await ordered(narrowed)
    report = await ready(narrowed, path)
    content = await document(narrowed, path)

    assert report["total"]["co2e_kg"] == report["inventory_total"]["co2e_kg"] == group.VENTURE_KG
    assert report["status"] == "draft"
    assert {line["site_external_id"] for line in content["by_site"]} == {"SITE-C"}
    assert [(e["external_id"], e["parent_external_id"]) for e in content["boundary"]["entities"]] == [("E-VENT", None)]
    assert [site["external_id"] for site in content["boundary"]["sites"]] == ["SITE-C"]
    assert content["missing"]["counts"] == {"awaiting_factor": 0, "no_factor": 3, "quarantined": 0}
    assert "E-WORKS" not in json.dumps(content)


async def test_a_report_is_read_only_by_those_who_see_all_that_is_in_it(told: Stand):
    whole, venture = told.client(), told.client(entity_ids=[group.VENTURE])
    of_group, of_venture = await ordered(whole), await ordered(venture)
    await ready(whole, of_group)
    await ready(whole, of_venture)

    async def seen(**narrowing: Any) -> list[int]:
        client = told.client(**narrowing)
        paths = [path + end for path in (of_group, of_venture) for end in ("", "/files/iso14064-1-2021.json")]
        listed = {item["id"] for item in (await client.get("/v1/reports")).body["items"]}
        assert listed == {path.rpartition("/")[2] for path in (of_group, of_venture) if (await client.get(path)).status == 200}
        return [(await client.get(path)).status for path in paths]

    assert await seen() == [200, 200, 200, 200]
    assert await seen(entity_ids=[group.HOLDING]) == [404, 404, 200, 200]
    assert await seen(entity_ids=[group.VENTURE]) == [404, 404, 200, 200]
    assert await seen(entity_ids=[group.WORKS]) == [404, 404, 404, 404]


async def test_reports_are_listed_in_pages_the_newest_first(told: Stand):
    client = told.client()
    paths = [await ordered(client) for _ in range(3)]
    first = (await client.get("/v1/reports", limit=2)).body
    second = (await client.get("/v1/reports", limit=2, cursor=first["next"])).body

    listed = [item["id"] for page in (first, second) for item in page["items"]]
    assert listed == [path.rpartition("/")[2] for path in reversed(paths)]
    assert second["next"] is None


@pytest.mark.parametrize(
    ("changes", "pointer", "code"),
    [
        ({"type": "cdp"}, "/type", "report_type_not_available"),
        ({"type": "poem"}, "/type", "unknown_value"),
        ({"formats": ["json", "html"]}, "/formats/1", "format_not_available"),
        ({"formats": ["docx"]}, "/formats/0", "unknown_value"),
        ({"formats": []}, "/formats", "too_short"),
        ({"language": "zh-CN"}, "/language", "language_not_available"),
        ({"year": 2019}, "/year", "unknown_inventory"),
        ({"year": 2020, "inventory_id": group.INVENTORY}, "/inventory_id", "unknown_inventory"),
        ({"inventory_id": "another"}, "/inventory_id", "unknown_inventory"),
        ({"colour": "green"}, "/colour", "unknown_field"),
    ],
)
async def test_an_order_that_cannot_be_met_is_refused_at_its_field(told: Stand, changes: dict, pointer: str, code: str):
    answer = await told.client().post("/v1/reports", ORDER | changes)

    assert answer.status == 422
    assert [(error["pointer"], error["code"]) for error in answer.problem.errors] == [(pointer, code)]
    assert (await told.client().get("/v1/reports")).body["items"] == []


@pytest.mark.parametrize("named", [{}, {"inventory_id": group.INVENTORY}])
async def test_an_order_for_an_inventory_that_reporting_has_not_heard_of_waits_for_its_event(stand: Stand, named: dict):
    own = group.inventory()
    await stand.tell(*(event for event in group.everything() if event != own))
    stand.inventory.inventories = {"inventory-trial": (2021, "trial"), group.INVENTORY: (2021, "primary")}
    stand.inventory.figures = dict(group.TOTALS)
    client = stand.client()
    path = await ordered(client, **named)
    await until(lambda: stand.inventory.asked >= 3)  # for the order, then for two attempts at the report
    waiting = (await client.get(path)).body
    assert (waiting["state"], waiting["inventory_id"]) == ("running", group.INVENTORY)

    await stand.tell(own)
    report = await ready(client, path)

    assert (report["status"], report["total"]["co2e_kg"]) == ("draft", group.TOTAL_KG)


async def test_a_report_of_an_inventory_that_was_never_heard_of_fails_with_the_reason(stand: Stand, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(jobs, "ATTEMPTS", 1)
    await stand.tell(group.organisation())
    stand.inventory.inventories = {group.INVENTORY: (2021, "primary")}
    client = stand.client()
    path = await ordered(client)
    await until(lambda: stand.inventory.asked >= 2)
    await stand.execute(WAITED_ENOUGH)
    report = await ended(client, path)

    assert report["state"] == "failed"
    assert f"Reporting did not hear of inventory {group.INVENTORY}" in report["error"]
    assert "Order the report again" in report["error"]


async def test_an_order_is_not_decided_while_the_inventory_is_silent_about_what_reporting_has_not_heard_of(told: Stand):
    told.inventory.silent = True
    client = told.client()
    answer = await client.post("/v1/reports", ORDER | {"year": 2022})

    assert (answer.status, answer.problem.code, answer.headers["retry-after"]) == (503, "unavailable", "2")
    assert (await client.get("/v1/reports")).body["items"] == []


async def test_ordering_and_reading_have_scopes_of_their_own(told: Stand):
    path = await ordered(told.client(scopes=["reports:issue"]))

    assert (await told.client(scopes=["reports:read"]).post("/v1/reports", ORDER)).problem.code == "missing_scope"
    assert (await told.client(scopes=["reports:issue"]).get(path)).problem.code == "missing_scope"


@pytest.mark.parametrize("path", ["/v1/reports/unknown", "/v1/reports/0192f0aa-5a8e-7c31-9d5e-6c1f0e0a4b11/files/x.pdf"])
async def test_what_does_not_exist_is_not_found(told: Stand, path: str):
    assert (await told.client().get(path)).problem.code == "not_found"
