"""A service's database and bus looked at: reachable, at the head, its role harmless, its clock right, nothing stuck."""

import time

import asyncpg
from alembic.script import ScriptDirectory
from sqlalchemy import URL

from baseyear.findings import Finding, look, ok, wrong
from baseyear.provisioning import Schema, connect
from kernel.migrations import configuration
from kernel.republishing import REPUBLISH
from kernel.service import Service
from kernel.unfinished import mark_of

OLDEST_SERVER = 16
WAITING_SECONDS = 60
SKEW_LOOK_SECONDS, SKEW_WRONG_SECONDS = 2, 30
FAR_BEHIND = 1_000


async def check_database(schema: Schema, address: URL) -> list[Finding]:
    """Everything that the service's own role can see of its database."""
    what = f"database {schema.name}"
    try:
        connection = await connect(address)
    except (OSError, asyncpg.PostgresError, TimeoutError) as error:
        remedy = "Is PostgreSQL running, and does the address of the database have the right host, user, password and database?"
        return [wrong(what, f"not reachable: {error}", remedy)]
    try:
        tables = await _tables(connection, schema)
        findings = [tables, await _server(connection, what), await _role(connection, what), await _clock(connection, what)]
        if tables.state == "ok":
            await connection.execute(f'SET search_path = "{schema.name}"')
            findings += [*await _outbox(connection, schema.name), *await _dead_letters(connection, schema.name)]
            findings += [*await _republications(connection, schema.name), *await _history(connection, schema.name)]
        return findings
    finally:
        await connection.close()


async def _tables(connection: asyncpg.Connection, schema: Schema) -> Finding:
    what = f"tables {schema.name}"
    if not await connection.fetchval("SELECT to_regclass($1) IS NOT NULL", f'"{schema.name}".alembic_version'):
        return wrong(what, "there are none", "Run `baseyear migrate`.")
    mark = await mark_of(connection, schema.name)
    if mark is not None:
        return wrong(what, "what is in them was interrupted half-way", mark)
    revision = await connection.fetchval(f'SELECT version_num FROM "{schema.name}".alembic_version')
    script = ScriptDirectory.from_config(configuration(schema.migrations))
    if revision == script.get_current_head():
        return ok(what, f"at revision {revision}, the head")
    if revision in {each.revision for each in script.walk_revisions()}:
        return wrong(what, f"at revision {revision}, behind {script.get_current_head()}", "Run `baseyear migrate`.")
    return wrong(what, f"at revision {revision}, which this version does not know", "Use the version that migrated them, or a newer one.")


async def _server(connection: asyncpg.Connection, what: str) -> Finding:
    said = f"PostgreSQL {(await connection.fetchval('SHOW server_version')).split()[0]}"
    if connection.get_server_version().major < OLDEST_SERVER:
        return wrong(what, said, f"PostgreSQL {OLDEST_SERVER} or newer is needed.")
    return ok(what, said)


async def _role(connection: asyncpg.Connection, what: str) -> Finding:
    name, superuser, bypasses = await connection.fetchrow(
        "SELECT rolname, rolsuper, rolbypassrls FROM pg_roles WHERE rolname = current_user"
    )
    if superuser or bypasses:
        may = "is a superuser" if superuser else "may bypass row-level security"
        return wrong(what, f"its role {name} {may}", f'ALTER ROLE "{name}" NOSUPERUSER NOBYPASSRLS; services need neither.')
    return ok(what, f"role {name} has no special rights")


async def _clock(connection: asyncpg.Connection, what: str) -> Finding:
    before = time.time()
    there = (await connection.fetchval("SELECT extract(epoch FROM clock_timestamp())::float8")) - before
    skew = max(0.0, abs(there) - (time.time() - before))
    said = f"clocks are {skew:.1f} s apart"
    remedy = "Let both machines follow a time server."
    if skew >= SKEW_LOOK_SECONDS:
        return (wrong if skew >= SKEW_WRONG_SECONDS else look)(what, said, remedy)
    return ok(what, said)


async def _outbox(connection: asyncpg.Connection, name: str) -> list[Finding]:
    waiting, age = await connection.fetchrow(
        "SELECT count(*), coalesce(extract(epoch FROM clock_timestamp() - min(recorded_at)), 0)::float8"
        " FROM outbox WHERE published_at IS NULL"
    )
    if age < WAITING_SECONDS:
        return [ok(f"events {name}", f"{waiting} to be published")]
    remedy = f"Is {name} running, and Kafka, if events run over it? They are published when both are."
    return [look(f"events {name}", f"{waiting} to be published, the oldest for {_duration(age)}", remedy)]


async def _dead_letters(connection: asyncpg.Connection, name: str) -> list[Finding]:
    parked = await connection.fetchval("SELECT count(*) FROM dead_letter WHERE state = 'parked'")
    if not parked:
        return [ok(f"events {name}", "none parked")]
    remedy = "`baseyear events dead-letters` says why; then redrive or drop them: docs/how-to/look-after-events.md."
    return [wrong(f"events {name}", f"{parked} are parked, because they could not be applied", remedy)]


async def _republications(connection: asyncpg.Connection, name: str) -> list[Finding]:
    """Topics that were to be said again whole, and neither were nor have been since."""
    failed = await connection.fetch(
        "SELECT DISTINCT ON (topic) topic, state, error FROM job CROSS JOIN LATERAL (SELECT payload ->> 'topic' AS topic) AS said"
        " WHERE kind = $1 ORDER BY topic, id DESC",
        REPUBLISH,
    )
    return [
        wrong(f"events {name}", f"{job['topic']} was not said again whole: {job['error']}", f"`baseyear events republish {job['topic']}`.")
        for job in failed
        if job["state"] == "failed"
    ]


async def _history(connection: asyncpg.Connection, name: str) -> list[Finding]:
    begun = await connection.fetchrow("SELECT begun_at, because FROM history_begin ORDER BY begun_at DESC LIMIT 1")
    if begun is None:
        return []
    return [ok(f"history {name}", f"what it heard before {begun['begun_at']:%Y-%m-%d %H:%M} UTC is approximate: {begun['because']}")]


async def check_lag(service: Service) -> Finding:
    """How far the service is behind with reading."""
    what = f"events {service.name}"
    try:
        lag = sum((await service.ground.bus.lag(service.consumer.name, service.consumer.topics)).values())
    except Exception as error:
        return look(what, f"how far it has read cannot be seen: {error!r}", "Mend what is wrong above.")
    if lag < FAR_BEHIND:
        return ok(what, f"{lag} to be read")
    remedy = f"Is {service.name} running? After a restore or a rebuild it reads everything anew."
    return look(what, f"{lag:,} to be read", remedy)


def _duration(seconds: float) -> str:
    for unit, length in (("days", 86_400), ("hours", 3_600), ("minutes", 60)):
        if seconds >= 2 * length:
            return f"{seconds / length:.0f} {unit}"
    return f"{seconds:.0f} seconds"
