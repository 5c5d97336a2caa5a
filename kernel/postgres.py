"""What is PostgreSQL's own: the driver under a session, and what an error of it means."""

import asyncpg
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlmodel.ext.asyncio.session import AsyncSession


async def driver(session: AsyncSession) -> asyncpg.Connection:
    """The asyncpg connection under a session, for set-based statements and COPY; its transaction is open on return."""
    connection = await session.connection()
    raw = await connection.get_raw_connection()
    return raw.driver_connection


def sql_state(error: BaseException) -> str | None:
    """The SQLSTATE of a database error, whether SQLAlchemy wrapped it or the driver raised it."""
    cause = error.orig if isinstance(error, DBAPIError) else error
    return getattr(cause, "sqlstate", None)


def is_outage(error: BaseException) -> bool:
    """Whether an error says that the database is away rather than that the work was wrong."""
    if isinstance(error, OSError | asyncpg.PostgresConnectionError | asyncpg.InterfaceError | asyncpg.exceptions.CannotConnectNowError):
        return True
    if isinstance(error, InterfaceError | OperationalError):
        return True
    state = sql_state(error)
    return isinstance(error, DBAPIError) and (error.connection_invalidated or (state or "").startswith(("08", "57P")))
