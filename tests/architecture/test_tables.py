"""Tables: each service's own, and equal to what its migrations make."""

import ast
import importlib
from collections.abc import AsyncIterator, Iterable
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from asyncpg import InsufficientPrivilegeError
from sqlalchemy import URL, Column, Connection, MetaData, Table, Text, pool
from sqlalchemy.ext.asyncio import create_async_engine

from baseyear.embedded import EmbeddedPostgres
from baseyear.provisioning import SCHEMAS, Schema, connect, create_database, provision, runtime_addresses
from kernel.migrations import comparison, configuration
from tests.architecture.source_files import sources

schemas = pytest.mark.parametrize("schema", SCHEMAS, ids=lambda schema: schema.name)


def tables_of(schema: Schema) -> MetaData:
    module = "gateway.tables" if schema.name == "gateway" else f"services.{schema.name}.tables"
    metadata: MetaData = importlib.import_module(module).Base.metadata
    return metadata


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def migrated(postgres: EmbeddedPostgres, home: Path) -> AsyncIterator[URL]:
    admin = await create_database(postgres.url(), "migrated")
    await provision(admin, SCHEMAS, home)
    yield admin


async def differences(admin: URL, metadata: MetaData) -> list[Any]:
    """What Alembic would write into the next revision."""

    def compare(connection: Connection) -> list[Any]:
        return list(compare_metadata(MigrationContext.configure(connection, opts=comparison(metadata)), metadata))

    engine = create_async_engine(admin.set(drivername="postgresql+asyncpg"), poolclass=pool.NullPool)
    try:
        async with engine.connect() as connection:
            return await connection.run_sync(compare)
    finally:
        await engine.dispose()


@schemas
def test_the_migrations_of_a_service_have_one_head(schema: Schema) -> None:
    assert len(ScriptDirectory.from_config(configuration(schema.migrations)).get_heads()) == 1


@schemas
async def test_the_tables_of_a_service_are_those_that_its_migrations_make(migrated: URL, schema: Schema) -> None:
    assert await differences(migrated, tables_of(schema)) == []


async def test_a_table_a_column_or_a_type_without_migration_would_be_found(migrated: URL) -> None:
    metadata = MetaData(schema="gateway")
    for table in tables_of(SCHEMAS[0]).tables.values():
        table.to_metadata(metadata)
    metadata.tables["gateway.client"].append_column(Column("forgotten", Text))
    metadata.tables["gateway.client"].columns["version"].type = Text()
    Table("forgotten_too", metadata, Column("id", Text, primary_key=True))

    found = {change[0] if isinstance(change, tuple) else change[0][0] for change in await differences(migrated, metadata)}

    assert {"add_column", "modify_type", "add_table"} <= found


@schemas
def test_all_tables_of_a_service_are_in_its_schema(schema: Schema) -> None:
    assert {table.schema for table in tables_of(schema).tables.values()} == {schema.name}


@schemas
async def test_a_service_can_neither_change_its_tables_nor_read_those_of_another(migrated: URL, home: Path, schema: Schema) -> None:
    other = next(other.name for other in SCHEMAS if other.name != schema.name)
    connection = await connect(runtime_addresses(migrated, SCHEMAS, home)[schema.name])
    try:
        assert await connection.fetchval(f"SELECT count(*) FROM {schema.name}.outbox") == 0
        for statement in (
            f"ALTER TABLE {schema.name}.outbox ADD COLUMN x text",
            f"CREATE TABLE {schema.name}.x (id text)",
            f"SELECT * FROM {other}.outbox",
            "CREATE TABLE public.x (id text)",
            "UPDATE bus.log SET value = ''",
            "DELETE FROM bus.log",
        ):
            with pytest.raises(InsufficientPrivilegeError):
                await connection.execute(statement)
        role = await connection.fetchrow("SELECT rolsuper, rolbypassrls, rolcreaterole FROM pg_roles WHERE rolname = current_user")
        assert tuple(role) == (False, False, False)
    finally:
        await connection.close()


def direct_tables(files: Iterable[tuple[str, str]]) -> list[str]:
    """Tables that would land in the one metadata of SQLModel, where two services' tables of one name collide."""
    found = []
    for path, source in files:
        for node in ast.walk(ast.parse(source)):
            if isinstance(node, ast.ClassDef) and any(keyword.arg == "table" for keyword in node.keywords):
                found += [f"{path}: {node.name}" for parent in node.bases if ast.unparse(parent).rpartition(".")[2] == "SQLModel"]
    return found


def test_no_table_derives_from_sqlmodel_itself() -> None:
    assert direct_tables(sources()) == []


@pytest.mark.parametrize("parent", ["SQLModel", "sqlmodel.SQLModel"])
def test_a_table_that_did_would_be_found(parent: str) -> None:
    assert direct_tables([("tables.py", f"class Client({parent}, table=True): ...")]) == ["tables.py: Client"]
