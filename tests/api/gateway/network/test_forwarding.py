"""Forwarding to a service in another process: everything that HTTP lets pass arrives as it was sent."""

import asyncio
import gzip
import hashlib
import json
from typing import Any

import pytest

from gateway.upstream import Upstream
from tests.api.gateway.network.wires import OK, RawClient, RawService, Wire, eventually

MEGABYTE = b"x" * (1024 * 1024)


def answering(status: int = 200, body: bytes = b"", headers: list[tuple[bytes, bytes]] | None = None) -> Any:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": status, "headers": headers or []})
        await send({"type": "http.response.body", "body": body})

    return app


async def mirror(scope: Any, receive: Any, send: Any) -> None:
    """Answers what it was asked, with the digest of the body."""
    digest, more = hashlib.sha256(), True
    while more:
        message = await receive()
        digest.update(message.get("body", b""))
        more = message.get("more_body", False)
    seen = {
        "method": scope["method"],
        "target": (scope["raw_path"] + b"?" + scope["query_string"]).decode(),
        "headers": [[name.decode(), value.decode()] for name, value in scope["headers"]],
        "sha256": digest.hexdigest(),
    }
    await answering(200, json.dumps(seen).encode(), [(b"content-type", b"application/json")])(scope, receive, send)


async def test_path_and_query_arrive_byte_for_byte(before):
    front = await before(mirror)
    client = await RawClient.to(front.port)
    target = "/v1/activities/a%2fB%20/..//c;v=1?x=%2F&&y=+%E5%8C%97&y=2"

    await client.send(f"GET {target} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n".encode())

    assert f'"target": "{target}"'.encode() in await client.reader.read()


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"])
async def test_every_method_arrives_with_its_body(before, method):
    front = await before(mirror)

    seen = (await front.http.request(method, "/v1/activities", content=b"a body")).json()

    assert (seen["method"], seen["sha256"]) == (method, hashlib.sha256(b"a body").hexdigest())


async def test_the_service_hears_who_asks_and_how_long_the_gateway_waits_and_nothing_that_a_client_made_up(before):
    front = await before(mirror)
    made_up = {
        "Host": "baseyear.example",
        "X-Forwarded-For": "10.9.8.7",
        "X-Forwarded-Host": "evil.example",
        "X-Forwarded-Proto": "https",
        "Forwarded": "for=10.9.8.7",
        "X-Baseyear-Deadline": "999999999",
        "X-Baseyear-Principal": "operator",
        "Connection": "close, X-Mine",
        "X-Mine": "1",
    }

    pairs = (await front.http.get("/v1/activities", headers=made_up)).json()["headers"]

    seen = dict(pairs)
    assert len(seen) == len(pairs), "a header came twice"
    assert (seen["x-forwarded-for"], seen["x-forwarded-host"], seen["x-forwarded-proto"]) == ("127.0.0.1", "baseyear.example", "http")
    assert 0 < int(seen["x-baseyear-deadline"]) <= 30_000
    assert seen.keys().isdisjoint({"forwarded", "x-baseyear-principal", "x-mine", "connection"})
    assert seen["traceparent"].startswith("00-")


async def test_a_trace_of_the_callers_is_kept_and_one_that_cannot_be_read_is_replaced(before):
    front = await before(mirror)
    good = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"

    kept = dict((await front.http.get("/v1/activities", headers={"traceparent": good, "tracestate": "a=1"})).json()["headers"])
    replaced = dict((await front.http.get("/v1/activities", headers={"traceparent": "00-no", "tracestate": "a=1"})).json()["headers"])

    assert (kept["traceparent"], kept["tracestate"]) == (good, "a=1")
    assert len(replaced["traceparent"]) == len(good)
    assert "tracestate" not in replaced


@pytest.mark.parametrize("size", [0, 1, 64 * 1024, 64 * 1024 + 1, 10 * 1024 * 1024])
async def test_a_body_arrives_whole_with_its_length_and_in_chunks(before, size):
    front = await before(mirror)
    body = bytes(range(256)) * (size // 256) + b"y" * (size % 256)

    async def pieces() -> Any:
        for start in range(0, size, 100_000):
            yield body[start : start + 100_000]

    with_length = (await front.http.post("/v1/activities", content=body)).json()
    in_chunks = (await front.http.post("/v1/activities", content=pieces())).json()

    assert with_length["sha256"] == in_chunks["sha256"] == hashlib.sha256(body).hexdigest()


async def test_ten_megabytes_come_down_whole(before):
    async def large(scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        for _ in range(10):
            await send({"type": "http.response.body", "body": MEGABYTE, "more_body": True})
        await send({"type": "http.response.body", "body": b"end"})

    front = await before(large)

    assert (await front.get()).content == MEGABYTE * 10 + b"end"


async def test_a_head_has_the_length_of_the_body_and_none_of_it_and_its_connection_serves_on(before):
    front = await before(answering(200, b"twelve bytes", [(b"content-length", b"12")]))

    for _ in range(2):
        head = await front.http.head("/v1/activities")
        assert (head.status_code, head.headers["content-length"], head.content) == (200, "12", b"")
        assert (await front.get()).content == b"twelve bytes"


@pytest.mark.parametrize("status", [204, 304])
async def test_an_answer_without_a_body_passes_and_its_connection_serves_on(before, status):
    async def once_bare(wire: Wire) -> None:
        await wire.request()
        await wire.say(b'HTTP/1.1 %d Bare\r\netag: "3"\r\n\r\n' % status)
        await wire.request()
        await wire.say(OK)

    service = RawService(once_bare)
    front = await before(service)

    bare, next_one = await front.get(), await front.get()

    assert (bare.status_code, bare.headers["etag"], bare.content) == (status, '"3"', b"")
    assert (next_one.content, service.connections) == (b"ok", 1)


async def test_an_answer_that_ends_with_its_connection_is_whole(before):
    async def old(wire: Wire) -> None:
        await wire.request()
        await wire.say(b"HTTP/1.0 200 OK\r\n\r\nuntil ")
        await wire.say(b"the end")

    front = await before(RawService(old))

    assert (await front.get()).text == "until the end"


async def test_trailers_and_interim_answers_end_at_the_gateway(before):
    async def talkative(wire: Wire) -> None:
        await wire.request()
        await wire.say(b"HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\nHTTP/1.1 100 Continue\r\n\r\n")
        await wire.say(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\ntrailer: x-late\r\n\r\n2\r\nok\r\n0\r\nx-late: 1\r\n\r\n")
        await wire.request()
        await wire.say(OK)

    service = RawService(talkative)
    front = await before(service)

    answer, next_one = await front.get(), await front.get()

    assert answer.content == b"ok"
    assert answer.headers.keys().isdisjoint({"link", "trailer", "x-late"})
    assert (next_one.content, service.connections) == (b"ok", 1)


async def test_headers_that_a_service_names_as_those_of_its_connection_end_at_the_gateway(before):
    async def naming(wire: Wire) -> None:
        await wire.request()
        await wire.say(OK.replace(b"\r\n\r\n", b"\r\nconnection: keep-alive, X-Hop\r\nx-hop: 1\r\nx-passes: 1\r\n\r\n"))

    front = await before(RawService(naming))

    answer = await front.get()

    assert (answer.content, answer.headers["x-passes"]) == (b"ok", "1")
    assert answer.headers.keys().isdisjoint({"connection", "x-hop"})


async def test_redirects_cookies_and_compressed_bodies_pass_untouched(before):
    packed = gzip.compress(b"text")
    headers = [(b"location", b"/v1/elsewhere"), (b"set-cookie", b"a=1"), (b"set-cookie", b"b=2"), (b"content-encoding", b"gzip")]
    front = await before(answering(302, packed, headers))

    answer = await front.get()

    assert (answer.status_code, answer.headers["location"], answer.text) == (302, "/v1/elsewhere", "text")
    assert answer.headers.get_list("set-cookie") == ["a=1", "b=2"]
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert len(answer.headers.get_list("date")) == 1


async def test_a_stream_passes_piece_by_piece(before):
    seen = asyncio.Event()

    async def events(scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"text/event-stream")]})
        await send({"type": "http.response.body", "body": b"data: 1\n\n", "more_body": True})
        await seen.wait()
        await send({"type": "http.response.body", "body": b"data: 2\n\n"})

    front = await before(events)

    async with front.http.stream("GET", "/v1/activities") as answer:
        pieces = answer.aiter_bytes()
        assert await anext(pieces) == b"data: 1\n\n"
        seen.set()
        assert await anext(pieces) == b"data: 2\n\n"


async def test_connections_are_kept_and_used_again(before):
    async def patient(wire: Wire) -> None:
        while await wire.request():
            await wire.say(OK)

    service = RawService(patient)
    front = await before(service)

    for _ in range(5):
        assert (await front.get()).content == b"ok"

    assert service.connections == 1


async def test_a_service_that_makes_much_waits_for_a_client_that_reads_slowly(before):
    made = 0

    async def large(scope: Any, receive: Any, send: Any) -> None:
        nonlocal made
        await send({"type": "http.response.start", "status": 200, "headers": []})
        for _ in range(100):
            await send({"type": "http.response.body", "body": MEGABYTE, "more_body": True})
            made += 1
        await send({"type": "http.response.body", "body": b""})

    front = await before(large)

    async with front.http.stream("GET", "/v1/activities") as answer:
        await _standing_still(lambda: made)
        assert made < 50, "the gateway took it all in"
        assert sum([len(piece) async for piece in answer.aiter_bytes()]) == 100 * len(MEGABYTE)


async def test_a_client_that_sends_much_waits_for_a_service_that_reads_slowly(stack):
    reading = asyncio.Event()

    async def slow(wire: Wire) -> None:
        await wire.reader.readuntil(b"\r\n\r\n")
        await reading.wait()
        while not (await wire.reader.read(1024 * 1024)).endswith(b"0\r\n\r\n"):
            pass
        await wire.say(OK)

    sent, answered = 0, []

    async def receive() -> Any:
        nonlocal sent
        if sent == 100:
            await asyncio.Event().wait()  # a client that stays
        sent += 1
        return {"type": "http.request", "body": MEGABYTE, "more_body": sent < 100}

    async def send(message: Any) -> None:
        answered.append(message)

    port = await stack.enter_async_context(RawService(slow).listening())
    upstream = await stack.enter_async_context(Upstream("inventory", f"http://127.0.0.1:{port}"))
    scope = {"method": "POST", "scheme": "http", "path": "/", "raw_path": b"/", "query_string": b"", "headers": [], "client": None}
    forwarding = asyncio.create_task(upstream(scope, receive, send))
    await _standing_still(lambda: sent)

    assert sent < 50, "the gateway took it all in"
    reading.set()
    await forwarding
    assert (answered[0]["status"], sent) == (200, 100)


async def _standing_still(count: Any) -> None:
    """Wait until a number that has begun to grow does not grow any more."""
    last = -1
    while count() == 0 or count() != last:
        last = count()
        await asyncio.sleep(0.3)


async def test_requests_in_flight_end_when_the_gateway_stops_and_no_new_ones_are_taken(before):
    asked, go_on = asyncio.Event(), asyncio.Event()

    async def slow(scope: Any, receive: Any, send: Any) -> None:
        asked.set()
        await go_on.wait()
        await answering(200, b"done")(scope, receive, send)

    front = await before(slow)
    in_flight = asyncio.create_task(front.get())
    await asked.wait()

    front.server.should_exit = True
    await eventually(lambda: not any(server.sockets for server in front.server.servers))
    with pytest.raises(OSError, match=r"[Cc]onnect"):
        await RawClient.to(front.port)
    go_on.set()

    assert (await in_flight).text == "done"
