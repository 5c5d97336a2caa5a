"""The lock between pushes and closings: many pushes at once, or one transition of an inventory.

A push looks whether its period is closed and then counts; a closing consolidates what is counted. An advisory lock keeps the two
apart without touching a row that every push would have to lock.
"""

from sqlalchemy import text

from kernel.database import Session
from kernel.postgres import driver

_NAME = "inventory periods"


async def share(session: Session) -> None:
    """Held by a push until its commit: no period is closed or opened meanwhile."""
    connection = await driver(session)
    await connection.execute("SELECT pg_advisory_xact_lock_shared(hashtextextended($1, 0))", _NAME)


async def hold(session: Session) -> None:
    """Held by a transition until its commit: waits for the pushes under way, and lets later ones see it."""
    await session.execute(text("SELECT pg_advisory_xact_lock(hashtextextended(:name, 0))"), {"name": _NAME})
