"""Events in: every topic is stored by itself, as it says."""

import json
from collections.abc import Callable
from typing import Any

from sqlalchemy import Table
from sqlalchemy.dialects.postgresql import JSONB

from contracts import topics
from contracts.events import ApprovedCellChanged, CellChanged, IntakeRecorded, StateEvent
from contracts.topics import Topic
from kernel.consumer import Subscription
from kernel.database import Session
from kernel.outbox import Message
from services.reporting import tables
from services.reporting.store.states import Row, keep_newest, keep_once, note_heard


def _table(model: Any) -> Table:
    table: Table = model.__table__
    return table


def _state(topic: Topic, model: Any, also: Callable[[Any], Row] = lambda event: {}) -> Subscription:
    """A subscription that keeps the newest state of each id.

    also  the columns that are not a field of the event as it stands
    """
    table = _table(model)
    documents = [column.name for column in table.columns if isinstance(column.type, JSONB)]
    plain = [column.name for column in table.columns if column.name not in documents]

    def row(event: Any) -> Row:
        own = also(event)
        kept: Row = {name: getattr(event, name) for name in plain}
        return {**kept, **{name: _as_document(event, name) for name in documents if name not in own}, **own}

    async def apply(session: Session, messages: list[Message]) -> None:
        await keep_newest(session, table, [row(topic.model.model_validate_json(message.value)) for message in messages])
        await note_heard(session, messages)

    return Subscription(topic.name, topic.kind, apply)


def _as_document(event: StateEvent, name: str) -> str | None:
    value = event.model_dump(mode="json", include={name})[name]
    return None if value is None else json.dumps(value)


def _gases(event: CellChanged | ApprovedCellChanged) -> Row:
    return {
        "gases": json.dumps(
            [[gas.gas, gas.gwp_basis, gas.mass_mg, gas.co2e_mg_ar4, gas.co2e_mg_ar5, gas.co2e_mg_ar6] for gas in event.gases],
            separators=(",", ":"),
        )
    }


async def _apply_intake(session: Session, messages: list[Message]) -> None:
    rows = [
        IntakeRecorded.model_validate_json(message.value).model_dump() | {"source": message.source, "event_id": message.event_id}
        for message in messages
    ]
    await keep_once(session, _table(tables.Intake), rows)
    await note_heard(session, messages)


SUBSCRIPTIONS = [
    _state(topics.ORGANISATION, tables.Organisation),
    _state(topics.ACTIVITY_TYPE, tables.ActivityType),
    _state(topics.DATASET, tables.Dataset),
    _state(topics.FACTOR, tables.Factor),
    _state(topics.ENTITY, tables.Entity),
    _state(topics.SITE, tables.Site),
    _state(topics.INVENTORY, tables.Inventory),
    _state(topics.CELL, tables.Cell, _gases),
    _state(topics.APPROVED_CELL, tables.ApprovedCell, _gases),
    Subscription(topics.INTAKE.name, topics.INTAKE.kind, _apply_intake),
]

PROJECTIONS = [
    _table(model).name
    for model in (
        tables.Organisation,
        tables.ActivityType,
        tables.Dataset,
        tables.Factor,
        tables.Entity,
        tables.Site,
        tables.Inventory,
        tables.Cell,
        tables.ApprovedCell,
        tables.HeardTopic,
    )
]

# Kept when projections are made anew: a topic has no facts that are older than its retention.
FACTS = [_table(tables.Intake).name]
