"""The whole gateway before services in other processes: its documents, its readiness, and clients that lose their rights."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass, field

import pytest
import pytest_asyncio
from fastapi import FastAPI, Request

from baseyear.one_process import Installation
from gateway.reference import documents
from gateway.upstream import Upstream
from kernel.settings import Settings
from tests.api.gateway.conftest import Place, running_gateway, tiny_service
from tests.api.gateway.network.wires import served

SERVICES = ("factors", "inventory", "reporting")


@dataclass
class Services:
    """Three services in other processes, each of which can be stopped and started anew on its port."""

    apps: dict[str, FastAPI]
    ports: dict[str, int] = field(default_factory=dict)
    lives: dict[str, AsyncExitStack] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    async def start(self, name: str) -> None:
        self.lives[name] = AsyncExitStack()
        self.ports[name] = await self.lives[name].enter_async_context(served(self.apps[name], self.ports.get(name, 0)))

    async def stop(self, name: str) -> None:
        await self.lives[name].aclose()


@pytest_asyncio.fixture
async def services(stack: AsyncExitStack) -> Services:
    services = Services({name: tiny_service(name) for name in SERVICES})

    @services.apps["inventory"].middleware("http")
    async def note(request: Request, call_next):  # type: ignore[no-untyped-def]
        services.asked.append(request.url.path)
        return await call_next(request)

    for name in SERVICES:
        await services.start(name)
        stack.push_async_callback(services.stop, name)
    return services


@pytest_asyncio.fixture
async def installation(services: Services, stack: AsyncExitStack, place: Place, settings: Settings) -> AsyncIterator[Installation]:
    upstreams = {name: await stack.enter_async_context(Upstream(name, f"http://127.0.0.1:{services.ports[name]}")) for name in SERVICES}
    async with running_gateway(place, upstreams, settings.model_copy(update={"home": place.home})) as running:
        yield running


async def test_requests_reach_the_service_that_owns_their_resource(operator):
    owners = {path: (await operator.get(path)).body["service"] for path in ("/v1/factors", "/v1/activities", "/v1/emissions")}

    assert owners == {"/v1/factors": "factors", "/v1/activities": "inventory", "/v1/emissions": "reporting"}


async def test_the_document_is_merged_from_those_of_the_services(http):
    paths = (await http.get("/openapi.json")).json()["paths"]

    assert {"/v1/factors", "/v1/activities", "/v1/emissions", "/v1/clients"} <= paths.keys()
    assert "/v1/activities" in (await http.get("/docs")).text


async def test_an_upgraded_services_new_document_is_taken_up_and_a_silent_services_old_one_kept(http, services, monkeypatch):
    await http.get("/openapi.json")
    monkeypatch.setattr(documents, "FRESH_SECONDS", 0.0)

    await services.stop("inventory")
    assert "/v1/activities" in (await http.get("/openapi.json")).json()["paths"]

    upgraded = services.apps["inventory"] = tiny_service("inventory")
    upgraded.get("/v1/sites", name="list_sites")(lambda: {})
    await services.start("inventory")

    assert "/v1/sites" in (await http.get("/openapi.json")).json()["paths"]


async def test_the_gateway_is_ready_when_every_service_is(http, services, monkeypatch):
    monkeypatch.setattr(documents, "READY_SECONDS", 0.0)
    assert (await http.get("/health/ready")).status_code == 200

    services.apps["factors"].state.ready = 503
    assert (await http.get("/health/ready")).status_code == 503

    services.apps["factors"].state.ready = 200
    await services.stop("factors")
    refusal = await http.get("/health/ready")
    assert (refusal.status_code, refusal.json()["code"]) == (503, "unavailable")
    assert (await http.get("/health/live")).status_code == 200

    await services.start("factors")
    assert (await http.get("/health/ready")).status_code == 200


async def test_a_service_that_is_away_takes_no_other_with_it(operator, services):
    await services.stop("factors")

    assert (await operator.get("/v1/factors")).problem.code == "unavailable"
    assert (await operator.get("/v1/activities")).status == 200

    await services.start("factors")


async def test_a_deleted_clients_token_is_refused_at_once_and_reaches_no_service(operator, client_with, services):
    client = await client_with(kind="app")
    assert (await client.get("/v1/activities")).status == 200
    services.asked.clear()

    assert (await operator.delete(f"/v1/clients/{client.client_id}")).status == 204

    assert (await client.get("/v1/activities")).problem.code == "unauthenticated"
    assert services.asked == []


@pytest.mark.parametrize("path", ["/v1/activities", "/v1/clients", "/v1/nothing"])
async def test_answers_of_services_and_of_the_gateway_tell_the_quota(operator, path):
    answer = await operator.get(path)

    assert answer.headers["ratelimit-policy"].startswith('"operator";q=')
    assert answer.headers["ratelimit"].startswith('"operator";r=')


async def test_a_token_tells_the_quota_of_its_address(http):
    answer = await http.post("/oauth2/token", data={"grant_type": "client_credentials"}, auth=("nobody", "guess"))

    assert answer.status_code == 401
    assert answer.headers["ratelimit"].startswith('"token";r=')
