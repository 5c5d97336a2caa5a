"""Topics of Kafka, made from what the contracts say of them."""

import asyncio
from collections.abc import Iterable, Sequence
from typing import Protocol

from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.errors import TopicAlreadyExistsError, UnknownTopicOrPartitionError, for_code

from kernel.bus.kafka.clients import ANSWER_SECONDS, Options, connected

DAY_MILLISECONDS = 24 * 3600 * 1000


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


def config_of(topic: Topic, replication: int) -> dict[str, str]:
    """Kafka's own settings of a topic."""
    return {
        "cleanup.policy": "delete",
        "retention.ms": "-1" if topic.retention_days is None else str(topic.retention_days * DAY_MILLISECONDS),
        "min.insync.replicas": str(max(1, replication - 1)),
    }


async def create_topics(options: Options, topics: Sequence[Topic], replication: int) -> None:
    """Have these topics in Kafka; raises TopicsDiffer where one has another number of partitions, BusUnavailable."""
    wanted = [NewTopic(topic.name, topic.partitions, replication, topic_configs=config_of(topic, replication)) for topic in topics]
    async with connected(AIOKafkaAdminClient, options) as admin:
        answers = (await admin.create_topics(wanted)).topic_errors
        there = [name for name, code, _ in answers if for_code(code) is TopicAlreadyExistsError]
        _refuse_errors((name, code) for name, code, _ in answers if name not in there)
        found = await _partitions_of(admin, there) if there else {}
    for topic in topics:
        if found.get(topic.name, topic.partitions) != topic.partitions:
            raise TopicsDiffer(
                f"{topic.name} has {found[topic.name]} partitions and not {topic.partitions}. The number cannot change while a topic holds"
                " events, or events of one key would lie in two; begin the topics anew: docs/how-to/back-up-and-restore.md."
            )


async def delete_topics(options: Options, topics: Sequence[Topic]) -> None:
    """Have none of these topics in Kafka; raises BusUnavailable."""
    async with connected(AIOKafkaAdminClient, options) as admin:
        answers = (await admin.delete_topics([topic.name for topic in topics])).topic_error_codes
        _refuse_errors((name, code) for name, code in answers if for_code(code) is not UnknownTopicOrPartitionError)


async def _partitions_of(admin: AIOKafkaAdminClient, topics: list[str]) -> dict[str, int]:
    """How many partitions each topic has, asked until every one is known: another `migrate` may have made it a moment ago."""
    async with asyncio.timeout(ANSWER_SECONDS):
        while True:
            found = {each["topic"]: len(each["partitions"]) for each in await admin.describe_topics(topics)}
            if all(found.values()):
                return found
            await asyncio.sleep(0.1)


def _refuse_errors(answers: Iterable[tuple[str, int]]) -> None:
    for name, code in answers:
        if code:
            raise for_code(code)(name)
