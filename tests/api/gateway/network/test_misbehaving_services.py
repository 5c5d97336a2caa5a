"""Services that hang, break off, say nonsense or die: each request gets an answer, in time, and none is carried out twice unasked."""

import asyncio
import socket
from typing import Any

import httpx
import pytest

from gateway import replicas
from gateway.exchange import Bounds
from tests.api.gateway.network.conftest import front_before
from tests.api.gateway.network.wires import OK, RawService, Wire, eventually, listener

IMPATIENT = Bounds(first_byte_seconds=0.3, total_seconds=1.0)


@pytest.fixture(autouse=True)
def long_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    """Connections are kept however slow the machine is."""
    monkeypatch.setattr(replicas, "IDLE_SECONDS", 60.0)


async def well(wire: Wire) -> None:
    while await wire.request():
        await wire.say(OK)


def refusal_of(answer: httpx.Response) -> tuple[int, str]:
    assert answer.headers["content-type"] == "application/problem+json", answer.text
    return answer.status_code, answer.json()["code"]


async def test_a_service_that_is_not_there_is_unavailable(stack):
    with listener() as bound:
        port = bound.getsockname()[1]
    front = await stack.enter_async_context(front_before(f"http://127.0.0.1:{port}", Bounds()))

    answer = await front.get()

    assert refusal_of(answer) == (503, "unavailable")
    assert answer.headers["retry-after"] == "1"
    assert "inventory" in answer.json()["detail"]


async def test_a_name_that_nobody_knows_is_unavailable(stack):
    front = await stack.enter_async_context(front_before("http://no-such-service.invalid:8000", Bounds()))

    assert refusal_of(await front.get()) == (503, "unavailable")


async def test_a_service_that_never_answers_is_given_up_in_time_and_its_request_cancelled(before):
    let_go = asyncio.Event()

    async def silent(wire: Wire) -> None:
        await wire.request()
        await wire.closed()
        let_go.set()

    front = await before(RawService(silent), IMPATIENT)

    assert refusal_of(await front.get()) == (504, "too_slow")
    await let_go.wait()


@pytest.mark.parametrize(
    "said",
    [
        b"",
        b"HTTP/1.1 200 OK\r\ncontent-le",
        b"SSH-2.0-OpenSSH_9.2\r\n",
        b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\ntransfer-encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n",
        b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\ncontent-length: 3\r\n\r\nok",
        b"HTTP/1.1 200 OK\r\ncontent-length: -1\r\n\r\nok",
        b"HTTP/1.1 200 OK\r\nx-a: b\x00c\r\ncontent-length: 0\r\n\r\n",
        b"HTTP/1.1 101 Switching Protocols\r\nupgrade: h2c\r\nconnection: upgrade\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nx-a: b\r\n c\r\ncontent-length: 0\r\n\r\n",
        b"HTTP/1.1 200 OK\r\ntransfer-encoding: gzip, chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n",
        b"HTTP/1.1 600 Beyond\r\ncontent-length: 2\r\n\r\nok",
        b"HTTP/1.1 099 Below\r\n\r\nHTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok",
    ],
    ids=[
        "nothing",
        "half a head",
        "no HTTP",
        "two kinds of length",
        "two lengths",
        "negative",
        "NUL",
        "another protocol",
        "a folded header",
        "a coding of the hop",
        "a status too high",
        "a status too low",
    ],
)
async def test_what_is_no_answer_makes_the_service_unavailable_and_is_not_asked_for_again(before, said):
    async def nonsense(wire: Wire) -> None:
        await wire.request()
        await wire.say(said)

    service = RawService(nonsense)
    front = await before(service, Bounds())

    assert refusal_of(await front.get()) == (503, "unavailable")
    assert service.connections == 1


async def test_a_head_without_an_end_is_not_waited_for(before):
    async def endless(wire: Wire) -> None:
        await wire.request()
        await wire.say(b"HTTP/1.1 200 OK\r\nx-a: " + b"x" * 70_000)
        await wire.closed()

    front = await before(RawService(endless), IMPATIENT)

    assert refusal_of(await front.get()) == (503, "unavailable")


async def test_a_trailer_without_an_end_is_not_taken_in(before):
    async def endless(wire: Wire) -> None:
        await wire.request()
        await wire.say(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\nok\r\n0\r\nx-late: " + b"x" * 500_000)
        await wire.closed()

    front = await before(RawService(endless), Bounds())

    with pytest.raises(httpx.RemoteProtocolError):
        await front.get()


@pytest.mark.parametrize("said", [b"content-length: 100\r\n\r\nhalf", b"transfer-encoding: chunked\r\n\r\n4\r\nhalf\r\n"])
@pytest.mark.parametrize("then", ["closes", "hangs"])
async def test_half_an_answer_never_looks_whole(before, said, then):
    async def half(wire: Wire) -> None:
        await wire.request()
        await wire.say(b"HTTP/1.1 200 OK\r\n" + said)
        if then == "hangs":
            await wire.closed()

    front = await before(RawService(half), IMPATIENT)

    with pytest.raises(httpx.RemoteProtocolError):
        await front.get()


async def test_an_answer_that_trickles_is_cut_at_the_end_of_all_patience(before):
    async def trickle(wire: Wire) -> None:
        await wire.request()
        await wire.say(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n")
        while True:
            await wire.say(b"1\r\nx\r\n")
            await asyncio.sleep(0.05)

    front = await before(RawService(trickle), IMPATIENT)

    with pytest.raises(httpx.RemoteProtocolError):
        await front.get()


@pytest.mark.parametrize("unasked", [OK.replace(b"ok", b"no"), b"HTTP/1.1 204 No\r\n\r\n"], ids=["with a body", "without a body"])
async def test_what_follows_an_answer_unasked_is_not_taken_for_the_next_one(before, unasked):
    async def twice(wire: Wire) -> None:
        await wire.request()
        await wire.say(OK + unasked)
        await wire.closed()

    service = RawService(twice)
    front = await before(service)

    assert [(await front.get()).content for _ in range(3)] == [b"ok"] * 3
    assert service.connections == 3


class Stale:
    """A service that answers the first request of its first connections and hangs up on the second, having read it."""

    def __init__(self, stale_connections: int) -> None:
        self._stale_connections = stale_connections
        self.seen: list[bytes] = []
        self.service = RawService(self._behave)

    async def _behave(self, wire: Wire) -> None:
        for number in range(1, 100):
            request = await wire.request()
            if not request:
                return
            self.seen.append(request.split(b" ", 1)[0])
            if number == 2 and wire.number <= self._stale_connections:
                return
            await wire.say(OK)


@pytest.mark.parametrize(("method", "headers"), [("GET", {}), ("HEAD", {}), ("POST", {"Idempotency-Key": "k"})])
async def test_a_request_that_may_be_repeated_survives_a_connection_that_was_just_being_closed(before, method, headers):
    stale = Stale(1)
    front = await before(stale.service)
    await front.get()

    answer = await front.http.request(method, "/v1/activities", headers=headers)

    assert answer.status_code == 200
    assert stale.seen == [b"GET", method.encode(), method.encode()]


@pytest.mark.parametrize(
    ("method", "headers"), [("POST", {}), ("PUT", {}), ("PATCH", {"Idempotency-Key": "k"}), ("DELETE", {"Idempotency-Key": "k"})]
)
async def test_a_request_that_may_not_be_repeated_is_not(before, method, headers):
    stale = Stale(1)
    front = await before(stale.service)
    await front.get()

    answer = await front.http.request(method, "/v1/activities", content=b"x", headers=headers)

    assert refusal_of(answer) == (503, "unavailable")
    assert stale.seen == [b"GET", method.encode()]
    assert (await front.get()).status_code == 200


async def test_a_large_body_that_was_begun_is_not_sent_again(before):
    stale = Stale(1)
    front = await before(stale.service)
    await front.get()

    answer = await front.http.post("/v1/activities", content=b"x" * 2_000_000, headers={"Idempotency-Key": "k"})

    assert refusal_of(answer) == (503, "unavailable")
    assert stale.seen == [b"GET", b"POST"]


async def test_a_request_is_repeated_once_and_over_a_new_connection(before):
    stale = Stale(3)
    front = await before(stale.service)
    await asyncio.gather(*(front.get() for _ in range(3)))
    idle = stale.service.connections

    assert (await front.get()).content == b"ok"

    assert len(stale.seen) == 3 + 2
    assert stale.service.connections == idle + 1


async def test_a_new_connection_that_breaks_is_the_end_of_it(before):
    async def breaking(wire: Wire) -> None:
        await wire.request()
        if wire.number == 1:
            await wire.say(OK)
            await wire.request()

    service = RawService(breaking)
    front = await before(service)
    await front.get()

    assert refusal_of(await front.get()) == (503, "unavailable")
    assert service.connections == 2


async def test_failures_in_a_row_leave_a_service_in_peace_until_one_request_has_tried(before, monkeypatch):
    monkeypatch.setattr(replicas, "REST_SECONDS", 1.0)
    go_on = asyncio.Event()

    async def recovering(wire: Wire) -> None:
        await wire.request()
        if wire.number > replicas.FAILURES_IN_A_ROW:
            await go_on.wait()
            await wire.say(OK)
            await well(wire)

    service = RawService(recovering)
    front = await before(service)

    failed = [refusal_of(await front.get()) for _ in range(replicas.FAILURES_IN_A_ROW + 3)]
    assert failed == [(503, "unavailable")] * len(failed)
    assert service.connections == replicas.FAILURES_IN_A_ROW, "the service was not left in peace"

    await asyncio.sleep(1.1)
    trial = asyncio.create_task(front.get())
    await eventually(lambda: service.connections == replicas.FAILURES_IN_A_ROW + 1)
    assert refusal_of(await front.get()) == (503, "unavailable"), "a second request went along with the one that tries"
    go_on.set()

    assert (await trial).content == b"ok"
    assert (await front.get()).content == b"ok"


async def test_more_requests_than_a_service_takes_wait_shortly_and_are_refused_then(before):
    go_on = asyncio.Event()

    async def slow(wire: Wire) -> None:
        while await wire.request():
            await go_on.wait()
            await wire.say(OK)

    service = RawService(slow)
    front = await before(service, Bounds(exchanges=1, queue=1, queue_seconds=2))
    first = asyncio.create_task(front.get())
    await eventually(lambda: service.connections == 1)

    waiting = asyncio.create_task(front.get())
    await asyncio.sleep(0.1)
    assert refusal_of(await front.get()) == (503, "unavailable"), "the queue has an end"
    assert not waiting.done()
    assert refusal_of(await waiting) == (503, "unavailable"), "nobody waits long"
    go_on.set()

    assert (await first).content == b"ok"
    assert (await front.get()).content == b"ok"


@pytest.fixture
def two_addresses(monkeypatch: pytest.MonkeyPatch) -> str:
    """A name with two addresses, as a scaled service has them."""

    def look_up(host: str, port: int, **_: Any) -> list[Any]:
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port)) for address in ("127.0.0.1", "127.0.0.2")]

    monkeypatch.setattr(replicas.socket, "getaddrinfo", look_up)
    return "inventory.test"


async def test_replicas_behind_one_name_share_the_work_and_stand_in_for_each_other(stack, two_addresses):
    asked: list[str] = []

    def named(name: str) -> RawService:
        async def behave(wire: Wire) -> None:
            while await wire.request():
                asked.append(name)
                await asyncio.sleep(0.02)
                await wire.say(OK)

        return RawService(behave)

    mortal, other = named("mortal"), named("other")
    port = await stack.enter_async_context(other.listening("127.0.0.2"))
    mortal.port = port
    async with mortal.listening("127.0.0.1"):
        front = await stack.enter_async_context(front_before(f"http://{two_addresses}:{port}", Bounds()))

        await asyncio.gather(*(front.get() for _ in range(20)))
        assert min(asked.count("mortal"), asked.count("other")) >= 5

    answers = [await front.get() for _ in range(20)]
    assert {answer.status_code for answer in answers} == {200}, "a request was lost with the replica that died"

    asked.clear()
    async with mortal.listening("127.0.0.1"):
        await asyncio.sleep(replicas.REST_SECONDS)
        await asyncio.gather(*(front.get() for _ in range(20)))
        assert "mortal" in asked, "the replica that came back gets no work"
