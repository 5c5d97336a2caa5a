"""A database made ready: per service a schema, an owner role that migrates it and a runtime role that may only read and write rows."""

import json
import secrets
from dataclasses import dataclass
from pathlib import Path

import asyncpg
from sqlalchemy import URL

from kernel.bus.log_table import LOG_SCHEMA
from kernel.keys import write_private_file
from kernel.migrations import upgrade

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
            await connection.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template or "template0"}"')
    finally:
        await connection.close()
    return admin.set(database=name)


async def provision(admin: URL, schemas: list[Schema], home: Path) -> dict[str, URL]:
    """Roles, schemas, migrations and the log table; returns each service's runtime address. Done again, it changes nothing."""
    passwords = _role_passwords(home, schemas)
    connection = await connect(admin)
    try:
        async with connection.transaction():
            await connection.execute("SELECT pg_advisory_xact_lock(hashtextextended('baseyear provisioning', 0))")
            for schema in schemas:
                await _provision_schema(connection, schema.name, passwords)
    finally:
        await connection.close()
    for schema in schemas:
        owner = f"{schema.name}_owner"
        await upgrade(admin.set(username=owner, password=passwords[owner]), schema.name, schema.migrations)
    connection = await connect(admin)
    try:
        async with connection.transaction():
            await _provision_log(connection, [schema.name for schema in schemas])
    finally:
        await connection.close()
    return runtime_addresses(admin, schemas, home)


def runtime_addresses(admin: URL, schemas: list[Schema], home: Path) -> dict[str, URL]:
    """Each service's runtime address in a database that was provisioned."""
    passwords = _role_passwords(home, schemas)
    return {schema.name: admin.set(username=schema.name, password=passwords[schema.name]) for schema in schemas}


async def _provision_schema(connection: asyncpg.Connection, name: str, passwords: dict[str, str]) -> None:
    for role in (f"{name}_owner", name):
        exists = await connection.fetchval("SELECT true FROM pg_roles WHERE rolname = $1", role)
        verb = "ALTER" if exists else "CREATE"
        # A password of ours is made of letters, digits, - and _, so it needs no quoting.
        await connection.execute(f"{verb} ROLE \"{role}\" LOGIN NOINHERIT PASSWORD '{passwords[role]}'")
    owner = f"{name}_owner"
    await connection.execute(f'GRANT "{owner}" TO CURRENT_USER')
    await connection.execute(f'CREATE SCHEMA IF NOT EXISTS "{name}" AUTHORIZATION "{owner}"')
    await connection.execute(f'GRANT USAGE ON SCHEMA "{name}" TO "{name}"')
    defaults = f'ALTER DEFAULT PRIVILEGES FOR ROLE "{owner}" IN SCHEMA "{name}" GRANT'
    await connection.execute(f'{defaults} SELECT, INSERT, UPDATE, DELETE ON TABLES TO "{name}"')
    await connection.execute(f'{defaults} USAGE ON SEQUENCES TO "{name}"')


async def _provision_log(connection: asyncpg.Connection, names: list[str]) -> None:
    for statement in LOG_SCHEMA:
        await connection.execute(statement)
    roles = ", ".join(f'"{name}"' for name in names)
    await connection.execute(f"GRANT USAGE ON SCHEMA bus TO {roles}")
    await connection.execute(f"GRANT SELECT, INSERT ON bus.log TO {roles}")
    await connection.execute(f"GRANT SELECT, INSERT, UPDATE, DELETE ON bus.cursor TO {roles}")


def _role_passwords(home: Path, schemas: list[Schema]) -> dict[str, str]:
    path = home / "database-roles.json"
    passwords: dict[str, str] = json.loads(path.read_text()) if path.exists() else {}
    missing = [role for schema in schemas for role in (f"{schema.name}_owner", schema.name) if role not in passwords]
    if missing:
        passwords |= {role: secrets.token_urlsafe(24) for role in missing}
        home.mkdir(parents=True, exist_ok=True)
        write_private_file(path, json.dumps(passwords))
    return passwords
