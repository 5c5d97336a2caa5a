"""Whether Kafka's topics are as the contracts want them; nothing is changed."""

from collections.abc import Sequence
from typing import Any

from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType

from kernel.bus.kafka.clients import Options, connected
from kernel.bus.kafka.topics import Topic, config_of


async def topic_differences(options: Options, topics: Sequence[Topic], replication: int) -> list[str]:
    """What is missing or other than wanted, a line each; raises BusUnavailable."""
    async with connected(AIOKafkaAdminClient, options) as admin:
        described = {each["topic"]: each for each in await admin.describe_topics([topic.name for topic in topics])}
        there = [topic for topic in topics if described.get(topic.name, {}).get("partitions")]
        configs = await _configs(admin, there) if there else {}
    lines = [f"{topic.name} is missing" for topic in topics if topic not in there]
    for topic in there:
        partitions = described[topic.name]["partitions"]
        copies = min(len(partition["replicas"]) for partition in partitions)
        has = f"{topic.name} has"
        wanted = {"partitions": str(topic.partitions), **config_of(topic, replication)}
        found = {"partitions": str(len(partitions)), **configs[topic.name]}
        lines += [f"{has} {name} {found.get(name)} and not {value}" for name, value in wanted.items() if found.get(name) != value]
        if copies < replication:
            lines.append(f"{topic.name} is kept on {copies} broker(s) and not on {replication}")
    return lines


async def _configs(admin: Any, topics: Sequence[Topic]) -> dict[str, dict[str, str]]:
    answers = await admin.describe_configs([ConfigResource(ConfigResourceType.TOPIC, topic.name) for topic in topics])
    return {name: {entry[0]: entry[1] for entry in entries} for answer in answers for _, _, _, name, entries in answer.resources}
