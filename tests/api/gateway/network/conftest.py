"""The gateway's door as it is served, in a thread with its own uvloop, before one service in the loop of the test."""

import asyncio
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from threading import Thread
from typing import Any

import httpx
import pytest
import pytest_asyncio
import uvicorn
import uvloop
from joserfc.jwk import OKPKey

from baseyear.listening import BoundedProtocol
from gateway.door import Door
from gateway.exchange import Bounds
from gateway.limits import QUOTAS, Limits
from gateway.upstream import Upstream
from kernel.auth import ALGORITHM, TokenVerifier
from kernel.keys import public_keys
from tests.api.gateway.network.wires import RawService, listener, served

KEY = OKPKey.generate_key("Ed25519", parameters={"kid": "gateway.of-the-test", "use": "sig", "alg": ALGORITHM})


async def nobody(scope: Any, receive: Any, send: Any) -> None:
    await send({"type": "http.response.start", "status": 404, "headers": []})
    await send({"type": "http.response.body", "body": b""})


@dataclass
class Front:
    """The door on a port, before `/v1/activities` in another process."""

    port: int
    server: uvicorn.Server
    http: httpx.AsyncClient

    async def get(self) -> httpx.Response:
        return await self.http.get("/v1/activities")


@asynccontextmanager
async def front_before(url: str, bounds: Bounds) -> AsyncIterator[Front]:
    upstream = Upstream("inventory", url, bounds)
    door = Door({"/v1/activities": upstream}, {}, nobody, TokenVerifier(public_keys(KEY), "http://baseyear.test"), Limits(QUOTAS))
    config = uvicorn.Config(
        door,
        http=BoundedProtocol,
        lifespan="off",
        log_config=None,
        access_log=False,
        proxy_headers=False,
        timeout_graceful_shutdown=5,
    )
    server = uvicorn.Server(config)

    async def serve(bound: socket.socket) -> None:
        async with upstream:
            await server.serve(sockets=[bound])

    with listener() as bound:
        port = bound.getsockname()[1]
        thread = Thread(target=lambda: uvloop.run(serve(bound)))
        thread.start()
        try:
            async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=20) as http:
                yield Front(port, server, http)
        finally:
            server.should_exit = True
            await asyncio.to_thread(thread.join)


@pytest_asyncio.fixture
async def stack() -> AsyncIterator[AsyncExitStack]:
    async with AsyncExitStack() as stack:
        yield stack


@pytest.fixture
def before(stack: AsyncExitStack) -> Callable[..., Any]:
    """Puts the door before an ASGI app, or before what a raw service does with each connection."""

    async def put(service: Any, bounds: Bounds = Bounds()) -> Front:
        running = service.listening() if isinstance(service, RawService) else served(service)
        port = await stack.enter_async_context(running)
        return await stack.enter_async_context(front_before(f"http://127.0.0.1:{port}", bounds))

    return put
