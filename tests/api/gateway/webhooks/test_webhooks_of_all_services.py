"""The real services' events, told outside: from a push to a message, from an approval to a message."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest_asyncio

from baseyear import one_process
from tests.api.gateway.webhooks.conftest import HERE
from tests.api.gateway.webhooks.receiver import Receiver
from tests.conftest import ISSUER


@pytest_asyncio.fixture
async def installation(settings, databases) -> AsyncIterator[one_process.Installation]:
    """All services, in place of the tiny ones."""
    reaching = settings.model_copy(update={"webhook_private_networks": HERE})
    async with one_process.installation(reaching, databases, ISSUER) as running:
        yield running


async def told(receiver: Receiver, kind: str) -> dict[str, Any]:
    """The data of the first message of a type."""
    async with asyncio.timeout(30):
        while True:
            for received in receiver.received:
                if received.body["type"] == kind:
                    return received.body["data"]
            await asyncio.sleep(0.02)


async def test_a_receiver_hears_of_places_pushes_and_approvals_and_reads_more_at_the_link(operator, client_with, receiver, settled):
    types = ["entity.created", "site.created", "intake.completed", "intake.incomplete", "inventory.created", "inventory.approved"]
    await operator.post("/v1/webhooks", {"name": "everything", "url": receiver.url, "types": types})
    approver = await client_with(kind="operator")

    await operator.post("/v1/entities", {"external_id": "CN-01", "name": "A company", "country": "CN"})
    place = {"region": "CN-GD", "timezone": "Asia/Shanghai"}
    await operator.post("/v1/sites", {"external_id": "GZ", "entity_external_id": "CN-01", "name": "A plant", **place})
    record = {
        "source_system": "ehs-1",
        "external_id": "1",
        "site_external_id": "GZ",
        "activity_type": "electricity.grid",
        "period": {"start": "2021-03-01", "end": "2021-04-01"},
        "quantity": {"value": "41250", "unit": "kWh"},
        "data_quality": "invoiced",
    }
    await operator.post("/v1/activities", record)
    unmapped = {name: value for name, value in record.items() if name != "activity_type"}
    await operator.post("/v1/activities", unmapped | {"external_id": "2", "item_code": "unknown"})
    inventory = (await operator.post("/v1/inventories", {"year": 2021, "consolidation_approach": "operational_control"})).body
    await operator.post(f"/v1/inventories/{inventory['id']}/transitions", {"to": "in_review"})
    await approver.post(f"/v1/inventories/{inventory['id']}/transitions", {"to": "approved"})
    await settled()

    for kind in types:
        assert (await operator.get((await told(receiver, kind))["href"])).status == 200
    assert (await told(receiver, "inventory.approved"))["id"] == inventory["id"]
    held_up = await told(receiver, "intake.incomplete")
    assert (held_up["source_system"], held_up["quarantined"]) == ("ehs-1", 1)
    assert [item["external_id"] for item in (await operator.get(held_up["href"])).body["items"]] == ["2"]
    assert sorted(received.body["type"] for received in receiver.received) == sorted(types)
