"""What an operator sees of the services through the gateway, and how far a client that is not one comes."""

from collections.abc import AsyncIterator
from typing import Any

import pytest_asyncio
from sqlalchemy import text

from baseyear import one_process
from kernel.service import Service

NAMES = ["gateway", "factors", "inventory", "reporting"]


@pytest_asyncio.fixture
async def installation(settings, databases) -> AsyncIterator[one_process.Installation]:
    """All services, in place of the tiny ones of this folder."""
    async with one_process.installation(settings, databases, "http://baseyear.test") as running:
        yield running


async def park(service: Service) -> None:
    """Park an event that nobody will miss."""
    statement = (
        "INSERT INTO dead_letter (consumer, topic, partition, position, key, headers, value, reason)"
        " VALUES (:name, 'baseyear.gateway.client.v1', 0, 1000000, 'nobody', '{}', '{\"state\": \"active\"}', 'a bug')"
    )
    async with service.ground.database.unit_of_work() as session:
        await session.execute(text(statement), {"name": service.name})


def by_name(answer: Any, field: str) -> dict[str, Any]:
    return {item["name"]: item[field] for item in answer.body["items"]}


async def test_the_services_are_listed_with_what_they_say_of_themselves(operator, installation):
    await park(installation.services["reporting"])
    answer = await operator.get("/v1/services")

    assert by_name(answer, "ready") == dict.fromkeys(NAMES, True)
    assert set(by_name(answer, "version").values()) == {installation.services["gateway"].ground.version}
    assert by_name(answer, "parked_events") == dict.fromkeys(NAMES, 0) | {"reporting": 1}


async def test_a_service_that_cannot_say_is_listed_as_not_ready(operator, installation):
    reporting = installation.services["reporting"]
    reporting.consumer.stopped_because = "50 events in a row could not be applied"
    apps = installation.services["gateway"].app.state.services

    async def away(scope, receive, send) -> None:
        raise ConnectionRefusedError

    apps["factors"] = away
    answer = await operator.get("/v1/services")

    assert by_name(answer, "ready") == {"gateway": True, "factors": False, "inventory": True, "reporting": False}
    assert by_name(answer, "version")["factors"] is None
    assert "50 events in a row" in by_name(answer, "not_ready_because")["reporting"]


async def test_only_clients_that_see_everything_are_told_how_many_events_are_parked(client_with):
    narrowed = await client_with(kind="operator", source_systems=["ehs"])

    assert set(by_name(await narrowed.get("/v1/services"), "parked_events").values()) == {None}
    assert (await (await client_with(kind="app")).get("/v1/services")).problem.code == "missing_scope"


async def test_the_dead_letters_of_every_service_are_reached_through_the_gateway(operator, installation):
    for name in NAMES:
        await park(installation.services[name])
        letters = f"/v1/services/{name}/dead-letters"
        (letter,) = (await operator.get(letters)).body["items"]
        redriven = await operator.post(f"{letters}/{letter['id']}/redrives", {"reason": "mended"})

        assert (redriven.status, redriven.body) == (201, {"applied": [letter["id"]]}), name
        assert (await operator.get(redriven.headers["location"])).body["state"] == "redriven"
    assert (await operator.get("/v1/services/nobody/dead-letters")).problem.code == "not_found"
    assert (await operator.get("/v1/services/nobody")).problem.code == "not_found"
