"""Ground for the kernel's tests: two services without a business, `alpha` and `beta`, on the real PostgreSQL.

Each has the kernel's tables in a schema of its own and two tables to write to: `note(topic, key, said)` and `counter(name, value)`.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest_asyncio
from pydantic import BaseModel
from sqlalchemy import URL, text

from kernel import outbox
from kernel.bus.log_table import LogTableBus, Wakeup
from kernel.consumer import Consumer, Subscription
from kernel.database import Database, Session
from kernel.outbox import Message
from kernel.relay import Relay

if TYPE_CHECKING:
    from baseyear.embedded import EmbeddedPostgres

MIGRATIONS = Path(__file__).parent / "migrations"
NAMES = ("alpha", "beta")
TOPIC = "baseyear.alpha.thing.v1"
OTHER_TOPIC = "baseyear.alpha.matter.v1"
_EMPTIED = ("outbox", "inbox", "dead_letter", "reading", "idempotent_answer", "revoked_client", "audit", "job", "note", "counter")


class Thing(BaseModel):
    """An event of these tests."""

    said: str


async def record(database: Database, *events: tuple[str, str], topic: str = TOPIC) -> None:
    """Record events, each a key and what it says, in one transaction."""
    async with database.unit_of_work() as session:
        await session.execute(text("SELECT 1"))
        for key, said in events:
            outbox.record(session, topic, key, Thing(said=said))


async def note(session: Session, messages: list[Message]) -> None:
    """A handler that writes down what it was given; it cannot apply an event that says `poison`."""
    for message in messages:
        said = Thing.model_validate_json(message.value).said
        if said == "poison":
            raise ValueError("this one cannot be applied")
        await session.execute(
            text("INSERT INTO note (topic, key, said) VALUES (:topic, :key, :said)"),
            {"topic": message.topic, "key": message.key, "said": said},
        )


async def notes(database: Database, key: str | None = None) -> list[str]:
    """What the handler wrote down, in order."""
    async with database.unit_of_work() as session:
        statement = text("SELECT said FROM note WHERE key = :key OR cast(:key AS text) IS NULL ORDER BY id")
        return list(await session.scalars(statement, {"key": key}))


async def scalar(database: Database, statement: str, **values: Any) -> Any:
    async with database.unit_of_work() as session:
        return await session.scalar(text(statement), values)


async def eventually(condition: Callable[[], Awaitable[bool]], seconds: float = 10) -> None:
    """Wait for what other tasks bring about."""
    async with asyncio.timeout(seconds):
        while not await condition():
            await asyncio.sleep(0.02)


@dataclass(slots=True)
class SampleServices:
    """The two services in one process."""

    addresses: dict[str, URL]
    wakeup: Wakeup = field(default_factory=Wakeup)
    opened: list[Database] = field(default_factory=list)

    def database(self, name: str) -> Database:
        """A pool of its own, as each replica of a service has."""
        self.opened.append(Database(self.addresses[name], name))
        return self.opened[-1]

    def bus(self, database: Database) -> LogTableBus:
        return LogTableBus(database, self.wakeup)

    def relay(self, database: Database) -> Relay:
        return Relay(database, self.bus(database))

    def consumer(self, database: Database, *subscriptions: Subscription) -> Consumer:
        return Consumer(database.schema, database, self.bus(database), list(subscriptions))


@pytest_asyncio.fixture(scope="session")
async def sample_addresses(postgres: "EmbeddedPostgres", home: Path) -> tuple[URL, dict[str, URL]]:
    from baseyear.provisioning import Schema, create_database, provision

    admin = await create_database(postgres.url(), "sample_services")
    schemas = [Schema(name, MIGRATIONS) for name in NAMES]
    return admin, await provision(admin, schemas, home)


@pytest_asyncio.fixture
async def sample(sample_addresses: tuple[URL, dict[str, URL]]) -> AsyncIterator[SampleServices]:
    """Both services, with every table empty."""
    from baseyear.provisioning import connect

    admin, addresses = sample_addresses
    connection = await connect(admin)
    tables = ", ".join(f"{name}.{table}" for name in NAMES for table in _EMPTIED)
    await connection.execute(f"SET lock_timeout = '5s'; TRUNCATE bus.log, bus.cursor, {tables} RESTART IDENTITY")
    await connection.close()
    services = SampleServices(addresses)
    yield services
    for database in services.opened:
        await database.close()


@pytest_asyncio.fixture
async def alpha(sample: SampleServices) -> Database:
    return sample.database("alpha")


@pytest_asyncio.fixture
async def beta(sample: SampleServices) -> Database:
    return sample.database("beta")
