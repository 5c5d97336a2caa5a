"""Outgoing events, recorded in the transaction of the change that they tell; kernel/relay.py publishes them."""

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from pydantic import BaseModel
from sqlmodel.ext.asyncio.session import AsyncSession

from kernel.identifiers import uuid7
from kernel.postgres import driver
from kernel.telemetry import current_traceparent


@dataclass(frozen=True, slots=True)
class Message:
    """An event on its way; `headers` are CloudEvents attributes in Kafka's binary mode, `value` is its JSON document.

    partition, position  its place in the topic's log; positions begin with 1, and are 0 before it is published
    """

    topic: str
    key: str
    headers: dict[str, str]
    value: str
    partition: int = 0
    position: int = 0

    @property
    def source(self) -> str:
        return self.headers["ce_source"]

    @property
    def event_id(self) -> str:
        return self.headers["ce_id"]

    def document(self) -> Any:
        return json.loads(self.value)


def record(session: AsyncSession, topic: str, key: str, event: BaseModel) -> None:
    """Have an event published if, and only if, the session's transaction commits."""
    headers = _headers_of(topic) | {"ce_id": str(uuid7()), "ce_subject": key, "ce_partitionkey": key}
    session.info.setdefault("outbox", []).append(Message(topic, key, headers, event.model_dump_json()))


async def record_rows(session: AsyncSession, topic: str, rows: str, *parameters: Any) -> None:
    """Have an event published for each row (key, value) of a query: thousands of documents that the database holds stay there."""
    connection = await driver(session)
    last = len(parameters)
    await connection.execute(
        f"INSERT INTO outbox (topic, key, headers, value) SELECT ${last + 1}, key, ${last + 2}::jsonb"
        " || jsonb_build_object('ce_id', gen_random_uuid(), 'ce_subject', key, 'ce_partitionkey', key), value"
        f" FROM ({rows}) AS told(key, value)",
        *parameters,
        topic,
        json.dumps(_headers_of(topic)),
    )


def _headers_of(topic: str) -> dict[str, str]:
    """What the events of a topic have in common now."""
    headers = {
        "ce_specversion": "1.0",
        "ce_source": f"/baseyear/{topic.split('.')[1]}",
        "ce_type": topic,
        "ce_time": datetime.now(UTC).isoformat().replace("+00:00", "Z"),
        "ce_dataschema": f"/schemas/{topic}.json",
        "content-type": "application/json",
    }
    traceparent = current_traceparent()
    return headers if traceparent is None else headers | {"traceparent": traceparent}


def holds_events(session: AsyncSession) -> bool:
    return "outbox" in session.info


async def flush(session: AsyncSession) -> int:
    """Write the recorded events as one statement; returns how many there were."""
    messages: list[Message] = session.info.pop("outbox", [])
    if messages:
        connection = await driver(session)
        await connection.execute(
            "INSERT INTO outbox (topic, key, headers, value)"
            " SELECT * FROM json_to_recordset($1) AS given(topic text, key text, headers jsonb, value text)",
            json.dumps([{"topic": each.topic, "key": each.key, "headers": each.headers, "value": each.value} for each in messages]),
        )
    return len(messages)


async def count_waiting(session: AsyncSession, at_most: int) -> int:
    """How many events wait to be published; counts no further than to `at_most`."""
    connection = await driver(session)
    waiting: int = await connection.fetchval(
        "SELECT count(*) FROM (SELECT FROM outbox WHERE published_at IS NULL LIMIT $1) AS waiting", at_most
    )
    return waiting
