"""Writing a pack into the tables: set-based, a table at a time."""

import json
from collections.abc import AsyncIterator, Collection, Iterable
from datetime import datetime
from typing import Any

from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import SQLModel, col

from ghg.units import unit
from kernel.database import Session
from kernel.postgres import driver
from services.factors import tables
from services.factors.catalogue.pack_format import Record, dataset_record, record_of
from services.factors.catalogue.pack_model import ActivityType, Dataset, FuelProperty
from services.factors.domain.publication import WAS_PUBLISHED
from services.factors.domain.succession import Change, FactorState, StoredState
from services.factors.store.catalogue import page_of_records, records

PAGE = 2_000
STANDING = ("version", "recorded_at", "preferences")


async def is_loaded(session: Session, version: str) -> bool:
    """Whether the pack of this version has been loaded."""
    connection = await driver(session)
    return bool(await connection.fetchval("SELECT true FROM loaded_pack WHERE version = $1", version))


async def lock_catalogue(session: Session) -> datetime:
    """Wait until nobody else changes the catalogue, and count the change; the instant after the lock stamps whatever is changed."""
    connection = await driver(session)
    await connection.execute("UPDATE catalogue_state SET version = version + 1")
    now: datetime = await connection.fetchval("SELECT clock_timestamp()")
    return now


async def mark_loaded(session: Session, version: str, now: datetime) -> None:
    connection = await driver(session)
    await connection.execute("INSERT INTO loaded_pack (version, loaded_at) VALUES ($1, $2)", version, now)


async def save_datasets(session: Session, datasets: Iterable[Dataset], now: datetime) -> list[Record]:
    """Insert the new data sets and update the changed ones; returns the rows of both."""
    return await _save(session, tables.Dataset, [{**dataset_record(dataset), "preferences": []} for dataset in datasets], now)


async def save_preferences(session: Session, dataset_id: str, preferences: list[Record], now: datetime) -> tuple[Record, Record]:
    """The data set before and after; unless it had these preferences already it gets a new version."""
    (before,) = await records(session, tables.Dataset, tables.Dataset.__table__.c.id == dataset_id)  # type: ignore[attr-defined]
    if before["preferences"] == preferences:
        return before, before
    connection = await driver(session)
    await connection.execute(
        "UPDATE dataset SET preferences = cast($2 AS jsonb), version = version + 1, recorded_at = $3 WHERE id = $1",
        dataset_id,
        json.dumps(preferences),
        now,
    )
    (after,) = await records(session, tables.Dataset, tables.Dataset.__table__.c.id == dataset_id)  # type: ignore[attr-defined]
    return before, after


async def save_activity_types(session: Session, activity_types: Iterable[ActivityType], now: datetime) -> list[Record]:
    """Insert the new activity types and update the changed ones; returns the rows of both."""
    return await _save(session, tables.ActivityType, [record_of(activity_type) for activity_type in activity_types], now)


async def replace_excluded_rows(session: Session, datasets: Iterable[Dataset], excluded: Iterable[Record]) -> None:
    """Let these be the excluded rows of the data sets."""
    connection = await driver(session)
    await connection.execute("DELETE FROM excluded_row WHERE dataset = ANY($1)", [dataset.id for dataset in datasets])
    await _copy(session, tables.ExcludedRow, ({**row, "position": position} for position, row in enumerate(excluded)))


async def replace_properties(session: Session, properties: Iterable[FuelProperty]) -> None:
    """Let these be the current properties; earlier ones stay for the figures that were made with them."""
    connection = await driver(session)
    await connection.execute("UPDATE fuel_property SET is_current = false WHERE is_current")
    rows = [{**record_of(one), "is_current": True} for one in properties]
    await connection.execute(
        "INSERT INTO fuel_property SELECT * FROM jsonb_populate_recordset(NULL::fuel_property, cast($1 AS jsonb))"
        " ON CONFLICT (id) DO UPDATE SET is_current = true",
        json.dumps(rows),
    )


async def factor_states(session: Session) -> list[StoredState]:
    """Where every stored factor stands."""
    connection = await driver(session)
    return [StoredState(**row) for row in await connection.fetch("SELECT id, key, dataset, state FROM factor")]


async def change_states(session: Session, changes: Iterable[Change], now: datetime) -> None:
    """Give stored factors their new states."""
    connection = await driver(session)
    await connection.execute(
        "UPDATE factor SET state = changed.state, superseded_by = changed.superseded_by, version = version + 1, recorded_at = $2"
        " FROM jsonb_to_recordset(cast($1 AS jsonb)) AS changed(id text, state text, superseded_by text) WHERE factor.id = changed.id",
        json.dumps([{"id": change.id, "state": change.state, "superseded_by": change.superseded_by} for change in changes]),
        now,
    )


async def raise_versions_of_factors_citing(session: Session, datasets: Collection[str], now: datetime) -> None:
    """Stamp the factors of which a gas was taken from one of these data sets; their own content stays."""
    connection = await driver(session)
    await connection.execute(
        "UPDATE factor SET version = version + 1, recorded_at = $2 WHERE EXISTS"
        " (SELECT FROM jsonb_array_elements(gases || jsonb_build_array(biogenic_co2)) AS part WHERE part ->> 'dataset' = ANY($1))",
        list(datasets),
        now,
    )


async def insert_factors(session: Session, factors: Iterable[Record], now: datetime, state: FactorState = "published") -> None:
    """Insert new factors, given as the records of a pack; what they are searched by is made by `search_index.index_factors`."""
    kinds: dict[str, str] = {}

    def row(factor: Record) -> Record:
        kind = kinds.setdefault(factor["unit"], unit(factor["unit"]).dimension)
        return {**factor, "unit_kind": kind, "state": state, "superseded_by": None, "version": 1, "recorded_at": now}

    await _copy(session, tables.Factor, map(row, factors))


async def changed_factors(session: Session, now: datetime) -> AsyncIterator[list[Record]]:
    """The factors that were stamped with `now` and are, or were, published, in pages by id."""
    stamped = (col(tables.Factor.recorded_at) == now, col(tables.Factor.state).in_(WAS_PUBLISHED))
    after: str | None = None
    while page := await page_of_records(session, tables.Factor, after, PAGE, *stamped):
        yield page
        after = page[-1]["id"]


async def changed(session: Session, table: type[SQLModel], now: datetime) -> list[Record]:
    """The rows that were stamped with `now`."""
    return await records(session, table, table.__table__.c.recorded_at == now)  # type: ignore[attr-defined]


async def _copy(session: Session, table: type[SQLModel], rows: Iterable[Record]) -> None:
    """Insert by COPY, which takes tens of thousands of rows in the time in which INSERT parses them."""
    columns = table.__table__.columns  # type: ignore[attr-defined]
    names = [column.name for column in columns]
    documents = [isinstance(column.type, JSONB) for column in columns]

    def values(row: Record) -> list[Any]:
        given = [row[name] for name in names]
        return [
            json.dumps(value, ensure_ascii=False) if is_document and value is not None else value
            for value, is_document in zip(given, documents, strict=True)
        ]

    connection = await driver(session)
    await connection.copy_records_to_table(_name(table), records=map(values, rows), columns=names)


async def _save(session: Session, table: type[SQLModel], rows: list[Record], now: datetime) -> list[Record]:
    name, columns = _name(table), [column for column in table.model_fields if column not in ("id", *STANDING)]
    standing = {"version": 1, "recorded_at": now.isoformat()}
    connection = await driver(session)
    await connection.execute(
        f"INSERT INTO {name} SELECT * FROM jsonb_populate_recordset(NULL::{name}, cast($1 AS jsonb))"
        f" ON CONFLICT (id) DO UPDATE SET version = {name}.version + 1, recorded_at = excluded.recorded_at,"
        f" {', '.join(f'{column} = excluded.{column}' for column in columns)}"
        f" WHERE to_jsonb({name}) - $2::text[] IS DISTINCT FROM to_jsonb(excluded) - $2::text[]",
        json.dumps([{**record, **standing} for record in rows]),
        list(STANDING),
    )
    return await changed(session, table, now)


def _name(table: type[SQLModel]) -> str:
    return str(table.__tablename__)
