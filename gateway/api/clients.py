"""/v1/clients: who may use the API."""

import difflib
from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import Depends, Request, Response
from pydantic import AfterValidator, BaseModel, Field, StringConstraints, WithJsonSchema
from pydantic_core import PydanticCustomError
from sqlmodel import col
from typing_extensions import TypeAliasType

from contracts import shapes
from contracts.shapes import ExternalId, Text
from gateway import clients
from gateway.grants import grant
from gateway.scopes import SCOPES, ClientKind
from gateway.tables import Client
from kernel.auth import Principal, requires
from kernel.database import Session
from kernel.edge import keep_no_answer, session_of
from kernel.pages import DEFAULT_LIMIT, Cursor, Limit, Page, here, page_of
from kernel.service import router as edge_router

router = edge_router("clients")

Manager = Annotated[Principal, Depends(requires("clients:manage"))]
OpenSession = Annotated[Session, Depends(session_of)]


def _known_scope(name: str) -> str:
    if name not in SCOPES:
        near = difflib.get_close_matches(name, SCOPES, n=1)
        hint = f"Did you mean {near[0]}?" if near else "The list of scopes is closed; it stands in the OpenAPI document."
        raise PydanticCustomError("unknown_scope", "Must be a scope of the list", {"hint": hint})
    return name


ScopeName = TypeAliasType(
    "ScopeName",
    Annotated[
        str, StringConstraints(max_length=100), AfterValidator(_known_scope), WithJsonSchema({"type": "string", "enum": list(SCOPES)})
    ],
)


class ClientIn(shapes.Request):
    """A client to be created; its name is its business key."""

    name: Text = Field(examples=["EHS system of the Guangdong plants"])
    kind: ClientKind = Field(examples=["ehs"])
    scopes: Annotated[list[ScopeName], Field(min_length=1, max_length=len(SCOPES))] | None = Field(
        None, description="What it may do; left out, what its kind usually may."
    )
    entity_ids: Annotated[list[UUID], Field(max_length=100)] | None = Field(
        None, description="Sees only these entities and everything below them; none or an empty list does not narrow."
    )
    source_systems: Annotated[list[ExternalId], Field(max_length=100)] | None = Field(
        None,
        description="Sees and writes only what comes from these; none or an empty list does not narrow. An ehs client needs one.",
        examples=[["ehs-1"]],
    )
    supplier_id: ExternalId | None = Field(None, description="The one supplier that a client of kind supplier answers for.")


class ClientOut(BaseModel):
    id: str
    client_id: str = Field(description="The same as `id`.")
    name: str
    kind: str
    scopes: list[str]
    entity_ids: list[str]
    source_systems: list[str]
    supplier_id: str | None
    created_at: datetime


class ClientWithSecret(ClientOut):
    client_secret: str | None = Field(description="Shown this once; null where the client existed already.")


class NewSecret(BaseModel):
    client_id: str
    client_secret: str = Field(description="Shown this once.")


class ClientPage(Page):
    items: list[ClientOut]


def _content(client: Client) -> dict[str, object]:
    return client.model_dump() | {"client_id": client.id}


@router.get("/v1/clients")
async def list_clients(
    request: Request, actor: Manager, session: OpenSession, limit: Limit = DEFAULT_LIMIT, cursor: Cursor = None
) -> ClientPage:
    """The clients that this client may see, in the order of their ids; never their secrets."""
    wanted = clients.seen_clients(actor)
    position = request.app.state.cursors.read(request, cursor)
    if position is not None:
        wanted = wanted.where(col(Client.id) > position[0])
    rows = list(await session.exec(wanted.order_by(col(Client.id)).limit(limit + 1)))
    items, following = page_of(request, rows, limit, lambda client: [client.id])
    return ClientPage(items=[ClientOut.model_validate(_content(client)) for client in items], next=following, self=here(request))


@router.post("/v1/clients", status_code=201, responses={200: {"model": ClientWithSecret, "description": "It existed with these rights."}})
async def create_client(request: Request, response: Response, body: ClientIn, actor: Manager, session: OpenSession) -> ClientWithSecret:
    """Create a client; its secret is in this answer and never again.

    Nobody grants scopes or breadth beyond their own (403). Asked again with the same content it answers 200 without a secret.
    """
    keep_no_answer(request)
    entity_ids = [str(entity_id) for entity_id in body.entity_ids or ()]
    given = grant(body.kind, body.scopes, entity_ids, body.source_systems or (), body.supplier_id)
    client, secret = await clients.create_client(session, actor, body.name, given)
    if secret is None:
        response.status_code = 200
    response.headers["Location"] = f"/v1/clients/{client.id}"
    return ClientWithSecret.model_validate(_content(client) | {"client_secret": secret})


@router.get("/v1/clients/{id}")
async def get_client(id: str, actor: Manager, session: OpenSession) -> ClientOut:
    """A client, without its secrets."""
    return ClientOut.model_validate(_content(await clients.seen_client(session, actor, id)))


@router.delete("/v1/clients/{id}", status_code=204)
async def delete_client(request: Request, id: str, actor: Manager, session: OpenSession) -> None:
    """Delete a client: it gets no more tokens, and those that it has are refused at once."""
    await clients.delete_client(session, actor, id, request.app.state.verifier)


@router.post("/v1/clients/{id}/secrets", status_code=201)
async def add_client_secret(request: Request, id: str, actor: Manager, session: OpenSession) -> NewSecret:
    """Give a client a new secret; the one before stays valid beside it until the next, so that it can be rotated without a pause."""
    keep_no_answer(request)
    return NewSecret(client_id=id, client_secret=await clients.add_secret(session, actor, id))
