"""One service's database: its pool, and the unit of work that alone commits.

A unit of work opens its transaction with its first statement, not before, so that a request can ask other services first.
The statement that opens it tells PostgreSQL the principal; without a statement of SQLAlchemy's a COPY through the driver would
run outside the transaction and commit by itself.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any, TypeVar

import asyncpg
from sqlalchemy import URL, Connection, event
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.pool import AsyncAdaptedQueuePool, PoolProxiedConnection
from sqlmodel import Session as BlockingSession
from sqlmodel.ext.asyncio.session import AsyncSession

from kernel import outbox
from kernel.metrics import CONNECTION_WAITS
from kernel.postgres import DRIVER, driver_url, sql_state

Session = AsyncSession
Result = TypeVar("Result")

RETRIED_STATES = frozenset({"40001", "40P01"})  # serialisation failure, deadlock
RETRIES = 5
SYSTEM = "system"

Opening = Callable[[Connection], None]
_PRINCIPAL, _OPENING = "principal", "opening"

_open_session: ContextVar[Session | None] = ContextVar("open_session", default=None)


class TransactionOpen(RuntimeError):
    """Another service was asked while a transaction was open; ask before the first statement."""


@dataclass(slots=True)
class AnsweredWithoutCommit(Exception):
    """Ends a unit of work without a commit and with an answer: a replayed one, or that of a dry run."""

    response: Any


def refuse_inside_transaction() -> None:
    """Raise TransactionOpen if this task holds a transaction: nobody waits for another service with rows locked."""
    session = _open_session.get()
    if session is not None and session.in_transaction():
        raise TransactionOpen("ask other services before the transaction opens, never while it is open")


class _UnitOfWork(BlockingSession):
    """The session under every unit of work; what a transaction begins with is listened for once, at the class."""


@event.listens_for(_UnitOfWork, "after_begin")
def _opened(session: BlockingSession, _: Any, connection: Connection) -> None:
    connection.exec_driver_sql("SELECT set_config('baseyear.principal', $1, true)", (session.info[_PRINCIPAL],))
    session.info[DRIVER] = connection.connection.driver_connection
    opening: Opening | None = session.info[_OPENING]
    if opening is not None:
        opening(connection)


class _Pool(AsyncAdaptedQueuePool):
    """A pool that tells how long one waits for its connections."""

    def connect(self) -> PoolProxiedConnection:
        asked = time.perf_counter()
        connection = super().connect()
        CONNECTION_WAITS.labels(self.logging_name).observe(time.perf_counter() - asked)
        return connection


class Database:
    """The pool of one service's runtime role; every connection sees the service's schema first."""

    def __init__(self, url: str | URL, schema: str, *, pool_size: int = 5) -> None:
        self.schema = schema
        self.engine: AsyncEngine = create_async_engine(
            driver_url(url),
            hide_parameters=True,  # what an error quotes is logged
            poolclass=_Pool,
            pool_logging_name=schema,
            pool_size=pool_size,
            max_overflow=0,
            pool_timeout=30,
            pool_pre_ping=False,
            connect_args={
                "server_settings": {
                    "search_path": schema,
                    "application_name": f"baseyear {schema}",
                    "timezone": "UTC",
                    "jit": "off",
                    "statement_timeout": "120s",
                },
                "timeout": 10,
            },
        )
        self.outbox_filled = asyncio.Event()

    @asynccontextmanager
    async def unit_of_work(self, principal: str = SYSTEM, opening: Opening | None = None) -> AsyncIterator[Session]:
        """A session whose transaction opens with its first statement and is committed on leaving, or rolled back on an exception.

        opening  called inside the transaction directly after it opened; may raise to refuse it
        """
        session = Session(
            self.engine,
            expire_on_commit=False,
            autoflush=False,
            sync_session_class=_UnitOfWork,
            info={_PRINCIPAL: principal, _OPENING: opening},
        )
        token = _open_session.set(session)
        try:
            yield session
            if session.in_transaction() or session.new or outbox.holds_events(session):
                recorded = await outbox.flush(session)
                await session.commit()
                if recorded:
                    self.outbox_filled.set()
        finally:
            _open_session.reset(token)
            if session.in_transaction():
                await session.close()

    @asynccontextmanager
    async def one_statement(self) -> AsyncIterator[asyncpg.Connection]:
        """The driver's connection outside any transaction, for a single statement that is one by itself."""
        async with self.engine.connect() as connection:
            yield (await connection.get_raw_connection()).driver_connection

    async def retried(self, work: Callable[[], Awaitable[Result]]) -> Result:
        """Run `work`, which opens its own unit of work, again when PostgreSQL found it in a deadlock or a serialisation failure."""
        for attempt in range(RETRIES):
            try:
                return await work()
            except Exception as error:
                if sql_state(error) not in RETRIED_STATES or attempt == RETRIES - 1:
                    raise
                await asyncio.sleep(0.01 * 2**attempt)
        raise AssertionError("unreachable: the last attempt returns or raises")

    async def close(self) -> None:
        await self.engine.dispose()
