"""Idempotency-Key: a retry gets the first answer again, and its work is done once.

source  IETF draft-ietf-httpapi-idempotency-key-header-07
"""

import asyncio

import pytest

from kernel.database import Database
from kernel.keys import TokenSigner
from kernel.service import Service
from tests.api.kernel.edge_service import WRITE
from tests.api.kernel.ground import notes, scalar
from tests.conftest import Answer, Client

KEY = "7f0c-one-request"


async def write(client: Client, said: str = "x", then: str = "answer", key: str = KEY) -> Answer:
    return await client.post("/v1/notes", {"said": said, "then": then}, headers={"Idempotency-Key": key})


async def test_a_retry_gets_the_same_answer_and_writes_nothing(client: Client, alpha: Database) -> None:
    first, again = await write(client), await write(client)

    assert (first.status, first.content, first.headers["location"]) == (again.status, again.content, again.headers["location"])
    assert first.headers["content-type"] == again.headers["content-type"]
    assert "idempotency-replayed" not in first.headers
    assert again.headers["idempotency-replayed"] == "true"
    assert await notes(alpha) == ["x"]


async def test_a_quoted_key_is_the_same_key(client: Client) -> None:
    await write(client)

    assert (await write(client, key=f'"{KEY}"')).headers["idempotency-replayed"] == "true"


async def test_without_a_key_every_request_is_new(client: Client, alpha: Database) -> None:
    for _ in range(2):
        assert (await client.post("/v1/notes", {"said": "x"})).status == 201

    assert await notes(alpha) == ["x", "x"]


async def test_a_key_used_for_other_content_is_refused(client: Client, alpha: Database) -> None:
    await write(client)

    answer = await write(client, said="y")

    assert (answer.status, answer.problem.code) == (422, "idempotency_key_reused")
    assert await notes(alpha) == ["x"]


async def test_a_key_belongs_to_its_client(client: Client, signer: TokenSigner, alpha: Database) -> None:
    other = Client(client.http, "other", "", signer.sign("other", "app", "Other", [WRITE]))
    await write(client)

    assert "idempotency-replayed" not in (await write(other)).headers
    assert await notes(alpha) == ["x", "x"]


async def test_while_the_first_is_in_progress_a_retry_is_told_to_come_back(service: Service, client: Client, alpha: Database) -> None:
    first = asyncio.create_task(write(client, then="wait"))
    await service.app.state.waiting.wait()

    meanwhile = await write(client, then="wait")
    service.app.state.go_on.set()
    done = await first
    afterwards = await write(client, then="wait")

    assert (meanwhile.status, meanwhile.problem.code, meanwhile.headers["retry-after"]) == (409, "in_progress", "1")
    assert (done.status, afterwards.headers["idempotency-replayed"], afterwards.content) == (201, "true", done.content)
    assert await notes(alpha) == ["x"]


async def test_of_many_at_the_same_moment_one_does_the_work(client: Client, alpha: Database) -> None:
    answers = await asyncio.gather(*(write(client) for _ in range(12)))

    assert {answer.status for answer in answers} <= {201, 409}
    assert len({answer.content for answer in answers if answer.status == 201}) == 1
    assert await notes(alpha) == ["x"]


@pytest.mark.parametrize("ending", ["refuse", "conflict", "fail"])
async def test_a_failure_is_not_stored(client: Client, alpha: Database, ending: str) -> None:
    failed = await write(client, then=ending)
    again = await write(client, then=ending)

    assert failed.status == again.status >= 400
    assert "idempotency-replayed" not in again.headers
    assert await scalar(alpha, "SELECT count(*) FROM idempotent_answer") == 0
    assert (await write(client)).status == 201


async def test_a_long_answer_is_not_stored_and_its_request_runs_again(client: Client, alpha: Database) -> None:
    first, again = await write(client, then="answer_long"), await write(client, then="answer_long")

    assert (first.status, again.status, len(first.content) > 64 * 1024) == (201, 201, True)
    assert await notes(alpha) == ["x", "x"]
    assert await scalar(alpha, "SELECT count(*) FROM idempotent_answer") == 0


async def test_an_answer_with_a_secret_is_not_stored(client: Client, alpha: Database) -> None:
    await write(client, then="answer_secret")

    assert await scalar(alpha, "SELECT count(*) FROM idempotent_answer") == 0


@pytest.mark.parametrize("header", ["", '""', "k" * 256])
async def test_a_key_that_is_empty_or_too_long_is_refused(client: Client, header: str) -> None:
    answer = await write(client, key=header)

    assert (answer.status, answer.problem.pointers) == (422, ["/Idempotency-Key"])
