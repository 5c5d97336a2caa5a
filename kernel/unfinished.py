"""The mark of a restore, or of a beginning anew, that has not come to its end: nothing starts where it is found.

It is a comment on the service's schema, which the service itself can read, and which is there when the schema is empty.
"""

import asyncpg

from kernel.database import Database
from kernel.settings import SettingsRefused

# Never reworded: databases keep them, and a later version must know them.
PUT_BACK = "A restore of this service has not come to its end: run `baseyear restore` again, of all that it was to put back."
BEGIN_ANEW = "The topics have not been begun anew in every service: run `baseyear restore` or `baseyear events begin-anew` again."


class Unfinished(SettingsRefused):
    """Something was interrupted and is to be run again first; the message says what."""


async def refuse_unfinished(database: Database) -> None:
    """Raises Unfinished where the service whose database this is must not start."""
    async with database.one_statement() as connection:
        mark = await mark_of(connection, database.schema)
    if mark is not None:
        raise Unfinished(f"{database.schema} does not start. {mark}")


async def mark_of(connection: asyncpg.Connection, schema: str) -> str | None:
    """PUT_BACK, BEGIN_ANEW, or None where nothing was interrupted."""
    comment: str | None = await connection.fetchval("SELECT obj_description(to_regnamespace($1), 'pg_namespace')", schema)
    return comment if comment in (PUT_BACK, BEGIN_ANEW) else None


async def put_mark(connection: asyncpg.Connection, schema: str, mark: str | None) -> None:
    """Mark a service's schema; without a mark it may start again."""
    said = await connection.fetchval("SELECT quote_nullable($1::text)", mark)
    await connection.execute(f'COMMENT ON SCHEMA "{schema}" IS {said}')
