"""Requests that are open while their client is deleted or their token expires: they read and write nothing more."""

import asyncio
import time
from collections.abc import AsyncIterator

import httpx
from joserfc.jwk import OKPKey

from kernel.database import Database
from kernel.service import Service
from tests.api.kernel.edge_service import READ, WRITE
from tests.api.kernel.ground import notes, scalar
from tests.api.kernel.test_authentication import token
from tests.conftest import Answer, Client


async def test_who_is_deleted_while_its_body_is_on_the_way_is_not_even_heard(
    service: Service, anyone: httpx.AsyncClient, client: Client, alpha: Database
) -> None:
    async def body() -> AsyncIterator[bytes]:
        yield b'{"said": "x", "then": "wait"'
        service.ground.verifier.revoke("writer")
        yield b"}"

    service.app.state.go_on.set()
    answer = await client.request("POST", "/v1/notes", {"Content-Type": "application/json"}, content=body())

    assert (answer.status, answer.problem.code) == (401, "unauthenticated")
    assert not service.app.state.waiting.is_set()
    assert await notes(alpha) == []


async def waiting_request(service: Service, client: Client) -> asyncio.Task[Answer]:
    """A request that has written its note and not committed."""
    request = asyncio.create_task(client.post("/v1/notes", {"said": "x", "then": "wait"}, headers={"Idempotency-Key": "once"}))
    await service.app.state.waiting.wait()
    return request


async def test_what_a_client_wrote_that_is_deleted_before_the_commit_is_not_kept(service: Service, client: Client, alpha: Database) -> None:
    request = await waiting_request(service, client)
    service.ground.verifier.revoke("writer")
    service.app.state.go_on.set()

    answer = await request

    assert (answer.status, answer.problem.code) == (401, "unauthenticated")
    assert "deleted" in answer.problem.detail
    assert await notes(alpha) == []
    assert await scalar(alpha, "SELECT count(*) FROM idempotent_answer") == 0
    assert await scalar(alpha, "SELECT outcome FROM audit") == "refused"


async def test_what_was_written_under_a_token_that_expires_before_the_commit_is_not_kept(
    service: Service, anyone: httpx.AsyncClient, key: OKPKey, alpha: Database
) -> None:
    short = Client(anyone, "writer", "", token(key, scope=f"{READ} {WRITE}", exp=time.time() + 1))
    request = await waiting_request(service, short)
    await asyncio.sleep(1.05)
    service.app.state.go_on.set()

    answer = await request

    assert (answer.status, answer.problem.code) == (401, "unauthenticated")
    assert await notes(alpha) == []
