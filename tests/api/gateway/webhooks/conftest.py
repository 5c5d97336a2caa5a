"""A gateway that may send webhooks to this machine, and a receiver here."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from functools import partial
from ipaddress import ip_network
from typing import Any

import httpx
import pytest
import pytest_asyncio
from fastapi import FastAPI

from baseyear.embedded import EmbeddedPostgres
from baseyear.one_process import Installation
from kernel.settings import Settings
from tests.api.gateway.conftest import new_place, running_gateway
from tests.api.gateway.webhooks.receiver import Receiver, receiving
from tests.api.gateway.webhooks.told import publish, statement
from tests.conftest import ISSUER, OPERATOR_ID, OPERATOR_SECRET, Client

Json = dict[str, Any]
HERE = (ip_network("127.0.0.0/8"),)


@pytest_asyncio.fixture(scope="session")
async def reaching_installation(
    postgres: EmbeddedPostgres,
    gateway_template: tuple[Any, str],
    tiny_services: dict[str, FastAPI],
    settings: Settings,
    tmp_path_factory: pytest.TempPathFactory,
) -> AsyncIterator[Installation]:
    home = tmp_path_factory.mktemp("reaching")
    changed = {"home": home, "webhook_private_networks": HERE}
    async with (
        new_place(postgres, gateway_template, home) as place,
        running_gateway(place, tiny_services, settings.model_copy(update=changed)) as running,
    ):
        yield running


@pytest.fixture
def installation(reaching_installation: Installation) -> Installation:
    return reaching_installation


@pytest_asyncio.fixture
async def operator_of() -> AsyncIterator[Callable[[Installation], Awaitable[Client]]]:
    """Signs the first operator in at another installation than the test's own."""
    async with AsyncExitStack() as stack:

        async def sign_in(installation: Installation) -> Client:
            transport = httpx.ASGITransport(app=installation.door)
            http = await stack.enter_async_context(httpx.AsyncClient(transport=transport, base_url=ISSUER))
            return await Client(http, OPERATOR_ID, OPERATOR_SECRET).sign_in()

        yield sign_in


@pytest_asyncio.fixture
async def receiver() -> AsyncIterator[Receiver]:
    async with receiving() as receiver:
        yield receiver


@pytest.fixture
def execute(installation: Installation) -> Callable[..., Awaitable[Any]]:
    """Runs a statement in the gateway's database."""
    return partial(statement, installation)


@pytest.fixture
def tell(installation: Installation) -> Callable[..., Awaitable[None]]:
    """Has events published, and waits until the gateway has read them."""
    return partial(publish, installation)


@pytest_asyncio.fixture
async def webhook_to(operator: Client, name: str) -> AsyncIterator[Callable[..., Awaitable[Json]]]:
    """Makes webhooks to receivers that are deleted after the test: `await webhook_to(receiver, "entity.created")`."""
    made: list[Json] = []

    async def make(receiver: Receiver, *types: str, client: Client = operator) -> Json:
        wanted = list(types) or ["entity.created", "entity.changed"]
        answer = await client.post("/v1/webhooks", {"name": f"{name} {receiver.port}", "url": receiver.url, "types": wanted})
        assert answer.status == 201, answer.content
        made.append(answer.body)
        return answer.body

    yield make
    for webhook in made:
        await operator.delete(f"/v1/webhooks/{webhook['id']}")


@pytest.fixture
def ended(operator: Client) -> Callable[..., Awaitable[Json]]:
    """Waits until a webhook's only delivery has had so many attempts, and gives it with them."""

    async def wait(webhook: Json, attempts: int = 1) -> Json:
        path = f"/v1/webhooks/{webhook['id']}/deliveries"
        async with asyncio.timeout(30):
            while True:
                items = (await operator.get(path)).body["items"]
                if items:
                    delivery = (await operator.get(f"{path}/{items[-1]['id']}")).body
                    if len(delivery["attempt_log"]) >= attempts:
                        return delivery
                await asyncio.sleep(0.02)

    return wait


@pytest.fixture
def due_now(execute) -> Callable[[Json], Awaitable[None]]:
    """Lets the time pass until a webhook's next attempt."""

    async def hurry(webhook: Json) -> None:
        await execute("UPDATE webhook SET resting_until = NULL WHERE id = :id", id=webhook["id"])
        await execute("UPDATE webhook_delivery SET due_at = clock_timestamp() WHERE webhook_id = :id", id=webhook["id"])

    return hurry
