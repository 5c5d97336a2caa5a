"""Where a service is: addresses that take nobody rest, and a look-up that fails is tried again."""

import asyncio
import socket
import time
from typing import Any

import pytest

from gateway import replicas
from gateway.exchange import Bounds
from gateway.replicas import Replicas, Unreachable
from tests.api.gateway.network.conftest import front_before
from tests.api.gateway.network.wires import OK, RawClient, RawService, Wire, eventually


async def test_an_address_that_lets_connections_hang_rests_from_when_it_was_given_up(stack, monkeypatch):
    monkeypatch.setattr(replicas, "FAILURES_IN_A_ROW", 1)
    full = stack.enter_context(socket.create_server(("127.0.0.1", 0), backlog=0))
    for _ in range(4):
        waiting = stack.enter_context(socket.socket())
        waiting.setblocking(False)
        waiting.connect_ex(full.getsockname())
    front = await stack.enter_async_context(front_before(f"http://127.0.0.1:{full.getsockname()[1]}", Bounds()))

    begun = time.monotonic()
    assert (await front.get()).status_code == 503
    assert time.monotonic() - begun >= replicas.CONNECT_SECONDS, "the connection did not hang"

    begun = time.monotonic()
    assert (await front.get()).status_code == 503
    assert time.monotonic() - begun < replicas.CONNECT_SECONDS / 2, "it was tried again at once"


async def test_a_look_up_that_broke_is_made_again(stack, monkeypatch):
    async def silent(wire: Wire) -> None:
        await wire.closed()

    port = await stack.enter_async_context(RawService(silent).listening())
    look_up, times = socket.getaddrinfo, 0

    def breaking(*arguments: Any, **more: Any) -> Any:
        nonlocal times
        times += 1
        if times == 1:
            raise RuntimeError("can't start new thread")
        return look_up(*arguments, **more)

    monkeypatch.setattr(replicas.socket, "getaddrinfo", breaking)
    found = Replicas(f"http://127.0.0.1:{port}")
    stack.callback(found.close)
    now = asyncio.get_running_loop().time()

    with pytest.raises(Unreachable):
        await found.take(now, fresh=False)
    replica, connection = await found.take(now + 2 * replicas.REST_SECONDS, fresh=False)

    replica.give_back(connection, now)


async def test_a_trial_that_takes_long_keeps_others_from_trying_only_for_a_rest(before, monkeypatch):
    monkeypatch.setattr(replicas, "FAILURES_IN_A_ROW", 1)
    monkeypatch.setattr(replicas, "REST_SECONDS", 0.2)

    async def recovering(wire: Wire) -> None:
        head = await wire.reader.readuntil(b"\r\n\r\n")
        if wire.number == 1:
            return
        if head.startswith(b"POST"):
            await wire.closed()
        await wire.say(OK)

    service = RawService(recovering)
    front = await before(service)
    assert (await front.get()).status_code == 503
    await asyncio.sleep(0.3)
    slow = await RawClient.to(front.port)
    await slow.send(b"POST /v1/activities HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000\r\n\r\nbegin")
    await eventually(lambda: service.connections == 2)
    await asyncio.sleep(0.3)

    assert (await front.get()).content == b"ok"
