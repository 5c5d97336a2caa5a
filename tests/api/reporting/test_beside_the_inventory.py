"""Reporting beside the real inventory and factors services: what one counts, the other reports."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from tests.api.reporting.test_reports import document, ready
from tests.conftest import Client

ENTITIES = [
    {"external_id": "HQ", "name": "Headquarters", "country": "CN"},
    {
        "external_id": "JV",
        "name": "Joint venture",
        "country": "CN",
        "parent_external_id": "HQ",
        "ownership": [{"from": "2015-01-01", "share": "0.60"}],
        "operational_control": True,
        "financial_control": True,
    },
]
GROUPINGS = ["", "scope,category", "site,month", "gas", "entity,gas,factor", "activity_type,site,entity,month,category,scope,factor"]


def activity(number: int, **changes: Any) -> dict[str, Any]:
    month = number % 3 + 1
    return {
        "source_system": "ehs-1",
        "external_id": f"r-{number}",
        "site_external_id": ("S-HQ", "S-JV")[number % 2],
        "activity_type": ("electricity.grid", "fuel.diesel", "refrigerant.R-410A")[number % 3],
        "period": {"start": f"2021-0{month}-01", "end": f"2021-0{month + 1}-01"},
        "quantity": {"value": f"{1000 + number}.333", "unit": ("kWh", "L", "kg")[number % 3]},
        "data_quality": "measured",
    } | changes


async def set_up(operator: Client, approach: str) -> str:
    for entity in ENTITIES:
        assert (await operator.post("/v1/entities", entity)).status == 201
    for owner in ("HQ", "JV"):
        site = {"external_id": f"S-{owner}", "entity_external_id": owner, "name": owner, "region": "CN-GD", "timezone": "Asia/Shanghai"}
        assert (await operator.post("/v1/sites", site)).status == 201
    period = {"start": "2021-01-01", "end": "2022-01-01"}
    order = {"year": 2021, "period": period, "consolidation_approach": approach, "gwp_set": "AR6"}
    inventory = await operator.post("/v1/inventories", order)
    assert inventory.status == 201, inventory.content
    records = [
        *(activity(number) for number in range(12)),
        activity(100, activity_type=None, item_code="EHS-1", site_external_id=None),
        activity(101, period={"start": "2021-02-15", "end": "2021-05-03"}),
    ]
    sent = [{name: value for name, value in record.items() if value is not None} for record in records]
    answer = await operator.post("/v1/activities/batch", {"items": sent})
    assert {item["status"] for item in answer.body["items"]} == {201, 202}, answer.content
    inventory_id = str(inventory.body["id"])
    async with asyncio.timeout(30):  # on a busy machine the factors service may not answer in time; then the records wait for it
        while (await operator.get(f"/v1/inventories/{inventory_id}/totals")).body["incomplete"]["awaiting_factor"]:
            await asyncio.sleep(0.2)
    return inventory_id


@pytest.mark.parametrize("approach", ["operational_control", "equity_share"])
async def test_reporting_answers_what_the_inventory_answers(operator: Client, settled: Callable[[], Awaitable[None]], approach: str):
    inventory_id = await set_up(operator, approach)
    await settled()

    for group_by in GROUPINGS:
        counted = await operator.get(f"/v1/inventories/{inventory_id}/totals", group_by=group_by)
        reported = await operator.get("/v1/emissions", year=2021, group_by=group_by)
        assert reported.body == counted.body, group_by
    assert counted.body["incomplete"]["quarantined"] == 1


async def test_a_report_is_ready_without_waiting_and_equals_the_inventory(operator: Client, settled: Callable[[], Awaitable[None]]):
    await set_up(operator, "equity_share")
    await settled()
    answer = await operator.post("/v1/reports", {"type": "iso14064-1", "year": 2021, "formats": ["json"], "language": "en"})
    path = answer.headers["location"]
    report = await ready(operator, path)
    content = await document(operator, path)

    assert (report["status"], report["total"]) == ("draft", report["inventory_total"])
    assert all(gas["publisher"] and gas["sha256"] for factor in content["factors"] for gas in factor["gases"])
    assert content["organisation"]["name"]


@pytest.mark.parametrize("year", [2021, 2019])
async def test_a_report_can_be_ordered_directly_after_its_inventory_was_created(operator: Client, year: int):
    created = await operator.post("/v1/inventories", {"year": 2021, "consolidation_approach": "equity_share"})
    order = {"type": "iso14064-1", "year": year, "formats": ["json"], "language": "en"}
    by_year = await operator.post("/v1/reports", order)
    by_id = await operator.post("/v1/reports", order | {"inventory_id": created.body["id"]})

    assert [by_year.status, by_id.status] == ([202, 202] if year == 2021 else [422, 422])
    if year == 2021:
        assert (await ready(operator, by_year.headers["location"]))["inventory_id"] == created.body["id"]
    else:
        assert [answer.problem.errors[0]["pointer"] for answer in (by_year, by_id)] == ["/year", "/inventory_id"]


async def test_after_approval_the_report_is_final(operator: Client, client_with: Any, settled: Callable[[], Awaitable[None]]):
    inventory_id = await set_up(operator, "equity_share")
    approver = await client_with(kind="operator")
    for client, state in ((operator, "in_review"), (approver, "approved")):
        answer = await client.post(f"/v1/inventories/{inventory_id}/transitions", {"to": state, "reason": "year end"})
        assert answer.status in (200, 201), answer.content
    await settled()

    answer = await operator.post("/v1/reports", {"type": "iso14064-1", "year": 2021, "formats": ["json"], "language": "en"})
    report = await asyncio.wait_for(ready(operator, answer.headers["location"]), 40)

    assert report["status"] == "final"
    assert report["total"] == report["inventory_total"]
    assert report["total"]["records"] == 13
