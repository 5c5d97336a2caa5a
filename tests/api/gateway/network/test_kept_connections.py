"""Connections that serve one request after another: nothing of one exchange ever reaches the next."""

import asyncio

import pytest

from gateway import replicas
from tests.api.gateway.network.wires import OK, RawClient, RawService, Wire


@pytest.fixture(autouse=True)
def long_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    """Connections are kept however slow the machine is."""
    monkeypatch.setattr(replicas, "IDLE_SECONDS", 60.0)


@pytest.mark.parametrize("framing", [b"Content-Length: 1000000\r\n\r\n", b"Transfer-Encoding: chunked\r\n\r\n5\r\n"])
@pytest.mark.parametrize("method", [b"POST", b"HEAD"])
async def test_no_request_follows_one_whose_body_was_not_sent_to_its_end(before, method, framing):
    read = b""

    async def hasty(wire: Wire) -> None:
        nonlocal read
        head = await wire.reader.readuntil(b"\r\n\r\n")
        await wire.say(OK[:-2] if head.startswith(b"HEAD") else OK)
        if wire.number == 1:
            while piece := await wire.reader.read(65_536):
                read += piece

    service = RawService(hasty)
    front = await before(service)
    client = await RawClient.to(front.port)

    await client.send(method + b" /v1/activities HTTP/1.1\r\nHost: a\r\n" + framing + b"begin")
    assert (await client.head()).startswith(b"HTTP/1.1 200")

    assert (await front.get()).content == b"ok"
    assert service.connections == 2
    assert b"GET" not in read, "another client's request became part of a body"


async def test_a_connection_serves_on_after_a_long_body_that_was_sent_to_its_end(before):
    async def patient(wire: Wire) -> None:
        while await wire.request():
            await wire.say(OK)

    service = RawService(patient)
    front = await before(service)

    for _ in range(3):
        assert (await front.http.post("/v1/activities", content=b"x" * 300_000)).content == b"ok"

    assert service.connections == 1


@pytest.mark.parametrize("unasked", [b"H", b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n", b"\x00", b"\r\n\r\nHTTP/1.1 204 No\r\n\r\n"])
async def test_what_comes_over_a_waiting_connection_ends_it(before, unasked):
    said = asyncio.Event()

    async def chatty(wire: Wire) -> None:
        await wire.request()
        await wire.say(OK)
        if wire.number == 1:
            await asyncio.sleep(0.1)
            await wire.say(unasked)
            await wire.closed()
            said.set()

    service = RawService(chatty)
    front = await before(service)
    await front.get()
    await said.wait()

    assert (await front.get()).content == b"ok"
    assert service.connections == 2


async def test_a_body_that_follows_the_answer_to_a_head_is_not_taken_for_an_answer(before):
    async def wordy(wire: Wire) -> None:
        await wire.request()
        await wire.say(b"HTTP/1.1 200 OK\r\ncontent-length: %d\r\n\r\n%b" % (len(OK), OK.replace(b"ok", b"no")))
        await wire.closed()

    async def well(wire: Wire) -> None:
        await (wordy(wire) if wire.number == 1 else wire.request())
        await wire.say(OK)

    service = RawService(well)
    front = await before(service)

    assert (await front.http.head("/v1/activities")).status_code == 200
    assert (await front.get()).content == b"ok"
    assert service.connections == 2


@pytest.mark.parametrize("status", [204, 304])
async def test_a_length_beside_an_answer_without_a_body_leaves_the_clients_connection_in_order(before, status):
    async def telling(wire: Wire) -> None:
        while await wire.request():
            await wire.say(b"HTTP/1.1 %d Bare\r\ncontent-length: 12\r\n\r\n" % status)

    front = await before(RawService(telling))
    client = await RawClient.to(front.port)

    for _ in range(2):
        await client.send(b"GET /v1/activities HTTP/1.1\r\nHost: a\r\n\r\n")
        assert (await client.head()).startswith(b"HTTP/1.1 %d" % status)
