"""Databases made ready: per service a schema, an owner role that migrates it and a runtime role that may only read and write rows.

All in one database, with passwords that are kept in BASEYEAR_HOME, or each service at an address that the operator has decided.
"""

import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import asyncpg
from sqlalchemy import URL, make_url

from contracts.topics import TOPICS
from kernel.bus.log_table import LOG_SCHEMA
from kernel.keys import write_private_file
from kernel.migrations import upgrade
from kernel.settings import Settings
from kernel.unfinished import Unfinished, mark_of, put_mark

DATABASE = "baseyear"
SERVICES = ("factors", "inventory", "reporting")  # in the direction of facts; each may ask those before it
ROOT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True, slots=True)
class Schema:
    """A service's schema and the folder of its migrations."""

    name: str
    migrations: Path


SCHEMAS = [
    Schema("gateway", ROOT / "gateway" / "migrations"),
    *(Schema(name, ROOT / "services" / name / "migrations") for name in SERVICES),
]


async def connect(url: URL) -> asyncpg.Connection:
    return await asyncpg.connect(
        user=url.username,
        password=url.password,
        database=url.database,
        host=url.query.get("host") or url.host,
        port=url.port or 5432,
        ssl=url.query.get("sslmode"),
    )


async def create_database(admin: URL, name: str = DATABASE, template: str | None = None) -> URL:
    """Have a database of this name on the administrator's server; returns the administrator's address of it."""
    connection = await connect(admin)
    try:
        if not await connection.fetchval("SELECT true FROM pg_database WHERE datname = $1", name):
            strategy = "" if template is None else " STRATEGY file_copy"  # a full database is copied much faster by its files
            await connection.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template or "template0"}"{strategy}')
    finally:
        await connection.close()
    return admin.set(database=name)


def decided_addresses(settings: Settings) -> dict[str, URL]:
    """The services' runtime addresses that the settings decide."""
    return {name: make_url(url.get_secret_value()) for name, url in settings.service_database_urls.items()}


async def prepare(settings: Settings, admin: URL) -> dict[str, URL]:
    """Everything that an installation needs before it serves: databases, and topics where events run over Kafka.

    raises  Unfinished, where a restore or a beginning anew is to be run again first; then nothing is changed
    """
    addresses = runtime_addresses(admin, SCHEMAS, settings.home, decided_addresses(settings))
    if marks := await marks_of(admin, addresses):
        name, mark = next(iter(marks.items()))
        raise Unfinished(f"{name} does not start. {mark}")
    return await provide(settings, admin)


async def provide(settings: Settings, admin: URL) -> dict[str, URL]:
    """What `prepare` does, for those who finish what was interrupted."""
    _give_each_service_its_files(settings.home / "files")
    addresses = await provision(admin, SCHEMAS, settings.home, decided_addresses(settings))
    if settings.kafka_bootstrap is not None:
        from kernel.bus.kafka import connection_options, create_topics  # noqa: PLC0415 - the extra `kafka`

        await create_topics(connection_options(settings), TOPICS, settings.kafka_replication)
    return addresses


async def marks_of(admin: URL, addresses: Mapping[str, URL]) -> dict[str, str]:
    """The marks of services in which something was interrupted."""
    marks = {}
    for name, address in addresses.items():
        try:
            connection = await connect(admin.set(database=address.database))
        except asyncpg.InvalidCatalogNameError:  # not made yet
            continue
        try:
            mark = await mark_of(connection, name)
        finally:
            await connection.close()
        if mark is not None:
            marks[name] = mark
    return marks


async def mark_services(admin: URL, addresses: Mapping[str, URL], mark: str | None) -> None:
    """Let services not start until the mark is taken away, which is done with None."""
    for name, address in addresses.items():
        connection = await connect(admin.set(database=address.database))
        try:
            await put_mark(connection, name, mark)
        finally:
            await connection.close()


def _give_each_service_its_files(folder: Path) -> None:
    """Up to version 0.1.0 files had one folder, and all were reporting's."""
    for shared in folder.glob("[0-9a-f][0-9a-f]"):
        own = folder / "reporting" / shared.name
        own.mkdir(parents=True, exist_ok=True)
        for file in shared.iterdir():
            file.replace(own / file.name)
        shared.rmdir()


async def provision(admin: URL, schemas: list[Schema], home: Path, decided: Mapping[str, URL] | None = None) -> dict[str, URL]:
    """Databases, roles, schemas, migrations and the log table; returns each service's runtime address. Done again, it changes nothing.

    decided  as `runtime_addresses` takes it
    """
    addresses = runtime_addresses(admin, schemas, home, decided)
    for schema in schemas:
        await _provision_schema(admin, schema, addresses[schema.name])
    if all(address.database == admin.database for address in addresses.values()):
        connection = await connect(admin)
        try:
            async with connection.transaction():
                await _provision_log(connection, addresses)
        finally:
            await connection.close()
    return addresses


def runtime_addresses(admin: URL, schemas: list[Schema], home: Path, decided: Mapping[str, URL] | None = None) -> dict[str, URL]:
    """Each service's runtime address: the decided one, else one in the administrator's database with a password that is kept in `home`."""
    decided = decided or {}
    passwords = _role_passwords(home, [schema.name for schema in schemas if schema.name not in decided])
    return {schema.name: decided.get(schema.name) or admin.set(username=schema.name, password=passwords[schema.name]) for schema in schemas}


async def _provision_schema(admin: URL, schema: Schema, address: URL) -> None:
    runtime, owner = address.username, f"{address.username}_owner"
    own_database = address.database != admin.database
    if own_database:
        admin = await create_database(admin, str(address.database))
    connection = await connect(admin)
    try:
        async with connection.transaction():
            await connection.execute("SELECT pg_advisory_xact_lock(hashtextextended('baseyear provisioning', 0))")
            if own_database:
                await connection.execute(f'REVOKE CONNECT, TEMPORARY ON DATABASE "{address.database}" FROM PUBLIC')
            password = await connection.fetchval("SELECT quote_literal($1)", address.password)
            await _role(connection, owner, "NOLOGIN")
            await _role(connection, str(runtime), f"LOGIN NOINHERIT PASSWORD {password}")
            for statement in _schema_statements(schema.name, owner, str(runtime), str(address.database)):
                await connection.execute(statement)
    finally:
        await connection.close()
    await upgrade(admin, owner, schema.name, schema.migrations)


async def empty_schema(admin: URL, name: str, address: URL) -> None:
    """Let a service that was provisioned have a schema with nothing in it but the mark of what is under way.

    admin    the administrator's address of the database
    address  the service's runtime address
    """
    connection = await connect(admin)
    try:
        async with connection.transaction():
            mark = await mark_of(connection, name)
            await connection.execute(f'DROP SCHEMA "{name}" CASCADE')
            for statement in _schema_statements(name, f"{address.username}_owner", str(address.username), str(address.database)):
                await connection.execute(statement)
            await put_mark(connection, name, mark)
    finally:
        await connection.close()


async def _role(connection: asyncpg.Connection, name: str, options: str) -> None:
    exists = await connection.fetchval("SELECT true FROM pg_roles WHERE rolname = $1", name)
    await connection.execute(f'{"ALTER" if exists else "CREATE"} ROLE "{name}" {options}')


def _schema_statements(schema: str, owner: str, runtime: str, database: str) -> list[str]:
    defaults = f'ALTER DEFAULT PRIVILEGES FOR ROLE "{owner}" IN SCHEMA "{schema}" GRANT'
    return [
        f'GRANT "{owner}" TO CURRENT_USER',
        f'GRANT CONNECT ON DATABASE "{database}" TO "{owner}", "{runtime}"',
        f'CREATE SCHEMA IF NOT EXISTS "{schema}" AUTHORIZATION "{owner}"',
        f'GRANT USAGE ON SCHEMA "{schema}" TO "{runtime}"',
        f'{defaults} SELECT, INSERT, UPDATE, DELETE ON TABLES TO "{runtime}"',
        f'{defaults} USAGE ON SEQUENCES TO "{runtime}"',
    ]


async def _provision_log(connection: asyncpg.Connection, addresses: Mapping[str, URL]) -> None:
    await connection.execute("SELECT pg_advisory_xact_lock(hashtextextended('baseyear provisioning', 0))")
    for statement in LOG_SCHEMA:
        await connection.execute(statement)
    await connection.executemany(
        "INSERT INTO bus.topic VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET retention_days = excluded.retention_days",
        [(topic.name, topic.retention_days) for topic in TOPICS],
    )
    roles = ", ".join(f'"{address.username}"' for address in addresses.values())
    await connection.execute(f"GRANT USAGE ON SCHEMA bus TO {roles}")
    await connection.execute(f"GRANT SELECT, INSERT ON bus.log TO {roles}")
    await connection.execute(f"GRANT EXECUTE ON FUNCTION bus.expire TO {roles}")
    await connection.execute(f"GRANT SELECT, INSERT, UPDATE, DELETE ON bus.cursor TO {roles}")


def _role_passwords(home: Path, roles: list[str]) -> dict[str, str]:
    path = home / "database-roles.json"
    passwords: dict[str, str] = json.loads(path.read_text()) if path.exists() else {}
    missing = [role for role in roles if role not in passwords]
    if missing:
        passwords |= {role: secrets.token_urlsafe(24) for role in missing}
        home.mkdir(parents=True, exist_ok=True)
        write_private_file(path, json.dumps(passwords))
    return passwords
