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
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(patience + 1):  # aiokafka would wait for the end of a rebalance, however long it takes
                    records = await self.client.getmany(timeout_ms=int(patience * 1000), max_records=limit)
                    self.unfinished = [_message(record) for of_partition in records.values() for record in of_partition]
        return self.unfinished[:limit]

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
    headers = {name: _text(value) for name, value in record.headers}
    return Message(record.topic, _text(record.key), headers, _text(record.value), record.partition, record.offset + 1)


def _text(content: bytes | None) -> str:
    """As text that PostgreSQL can keep, whatever was sent: what is no event is parked where people can see it."""
    return (content or b"").decode(errors="replace").replace("\0", "\ufffd")
