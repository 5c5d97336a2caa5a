"""A service in another process as an ASGI app: forwards each request and streams the answer back."""

import asyncio
from types import TracebackType
from typing import Self

from starlette.types import Receive, Scope, Send

from gateway.exchange import Body, Bounds, Exchange, unavailable
from gateway.replicas import Replicas
from gateway.watch import Watch
from kernel.metrics import REPLICAS_RESTING, UPSTREAM_EXCHANGES

SMALL_BODY = 64 * 1024  # bytes that are read in before a connection is taken: a slow client holds none, and they can be sent again


class Upstream:
    """An ASGI app; as an async context manager it closes its connections at the end.

    name  of the service, for messages
    url   http(s)://host[:port]; every address behind the name is a replica. Raises ValueError for another form.
    """

    def __init__(self, name: str, url: str, bounds: Bounds = Bounds()) -> None:  # noqa: B008 - immutable
        self._name = name
        self._replicas = Replicas(url)
        self._bounds = bounds
        self._seats = asyncio.Semaphore(bounds.exchanges)
        self._waiting = 0
        self._watch = Watch()
        UPSTREAM_EXCHANGES.labels(name).set_function(self._replicas.busy)
        REPLICAS_RESTING.labels(name).set_function(self._replicas.resting)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None) -> None:
        self._replicas.close()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        length = None
        for name, value in scope["headers"]:
            if name == b"content-length":
                length = int(value)
        message = await receive()
        data, more = message.get("body", b""), message.get("more_body", False)
        while more and length is not None and length <= SMALL_BODY:
            message = await receive()
            data += message.get("body", b"")
            more = message.get("more_body", False)
        if message["type"] == "http.disconnect":
            return
        if self._seats.locked():
            await self._queue()
        else:
            await self._seats.acquire()
        try:
            body = Body(length, data, more)
            await Exchange(self._name, self._replicas, self._bounds, self._watch, scope, receive, send, body).run()
        finally:
            self._seats.release()

    async def _queue(self) -> None:
        """Wait for the seat of another exchange; raises a 503 problem where none becomes free soon."""
        if self._waiting >= self._bounds.queue:
            raise unavailable(self._name, "has more requests than it can take")
        self._waiting += 1
        try:
            async with asyncio.timeout(self._bounds.queue_seconds):
                await self._seats.acquire()
        except TimeoutError:
            raise unavailable(self._name, "has more requests than it can take") from None
        finally:
            self._waiting -= 1
