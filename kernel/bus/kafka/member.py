"""A member of a consumer group: one replica of a service, reading its share of the partitions."""

import asyncio
import contextlib
from collections.abc import Iterable
from dataclasses import dataclass, field

import structlog
from aiokafka import AIOKafkaConsumer, ConsumerRebalanceListener, ConsumerRecord, TopicPartition
from aiokafka.errors import CommitFailedError, IllegalStateError, UnknownTopicOrPartitionError

from kernel.bus.kafka.clients import ANSWER_SECONDS, BusUnavailable, Options, start
from kernel.outbox import Message

log = structlog.get_logger()

PARTITION_SECONDS = 0.1
LONGEST_KEY = 500  # characters, of which each takes four bytes at most, and the index of parked keys 2.7 kB
SESSION_SECONDS = 6  # so long a dead replica keeps its partitions; a broker's own lowest


@dataclass(slots=True)
class GroupMember(ConsumerRebalanceListener):  # type: ignore[misc]  # aiokafka is not typed
    """A member of a consumer group; `unfinished` was read and not committed, and is given out again until it is."""

    group: str
    topics: list[str]
    client: AIOKafkaConsumer
    unfinished: list[Message] = field(default_factory=list)

    @classmethod
    async def joining(cls, group: str, topics: list[str], options: Options) -> "GroupMember":
        client = AIOKafkaConsumer(
            **options,
            group_id=group,
            enable_auto_commit=False,
            auto_offset_reset="earliest",
            session_timeout_ms=int(SESSION_SECONDS * 1000),
            heartbeat_interval_ms=int(SESSION_SECONDS * 1000 / 6),  # by it the others learn that a replica has come or gone
        )
        member = cls(group, topics, client)
        client.subscribe(topics, listener=member)
        try:
            await start(client, options)
        except UnknownTopicOrPartitionError as error:
            raise BusUnavailable(f"Kafka lacks one of {', '.join(topics)}: `baseyear migrate` makes the topics") from error
        return member

    async def read(self, limit: int, patience: float) -> list[Message]:
        if not self.unfinished:
            try:
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(patience + 1):  # aiokafka would wait for the end of a rebalance, however long it takes
                        records = await self.client.getmany(timeout_ms=int(patience * 1000), max_records=limit)
                        self.unfinished = [_message(record) for of_partition in records.values() for record in of_partition]
            except UnicodeDecodeError:  # the name of a header; what aiokafka had read of other partitions it has passed over
                await self._read_singly(limit)
        return self.unfinished[:limit]

    async def _read_singly(self, limit: int) -> None:
        """Read what is behind the committed again, record by record, so that one without a readable form comes as an event as well."""
        async with asyncio.timeout(ANSWER_SECONDS):
            for partition in self.client.assignment():
                self.client.seek(partition, await self.client.committed(partition) or 0)
            while not self.unfinished:
                for partition in self.client.assignment():
                    await self._read_partition(partition, limit)

    async def _read_partition(self, partition: TopicPartition, limit: int) -> None:
        """Up to and with the first record that aiokafka cannot decode, nor what its sender has put behind it into the same batch."""
        wait = int(PARTITION_SECONDS * 1000)
        try:
            while len(self.unfinished) < limit and (records := await self.client.getmany(partition, timeout_ms=wait, max_records=1)):
                self.unfinished += map(_message, records[partition])
        except UnicodeDecodeError as error:
            position = await self.client.position(partition) + 1
            self.unfinished.append(Message(partition.topic, "", {}, f"cannot be read: {error}", partition.partition, position))
            self.client.seek(partition, position)

    async def commit(self, done: list[Message]) -> None:
        """Only of what was given out by this member and not taken from it since: another replica may be ahead by now."""
        still_ours = {id(message) for message in self.unfinished}
        until = {TopicPartition(each.topic, each.partition): each.position for each in done if id(each) in still_ours}
        if not until:
            return
        try:
            async with asyncio.timeout(ANSWER_SECONDS):
                await self.client.commit(until)
        except (CommitFailedError, IllegalStateError) as error:  # whoever has these partitions next is given the same again
            log.info("commit_refused", group=self.group, error=repr(error))
        self.unfinished = [each for each in self.unfinished if each.position > until.get(TopicPartition(each.topic, each.partition), 0)]

    async def on_partitions_revoked(self, revoked: Iterable[TopicPartition]) -> None:
        self.unfinished = [each for each in self.unfinished if TopicPartition(each.topic, each.partition) not in revoked]

    async def on_partitions_assigned(self, assigned: Iterable[TopicPartition]) -> None:
        """Reading goes on from what the group has committed."""


def _message(record: ConsumerRecord) -> Message:
    headers = {_storable(name): _text(value) for name, value in record.headers}
    return Message(record.topic, _text(record.key)[:LONGEST_KEY], headers, _text(record.value), record.partition, record.offset + 1)


def _text(content: bytes | None) -> str:
    """As text that PostgreSQL can keep, whatever was sent: what is no event is parked where people can see it."""
    return _storable((content or b"").decode(errors="replace"))


def _storable(text: str) -> str:
    return text.replace("\0", "\ufffd")
