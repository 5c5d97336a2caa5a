"""The AsyncAPI document: the committed one is that of the topics, it is valid, and events on their way are as it says."""

import contextvars
import copy
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
from sqlmodel.ext.asyncio.session import AsyncSession

from baseyear.documents import REFERENCE, asyncapi_document
from contracts import topics
from contracts.asyncapi import asyncapi
from contracts.topics import TOPICS, Topic
from kernel import outbox
from kernel.outbox import Message
from kernel.telemetry import begin_trace
from tests.clients.npm import node_modules

EXAMPLES = Path(__file__).parent / "examples"

every_topic = pytest.mark.parametrize("topic", TOPICS, ids=lambda topic: topic.name)


@pytest.fixture
def document() -> dict[str, Any]:
    return asyncapi(TOPICS, "1.2.3")


@pytest.fixture(scope="module")
def asyncapis_own_schema() -> jsonschema_rs.Validator:
    """The JSON Schema of AsyncAPI 3.0.0, from the npm package @asyncapi/specs (Apache-2.0)."""
    schema = (node_modules() / "@asyncapi" / "specs" / "schemas" / "3.0.0-without-$id.json").read_text()
    return jsonschema_rs.Draft7Validator(json.loads(schema), validate_formats=False)


def test_the_committed_document_is_that_of_the_topics() -> None:
    assert (REFERENCE / "asyncapi.json").read_text() == asyncapi_document(), "run: python -m baseyear.documents"


def test_it_is_valid(document: dict[str, Any], asyncapis_own_schema: jsonschema_rs.Validator) -> None:
    asyncapis_own_schema.validate(document)


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("asyncapi",), "2.0.0"),
        (("channels", topics.CELL.name, "address"), 12),
        (("channels", topics.CELL.name, "bindings", "kafka", "partitions"), 0),
        (("operations", f"inventory-sends-{topics.CELL.name}", "action"), "publish"),
        (("components", "messages", topics.CELL.name, "payload"), {"$ref": "#/x", "type": "no such type"}),
    ],
    ids=lambda value: "/".join(value) if isinstance(value, tuple) else "",
)
def test_a_document_that_is_not_valid_would_be_found(
    document: dict[str, Any], asyncapis_own_schema: jsonschema_rs.Validator, path: tuple[str, ...], value: Any
) -> None:
    broken = copy.deepcopy(document)
    *outer, last = path
    place = broken
    for name in outer:
        place = place[name]
    place[last] = value

    assert not asyncapis_own_schema.is_valid(broken)


def test_every_reference_leads_to_something(document: dict[str, Any]) -> None:
    assert [reference for reference in references(document) if resolved(document, reference) is None] == []


def references(node: Any) -> Iterator[str]:
    if isinstance(node, dict):
        if "$ref" in node:
            yield node["$ref"]
        for value in node.values():
            yield from references(value)
    elif isinstance(node, list):
        for value in node:
            yield from references(value)


def resolved(document: dict[str, Any], reference: str) -> Any:
    place: Any = document
    for name in reference.removeprefix("#/").split("/"):
        place = place.get(name) if isinstance(place, dict) else None
    return place


def test_it_says_who_sends_and_who_reads(document: dict[str, Any]) -> None:
    said = {
        (operation["action"], operation["tags"][0]["name"], resolved(document, operation["channel"]["$ref"])["address"])
        for operation in document["operations"].values()
    }

    sending = {("send", topic.owner, topic.name) for topic in TOPICS}
    reading = {("receive", reader, topic.name) for topic in TOPICS for reader in topic.readers}
    assert said == sending | reading


@every_topic
def test_a_channel_is_made_as_the_topic_is(topic: Topic, document: dict[str, Any]) -> None:
    binding = document["channels"][topic.name]["bindings"]["kafka"]

    assert (binding["topic"], binding["partitions"]) == (topic.name, topic.partitions)
    kept = binding["topicConfiguration"]["retention.ms"]
    assert kept == (-1 if topic.retention_days is None else topic.retention_days * 24 * 3600 * 1000)


def as_draft_7(document: dict[str, Any], schema: dict[str, Any]) -> jsonschema_rs.Validator:
    """A schema of the document as its readers take it: AsyncAPI's schemas are those of draft 7."""
    return jsonschema_rs.Draft7Validator({"components": document["components"], "allOf": [schema]}, validate_formats=True)


@every_topic
def test_events_as_they_were_published_are_what_it_says(topic: Topic, document: dict[str, Any]) -> None:
    payload = as_draft_7(document, document["components"]["messages"][topic.name]["payload"])
    published = json.loads((EXAMPLES / f"{topic.name}.json").read_text())

    for event in published:
        payload.validate(event)
        for name in event:
            assert not payload.is_valid({**event, name: ["not", {"a": "value"}]}), f"{name} may be anything"


@every_topic
@pytest.mark.parametrize("traced", [True, False], ids=["in a trace", "without a trace"])
def test_headers_are_as_they_are_recorded(topic: Topic, traced: bool, document: dict[str, Any]) -> None:
    headers = as_draft_7(document, document["components"]["messages"][topic.name]["headers"])
    message = recorded(topic, traced)

    headers.validate(message.headers)
    assert ("traceparent" in message.headers) is traced
    assert message.headers.keys() | {"traceparent"} == document["components"]["schemas"]["EventHeaders"]["properties"].keys()
    assert not headers.is_valid(message.headers | {"ce_type": "baseyear.another.v1"})
    for name in message.headers.keys() - {"traceparent"}:
        assert not headers.is_valid({other: value for other, value in message.headers.items() if other != name}), f"{name} may be missing"


def recorded(topic: Topic, traced: bool) -> Message:
    """An event as a use case has it recorded, in a request's trace or in none."""

    def record() -> Message:
        if traced:
            begin_trace(None)
        session = AsyncSession()
        event = topic.model.model_validate(json.loads((EXAMPLES / f"{topic.name}.json").read_text())[0])
        outbox.record(session, topic.name, "a key", event)
        message: Message = session.info["outbox"][0]
        return message

    return contextvars.Context().run(record)
