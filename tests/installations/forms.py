"""The forms in which Baseyear runs, each as an installation that answers at a URL."""

import os
import subprocess
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Protocol

import pytest

from tests.brokers.jars import NoKafka
from tests.deploy.installation import engine_is_missing, installed
from tests.faults.conftest import folder, installed_in
from tests.installations.processes import processes_in


class Installation(Protocol):
    """A running installation, whatever its form."""

    @property
    def url(self) -> str: ...
    @property
    def log(self) -> str: ...
    def operator(self) -> tuple[str, str]:
        """Client id and secret of the first operator."""

    def command(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run a command of `baseyear` beside it, as its administrator."""

    async def rows(self, schema: str, statement: str) -> list[str]:
        """The rows of a statement with one column, in the database of a service."""

    def ended(self) -> list[str]:
        """What should run and does not."""


@contextmanager
def a_kafka_can_be_had() -> Iterator[None]:
    """Skips where there is neither Java with Maven nor Docker, but not in CI."""
    try:
        yield
    except NoKafka as reason:
        if "CI" in os.environ:
            raise
        pytest.skip(f"needs a Kafka of its own, but {reason}")


@asynccontextmanager
async def one_process() -> AsyncIterator[Installation]:
    with folder() as home, installed_in(home) as served:
        served.start()
        await served.ready()
        yield served


@asynccontextmanager
async def processes() -> AsyncIterator[Installation]:
    with folder() as place, a_kafka_can_be_had():
        async with processes_in(place, inventory=2, reporting=2) as installation:
            installation.start()
            await installation.ready()
            yield installation


@asynccontextmanager
async def compose() -> AsyncIterator[Installation]:
    if (reason := engine_is_missing()) is not None:
        pytest.skip(reason)
    with tempfile.TemporaryDirectory(prefix="baseyear-compose-") as place, installed(Path(place)) as installation:
        installation.up(inventory=2)
        yield installation


FORMS = [one_process, processes, compose]
