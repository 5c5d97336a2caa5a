"""What is PostgreSQL's own: the driver under a session, and what an error of it means."""

import asyncpg
from sqlalchemy import URL, make_url
from sqlalchemy.exc import DBAPIError, InterfaceError
from sqlalchemy.exc import TimeoutError as PoolExhausted
from sqlmodel.ext.asyncio.session import AsyncSession

DRIVER = "driver"  # where a session keeps the driver's connection of its present transaction


async def driver(session: AsyncSession) -> asyncpg.Connection:
    """The asyncpg connection under a session, for set-based statements and COPY; its transaction is open on return."""
    if not session.in_transaction():
        await session.connection()
    return session.info[DRIVER]


def driver_url(url: str | URL) -> URL:
    """An address for asyncpg, which calls libpq's `sslmode` by the name `ssl`."""
    address = make_url(url).set(drivername="postgresql+asyncpg")
    mode = address.query.get("sslmode")
    return address if mode is None else address.difference_update_query(["sslmode"]).update_query_dict({"ssl": mode})


def sql_state(error: BaseException) -> str | None:
    """The SQLSTATE of a database error, whether SQLAlchemy wrapped it or the driver raised it."""
    cause = error.orig if isinstance(error, DBAPIError) else error
    return getattr(cause, "sqlstate", None)


def is_outage(error: BaseException) -> bool:
    """Whether an error says that the database is away, or has no room, rather than that the work was wrong.

    source  PostgreSQL, appendix A: classes 08 connection, 53 insufficient resources, 57P operator intervention, 58 system error
    """
    if isinstance(error, OSError | PoolExhausted | asyncpg.PostgresConnectionError | asyncpg.exceptions.CannotConnectNowError):
        return True
    if isinstance(error, DBAPIError) and error.connection_invalidated:
        return True
    if isinstance(error, DBAPIError) and error.orig is not None and isinstance(error.orig.__cause__, asyncpg.InternalClientError):
        return True  # the driver was in the middle of something when the connection was lost
    if isinstance(error, InterfaceError | asyncpg.InterfaceError):
        # The driver has one class for a lost connection and for misuse of itself, such as a wrong number of arguments; its words differ.
        return "connection is closed" in str(error)
    return (sql_state(error) or "").startswith(("08", "53", "57P", "58"))
