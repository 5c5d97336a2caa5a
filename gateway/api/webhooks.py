"""/v1/webhooks: who outside is told of what happens here, and what became of each message."""

import difflib
import json
from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import Depends, Query, Request, Response
from pydantic import AfterValidator, BaseModel, Field, StringConstraints, WithJsonSchema
from pydantic_core import PydanticCustomError
from sqlmodel import col
from typing_extensions import TypeAliasType

from contracts import shapes
from contracts.shapes import Text
from gateway.tables import Webhook, WebhookDelivery
from gateway.webhooks import deliveries, endpoints
from gateway.webhooks.addresses import LONGEST_URL, AddressRefused, checked_url, resolve
from gateway.webhooks.endpoints import Content
from gateway.webhooks.event_types import EVENT_TYPES, refusal
from kernel.auth import Principal, requires
from kernel.database import Session
from kernel.edge import keep_no_answer, session_of
from kernel.pages import DEFAULT_LIMIT, Cursor, Limit, Page, here, page_of
from kernel.preconditions import require_match, set_etag
from kernel.problems import refused
from kernel.service import router as edge_router

router = edge_router("webhooks")

Manager = Annotated[Principal, Depends(requires("webhooks:manage"))]
OpenSession = Annotated[Session, Depends(session_of)]
WebhookState = TypeAliasType("WebhookState", Literal["active", "disabled"])
DeliveryState = TypeAliasType("DeliveryState", Literal["waiting", "delivered", "failed"])


def _known_type(name: str) -> str:
    if name not in EVENT_TYPES:
        near = difflib.get_close_matches(name, EVENT_TYPES, n=1)
        hint = f"Did you mean {near[0]}?" if near else "GET /v1/webhook-event-types lists them."
        raise PydanticCustomError("unknown_event_type", "Must be an event type", {"hint": hint})
    return name


WebhookEventType = TypeAliasType(
    "WebhookEventType",
    Annotated[
        str, StringConstraints(max_length=100), AfterValidator(_known_type), WithJsonSchema({"type": "string", "enum": list(EVENT_TYPES)})
    ],
)
Types = Annotated[list[WebhookEventType], Field(min_length=1, max_length=len(EVENT_TYPES))]
Url = Annotated[Text, StringConstraints(max_length=LONGEST_URL)]


class WebhookIn(shapes.Request):
    """A webhook to be created; its name is its business key."""

    name: Text = Field(examples=["Energy dashboard"])
    url: Url = Field(
        description="https, on port 443 or one above 1023; its host must be of the public internet.",
        examples=["https://hooks.example.com/baseyear"],
    )
    types: Types = Field(description="What it is told of.", examples=[["inventory.approved", "intake.incomplete"]])


class WebhookPatch(shapes.Request):
    """What changes of a webhook; a state of `active` lets a disabled one go on."""

    url: Url | None = None
    types: Types | None = None
    state: WebhookState | None = None


class WebhookOut(BaseModel):
    """A webhook; like the client that made it, it sees no more than its entities and source systems."""

    id: UUID
    name: str
    url: str
    types: list[str]
    state: WebhookState
    disabled_because: str | None
    resting_until: datetime | None = Field(description="The receiver is overloaded or asked to be left alone; nothing is sent before.")
    client_id: str = Field(description="Who made it, or last changed its url or let it go on; deleted with that client, it is disabled.")
    entity_ids: list[str]
    source_systems: list[str]
    supplier_id: str | None
    created_at: datetime


class WebhookWithSecret(WebhookOut):
    secret: str | None = Field(description="Signs the messages. Shown this once; null where the webhook existed already.")


class NewWebhookSecret(BaseModel):
    webhook_id: UUID
    secret: str = Field(description="Shown this once.")


class WebhookPage(Page):
    items: list[WebhookOut]


class EventTypeOut(BaseModel):
    type: str
    description: str
    scope: str = Field(description="What a client needs to subscribe to it.")
    allowed: bool = Field(description="Whether this client may subscribe to it, by its scopes and its narrowing.")


class EventTypePage(Page):
    items: list[EventTypeOut]


class DeliveryOut(BaseModel):
    id: str = Field(description="The `webhook-id` of the message: the same for every attempt and replay.")
    webhook_id: UUID
    type: str
    state: DeliveryState
    attempts: int = Field(description="How many were begun since it was recorded or last replayed.")
    next_attempt_at: datetime | None
    failure: str | None = Field(description="Why the last attempt failed, or why there will be none.")
    recorded_at: datetime
    finished_at: datetime | None


class DeliveryPage(Page):
    items: list[DeliveryOut]


class AttemptOut(BaseModel):
    begun_at: datetime
    milliseconds: int
    status: int | None
    answer: str | None = Field(description="The first 500 bytes of the body.")
    failure: str | None


class DeliveryWithAttempts(DeliveryOut):
    body: dict[str, Any] = Field(description="What is sent: type, timestamp and data.")
    attempt_log: list[AttemptOut] = Field(description="The attempts that ended, the first first, also those before a replay.")


@router.get("/v1/webhook-event-types")
async def list_webhook_event_types(request: Request, actor: Manager) -> EventTypePage:
    """What a webhook can be told of; all on one page."""
    items = [
        EventTypeOut(type=kind.name, description=kind.description, scope=kind.scope, allowed=refusal(actor, kind) is None)
        for kind in EVENT_TYPES.values()
    ]
    return EventTypePage(items=items, next=None, self=here(request))


@router.get("/v1/webhooks")
async def list_webhooks(
    request: Request, actor: Manager, session: OpenSession, limit: Limit = DEFAULT_LIMIT, cursor: Cursor = None
) -> WebhookPage:
    """The webhooks that this client may see, the eldest first; never their secrets."""
    wanted = endpoints.seen_webhooks(actor)
    position = request.app.state.cursors.read(request, cursor)
    if position is not None:
        wanted = wanted.where(col(Webhook.id) > UUID(position[0]))
    rows = list(await session.exec(wanted.order_by(col(Webhook.id)).limit(limit + 1)))
    items, following = page_of(request, rows, limit, lambda webhook: [webhook.id])
    return WebhookPage(items=[_webhook(webhook) for webhook in items], next=following, self=here(request))


@router.post("/v1/webhooks", status_code=201, responses={200: {"model": WebhookWithSecret, "description": "It existed with this content."}})
async def create_webhook(request: Request, response: Response, body: WebhookIn, actor: Manager, session: OpenSession) -> WebhookWithSecret:
    """Have an address outside told of what happens; the secret that signs the messages is in this answer and never again.

    Nobody has a webhook told of more than they may read themselves (403). Asked again with the same content: 200 without a secret.
    A client has at most 50 (409).
    """
    keep_no_answer(request)
    await _require_reachable(request, actor, body.url)
    content = Content(body.name, body.url, body.types)
    webhook, secret = await endpoints.create_webhook(session, actor, content, request.app.state.seal)
    if secret is None:
        response.status_code = 200
    response.headers["Location"] = f"/v1/webhooks/{webhook.id}"
    set_etag(response, webhook.version)
    return WebhookWithSecret.model_validate(webhook.model_dump() | {"secret": secret})


@router.get("/v1/webhooks/{webhook_id}")
async def get_webhook(webhook_id: UUID, response: Response, actor: Manager, session: OpenSession) -> WebhookOut:
    """A webhook, without its secrets."""
    webhook = await endpoints.seen_webhook(session, actor, webhook_id)
    set_etag(response, webhook.version)
    return _webhook(webhook)


@router.patch("/v1/webhooks/{webhook_id}")
async def change_webhook(
    webhook_id: UUID, request: Request, response: Response, patch: WebhookPatch, actor: Manager, session: OpenSession
) -> WebhookOut:
    """Change the address or the types of a webhook, disable it, or let it go on.

    Disabled, it gives up what waits for it and is told nothing of what happens meanwhile. Sent elsewhere or let go on, it is this client's.
    """
    changes = patch.model_dump(exclude_unset=True)
    for name, value in changes.items():
        if value is None:
            raise refused(f"/{name}", "required", f"A webhook cannot be without {name}.", "Leave it out of the patch to keep it.")
    if patch.url is not None:
        await _require_reachable(request, actor, patch.url)
    webhook = await endpoints.webhook_to_change(session, actor, webhook_id)
    require_match(request, webhook.version)
    await endpoints.change_webhook(session, actor, webhook, changes)
    set_etag(response, webhook.version)
    return _webhook(webhook)


@router.delete("/v1/webhooks/{webhook_id}", status_code=204)
async def delete_webhook(webhook_id: UUID, actor: Manager, session: OpenSession) -> None:
    """Delete a webhook, its secrets and all that is kept of its deliveries."""
    await endpoints.delete_webhook(session, actor, webhook_id)


@router.post("/v1/webhooks/{webhook_id}/secrets", status_code=201)
async def add_webhook_secret(request: Request, webhook_id: UUID, actor: Manager, session: OpenSession) -> NewWebhookSecret:
    """Give a webhook a new secret; messages are signed with it and with the one before, so that a receiver can change over in between."""
    keep_no_answer(request)
    secret = await endpoints.add_secret(session, actor, webhook_id, request.app.state.seal)
    return NewWebhookSecret(webhook_id=webhook_id, secret=secret)


@router.post("/v1/webhooks/{webhook_id}/tests", status_code=202)
async def create_webhook_test(webhook_id: UUID, response: Response, actor: Manager, session: OpenSession) -> DeliveryOut:
    """Send a message of type webhook.test, once; the delivery tells what the receiver answered. One test at a time (409)."""
    webhook = await endpoints.seen_webhook(session, actor, webhook_id, lock=True)
    endpoints.require_active(webhook)
    delivery = await deliveries.record_test(session, actor, webhook)
    response.headers["Location"] = f"/v1/webhooks/{webhook_id}/deliveries/{delivery.id}"
    return _delivery(delivery)


@router.get("/v1/webhooks/{webhook_id}/deliveries")
async def list_webhook_deliveries(
    webhook_id: UUID,
    request: Request,
    actor: Manager,
    session: OpenSession,
    state: Annotated[DeliveryState | None, Query()] = None,
    limit: Limit = DEFAULT_LIMIT,
    cursor: Cursor = None,
) -> DeliveryPage:
    """The messages to a webhook of types that this client may read, the newest first; they are kept for 30 days after they ended."""
    position = request.app.state.cursors.read(request, cursor)
    webhook = await endpoints.seen_webhook(session, actor, webhook_id)
    rows = await deliveries.page(session, actor, webhook, state, position, limit)
    items, following = page_of(request, rows, limit, lambda delivery: [delivery.recorded_at, delivery.id])
    return DeliveryPage(items=[_delivery(delivery) for delivery in items], next=following, self=here(request))


@router.get("/v1/webhooks/{webhook_id}/deliveries/{delivery_id}")
async def get_webhook_delivery(webhook_id: UUID, delivery_id: str, actor: Manager, session: OpenSession) -> DeliveryWithAttempts:
    """A message, with every attempt and what the receiver answered."""
    webhook = await endpoints.seen_webhook(session, actor, webhook_id)
    delivery, attempts = await deliveries.with_attempts(session, actor, webhook, delivery_id)
    log = [AttemptOut.model_validate(attempt.model_dump()) for attempt in attempts]
    return DeliveryWithAttempts(**_delivery(delivery).model_dump(), body=json.loads(delivery.body), attempt_log=log)


@router.post("/v1/webhooks/{webhook_id}/deliveries/{delivery_id}/replays", status_code=202)
async def replay_webhook_delivery(webhook_id: UUID, delivery_id: str, actor: Manager, session: OpenSession) -> DeliveryOut:
    """Send a message that was delivered or failed again, under the same `webhook-id`; if need be by the whole schedule."""
    webhook = await endpoints.seen_webhook(session, actor, webhook_id, lock=True)
    endpoints.require_active(webhook)
    delivery = await deliveries.of_webhook(session, actor, webhook, delivery_id)
    await deliveries.replay(session, actor, delivery)
    return _delivery(delivery)


async def _require_reachable(request: Request, actor: Principal, url: str) -> None:
    """Refuse an address that nothing would be sent to; asked before the transaction opens, because a name server is waited for."""
    try:
        await resolve(checked_url(url), request.app.state.ground.settings.webhook_private_networks, actor.client_id)
    except AddressRefused as error:
        raise refused("/url", error.code, str(error)) from error


def _webhook(webhook: Webhook) -> WebhookOut:
    return WebhookOut.model_validate(webhook.model_dump())


def _delivery(delivery: WebhookDelivery) -> DeliveryOut:
    next_attempt_at = delivery.due_at if delivery.state == "waiting" else None
    return DeliveryOut.model_validate(delivery.model_dump() | {"next_attempt_at": next_attempt_at})
