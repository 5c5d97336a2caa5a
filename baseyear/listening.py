"""A port that answers: bound before the app is put together, so that its address is known, and drained before it closes."""

import asyncio
import gc
import signal
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager

import uvicorn
from starlette.types import ASGIApp
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from kernel.settings import Settings

DRAIN_SECONDS = 10
KEEP_ALIVE_SECONDS = 75  # longer than clients keep an idle connection, or they send requests into one that is just being closed
LARGEST_HEAD = 256 * 1024  # bytes; the door refuses smaller ones, with a problem
COLLECT_AFTER = (20_000, 20, 50)  # allocations, then generations; Python's own is (700, 10, 10)


class PortTaken(Exception):
    """The port cannot be listened on; the message says which and what to do."""


class _Server(uvicorn.Server):
    """uvicorn without its own signal handlers, which would end the process before the database has stopped."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


class BoundedProtocol(HttpToolsProtocol):
    """uvicorn's protocol, which alone would keep a head or trailers without an end."""

    _unparsed = 0  # bytes since the last head or piece of a body

    def data_received(self, data: bytes) -> None:
        self._unparsed += len(data)
        super().data_received(data)
        if self._unparsed > LARGEST_HEAD and not self.transport.is_closing():
            self.send_400_response("The head of the request is too large.")

    def on_headers_complete(self) -> None:
        self._unparsed = 0
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        self._unparsed = 0
        super().on_body(body)


def listener(host: str, port: int) -> socket.socket:
    """A bound socket. Its protocol is named, or asyncio would not switch off Nagle's algorithm: 40 ms for every answer."""
    family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[0][0]
    bound = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        bound.bind((host, port))
    except OSError as error:
        bound.close()
        raise PortTaken(f"{host}:{port} cannot be listened on: {error.strerror}. Set BASEYEAR_PORT to another port.") from error
    return bound


def address_of(settings: Settings, bound: socket.socket) -> str:
    host = "127.0.0.1" if settings.host in ("0.0.0.0", "::") else settings.host  # noqa: S104 - compared, not bound
    return f"http{'s' if settings.tls_cert else ''}://{host}:{bound.getsockname()[1]}"


@asynccontextmanager
async def answering(app: ASGIApp, bound: socket.socket, settings: Settings) -> AsyncIterator[asyncio.Task[None]]:
    """The app on a bound socket; yields the task that ends when the server does. Leaving drains it."""
    server = _Server(
        uvicorn.Config(
            app,
            http=BoundedProtocol,
            log_config=None,
            access_log=False,
            lifespan="off",
            server_header=False,
            proxy_headers=bool(settings.trusted_proxies),
            forwarded_allow_ips=[str(network) for network in settings.trusted_proxies],
            timeout_graceful_shutdown=DRAIN_SECONDS,
            timeout_keep_alive=KEEP_ALIVE_SECONDS,
            ssl_certfile=settings.tls_cert,
            ssl_keyfile=settings.tls_key,
        )
    )
    task = asyncio.create_task(server.serve(sockets=[bound]))
    gc.freeze()  # what is loaded by now stays; to look through it again and again doubles the cost of a large read
    gc.set_threshold(*COLLECT_AFTER)
    try:
        yield task
    finally:
        server.should_exit = True
        await task


def stop_asked() -> asyncio.Event:
    """An event that SIGINT and SIGTERM set, instead of ending the process on the spot."""
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    return stop


async def until(stop: asyncio.Event, server: asyncio.Task[None]) -> None:
    """Wait until someone asks this process to stop, or its server ends."""
    await asyncio.wait([server, asyncio.create_task(stop.wait())], return_when=asyncio.FIRST_COMPLETED)
