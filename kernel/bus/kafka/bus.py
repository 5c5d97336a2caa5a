"""Kafka as the bus of one service."""

import asyncio
import contextlib
import time
from typing import Any

import structlog
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import GroupCoordinatorNotAvailableError, KafkaError
from sqlalchemy import text

from kernel.bus.kafka.clients import ANSWER_SECONDS, BusUnavailable, Options, connected, start, stop
from kernel.bus.kafka.member import GroupMember
from kernel.database import Database, Session
from kernel.outbox import Message

log = structlog.get_logger()

PUBLISH_SECONDS = 5
TOPIC_SECONDS = 1
MISSING_SECONDS = 5
BATCH_BYTES = 256 * 1024


# Numbered by the clock, so that a database restored to an earlier reading does not come to one that Kafka knows already.
_NEXT_READING = """
INSERT INTO reading VALUES (:consumer, extract(epoch FROM clock_timestamp())::bigint)
ON CONFLICT (consumer) DO UPDATE SET number = greatest(reading.number + 1, excluded.number)
"""


class KafkaBus:
    """One service's view of Kafka. It connects when it is first used, so a service starts while Kafka is away."""

    def __init__(self, options: Options, database: Database) -> None:
        self._options = options
        self._database = database
        self._producer: AIOKafkaProducer | None = None
        self._sending: dict[str, asyncio.Future[Any]] = {}  # by event id
        self._missing: dict[str, float] = {}  # topics that Kafka lacked a moment ago, and until when that is believed
        self._members: dict[str, GroupMember] = {}

    async def publish(self, session: Session, messages: list[Message]) -> list[int]:
        """What Kafka does not take in time stays with the producer, which goes on trying; asked again, it is not sent twice."""
        producer = await self._producer_at_work()
        reason = f"no answer within {PUBLISH_SECONDS} s"
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(PUBLISH_SECONDS):
                reason = await self._send(producer, messages) or reason
                if asked_for := [self._sending[each.event_id] for each in messages if each.event_id in self._sending]:
                    await asyncio.wait(asked_for)
        taken = self._taken(messages)
        failures = [sent.exception() for sent in self._sending.values() if sent.done() and sent.exception()]
        if failures:  # behind a gap an idempotent producer is refused for ever (aio-libs/aiokafka#1017): a new one sends what is left
            reason = repr(failures[0])
            await self._drop_producer()
        if len(taken) < len(messages):
            log.warning("events_not_taken", number=len(messages) - len(taken), reason=reason)
        if messages and not taken:
            raise BusUnavailable(f"Kafka took nothing: {reason}")
        return taken

    def published(self) -> None:
        """Kafka tells its consumers itself."""

    async def fetch(self, consumer: str, topics: list[str], limit: int, patience: float = 0) -> list[Message]:
        member = await self._member(consumer, topics)
        try:
            return await member.read(limit, patience)
        except Exception:  # what it has read may be lost, and the next fetch fail too: a new member begins behind what is committed
            await self.leave(consumer)
            raise

    async def commit(self, consumer: str, done: list[Message]) -> None:
        if consumer in self._members:
            await self._members[consumer].commit(done)

    async def lag(self, consumer: str, topics: list[str]) -> dict[str, int]:
        group = await self._group(consumer)
        looking = connected(AIOKafkaConsumer, self._options, retry_backoff_ms=10)  # it asks twice: at first it knows no topic's leader
        async with looking as looker, connected(AIOKafkaAdminClient, self._options) as admin:
            described = await admin.describe_topics(topics)
            partitions = [TopicPartition(each["topic"], one["partition"]) for each in described for one in each["partitions"]]
            committed = await _committed(admin, group, partitions)
            begins, ends = await looker.beginning_offsets(partitions), await looker.end_offsets(partitions)
        lag = dict.fromkeys(topics, 0)
        for partition in partitions:
            lag[partition.topic] += ends[partition] - max(committed[partition], begins[partition])
        return lag

    async def rewind(self, session: Session, consumer: str) -> None:
        await session.execute(
            text(_NEXT_READING),
            {"consumer": consumer},
        )

    async def leave(self, consumer: str) -> None:
        if consumer in self._members:
            await stop(self._members.pop(consumer).client)

    async def expire(self) -> int:
        """Kafka lets go by itself of what is older than its topic's retention."""
        return 0

    async def close(self) -> None:
        await asyncio.gather(self._drop_producer(), *(self.leave(consumer) for consumer in list(self._members)))

    async def _send(self, producer: AIOKafkaProducer, messages: list[Message]) -> str:
        """Hand to the producer what it does not have yet; returns why it refused.

        Each key by itself: the producer waits where a partition has no leader and many events already, and others go past it.
        """
        by_key: dict[tuple[str, str], list[Message]] = {}
        for message in messages:
            if message.event_id not in self._sending:
                by_key.setdefault((message.topic, message.key), []).append(message)
        missing = await self._missing_of(producer, {topic for topic, _ in by_key})
        async with asyncio.TaskGroup() as group:
            sending = [group.create_task(self._send_key(producer, of_key)) for (topic, _), of_key in by_key.items() if topic not in missing]
        reasons = [f"{topic} is missing: `baseyear migrate` makes the topics" for topic in missing] + [sent.result() for sent in sending]
        return next(filter(None, reasons), "")

    async def _send_key(self, producer: AIOKafkaProducer, messages: list[Message]) -> str:
        """Hand over events of one key, nothing behind what the producer refuses; returns why it refused."""
        for message in messages:
            headers = [(name, value.encode()) for name, value in message.headers.items()]
            try:
                sent = await producer.send(message.topic, message.value.encode(), message.key.encode(), headers=headers)
            except KafkaError as error:
                return repr(error)
            self._sending[message.event_id] = sent
        return ""

    async def _missing_of(self, producer: AIOKafkaProducer, topics: set[str]) -> set[str]:
        """Which of these topics Kafka lacks; of one that it lacked a moment ago it is not asked again."""
        now = time.monotonic()
        self._missing = {topic: until for topic, until in self._missing.items() if until > now}
        asked = sorted(topics - self._missing.keys())
        there = await asyncio.gather(*(_has_topic(producer, topic) for topic in asked))
        self._missing |= {topic: now + MISSING_SECONDS for topic, found in zip(asked, there, strict=True) if not found}
        return topics & self._missing.keys()

    def _taken(self, messages: list[Message]) -> list[int]:
        """The places of what Kafka has taken, of a key nothing behind what it has not; what it has not is kept in mind."""
        taken, held = [], set()
        for place, message in enumerate(messages):
            sent = self._sending.get(message.event_id)
            if sent is None or not sent.done() or sent.exception():
                held.add((message.topic, message.key))
            elif (message.topic, message.key) not in held:
                taken.append(place)
        for place in taken:
            self._sending.pop(messages[place].event_id, None)
        return taken

    async def _producer_at_work(self) -> AIOKafkaProducer:
        if self._producer is None:
            producer = AIOKafkaProducer(
                **self._options, acks="all", enable_idempotence=True, compression_type="zstd", max_batch_size=BATCH_BYTES
            )
            await start(producer, self._options)
            self._producer = producer
        return self._producer

    async def _drop_producer(self) -> None:
        self._sending.clear()
        if self._producer is not None:
            producer, self._producer = self._producer, None
            await stop(producer)

    async def _group(self, consumer: str) -> str:
        async with self._database.one_statement() as connection:
            number = await connection.fetchval("SELECT number FROM reading WHERE consumer = $1", consumer)
        return f"baseyear.{consumer}.{number or 0}"

    async def _member(self, consumer: str, topics: list[str]) -> GroupMember:
        """The member of the group that reads now: after a rewind, in whatever process, a new one."""
        group = await self._group(consumer)
        member = self._members.get(consumer)
        if member is None or (member.group, member.topics) != (group, topics):
            await self.leave(consumer)
            member = self._members[consumer] = await GroupMember.joining(group, topics, self._options)
        return member


async def _has_topic(producer: AIOKafkaProducer, topic: str) -> bool:
    """Whether Kafka has the topic; for one that it has not, aiokafka would wait message by message."""
    with contextlib.suppress(TimeoutError, KafkaError):
        async with asyncio.timeout(TOPIC_SECONDS):
            await producer.partitions_for(topic)
            return True
    return False


async def _committed(admin: AIOKafkaAdminClient, group: str, partitions: list[TopicPartition]) -> dict[TopicPartition, int]:
    """How far a group has come, -1 where it has not begun; asked again while a young or restarted Kafka still loads its groups."""
    async with asyncio.timeout(ANSWER_SECONDS):
        while True:
            try:
                committed = await admin.list_consumer_group_offsets(group, partitions=partitions)
                return {partition: committed[partition].offset for partition in partitions}
            except (GroupCoordinatorNotAvailableError, KeyError):  # aiokafka leaves out what it was refused
                await asyncio.sleep(0.1)
