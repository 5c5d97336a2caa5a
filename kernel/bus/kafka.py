"""The bus of several processes: Apache Kafka, spoken to through aiokafka.

A consumer's progress is kept by Kafka, in a group that all replicas of a service share. The group's name ends with the number of the
consumer's reading, kept in the service's own database: a rewind raises it in the transaction that empties the projections, and every
replica joins the new group, which begins at the beginning.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, Protocol

import structlog
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, ConsumerRebalanceListener, ConsumerRecord, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.errors import CommitFailedError, IllegalStateError, KafkaError, TopicAlreadyExistsError, for_code
from aiokafka.helpers import create_ssl_context
from sqlalchemy import text

from kernel.database import Database, Session
from kernel.outbox import Message
from kernel.settings import Settings

log = structlog.get_logger()

PUBLISH_SECONDS = 15
ANSWER_SECONDS = 10
STOP_SECONDS = 3
SESSION_SECONDS = 6  # so long a dead replica keeps its partitions; a broker's own lowest
DAY_MILLISECONDS = 24 * 3600 * 1000

Options = dict[str, Any]


class BusUnavailable(Exception):
    """Kafka did not take what was to be published; the outbox keeps it."""


class TopicsDiffer(Exception):
    """A topic is there with another number of partitions; the message says what to do."""


class Topic(Protocol):
    """What a topic is made from; without `retention_days` it is kept for ever."""

    @property
    def name(self) -> str: ...
    @property
    def partitions(self) -> int: ...
    @property
    def retention_days(self) -> int | None: ...


def connection_options(settings: Settings) -> Options:
    """How the clients of this process reach and address Kafka."""
    options: Options = {
        "bootstrap_servers": settings.kafka_bootstrap,
        "security_protocol": settings.kafka_security.upper(),
        "request_timeout_ms": ANSWER_SECONDS * 1000,
        "metadata_max_age_ms": 30_000,
    }
    if settings.kafka_security.endswith("ssl"):
        options["ssl_context"] = create_ssl_context(cafile=settings.kafka_ca, certfile=settings.kafka_cert, keyfile=settings.kafka_key)
    if settings.kafka_security.startswith("sasl") and settings.kafka_password is not None:
        options["sasl_mechanism"] = settings.kafka_sasl_mechanism
        options["sasl_plain_username"] = settings.kafka_username
        options["sasl_plain_password"] = settings.kafka_password.get_secret_value()
    return options


class KafkaBus:
    """One service's view of Kafka. It connects when it is first used, so a service starts while Kafka is away."""

    def __init__(self, options: Options, database: Database) -> None:
        self._options = options
        self._database = database
        self._producer: AIOKafkaProducer | None = None
        self._readers: dict[str, _Reader] = {}

    async def publish(self, session: Session, messages: list[Message]) -> list[int]:
        try:
            async with asyncio.timeout(PUBLISH_SECONDS):
                outcomes = await _send_all(await self._producer_at_work(), messages)
        except (TimeoutError, KafkaError) as error:
            await self._drop_producer()
            raise BusUnavailable(f"Kafka took nothing: {error!r}") from error
        taken = _taken(messages, outcomes)
        if len(taken) < len(messages):
            await self._drop_producer()
        if not taken:
            raise BusUnavailable(f"Kafka took nothing: {outcomes[0]!r}")
        return taken

    def published(self) -> None:
        """Kafka tells its consumers itself."""

    async def fetch(self, consumer: str, topics: list[str], limit: int, patience: float = 0) -> list[Message]:
        reader = await self._reader(consumer, topics)
        return reader.unfinished or await reader.read(limit, patience)

    async def commit(self, consumer: str, done: list[Message]) -> None:
        await self._readers[consumer].commit(done)

    async def lag(self, consumer: str, topics: list[str]) -> dict[str, int]:
        group = await self._group(consumer)
        async with _connected(AIOKafkaConsumer(**self._options)) as looker, _connected(AIOKafkaAdminClient(**self._options)) as admin:
            await looker.topics()
            partitions = [TopicPartition(topic, number) for topic in topics for number in looker.partitions_for_topic(topic) or ()]
            ends = await looker.end_offsets(partitions)
            committed = await admin.list_consumer_group_offsets(group)
        lag = dict.fromkeys(topics, 0)
        for partition, end in ends.items():
            lag[partition.topic] += end - max(committed[partition].offset, 0) if partition in committed else end
        return lag

    async def rewind(self, session: Session, consumer: str) -> None:
        await session.execute(
            text("INSERT INTO reading VALUES (:consumer, 1) ON CONFLICT (consumer) DO UPDATE SET number = reading.number + 1"),
            {"consumer": consumer},
        )

    async def close(self) -> None:
        for reader in self._readers.values():
            await _stop(reader.client)
        self._readers.clear()
        await self._drop_producer()

    async def _producer_at_work(self) -> AIOKafkaProducer:
        if self._producer is None:
            producer = AIOKafkaProducer(**self._options, acks="all", enable_idempotence=True, compression_type="zstd", linger_ms=5)
            await _start(producer)
            self._producer = producer
        return self._producer

    async def _drop_producer(self) -> None:
        """After a failure the next message begins with a new producer: an idempotent one may not go on from an unknown state."""
        if self._producer is not None:
            producer, self._producer = self._producer, None
            await _stop(producer)

    async def _group(self, consumer: str) -> str:
        async with self._database.one_statement() as connection:
            number = await connection.fetchval("SELECT number FROM reading WHERE consumer = $1", consumer)
        return f"baseyear.{consumer}.{number or 0}"

    async def _reader(self, consumer: str, topics: list[str]) -> "_Reader":
        group = await self._group(consumer)
        reader = self._readers.get(consumer)
        if reader is None or reader.group != group:
            if reader is not None:
                del self._readers[consumer]
                await _stop(reader.client)
            reader = self._readers[consumer] = await _Reader.joining(group, topics, self._options)
        return reader


@dataclass(slots=True)
class _Reader(ConsumerRebalanceListener):  # type: ignore[misc]  # aiokafka is not typed
    """A member of a consumer group; `unfinished` was read and not committed, and is given out again until it is."""

    group: str
    client: AIOKafkaConsumer
    unfinished: list[Message] = field(default_factory=list)

    @classmethod
    async def joining(cls, group: str, topics: list[str], options: Options) -> "_Reader":
        client = AIOKafkaConsumer(
            **options,
            group_id=group,
            enable_auto_commit=False,
            auto_offset_reset="earliest",
            session_timeout_ms=SESSION_SECONDS * 1000,
            heartbeat_interval_ms=SESSION_SECONDS * 1000 // 3,
        )
        reader = cls(group, client)
        client.subscribe(topics, listener=reader)
        await _start(client)
        return reader

    async def read(self, limit: int, patience: float) -> list[Message]:
        by_partition = await self.client.getmany(timeout_ms=int(patience * 1000), max_records=limit)
        self.unfinished = [_message(record) for records in by_partition.values() for record in records]
        return self.unfinished

    async def commit(self, done: list[Message]) -> None:
        until = {TopicPartition(message.topic, message.partition): message.position for message in done}
        try:
            await self.client.commit(until)
        except (CommitFailedError, IllegalStateError) as error:  # another replica has these partitions now and is given the same again
            log.info("commit_refused", group=self.group, error=repr(error))
        self.unfinished = [each for each in self.unfinished if each.position > until.get(TopicPartition(each.topic, each.partition), 0)]

    async def on_partitions_revoked(self, revoked: Iterable[TopicPartition]) -> None:
        self.unfinished = [each for each in self.unfinished if TopicPartition(each.topic, each.partition) not in revoked]

    async def on_partitions_assigned(self, assigned: Iterable[TopicPartition]) -> None:
        """Reading goes on from what the group has committed."""


async def _send_all(producer: AIOKafkaProducer, messages: list[Message]) -> list[BaseException | Any]:
    """How each message fared, in order: an exception, or what the broker answered."""
    sent = []
    for message in messages:
        headers = [(name, value.encode()) for name, value in message.headers.items()]
        try:
            sent.append(await producer.send(message.topic, message.value.encode(), message.key.encode(), headers=headers))
        except KafkaError as error:
            refused = asyncio.get_running_loop().create_future()
            refused.set_exception(error)
            sent.append(refused)
    return await asyncio.gather(*sent, return_exceptions=True)


def _taken(messages: list[Message], outcomes: list[BaseException | Any]) -> list[int]:
    """The places of those that were taken; what came behind a refused one of its key is sent again after it."""
    taken, held = [], set()
    for place, (message, outcome) in enumerate(zip(messages, outcomes, strict=True)):
        if isinstance(outcome, BaseException):
            log.warning("event_not_taken", topic=message.topic, key=message.key, error=repr(outcome))
            held.add((message.topic, message.key))
        elif (message.topic, message.key) not in held:
            taken.append(place)
    return taken


def _message(record: ConsumerRecord) -> Message:
    headers = {name: _text(value) for name, value in record.headers}
    return Message(record.topic, _text(record.key), headers, _text(record.value), record.partition, record.offset + 1)


def _text(content: bytes | None) -> str:
    """As text that PostgreSQL can keep, whatever was sent: what is no event is parked where people can see it."""
    return (content or b"").decode(errors="replace").replace("\0", "\ufffd")


async def create_topics(options: Options, topics: Sequence[Topic], replication: int) -> None:
    """Have these topics in Kafka; raises TopicsDiffer where one has another number of partitions."""
    async with _connected(AIOKafkaAdminClient(**options)) as admin:
        wanted = [
            NewTopic(
                topic.name,
                topic.partitions,
                replication,
                topic_configs={
                    "cleanup.policy": "delete",
                    "retention.ms": "-1" if topic.retention_days is None else str(topic.retention_days * DAY_MILLISECONDS),
                    "min.insync.replicas": str(max(1, replication - 1)),
                },
            )
            for topic in topics
        ]
        for name, code, *_ in (await admin.create_topics(wanted)).topic_errors:
            if code and for_code(code) is not TopicAlreadyExistsError:
                raise for_code(code)(f"the topic {name} could not be made")
        found = {each["topic"]: len(each["partitions"]) for each in await admin.describe_topics([topic.name for topic in topics])}
    for topic in topics:
        if found[topic.name] != topic.partitions:
            raise TopicsDiffer(
                f"{topic.name} has {found[topic.name]} partitions and not {topic.partitions}. The number cannot change while a topic holds"
                " events, or events of one key would lie in two; begin the topics anew: docs/how-to/back-up-and-restore.md."
            )


async def delete_topics(options: Options, topics: Sequence[Topic]) -> None:
    """Have none of these topics in Kafka."""
    async with _connected(AIOKafkaAdminClient(**options)) as admin:
        await admin.delete_topics([topic.name for topic in topics])


@asynccontextmanager
async def _connected(client: Any) -> AsyncIterator[Any]:
    await client.start()
    try:
        yield client
    finally:
        await (client.close() if isinstance(client, AIOKafkaAdminClient) else client.stop())


async def _start(client: Any) -> None:
    try:
        await client.start()
    except BaseException:
        await _stop(client)
        raise


async def _stop(client: Any) -> None:
    """Stop a client, which would otherwise wait for a broker that is away."""
    with contextlib.suppress(TimeoutError, KafkaError):
        async with asyncio.timeout(STOP_SECONDS):
            await client.stop()
