"""What an error of the database means: an outage is waited out, a mistake is not."""

import asyncpg
import pytest
from sqlalchemy.exc import DBAPIError, InterfaceError
from sqlalchemy.exc import TimeoutError as PoolExhausted

from kernel.postgres import is_outage, sql_state


def wrapped(cause: BaseException, invalidated: bool = False) -> DBAPIError:
    return DBAPIError("SELECT", None, cause, connection_invalidated=invalidated)


@pytest.mark.parametrize(
    "error",
    [
        ConnectionRefusedError(),
        FileNotFoundError("no socket"),
        asyncpg.ConnectionDoesNotExistError("closed in the middle"),
        asyncpg.CannotConnectNowError("starting up"),
        asyncpg.AdminShutdownError("terminating connection due to administrator command"),
        asyncpg.CrashShutdownError("terminating connection because of crash of another server process"),
        asyncpg.InterfaceError("connection is closed"),
        asyncpg.InterfaceError("cannot call Transaction.commit(): the underlying connection is closed"),
        InterfaceError("SELECT", None, ValueError("<class 'asyncpg.exceptions._base.InterfaceError'>: connection is closed")),
        PoolExhausted("QueuePool limit of size 5 overflow 0 reached, connection timed out, timeout 30.00"),
        asyncpg.DiskFullError("could not extend file: no space left on device"),
        asyncpg.TooManyConnectionsError("sorry, too many clients already"),
        asyncpg.PostgresIOError("could not write"),
        wrapped(asyncpg.OutOfMemoryError("out of memory")),
        wrapped(asyncpg.AdminShutdownError("terminating connection")),
        wrapped(ValueError(), invalidated=True),
    ],
    ids=repr,
)
def test_an_outage(error: BaseException) -> None:
    assert is_outage(error)


@pytest.mark.parametrize(
    "error",
    [
        ValueError("wrong"),
        asyncpg.UniqueViolationError("twice"),
        asyncpg.DeadlockDetectedError("deadlock"),
        asyncpg.NumericValueOutOfRangeError("too large"),
        asyncpg.QueryCanceledError("statement timeout"),
        asyncpg.InterfaceError("the server expects 1 argument for this query, 2 were passed"),
        asyncpg.InterfaceError("cannot perform operation: another operation is in progress"),
        InterfaceError("SELECT", None, ValueError("<class 'asyncpg.exceptions._base.InterfaceError'>: the server expects 1 argument")),
        asyncpg.DataError("invalid input for query argument $1: 'x' ('str' object cannot be interpreted as an integer)"),
        wrapped(asyncpg.UniqueViolationError("twice")),
    ],
    ids=repr,
)
def test_no_outage(error: BaseException) -> None:
    assert not is_outage(error)


def test_the_state_of_an_error_is_found_through_its_wrapping() -> None:
    assert sql_state(wrapped(asyncpg.DeadlockDetectedError("deadlock"))) == "40P01"
    assert sql_state(asyncpg.SerializationError("no")) == "40001"
    assert sql_state(ValueError()) is None
