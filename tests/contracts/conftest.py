"""The buses under the contract suite. A new bus comes under it by one more entry of BUSES."""

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from typing import Protocol

import pytest
import pytest_asyncio

from kernel.bus import Bus
from kernel.database import Database
from kernel.relay import Relay
from tests.api.kernel.ground import SampleServices, sample, sample_addresses

__all__ = ["sample", "sample_addresses"]


class BusInstallation(Protocol):
    """One empty log, seen by several processes: each call opens what a process of its own would hold."""

    def database(self, service: str) -> Database: ...

    def bus(self, database: Database) -> Bus: ...

    def relay(self, database: Database) -> Relay: ...


BUSES: dict[str, Callable[[SampleServices], BusInstallation]] = {"log_table": lambda sample: sample}


@dataclass(frozen=True, slots=True)
class Stand:
    """The owner of a topic, with its relay, and a reader."""

    installation: BusInstallation
    owner: Database
    relay: Relay
    reader: Bus


@pytest_asyncio.fixture(params=BUSES)
async def stand(request: pytest.FixtureRequest, sample: SampleServices) -> AsyncIterator[Stand]:
    installation = BUSES[request.param](sample)
    owner = installation.database("alpha")
    yield Stand(installation, owner, installation.relay(owner), installation.bus(installation.database("beta")))
