"""A client that makes credentials or webhooks while it is deleted: one comes after the other."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import pytest
from sqlalchemy import text

from baseyear.one_process import Installation
from tests.conftest import Answer, Client

URL = "http://127.0.0.1:64909/hooks"
SCOPES = ["clients:manage", "webhooks:manage", "factors:read"]
Make = Callable[[Client], Awaitable[Answer]]


@asynccontextmanager
async def deleted_but_not_committed(installation: Installation, client: Client) -> AsyncIterator[None]:
    """As another replica would delete a client: this process has not heard of it."""
    async with installation.services["gateway"].ground.database.unit_of_work() as session:
        await session.execute(text("SELECT FROM client WHERE id = :id FOR UPDATE"), {"id": client.client_id})
        await session.execute(text("UPDATE client SET state = 'deleted' WHERE id = :id"), {"id": client.client_id})
        yield


async def make_client(client: Client) -> Answer:
    return await client.post("/v1/clients", {"name": f"heir of {client.client_id}", "kind": "app", "scopes": ["factors:read"]})


async def make_secret(client: Client) -> Answer:
    return await client.post(f"/v1/clients/{client.client_id}/secrets")


async def make_webhook(client: Client) -> Answer:
    return await client.post("/v1/webhooks", {"name": f"of {client.client_id}", "url": URL, "types": ["dataset.published"]})


async def own_webhook(client: Client) -> str:
    (own,) = [hook["id"] for hook in (await client.get("/v1/webhooks?limit=1000")).body["items"] if hook["client_id"] == client.client_id]
    return f"/v1/webhooks/{own}"


async def let_webhook_go_on(client: Client) -> Answer:
    return await client.patch(await own_webhook(client), {"state": "active"})


async def make_webhook_secret(client: Client) -> Answer:
    return await client.post(f"{await own_webhook(client)}/secrets")


@pytest.mark.parametrize("make", [make_client, make_webhook, let_webhook_go_on, make_webhook_secret], ids=lambda make: make.__name__)
async def test_who_is_being_deleted_makes_nothing_that_outlives_it(installation: Installation, client_with, make: Make) -> None:
    client = await client_with(kind="app", scopes=SCOPES)
    if make not in (make_client, make_webhook):
        await make_webhook(client)

    async with deleted_but_not_committed(installation, client):
        making = asyncio.create_task(make(client))
        (ended, _) = await asyncio.wait([making], timeout=0.5)
    answer = await making

    assert not ended
    assert (answer.status, answer.problem.code) == (401, "unauthenticated")


async def test_a_client_that_makes_several_secrets_of_its_own_at_once_is_in_nobodys_way(client_with) -> None:
    client = await client_with(kind="app", scopes=SCOPES)

    answers = await asyncio.gather(*(make_secret(client) for _ in range(5)))

    assert [answer.status for answer in answers] == [201] * 5
