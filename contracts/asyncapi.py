"""The AsyncAPI document: every topic, what its events look like on Kafka, who sends them and who reads them.

sources  AsyncAPI 3.0.0 with Kafka bindings 0.5.0; CloudEvents 1.0.2, Kafka protocol binding 1.0.2, section 3.2 (binary mode)
"""

import inspect
from collections.abc import Sequence
from typing import Any

from pydantic.json_schema import models_json_schema

from contracts.schemas import WithoutFieldTitles
from contracts.topics import Topic

Json = dict[str, Any]

DAY_MILLISECONDS = 24 * 3600 * 1000
KAFKA_BINDING = "0.5.0"
SCHEMAS = "#/components/schemas/"
HEADERS = "EventHeaders"
TRACEPARENT = "^00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$"

DESCRIPTION = """What the services of Baseyear tell each other, and whoever else may read the broker.

CloudEvents 1.0 in Kafka's binary mode, with JSON bodies.

Every event is a whole fact; none holds personal data. An event comes at least once: take it for known by `ce_source` and `ce_id` together.
Only the events of one key are in order, and they lie in one partition.

A **state** topic tells what a thing is now, each time with a higher `version`: keep the highest, and repetitions change nothing. It is kept
for ever, is not compacted, and has no tombstones. Its owner may say its present state again, with the versions that it had.
A **fact** topic tells what has happened, once, and is kept for the days that its channel states.

Within a topic fields may be added that may be absent, and nothing else changes: leave alone what you do not know.
Anything else is a new topic."""

_KIND = {
    "state": "State: the highest `version` of a key is what holds. Kept for ever.",
    "fact": "Fact: what has happened, once.",
}

_EVENT_HEADERS: Json = {
    "type": "object",
    "required": [
        "ce_specversion", "ce_id", "ce_source", "ce_type", "ce_time", "ce_subject", "ce_dataschema", "ce_partitionkey", "content-type",
    ],
    "properties": {
        "ce_specversion": {"const": "1.0"},
        "ce_id": {"type": "string", "format": "uuid", "description": "Unique together with `ce_source`."},
        "ce_source": {"type": "string", "format": "uri-reference", "description": "The service that tells it."},
        "ce_type": {"type": "string", "description": "The name of the topic."},
        "ce_time": {"type": "string", "format": "date-time", "description": "When it was recorded, in UTC."},
        "ce_subject": {"type": "string", "description": "What it is about: the key."},
        "ce_dataschema": {"type": "string", "format": "uri-reference", "description": "The JSON Schema of the body."},
        "ce_partitionkey": {"type": "string", "description": "The key."},
        "content-type": {"const": "application/json"},
        "traceparent": {
            "type": "string",
            "pattern": TRACEPARENT,
            "description": "The trace of the request that brought it about (W3C Trace Context); absent where there was none.",
        },
    },
}  # fmt: skip


def asyncapi(topics: Sequence[Topic], version: str) -> Json:
    """The document of these topics, by AsyncAPI 3.0.0.

    version  of the product
    """
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "Baseyear events",
            "version": version,
            "description": DESCRIPTION,
            "license": {"name": "Apache-2.0", "url": "https://www.apache.org/licenses/LICENSE-2.0"},
        },
        "defaultContentType": "application/json",
        "servers": {
            "kafka": {
                "host": "{bootstrap}",
                "protocol": "kafka",
                "description": "The broker of the installation.",
                "variables": {"bootstrap": {"default": "localhost:9092", "description": "BASEYEAR_KAFKA_BOOTSTRAP of the services."}},
            }
        },
        "channels": {topic.name: _channel(topic) for topic in topics},
        "operations": {
            name: operation
            for topic in topics
            for name, operation in [_sending(topic), *(_reading(topic, service) for service in topic.readers)]
        },
        "components": {
            "messages": {topic.name: _message(topic) for topic in topics},
            "schemas": {HEADERS: _EVENT_HEADERS} | _payloads(topics),
        },
    }


def _channel(topic: Topic) -> Json:
    kept = -1 if topic.retention_days is None else topic.retention_days * DAY_MILLISECONDS
    return {
        "address": topic.name,
        "title": topic.model.__name__,
        "description": f"{_KIND[topic.kind]} Key: {topic.key}.",
        "messages": {topic.model.__name__: {"$ref": f"#/components/messages/{topic.name}"}},
        "bindings": {
            "kafka": {
                "topic": topic.name,
                "partitions": topic.partitions,
                "topicConfiguration": {"cleanup.policy": ["delete"], "retention.ms": kept},
                "bindingVersion": KAFKA_BINDING,
            }
        },
        "x-kind": topic.kind,
    }


def _sending(topic: Topic) -> tuple[str, Json]:
    return f"{topic.owner}-sends-{topic.name}", _operation(topic, topic.owner, "send")


def _reading(topic: Topic, service: str) -> tuple[str, Json]:
    group = {"type": "string", "pattern": rf"^baseyear\.{service}\.[0-9]+$", "description": "The number rises when all is read anew."}
    bindings = {"kafka": {"groupId": group, "bindingVersion": KAFKA_BINDING}}
    return f"{service}-reads-{topic.name}", _operation(topic, service, "receive") | {"bindings": bindings}


def _operation(topic: Topic, service: str, action: str) -> Json:
    return {
        "action": action,
        "channel": {"$ref": f"#/channels/{topic.name}"},
        "messages": [{"$ref": f"#/channels/{topic.name}/messages/{topic.model.__name__}"}],
        "tags": [{"name": service}],
    }


def _message(topic: Topic) -> Json:
    told = inspect.getdoc(topic.model) if topic.model.__doc__ else None
    exactly = {
        "ce_type": {"const": topic.name},
        "ce_source": {"const": f"/baseyear/{topic.owner}"},
        "ce_dataschema": {"const": f"/schemas/{topic.name}.json"},
    }
    return {
        "name": topic.model.__name__,
        "contentType": "application/json",
        "headers": {"allOf": [{"$ref": SCHEMAS + HEADERS}, {"type": "object", "properties": exactly}]},
        "payload": {"$ref": SCHEMAS + topic.model.__name__},
        "bindings": {"kafka": {"key": {"type": "string", "description": topic.key}, "bindingVersion": KAFKA_BINDING}},
    } | ({"description": told} if told else {})


def _payloads(topics: Sequence[Topic]) -> Json:
    _, named = models_json_schema(
        [(topic.model, "validation") for topic in topics], ref_template=SCHEMAS + "{model}", schema_generator=WithoutFieldTitles
    )
    schemas: Json = named["$defs"]
    return schemas
