"""Beginning anew: after a restore or the loss of a broker topics are empty, and all that services know of each other is told again.

Owners say their present states, and the facts that their outboxes still hold; what a state was before is not told again, so what
projections answer for an instant before the beginning is approximate.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import text

from kernel.database import Session
from kernel.postgres import driver
from kernel.republishing import republish
from kernel.revocation import CLIENT_TOPIC
from kernel.service import Service


async def begin_anew(service: Service, because: str) -> None:
    """Forget what a service has heard, and have it say again, when it runs, what it tells; done twice it does no harm.

    The topics are empty and no replica of the service is running.
    """

    async def attempt() -> None:
        async with service.ground.database.unit_of_work() as session:
            await service.forget(session)
            if CLIENT_TOPIC not in service.state_topics:  # the gateway knows by itself which clients are deleted
                await session.execute(text("DELETE FROM revoked_client"))
            for topic in service.state_topics:
                await republish(session, topic)
            await session.execute(
                text("UPDATE outbox SET published_at = NULL WHERE topic <> ALL(:states)"), {"states": service.state_topics}
            )
            await session.execute(text("INSERT INTO history_begin VALUES (clock_timestamp(), :because)"), {"because": because})

    await service.ground.database.retried(attempt)


async def facts_told(session: Session, state_topics: Sequence[str]) -> list[str]:
    """The ids of the facts that a service's outbox holds."""
    connection = await driver(session)
    rows = await connection.fetch("SELECT headers ->> 'ce_id' AS id FROM outbox WHERE topic <> ALL($1::text[])", list(state_topics))
    return [row["id"] for row in rows]


async def forget_facts(session: Session, tables: Sequence[str], source: str, since: datetime, told: Sequence[str]) -> int:
    """Forget the facts of a source that were recorded after `since` and are not among those it tells; returns how many."""
    connection = await driver(session)
    forgotten = 0
    for table in tables:
        status: Any = await connection.execute(
            f"DELETE FROM {table} WHERE source = $1 AND recorded_at > $2 AND event_id <> ALL($3::text[])", source, since, list(told)
        )
        forgotten += int(status.removeprefix("DELETE "))
    return forgotten
