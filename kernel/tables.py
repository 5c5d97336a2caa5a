"""Tables: one SQLModel base per service, our column types, and the tables that every service has."""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Column, DateTime, Identity, Index, Integer, MetaData, Numeric, String, Table, Text, Uuid, func, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import registry
from sqlmodel import SQLModel

NAMING_CONVENTION = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}


def service_tables(schema: str) -> type[SQLModel]:
    """A SQLModel base whose tables live in one service's schema, with the kernel's own tables already in it.

    Two services in one process have tables of one name, so each has a registry and metadata of its own.
    """
    own_registry = registry(metadata=MetaData(schema=schema, naming_convention=NAMING_CONVENTION))

    class ServiceTable(SQLModel, registry=own_registry):
        pass

    _add_kernel_tables(own_registry.metadata)
    return ServiceTable


def instant(**options: Any) -> Column[datetime]:
    """A column for an instant: always with its time zone, in UTC."""
    return Column(DateTime(timezone=True), **options)


def exact_decimal(**options: Any) -> Column[Any]:
    """A column for a decimal of any precision; never a float."""
    return Column(Numeric, **options)


def milligrams(**options: Any) -> Column[int]:
    """A column for whole milligrams."""
    return Column(BigInteger, **options)


def json_document(**options: Any) -> Column[Any]:
    return Column(JSONB, **options)


def _add_kernel_tables(metadata: MetaData) -> None:
    """Outbox, inbox, dead letters, readings of the bus, idempotent answers, audit lines, jobs: described in modules of these names."""
    Table(
        "outbox",
        metadata,
        Column("id", BigInteger, Identity(always=True), primary_key=True),
        Column("topic", Text, nullable=False),
        Column("key", Text, nullable=False),
        Column("headers", JSONB, nullable=False),
        Column("value", Text, nullable=False),
        stamped("recorded_at"),
        Column("published_at", DateTime(timezone=True)),
        Index("ix_outbox_unpublished", "id", postgresql_where=text("published_at IS NULL")),
    )
    Table(
        "inbox",
        metadata,
        Column("consumer", Text, primary_key=True),
        Column("source", Text, primary_key=True),
        Column("event_id", Text, primary_key=True),
        stamped("received_at"),
        Index("ix_inbox_received_at", "received_at"),
    )
    Table(
        "dead_letter",
        metadata,
        Column("id", BigInteger, Identity(always=True), primary_key=True),
        Column("consumer", Text, nullable=False),
        Column("topic", Text, nullable=False),
        Column("partition", Integer, nullable=False, server_default="0"),
        Column("position", BigInteger, nullable=False),
        Column("key", Text, nullable=False),
        Column("headers", JSONB, nullable=False),
        Column("value", Text, nullable=False),
        Column("state", String(10), nullable=False, server_default="parked"),
        Column("reason", Text, nullable=False),
        Column("resolution", Text),
        stamped("parked_at"),
        Index("ix_dead_letter_parked", "consumer", "topic", "key", postgresql_where=text("state = 'parked'")),
        Index("uq_dead_letter_origin", "consumer", "topic", "partition", "position", unique=True),
    )
    Table(
        "reading",
        metadata,
        Column("consumer", Text, primary_key=True),
        Column("number", BigInteger, nullable=False),
    )
    Table("history_begin", metadata, Column("begun_at", DateTime(timezone=True), primary_key=True), Column("because", Text, nullable=False))
    Table(
        "idempotent_answer",
        metadata,
        Column("key", Text, primary_key=True),
        Column("principal", Text, primary_key=True),
        Column("route", Text, primary_key=True),
        Column("fingerprint", Text, nullable=False),
        Column("status", Integer, nullable=False),
        Column("headers", JSONB, nullable=False),
        Column("body", Text),
        stamped("answered_at"),
        Index("ix_idempotent_answer_answered_at", "answered_at"),
    )
    Table("revoked_client", metadata, Column("client_id", Text, primary_key=True), stamped("revoked_at"))
    Table(
        "audit",
        metadata,
        Column("id", BigInteger, Identity(always=True), primary_key=True),
        stamped("recorded_at"),
        Column("principal", Text, nullable=False),
        Column("action", Text, nullable=False),
        Column("subject", Text, nullable=False),
        Column("outcome", String(10), nullable=False),
        Column("reason", Text),
        Column("before", JSONB),
        Column("after", JSONB),
        Column("trace_id", Text),
        Index("ix_audit_subject", "subject"),
    )
    Table(
        "job",
        metadata,
        Column("id", Uuid, primary_key=True),
        Column("kind", Text, nullable=False),
        Column("payload", JSONB, nullable=False),
        Column("state", String(10), nullable=False, server_default="queued"),
        Column("attempts", Integer, nullable=False, server_default="0"),
        Column("traceparent", Text),
        Column("leased_until", DateTime(timezone=True)),
        Column("run_after", DateTime(timezone=True), nullable=False, server_default=func.clock_timestamp()),
        Column("result", JSONB),
        Column("error", Text),
        stamped("created_at"),
        Column("finished_at", DateTime(timezone=True)),
        Index("ix_job_open", "run_after", postgresql_where=text("state IN ('queued', 'running')")),
        Index("ix_job_finished", "finished_at", postgresql_where=text("finished_at IS NOT NULL")),
    )


def stamped(name: str) -> Column[datetime]:
    return Column(name, DateTime(timezone=True), nullable=False, server_default=func.clock_timestamp())
