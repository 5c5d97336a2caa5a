"""Serving in one process: the database, the services and the gateway's port, from the first start to a clean stop."""

import asyncio
import contextlib
import fcntl
import gc
import json
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager

import structlog
import uvicorn
from sqlalchemy import URL, make_url
from starlette.types import ASGIApp

from baseyear.embedded import EmbeddedPostgres
from baseyear.one_process import installation
from baseyear.provisioning import DATABASE, SCHEMAS, create_database, provision
from kernel.settings import Settings

log = structlog.get_logger()

DRAIN_SECONDS = 10
COLLECT_AFTER = (20_000, 20, 50)  # allocations, then generations; Python's own is (700, 10, 10)
WATCH_SECONDS = 1.0


class Server(uvicorn.Server):
    """uvicorn without its own signal handlers, which would end the process before the database has stopped."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


class AlreadyServing(Exception):
    """Another process serves from the same BASEYEAR_HOME; `url` is its address, if it said one."""

    def __init__(self, settings: Settings, url: str | None) -> None:
        super().__init__(f"Baseyear already serves from {settings.home}" + (f" at {url}" if url else ""))
        self.url = url


class PortTaken(Exception):
    """The gateway's port cannot be listened on; the message says which and what to do."""


@contextmanager
def only_process(settings: Settings) -> Iterator[None]:
    """Hold the folder: two processes must not start and stop one database. Raises AlreadyServing."""
    settings.home.mkdir(parents=True, exist_ok=True)
    with (settings.home / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise AlreadyServing(settings, _url_of_running(settings)) from None
        yield


@asynccontextmanager
async def database_server(settings: Settings) -> AsyncIterator[URL]:
    """The administrator's address of the database; the embedded server runs until leaving, and again if it dies meanwhile."""
    if settings.database_url is not None:
        yield make_url(settings.database_url.get_secret_value())
        return
    postgres = EmbeddedPostgres(settings.home)
    await asyncio.to_thread(postgres.start)
    leaving = asyncio.Event()
    watching = asyncio.create_task(_keep_alive(postgres, leaving))
    try:
        yield await create_database(postgres.url())
    finally:
        leaving.set()
        await watching  # a start that is under way comes to its end first, or it would outlive the stop
        await asyncio.to_thread(postgres.stop)


@asynccontextmanager
async def database_at_hand(settings: Settings) -> AsyncIterator[tuple[URL, bool]]:
    """The administrator's address of the database, and whether another process serves from it; if none does, it is ours until leaving."""
    async with AsyncExitStack() as stack:
        try:
            stack.enter_context(only_process(settings))
            admin, served = await stack.enter_async_context(database_server(settings)), False
        except AlreadyServing:
            admin, served = _database_of_running(settings), True
        yield admin, served


async def _keep_alive(postgres: EmbeddedPostgres, leaving: asyncio.Event) -> None:
    while not leaving.is_set():
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(leaving.wait(), WATCH_SECONDS)
        if not leaving.is_set() and not postgres.is_alive():
            log.warning("embedded_postgresql_died", action="starting it again")
            with contextlib.suppress(Exception):  # tried again in the next round
                await asyncio.to_thread(postgres.start)


@asynccontextmanager
async def serving(settings: Settings, port: int | None = None) -> AsyncIterator[tuple[str, asyncio.Task[None]]]:
    """Everything at work and the port open; yields the address, and the task that ends when the server does.

    port  instead of the settings' port; 0 takes a free one
    """
    with only_process(settings):
        async with database_server(settings) as admin:
            databases = await provision(admin, SCHEMAS, settings.home)
            with _listener(settings.host, settings.port if port is None else port) as listener:
                url = _address(settings, listener.getsockname()[1])
                async with installation(settings, databases, settings.public_url or url) as running:
                    server = Server(_server_config(settings, running.door))
                    task = asyncio.create_task(server.serve(sockets=[listener]))
                    gc.freeze()  # what is loaded by now stays; to look through it again and again doubles the cost of a large read
                    gc.set_threshold(*COLLECT_AFTER)
                    (settings.home / "serving.json").write_text(json.dumps({"url": url}))
                    try:
                        yield url, task
                    finally:
                        server.should_exit = True
                        await task


def _listener(host: str, port: int) -> socket.socket:
    """A bound socket. Its protocol is named, or asyncio would not switch off Nagle's algorithm: 40 ms for every answer."""
    family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[0][0]
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
    except OSError as error:
        listener.close()
        raise PortTaken(f"{host}:{port} cannot be listened on: {error.strerror}. Set BASEYEAR_PORT to another port.") from error
    return listener


def _server_config(settings: Settings, door: ASGIApp) -> uvicorn.Config:
    return uvicorn.Config(
        door,
        log_config=None,
        access_log=False,
        lifespan="off",
        server_header=False,
        timeout_graceful_shutdown=DRAIN_SECONDS,
        ssl_certfile=settings.tls_cert,
        ssl_keyfile=settings.tls_key,
    )


def _address(settings: Settings, port: int) -> str:
    host = "127.0.0.1" if settings.host in ("0.0.0.0", "::") else settings.host  # noqa: S104 - compared, not bound
    return f"http{'s' if settings.tls_cert else ''}://{host}:{port}"


def _database_of_running(settings: Settings) -> URL:
    if settings.database_url is not None:
        return make_url(settings.database_url.get_secret_value())
    return EmbeddedPostgres(settings.home).url(DATABASE)


def _url_of_running(settings: Settings) -> str | None:
    try:
        url: str = json.loads((settings.home / "serving.json").read_text())["url"]
        return url
    except (OSError, ValueError, KeyError):
        return None
