"""Revocation: every service hears of deleted clients and refuses their tokens, also after a restart and in every replica."""

import asyncio

import structlog
from sqlalchemy import text

from kernel.auth import TokenVerifier
from kernel.consumer import Subscription
from kernel.database import Database, Session
from kernel.outbox import Message

log = structlog.get_logger()

CLIENT_TOPIC = "baseyear.gateway.client.v1"
POLL_SECONDS = 1.0


def subscription(verifier: TokenVerifier) -> Subscription:
    """Writes down which clients are deleted, and refuses them in this process at once."""

    async def apply(session: Session, messages: list[Message]) -> None:
        deleted = [message.key for message in messages if message.document()["state"] == "deleted"]
        for client_id in deleted:
            await session.execute(text("INSERT INTO revoked_client (client_id) VALUES (:id) ON CONFLICT DO NOTHING"), {"id": client_id})
            verifier.revoke(client_id)

    return Subscription(CLIENT_TOPIC, "state", apply)


async def load(database: Database, verifier: TokenVerifier) -> None:
    async with database.unit_of_work() as session:
        for client_id in await session.scalars(text("SELECT client_id FROM revoked_client")):
            verifier.revoke(client_id)


async def follow(database: Database, verifier: TokenVerifier) -> None:
    """Take up what other replicas of this service wrote down."""
    while True:
        try:
            await load(database, verifier)
        except Exception as error:  # the next round tries again
            log.warning("revocations_not_read", service=database.schema, error=repr(error))
        await asyncio.sleep(POLL_SECONDS)
