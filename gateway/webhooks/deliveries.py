"""Deliveries: one row per event and webhook, written with the event, leased by whichever process sends it, kept to be looked at."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid5

import structlog
from sqlalchemy import ColumnElement, delete, func, text, tuple_
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col, select

from gateway.tables import Webhook, WebhookAttempt, WebhookDelivery, WebhookSecret
from gateway.webhooks.endpoints import disable
from gateway.webhooks.event_types import TEST, Notice, allowed_types
from gateway.webhooks.schedule import PAUSES, Attempt, Verdict, verdict
from gateway.webhooks.sending import Outgoing
from kernel import audit
from kernel.auth import Principal
from kernel.database import SYSTEM, Session
from kernel.identifiers import uuid7
from kernel.problems import CONFLICT, Problem, not_found

log = structlog.get_logger()

OLDEST_EVENT = timedelta(days=3)  # about as long as a delivery is tried; what a rebuild reads again is older
KEPT = timedelta(days=30)
LEASE = timedelta(seconds=60)
AT_ONCE = 8  # of one webhook, in one process

COURIER = Principal(SYSTEM, "service", "deliveries of webhooks", frozenset())

# A lease is the next time at which the delivery is due: when its holder died, another process takes it up then.
_LEASE = text(
    """
    WITH ready AS (
        SELECT picked.* FROM webhook CROSS JOIN LATERAL (
            SELECT delivery.id, delivery.webhook_id, delivery.due_at FROM webhook_delivery delivery
            WHERE delivery.webhook_id = webhook.id AND delivery.state = 'waiting' AND delivery.due_at <= now()
            ORDER BY delivery.due_at LIMIT :at_once FOR UPDATE SKIP LOCKED) picked
        WHERE webhook.state = 'active' AND (webhook.resting_until IS NULL OR webhook.resting_until <= now())
          AND webhook.id <> ALL(:busy)),
    due AS (
        SELECT id FROM ready ORDER BY row_number() OVER (PARTITION BY webhook_id ORDER BY due_at), due_at LIMIT :room)
    UPDATE webhook_delivery delivery SET attempts = delivery.attempts + 1, due_at = clock_timestamp() + :lease
    FROM due, webhook WHERE delivery.id = due.id AND webhook.id = delivery.webhook_id
    RETURNING delivery.id, delivery.webhook_id, webhook.url, delivery.type, delivery.body, delivery.attempts, delivery.due_at
    """
)

# Done is done, even if the delivery was given up meanwhile; anything else counts only while the lease holds.
_SETTLE = text(
    """
    UPDATE webhook_delivery SET state = :state, failure = :failure, due_at = clock_timestamp() + :again_in,
        finished_at = CASE WHEN :ended THEN clock_timestamp() END
    WHERE id = :id AND due_at = :lease AND (state = 'waiting' OR :delivered)
    """
)

_SINCE_DELIVERED = text(
    """
    SELECT EXISTS (SELECT FROM webhook_delivery other JOIN webhook_delivery own ON own.webhook_id = other.webhook_id
                   WHERE own.id = :id AND other.state = 'delivered' AND other.finished_at > own.recorded_at)
    """
)


@dataclass(frozen=True, slots=True)
class Leased:
    """A delivery that this process sends, until `lease`."""

    outgoing: Outgoing
    webhook_id: UUID
    type: str
    attempts: int
    lease: datetime


def body_of(kind: str, recorded_at: datetime, data: dict[str, object]) -> str:
    """The body of a message, as it is signed and sent each time."""
    timestamp = recorded_at.isoformat().replace("+00:00", "Z")
    return json.dumps({"type": kind, "timestamp": timestamp, "data": data}, separators=(",", ":"))


def wants(webhook: Webhook, notice: Notice, now: datetime) -> bool:
    """Whether a webhook is told of something: it subscribed to it before it happened, sees it, and it is news."""
    return (
        notice.type in webhook.types
        and notice.recorded_at >= max(webhook.active_since, now - OLDEST_EVENT)
        and (notice.source_system is None or not webhook.source_systems or notice.source_system in webhook.source_systems)
    )


async def record(session: Session, notices: Sequence[Notice]) -> None:
    """Have every active webhook told of what it wants to know, once, however often the same event is read."""
    now = await session.scalar(select(func.clock_timestamp()))
    kinds = sorted({notice.type for notice in notices})
    interested = select(Webhook).where(Webhook.state == "active", col(Webhook.types).op("&&")(kinds)).order_by(col(Webhook.id))
    # The lock has a webhook that is being disabled or deleted either get nothing, or have what it got given up with the rest.
    active = list(await session.exec(interested.with_for_update(read=True)))
    rows = [
        {
            "id": message_id(webhook, notice.event),
            "webhook_id": webhook.id,
            "type": notice.type,
            "body": body_of(notice.type, notice.recorded_at, notice.data),
        }
        for notice in notices
        for webhook in active
        if wants(webhook, notice, now)
    ]
    if rows:
        await session.execute(insert(WebhookDelivery).on_conflict_do_nothing(index_elements=["id"]), rows)


async def record_test(session: Session, actor: Principal, webhook: Webhook) -> WebhookDelivery:
    """A message that only says that it is a test; it is tried once. Raises 409 while another waits."""
    waiting = select(WebhookDelivery.id).where(*_of(webhook, actor), WebhookDelivery.type == TEST, WebhookDelivery.state == "waiting")
    if (open_test := (await session.exec(waiting)).first()) is not None:
        raise Problem(CONFLICT, f"A test of this webhook is on its way; see what becomes of the delivery {open_test} first.")
    now = await session.scalar(select(func.clock_timestamp()))
    body = body_of(TEST, now, {"webhook": str(webhook.id)})
    delivery_id = message_id(webhook, str(uuid7()))
    await session.exec(insert(WebhookDelivery).values(id=delivery_id, webhook_id=webhook.id, type=TEST, body=body))
    return await of_webhook(session, actor, webhook, delivery_id)


def message_id(webhook: Webhook, event: str) -> str:
    """The `webhook-id` under which a webhook hears of an event: the same, whenever and wherever it is made."""
    return f"msg_{uuid5(webhook.id, event).hex}"


async def replay(session: Session, actor: Principal, delivery: WebhookDelivery) -> None:
    """Have a delivery that ended tried again from now on, by the whole schedule and under the same id; raises 409 while it waits."""
    if delivery.state == "waiting":
        raise Problem(CONFLICT, f"The delivery {delivery.id} has not ended; its next attempt comes by itself.")
    now = await session.scalar(select(func.clock_timestamp()))
    delivery.sqlmodel_update({"state": "waiting", "attempts": 0, "due_at": now, "failure": None, "finished_at": None})
    await session.flush()
    await audit.record(session, actor, "replay_webhook_delivery", f"webhook {delivery.webhook_id}", after={"delivery": delivery.id})


async def lease(session: Session, busy: Sequence[UUID], room: int) -> list[Leased]:
    """Take deliveries that are due, a few of each webhook that is not busy and `room` in all, until the leases run out.

    Where there is no room for all, every webhook gets its first before any gets its second.
    """
    rows = (await session.execute(_LEASE, {"at_once": AT_ONCE, "busy": list(busy), "room": room, "lease": LEASE})).all()
    secrets: dict[UUID, list[str]] = {}
    if rows:
        wanted = select(WebhookSecret).where(col(WebhookSecret.webhook_id).in_({row.webhook_id for row in rows}))
        for secret in await session.exec(wanted.order_by(col(WebhookSecret.created_at).desc(), col(WebhookSecret.id).desc())):
            secrets.setdefault(secret.webhook_id, []).append(secret.sealed)
    return [
        Leased(
            Outgoing(row.id, row.url, row.body, tuple(secrets.get(row.webhook_id, ()))),
            row.webhook_id,
            row.type,
            row.attempts,
            row.due_at,
        )
        for row in rows
    ]


async def settle(session: Session, leased: Leased, attempt: Attempt) -> None:
    """Write down an attempt and what follows from it, for the delivery and for its webhook; nothing where these were deleted."""
    decided = verdict(attempt, leased.attempts, 1 if leased.type == TEST else len(PAUSES))
    exhausted = decided.state == "failed" and leased.type != TEST
    webhook = None
    if exhausted or decided.rest is not None or decided.disable is not None:
        locked = select(Webhook).where(Webhook.id == leased.webhook_id).with_for_update()
        webhook = (await session.exec(locked)).one_or_none()
    settled = await session.execute(
        _SETTLE,
        {
            "id": leased.outgoing.id,
            "lease": leased.lease,
            "state": decided.state,
            "ended": decided.state != "waiting",
            "delivered": decided.state == "delivered",
            "failure": attempt.failure,
            "again_in": decided.again_in,
        },
    )
    await _write_down(session, leased.outgoing.id, attempt)
    if webhook is not None and settled.rowcount:  # type: ignore[attr-defined]  # of an UPDATE it has one
        await _let_it_rest_or_end(session, leased, webhook, decided, exhausted)


async def _write_down(session: Session, delivery_id: str, attempt: Attempt) -> None:
    await session.execute(
        text(
            "INSERT INTO webhook_attempt (delivery_id, begun_at, milliseconds, status, answer, failure)"
            " SELECT id, :begun_at, :milliseconds, :status, :answer, :failure FROM webhook_delivery WHERE id = :id FOR KEY SHARE"
        ),
        {
            "id": delivery_id,
            "begun_at": attempt.begun_at,
            "milliseconds": attempt.milliseconds,
            "status": attempt.status,
            "answer": attempt.answer,
            "failure": attempt.failure,
        },
    )


async def _let_it_rest_or_end(session: Session, leased: Leased, webhook: Webhook, decided: Verdict, exhausted: bool) -> None:
    """Disable a webhook that is gone, or that took nothing while a delivery was tried to the end; let an overloaded one rest."""
    if webhook.state != "active":
        return
    reason = decided.disable
    if reason is None and exhausted:
        log.error("webhook_delivery_failed", webhook=str(webhook.id), delivery=leased.outgoing.id, attempts=leased.attempts)
        if not await session.scalar(_SINCE_DELIVERED, {"id": leased.outgoing.id}):
            reason = f"A delivery failed {leased.attempts} times, and no other has come through since it began."
    if reason is not None:
        await disable(session, COURIER, webhook, reason)
    elif decided.rest is not None:
        now = await session.scalar(select(func.clock_timestamp()))
        webhook.resting_until = max(webhook.resting_until or now, now + decided.rest)
        await session.flush()


def _of(webhook: Webhook, actor: Principal) -> tuple[ColumnElement[bool], ...]:
    """The deliveries of a webhook that the actor may read: the webhook may have had other types than it has now."""
    return col(WebhookDelivery.webhook_id) == webhook.id, col(WebhookDelivery.type).in_([TEST, *allowed_types(actor)])


async def page(
    session: Session, actor: Principal, webhook: Webhook, state: str | None, after: list[Any] | None, limit: int
) -> list[WebhookDelivery]:
    """Deliveries of a webhook that the actor may read, the newest first, and one more than `limit` if there are more."""
    order = (col(WebhookDelivery.recorded_at), col(WebhookDelivery.id))
    wanted = select(WebhookDelivery).where(*_of(webhook, actor))
    if state is not None:
        wanted = wanted.where(WebhookDelivery.state == state)
    if after is not None:
        wanted = wanted.where(tuple_(*order) < tuple_(datetime.fromisoformat(after[0]), after[1]))
    return list(await session.exec(wanted.order_by(*(column.desc() for column in order)).limit(limit + 1)))


async def of_webhook(session: Session, actor: Principal, webhook: Webhook, delivery_id: str) -> WebhookDelivery:
    """A delivery of a webhook that the actor may read, locked; raises 404 without one."""
    wanted = select(WebhookDelivery).where(*_of(webhook, actor), WebhookDelivery.id == delivery_id)
    delivery = (await session.exec(wanted.with_for_update())).one_or_none()
    if delivery is None:
        raise not_found(f"delivery {delivery_id}")
    return delivery


async def with_attempts(
    session: Session, actor: Principal, webhook: Webhook, delivery_id: str
) -> tuple[WebhookDelivery, list[WebhookAttempt]]:
    """A delivery that the actor may read, and its attempts that ended, as they were at one moment; raises 404 without one."""
    rows = await session.exec(
        select(WebhookDelivery, WebhookAttempt)
        .outerjoin(WebhookAttempt, col(WebhookAttempt.delivery_id) == col(WebhookDelivery.id))
        .where(*_of(webhook, actor), WebhookDelivery.id == delivery_id)
        .order_by(col(WebhookAttempt.id))
    )
    found = list(rows)
    if not found:
        raise not_found(f"delivery {delivery_id}")
    return found[0][0], [attempt for _, attempt in found if attempt is not None]


async def forget_old(session: Session) -> None:
    """Delete deliveries that ended long ago."""
    await session.exec(delete(WebhookDelivery).where(col(WebhookDelivery.finished_at) < func.now() - KEPT))
