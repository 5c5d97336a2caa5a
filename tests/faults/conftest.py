"""Installations to be broken: real processes in folders of their own, ended whatever happens."""

import subprocess
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from pathlib import Path
from signal import SIGTERM

import httpx
import pytest
import pytest_asyncio

from tests.faults.pushing import Ehs, set_up_group, until_heard
from tests.faults.served import Served


@contextmanager
def installed_in(home: Path) -> Iterator[Served]:
    """An installation in a folder; in the end nothing of it runs."""
    served = Served(home)
    try:
        yield served
    finally:
        served.end()
        served.log_file.unlink(missing_ok=True)


@contextmanager
def folder() -> Iterator[Path]:
    """Not pytest's own folder, through which PostgreSQL's user could not pass."""
    with tempfile.TemporaryDirectory(prefix="baseyear-faults-", ignore_cleanup_errors=True) as path:
        yield Path(path)


@pytest.fixture
def fresh() -> Iterator[Served]:
    """An installation that was never started."""
    with folder() as home, installed_in(home) as served:
        yield served


@pytest_asyncio.fixture(scope="session")
async def prepared() -> AsyncIterator[Path]:
    """The folder of an installation with a group in it, stopped."""
    with folder() as home, installed_in(home) as served:
        served.start()
        await served.ready()
        async with client_of(served) as http:
            ehs = Ehs(http, served.operator)
            await set_up_group(ehs)
            await until_heard(ehs)  # the catalogue and the group, so that no copy has to do that again
        assert await served.stopped_by(SIGTERM) == 0, served.log
        yield home


@pytest_asyncio.fixture
async def served(prepared: Path) -> AsyncIterator[Served]:
    """A copy of it, being served."""
    with folder() as home, installed_in(home) as served:
        copy(prepared, home)
        served.start()
        await served.ready()
        yield served


def copy(prepared: Path, home: Path) -> None:
    """With owners: the cluster is PostgreSQL's user's."""
    subprocess.run(["cp", "-a", f"{prepared}/.", home], check=True)


@pytest_asyncio.fixture
async def ehs(served: Served) -> AsyncIterator[Ehs]:
    async with client_of(served) as http:
        yield Ehs(http, served.operator)


def client_of(served: Served) -> httpx.AsyncClient:
    """Without a deadline of its own: who waits for an answer says how long."""
    return httpx.AsyncClient(base_url=served.url, timeout=None, limits=httpx.Limits(max_connections=100))
