"""Installations for drills: each can be stopped in good order, and commands of its administrator run beside it or while it rests."""

import subprocess
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from signal import SIGTERM
from typing import Any, Protocol

import asyncpg
import httpx
import pytest

from tests.faults.conftest import folder, installed_in
from tests.faults.pushing import Ehs
from tests.faults.served import Served
from tests.installations.processes import Processes, processes_in


class Drilled(Protocol):
    """One installation, whatever its form."""

    @property
    def url(self) -> str: ...
    def operator(self) -> tuple[str, str]: ...
    async def start(self) -> None: ...
    async def stop(self) -> None: ...
    def command(self, *arguments: str) -> subprocess.CompletedProcess[str]: ...
    async def database(self, schema: str) -> asyncpg.Connection: ...


class OneProcess:
    """`baseyear up`."""

    def __init__(self, served: Served) -> None:
        self._served = served
        self.operator, self.command, self.database = served.operator, served.command, served.database

    @property
    def url(self) -> str:
        return self._served.url

    async def start(self) -> None:
        self._served.start()
        await self._served.ready()

    async def stop(self) -> None:
        assert await self._served.stopped_by(SIGTERM) == 0, self._served.log


class SeveralProcesses:
    """`baseyear serve …` for every service, over Kafka."""

    def __init__(self, processes: Processes) -> None:
        self._processes = processes
        self.operator, self.command, self.database = processes.operator, processes.command, processes.database

    @property
    def url(self) -> str:
        return self._processes.url

    async def start(self) -> None:
        self._processes.start()
        await self._processes.ready()

    async def stop(self) -> None:
        codes = await self._processes.stopped()
        assert {code for several in codes.values() for code in several} == {0}, self._processes.log


@asynccontextmanager
async def one_process() -> AsyncIterator[Drilled]:
    with folder() as home, installed_in(home) as served:
        yield OneProcess(served)


@asynccontextmanager
async def over_kafka() -> AsyncIterator[Drilled]:
    with folder() as place:
        async with processes_in(place, inventory=2) as processes:
            yield SeveralProcesses(processes)


FORMS: list[Any] = [one_process, pytest.param(over_kafka, marks=pytest.mark.kafka)]
Form = Callable[[], AbstractAsyncContextManager[Drilled]]


@asynccontextmanager
async def ehs_of(installation: Drilled) -> AsyncIterator[Ehs]:
    async with httpx.AsyncClient(base_url=installation.url, timeout=None) as http:
        yield Ehs(http, installation.operator)


def done(ran: subprocess.CompletedProcess[str]) -> str:
    """What a command said that succeeded."""
    assert ran.returncode == 0, f"{ran.args}\n{ran.stdout}\n{ran.stderr}"
    return ran.stdout
