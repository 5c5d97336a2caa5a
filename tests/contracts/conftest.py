"""The buses under the contract suite. A new bus comes under it by one more entry of BUSES."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, Protocol

import pytest
import pytest_asyncio
from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, RecordsToDelete

from kernel.bus import Bus
from kernel.bus.kafka import KafkaBus, connection_options, create_topics
from kernel.consumer import Consumer, Subscription
from kernel.database import Database
from kernel.relay import Relay
from kernel.settings import Settings
from tests.api.kernel.ground import OTHER_TOPIC, TOPIC, SampleServices, alpha, beta, sample, sample_addresses
from tests.brokers.choice import Broker, Kafka
from tests.brokers.mock import MockKafka

__all__ = ["alpha", "beta", "sample", "sample_addresses"]


@dataclass(frozen=True, slots=True)
class SampleTopic:
    """A topic of these tests, as the contracts describe theirs."""

    name: str
    partitions: int = 3
    retention_days: int | None = None


SAMPLE_TOPICS = (SampleTopic(TOPIC), SampleTopic(OTHER_TOPIC))


class BusInstallation(Protocol):
    """One empty log, seen by several processes: each call opens what a process of its own would hold."""

    def database(self, service: str) -> Database: ...

    def bus(self, database: Database) -> Bus: ...

    def relay(self, database: Database) -> Relay: ...


@dataclass(slots=True)
class KafkaInstallation:
    """The sample services' topics in a Kafka."""

    sample: SampleServices
    options: dict[str, Any]
    opened: list[KafkaBus] = field(default_factory=list)

    def database(self, service: str) -> Database:
        return self.sample.database(service)

    def bus(self, database: Database) -> KafkaBus:
        self.opened.append(KafkaBus(self.options, database))
        return self.opened[-1]

    def relay(self, database: Database) -> Relay:
        return Relay(database, self.bus(database))

    def consumer(self, database: Database, *subscriptions: Subscription) -> Consumer:
        return Consumer(database.schema, database, self.bus(database), list(subscriptions))

    async def empty(self) -> None:
        """Have the topics and nothing in them. What earlier tests committed lies before whatever comes: it does not matter."""
        await create_topics(self.options, SAMPLE_TOPICS, 1)
        partitions = [TopicPartition(topic.name, number) for topic in SAMPLE_TOPICS for number in range(topic.partitions)]
        async with AIOKafkaConsumer(**self.options, retry_backoff_ms=10) as looker:
            ends = await looker.end_offsets(partitions)
        admin = AIOKafkaAdminClient(**self.options)
        await admin.start()
        await admin.delete_records({partition: RecordsToDelete(end) for partition, end in ends.items()})
        await admin.close()

    async def close(self) -> None:
        for bus in self.opened:
            await bus.close()


def options_for(address: str, **settings: Any) -> dict[str, Any]:
    """How clients reach the Kafka at this address."""
    return connection_options(Settings(kafka_bootstrap=address, **settings))


@asynccontextmanager
async def log_table(sample: SampleServices, _: pytest.FixtureRequest) -> AsyncIterator[BusInstallation]:
    yield sample


@asynccontextmanager
async def in_kafka(sample: SampleServices, request: pytest.FixtureRequest) -> AsyncIterator[BusInstallation]:
    kafka: Kafka = request.getfixturevalue("kafka")
    if isinstance(kafka, MockKafka):
        kafka = MockKafka(kafka.reason)  # its topics cannot be emptied, but a new one costs nothing
    installation = KafkaInstallation(sample, options_for(kafka.bootstrap))
    if not isinstance(kafka, MockKafka):
        await installation.empty()
    yield installation
    await installation.close()


BUSES: dict[str, Callable[[SampleServices, pytest.FixtureRequest], AbstractAsyncContextManager[BusInstallation]]] = {
    "log_table": log_table,
    "kafka": in_kafka,
}


@dataclass(frozen=True, slots=True)
class Stand:
    """The owner of a topic, with its relay, and a reader."""

    installation: BusInstallation
    owner: Database
    relay: Relay
    reader: Bus

    def replica(self) -> Bus:
        """The bus of one more process of the reading service."""
        return self.installation.bus(self.installation.database("beta"))

    async def restarted(self) -> Bus:
        """The bus of the process that follows the reader, which has ended in an orderly way."""
        await self.reader.close()
        return self.replica()


@pytest_asyncio.fixture(params=["log_table", pytest.param("kafka", marks=pytest.mark.kafka)])
async def stand(request: pytest.FixtureRequest, sample: SampleServices) -> AsyncIterator[Stand]:
    async with BUSES[request.param](sample, request) as installation:
        owner = installation.database("alpha")
        yield Stand(installation, owner, installation.relay(owner), installation.bus(installation.database("beta")))


@pytest.fixture
def several_members(request: pytest.FixtureRequest, stand: Stand) -> None:
    """Leaves a test out where a consumer group can have one member only."""
    if isinstance(stand.installation, KafkaInstallation) and request.getfixturevalue("kafka").one_member_per_group:
        pytest.skip("a group of the mock cluster can have one member only")


async def stand_on(address: str, sample: SampleServices) -> Stand:
    installation = KafkaInstallation(sample, options_for(address))
    await installation.empty()
    owner = installation.database("alpha")
    return Stand(installation, owner, installation.relay(owner), installation.bus(installation.database("beta")))


@pytest_asyncio.fixture
async def on_kafka(broker: Broker, sample: SampleServices) -> AsyncIterator[Stand]:
    """Owner and reader on a Kafka that the test may stop."""
    standing = await stand_on(broker.bootstrap, sample)
    yield standing
    await standing.installation.close()  # type: ignore[attr-defined]
