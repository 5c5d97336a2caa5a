"""Serving in one process: the database, the services and the gateway's port, from the first start to a clean stop."""

import asyncio
import contextlib
import fcntl
import json
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager

import structlog
from sqlalchemy import URL, make_url

from baseyear.embedded import EmbeddedPostgres
from baseyear.listening import address_of, answering, listener
from baseyear.one_process import installation
from baseyear.provisioning import DATABASE, create_database, prepare
from kernel.settings import Settings

log = structlog.get_logger()

WATCH_SECONDS = 1.0


class AlreadyServing(Exception):
    """Another process serves from the same BASEYEAR_HOME; `url` is its address, if it said one."""

    def __init__(self, settings: Settings, url: str | None) -> None:
        super().__init__(f"Baseyear already serves from {settings.home}" + (f" at {url}" if url else ""))
        self.url = url


@contextmanager
def only_process(settings: Settings) -> Iterator[None]:
    """Hold the folder: two processes must not start and stop one database. Raises AlreadyServing."""
    settings.home.mkdir(parents=True, exist_ok=True)
    with (settings.home / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise AlreadyServing(settings, url_of_running(settings)) from None
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
            databases = await prepare(settings, admin)
            with listener(settings.host, settings.port if port is None else port) as bound:
                url = address_of(settings, bound)
                async with (
                    installation(settings, databases, settings.public_url or url) as running,
                    answering(running.door, bound, settings) as server,
                ):
                    (settings.home / "serving.json").write_text(json.dumps({"url": url}))
                    yield url, server


def _database_of_running(settings: Settings) -> URL:
    if settings.database_url is not None:
        return make_url(settings.database_url.get_secret_value())
    return EmbeddedPostgres(settings.home).url(DATABASE)


def url_of_running(settings: Settings) -> str | None:
    try:
        url: str = json.loads((settings.home / "serving.json").read_text())["url"]
        return url
    except (OSError, ValueError, KeyError):
        return None
