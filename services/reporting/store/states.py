"""Writing what events say: set-based, each state only over an older one, so that order and repetition never matter."""

import functools
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import Table
from sqlalchemy.dialects import postgresql

from kernel.database import Session
from kernel.outbox import Message
from kernel.postgres import driver

_DIALECT = postgresql.dialect()  # type: ignore[no-untyped-call]

Row = Mapping[str, Any]


async def keep_newest(session: Session, table: Table, rows: Iterable[Row]) -> None:
    """Upsert states where they are newer than what is kept; of several of one id the highest version counts."""
    newest: dict[str, Row] = {}
    for row in rows:
        held = newest.get(row["id"])
        if held is None or held["version"] < row["version"]:
            newest[row["id"]] = row
    connection = await driver(session)
    await connection.execute(_upsert(table), *_columns(table, [newest[key] for key in sorted(newest)]))


async def keep_once(session: Session, table: Table, rows: Sequence[Row]) -> None:
    """Insert facts that are not kept yet."""
    connection = await driver(session)
    await connection.execute(f"{_insert(table)} ON CONFLICT DO NOTHING", *_columns(table, rows))


async def note_heard(session: Session, messages: list[Message]) -> None:
    """Remember how far each partition of a topic has been heard."""
    until: dict[int, int] = {}
    for message in messages:
        until[message.partition] = max(message.position, until.get(message.partition, 0))
    connection = await driver(session)
    await connection.execute(
        "INSERT INTO heard_topic (topic, partition, position) SELECT $1, * FROM unnest($2::int[], $3::bigint[])"
        " ON CONFLICT (topic, partition) DO UPDATE SET position = greatest(heard_topic.position, excluded.position)",
        messages[0].topic,
        sorted(until),
        [until[partition] for partition in sorted(until)],
    )


def _columns(table: Table, rows: Sequence[Row]) -> list[list[Any]]:
    return [[row[column.name] for row in rows] for column in table.columns]


@functools.cache
def _upsert(table: Table) -> str:
    changes = ", ".join(f"{column.name} = excluded.{column.name}" for column in table.columns if column.name != "id")
    return f"{_insert(table)} ON CONFLICT (id) DO UPDATE SET {changes} WHERE {table.name}.version < excluded.version"


@functools.cache
def _insert(table: Table) -> str:
    names = ", ".join(column.name for column in table.columns)
    arrays = ", ".join(f"${place}::{column.type.compile(_DIALECT)}[]" for place, column in enumerate(table.columns, start=1))
    return f"INSERT INTO {table.name} ({names}) SELECT * FROM unnest({arrays})"
