"""Webhooks as clients make them: created, changed, given new secrets, deleted; each narrowed as the client that made it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

import structlog
from sqlalchemy import delete, func, update
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col, select
from sqlmodel.sql.expression import SelectOfScalar

from gateway.acting import hold_active
from gateway.breadth import within
from gateway.tables import Webhook, WebhookDelivery, WebhookSecret
from gateway.webhooks.event_types import allowed_types, require_allowed
from gateway.webhooks.signatures import Seal, new_secret
from kernel import audit
from kernel.auth import Principal
from kernel.database import Session
from kernel.identifiers import uuid7
from kernel.problems import CONFLICT, USE_PATCH, Problem, not_found

log = structlog.get_logger()

VALID_SECRETS = 2
MOST_OF_A_CLIENT = 50


@dataclass(frozen=True, slots=True)
class Content:
    """What can be said of a webhook."""

    name: str
    url: str
    types: Sequence[str]


async def create_webhook(session: Session, actor: Principal, content: Content, seal: Seal) -> tuple[Webhook, str | None]:
    """A new webhook and its secret; the one that has this name and content already, without one.

    raises  Problem: 403 for types that tell of more than the actor sees, 409 where the name has other content or the actor has too many
    """
    require_allowed(actor, content.types)
    await hold_active(session, actor)
    webhook = await session.scalar(
        insert(Webhook)
        .values(id=uuid7(), state="active", version=1, client_id=actor.client_id, **_values(content), **_breadth(actor))
        .on_conflict_do_nothing(index_elements=["name"])
        .returning(Webhook)
    )
    if webhook is None:
        return await _existing(session, actor, content), None
    await _require_room(session, actor)
    secret = await _add_secret(session, webhook, seal)
    await audit.record(session, actor, "create_webhook", f"webhook {webhook.id}", after=as_audited(webhook))
    return webhook, secret


async def _existing(session: Session, actor: Principal, content: Content) -> Webhook:
    existing = (await session.exec(seen_webhooks(actor).where(Webhook.name == content.name))).one_or_none()
    if existing is None:
        raise Problem(CONFLICT, "There is a webhook of this name that this client does not see; choose another name.")
    wanted = _values(content) | _breadth(actor)
    if {name: getattr(existing, name) for name in wanted} != wanted:
        raise Problem(USE_PATCH, f"The webhook {content.name} exists with other content; change it with PATCH /v1/webhooks/{existing.id}.")
    return existing


async def _require_room(session: Session, actor: Principal) -> None:
    """Refuse (409) what has just given the actor more webhooks than one client may have."""
    number = await session.scalar(select(func.count()).select_from(Webhook).where(Webhook.client_id == actor.client_id))
    if number is not None and number > MOST_OF_A_CLIENT:
        raise Problem(CONFLICT, f"A client has at most {MOST_OF_A_CLIENT} webhooks; delete one, or add types to another.")


async def webhook_to_change(session: Session, actor: Principal, webhook_id: UUID) -> Webhook:
    """A webhook, locked, and the acting client, which its own deletion locks before its webhooks, too."""
    await hold_active(session, actor)
    return await seen_webhook(session, actor, webhook_id, lock=True)


async def change_webhook(session: Session, actor: Principal, webhook: Webhook, changes: dict[str, Any]) -> None:
    """Change url, types or state of a webhook of `webhook_to_change`; the same content changes nothing.

    Sent elsewhere or let go on, it is the actor's; let go on, it is told of what happens from now on. Its narrowing stays, and bounds
    its types whoever names them.
    """
    if "types" in changes:
        require_allowed(_narrowed_as(actor, webhook), changes["types"])
        changes = changes | {"types": _ordered(changes["types"])}
    before = as_audited(webhook)
    if all(before[name] == value for name, value in changes.items()):
        return
    new_state = changes["state"] if changes.get("state", webhook.state) != webhook.state else None
    if new_state == "disabled":
        await stop(session, webhook, "A client disabled it.")
    if new_state == "active":
        now = await session.scalar(select(func.clock_timestamp()))
        webhook.sqlmodel_update({"disabled_because": None, "active_since": now, "resting_until": None})
    if new_state == "active" or changes.get("url", webhook.url) != webhook.url:
        webhook.client_id = actor.client_id
    webhook.sqlmodel_update(changes | {"version": webhook.version + 1})
    await session.flush()
    if webhook.client_id != before["client_id"]:
        await _require_room(session, actor)
    await audit.record(session, actor, "change_webhook", f"webhook {webhook.id}", before=before, after=as_audited(webhook))


async def add_secret(session: Session, actor: Principal, webhook_id: UUID, seal: Seal) -> str:
    """A further secret for a webhook, beside its newest one; an older one is not signed with any more."""
    webhook = await webhook_to_change(session, actor, webhook_id)
    secret = await _add_secret(session, webhook, seal)
    await audit.record(session, actor, "add_webhook_secret", f"webhook {webhook.id}")
    return secret


async def delete_webhook(session: Session, actor: Principal, webhook_id: UUID) -> None:
    """Delete a webhook with its secrets and its deliveries."""
    webhook = await seen_webhook(session, actor, webhook_id, lock=True)
    await session.exec(delete(Webhook).where(col(Webhook.id) == webhook.id))
    await audit.record(session, actor, "delete_webhook", f"webhook {webhook.id}", before=as_audited(webhook))


async def disable(session: Session, actor: Principal, webhook: Webhook, reason: str) -> None:
    """Send nothing more to a webhook that the session has locked, and say so in the log, in the audit trail and in its state."""
    before = as_audited(webhook)
    await stop(session, webhook, reason)
    webhook.version += 1
    await session.flush()
    await audit.record(session, actor, "disable_webhook", f"webhook {webhook.id}", before=before, after=as_audited(webhook), reason=reason)
    log.error("webhook_disabled", webhook=str(webhook.id), name=webhook.name, reason=reason)


async def disable_those_of(session: Session, actor: Principal, client_id: str) -> None:
    """Disable the webhooks of a client that is deleted: what it may no longer read it is no longer told."""
    owned = select(Webhook).where(Webhook.client_id == client_id, Webhook.state == "active").order_by(col(Webhook.id)).with_for_update()
    for webhook in list(await session.exec(owned)):
        await disable(session, actor, webhook, "The client that it belonged to was deleted.")


async def stop(session: Session, webhook: Webhook, reason: str) -> None:
    """Mark a locked webhook as disabled and give up what waits for it; a replay can bring it all the same."""
    webhook.state, webhook.disabled_because = "disabled", reason
    await session.exec(
        update(WebhookDelivery)
        .where(col(WebhookDelivery.webhook_id) == webhook.id, col(WebhookDelivery.state) == "waiting")
        .values(state="failed", failure=f"The webhook was disabled: {reason}", finished_at=func.clock_timestamp())
    )


def seen_webhooks(actor: Principal) -> SelectOfScalar[Webhook]:
    """The webhooks that the actor could have made: their breadth lies within its own, and it may read what they speak of."""
    return select(Webhook).where(*within(actor, Webhook), col(Webhook.types).op("<@")(allowed_types(actor)))


async def seen_webhook(session: Session, actor: Principal, webhook_id: UUID, *, lock: bool = False) -> Webhook:
    """A webhook that the actor may see; raises 404 without one."""
    wanted = seen_webhooks(actor).where(Webhook.id == webhook_id)
    webhook = (await session.exec(wanted.with_for_update() if lock else wanted)).one_or_none()
    if webhook is None:
        raise not_found(f"webhook {webhook_id}")
    return webhook


def require_active(webhook: Webhook) -> None:
    if webhook.state != "active":
        raise Problem(CONFLICT, f"The webhook is disabled ({webhook.disabled_because}); PATCH its state to active first.")


def as_audited(webhook: Webhook) -> dict[str, Any]:
    return webhook.model_dump(exclude={"created_at", "active_since", "resting_until", "version"})


async def _add_secret(session: Session, webhook: Webhook, seal: Seal) -> str:
    """A new secret, kept sealed; only the newest before it stays beside it."""
    secret = new_secret()
    await session.exec(insert(WebhookSecret).values(id=uuid7(), webhook_id=webhook.id, sealed=seal.close(secret)))
    newest = (
        select(WebhookSecret.id)
        .where(WebhookSecret.webhook_id == webhook.id)
        .order_by(col(WebhookSecret.created_at).desc(), col(WebhookSecret.id).desc())
        .limit(VALID_SECRETS)
    )
    await session.exec(delete(WebhookSecret).where(col(WebhookSecret.webhook_id) == webhook.id, col(WebhookSecret.id).not_in(newest)))
    return secret


def _values(content: Content) -> dict[str, Any]:
    return {"name": content.name, "url": content.url, "types": _ordered(content.types)}


def _breadth(actor: Principal) -> dict[str, Any]:
    return {"entity_ids": list(actor.entity_ids), "source_systems": list(actor.source_systems), "supplier_id": actor.supplier_id}


def _narrowed_as(actor: Principal, webhook: Webhook) -> Principal:
    return replace(
        actor,
        entity_ids=tuple(webhook.entity_ids),
        source_systems=tuple(webhook.source_systems),
        supplier_id=webhook.supplier_id,
    )


def _ordered(types: Sequence[str]) -> list[str]:
    return sorted(set(types))
