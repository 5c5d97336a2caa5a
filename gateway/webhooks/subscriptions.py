"""Which topics webhooks are fed from: an event's deliveries are written in the transaction that reads it."""

from collections.abc import Callable
from typing import Literal

from gateway.webhooks import deliveries
from gateway.webhooks.event_types import TOLD, Notice
from kernel.consumer import Subscription
from kernel.database import Session
from kernel.outbox import Message


def subscriptions() -> list[Subscription]:
    return [_subscription(topic.name, topic.kind, notice_of) for topic, notice_of in TOLD.items()]


def _subscription(topic: str, kind: Literal["state", "fact"], notice_of: Callable[[Message], Notice]) -> Subscription:
    async def apply(session: Session, messages: list[Message]) -> None:
        await deliveries.record(session, [notice_of(message) for message in messages])

    return Subscription(topic, kind, apply)
