"""Events as the services would tell them, and how the tests of webhooks have them told."""

import asyncio
import base64
import hashlib
import hmac
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from sqlalchemy import text

from baseyear.one_process import Installation
from contracts import topics
from contracts.events import EntityChanged, IntakeRecorded
from kernel import outbox
from tests.api.gateway.webhooks.receiver import Received


def entity(version: int = 1, recorded_at: datetime | None = None) -> EntityChanged:
    content: dict[str, Any] = {"external_id": "CN-01", "name": "A company", "country": "CN", "parent": None, "ownership": [], "control": []}
    return EntityChanged(id=str(uuid4()), version=version, recorded_at=recorded_at or datetime.now(UTC), **content)


def intake(source_system: str) -> IntakeRecorded:
    counts = {"created": 2, "corrected": 0, "unchanged": 0, "stale": 0, "quarantined": 0, "refused": 0}
    return IntakeRecorded(source_system=source_system, recorded_at=datetime.now(UTC), principal="a client", **counts)


async def publish(installation: Installation, *events: EntityChanged | IntakeRecorded) -> None:
    """Have events published as their services would, and wait until the gateway has read them."""
    async with installation.services["gateway"].ground.database.unit_of_work() as session:
        for event in events:
            if isinstance(event, IntakeRecorded):
                outbox.record(session, topics.INTAKE.name, event.source_system, event)
            else:
                outbox.record(session, topics.ENTITY.name, event.id, event)
    async with asyncio.timeout(30):
        await installation.services["gateway"].caught_up()


async def statement(installation: Installation, sql: str, **values: Any) -> Any:
    """Run a statement in the gateway's database."""
    async with installation.services["gateway"].ground.database.unit_of_work() as session:
        return await session.execute(text(sql), values)


def signed_by(secret: str, received: Received) -> bool:
    """Whether a message bears a signature of the secret, reckoned as a receiver would."""
    content = f"{received.message_id}.{received.headers['webhook-timestamp']}.".encode() + received.content
    mac = hmac.new(base64.b64decode(secret.removeprefix("whsec_")), content, hashlib.sha256).digest()
    return f"v1,{base64.b64encode(mac).decode()}" in received.headers["webhook-signature"].split(" ")
