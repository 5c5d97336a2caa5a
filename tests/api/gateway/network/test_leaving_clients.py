"""Clients that go away or send too much: what they began ends at the service too, and nobody else is harmed."""

import asyncio
import contextlib
from typing import Any

import httpx
import pytest

from baseyear.listening import LARGEST_HEAD
from gateway import replicas
from tests.api.gateway.network.wires import OK, RawClient, RawService, Wire, eventually


@pytest.fixture(autouse=True)
def long_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    """Connections are kept however slow the machine is."""
    monkeypatch.setattr(replicas, "IDLE_SECONDS", 60.0)


def refusal_of(answer: httpx.Response) -> tuple[int, str]:
    assert answer.headers["content-type"] == "application/problem+json", answer.text
    return answer.status_code, answer.json()["code"]


async def test_a_client_that_goes_away_before_the_answer_ends_the_request_at_the_service(before):
    asked, let_go = asyncio.Event(), asyncio.Event()

    async def slow(scope: Any, receive: Any, send: Any) -> None:
        while (await receive())["type"] != "http.disconnect":
            asked.set()
        let_go.set()

    front = await before(slow)
    client = await RawClient.to(front.port)
    await client.send(b"POST /v1/activities HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\n{}")
    await asked.wait()

    client.let_go()

    await asyncio.wait_for(let_go.wait(), 10)


async def test_a_client_that_goes_away_in_a_stream_ends_it_at_the_service(before):
    let_go = asyncio.Event()

    async def events(scope: Any, receive: Any, send: Any) -> None:
        await receive()
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"text/event-stream")]})
        await send({"type": "http.response.body", "body": b"data: 1\n\n", "more_body": True})
        assert (await receive())["type"] == "http.disconnect"
        let_go.set()

    front = await before(events)
    client = await RawClient.to(front.port)
    await client.send(b"GET /v1/activities HTTP/1.1\r\nHost: a\r\n\r\n")
    await client.head()

    client.let_go()

    await asyncio.wait_for(let_go.wait(), 10)


async def test_a_client_that_goes_away_in_its_upload_ends_it_at_the_service_and_harms_nobody_else(before):
    ends = []

    async def reading(wire: Wire) -> None:
        head = await wire.reader.readuntil(b"\r\n\r\n")
        if head.startswith(b"POST"):
            await wire.closed()
            ends.append(wire.number)
        else:
            await wire.say(OK)

    front = await before(RawService(reading))
    for _ in range(replicas.FAILURES_IN_A_ROW):
        client = await RawClient.to(front.port)
        await client.send(b"POST /v1/activities HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000\r\n\r\nbeginning")
        await client.send(b"x" * 100_000)
        client.let_go()

    await eventually(lambda: len(ends) == replicas.FAILURES_IN_A_ROW)
    assert (await front.get()).content == b"ok"


async def test_an_answer_before_the_end_of_an_upload_reaches_the_client(before):
    async def refusing(wire: Wire) -> None:
        await wire.reader.readuntil(b"\r\n\r\n")
        await wire.say(b"HTTP/1.1 413 No\r\ncontent-length: 3\r\nconnection: close\r\n\r\nbig")
        await wire.closed()

    front = await before(RawService(refusing))
    client = await RawClient.to(front.port)

    await client.send(b"POST /v1/activities HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000\r\n\r\nbeginning")

    assert await client.answer() == (413, b"big")


@pytest.mark.parametrize(
    ("begun", "endless"),
    [
        (b"GET /v1/activities HTTP/1.1\r\nHost: a\r\n", b"X-A: 1\r\n"),
        (b"GET /v1/activities HTTP/1.1\r\nHost: a\r\nX-A: ", b"x"),
        (b"GET /v1/activities?", b"x"),
        (b"POST /v1/activities HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n", b"X-Late: 1\r\n"),
    ],
    ids=["headers", "a header", "a URL", "trailers"],
)
async def test_a_head_or_trailers_without_an_end_are_not_taken_in(before, begun, endless):
    async def reading(wire: Wire) -> None:
        await wire.closed()

    front = await before(RawService(reading))
    client = await RawClient.to(front.port)

    async with asyncio.timeout(10):
        with contextlib.suppress(ConnectionError):  # what is still on its way when the gateway closes is answered by a reset
            await client.send(begun + endless * (2 * LARGEST_HEAD // len(endless)))
            await client.reader.read()


async def test_a_body_in_chunks_beyond_the_limit_is_refused_while_it_comes(before):
    async def reading(wire: Wire) -> None:
        await wire.closed()

    async def pieces() -> Any:
        for _ in range(17):
            yield b"x" * 1024 * 1024

    front = await before(RawService(reading))

    assert refusal_of(await front.http.post("/v1/activities", content=pieces())) == (413, "too_large")
