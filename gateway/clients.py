"""Clients of the API: created, given new secrets, deleted; each change is told to all services."""

from sqlalchemy import delete, event, func, text
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col, select
from sqlmodel.sql.expression import SelectOfScalar

from contracts import topics
from contracts.events import ClientChanged
from gateway.acting import hold_active
from gateway.breadth import within
from gateway.credentials import digest, new_secret
from gateway.grants import Grant, require_within
from gateway.tables import Client, ClientSecret
from gateway.webhooks.endpoints import disable_those_of
from kernel import audit, outbox
from kernel.auth import Principal, TokenVerifier
from kernel.database import Session
from kernel.identifiers import uuid7
from kernel.problems import USE_PATCH, Problem, not_found

VALID_SECRETS = 2


async def create_client(session: Session, actor: Principal, name: str, grant: Grant) -> tuple[Client, str | None]:
    """A new client and its secret; the client that has this name and grant already, without one.

    raises  a 403 problem for a grant beyond the actor's own, a 409 problem where the name has another grant
    """
    require_within(actor, grant)
    await hold_active(session, actor)
    secret = new_secret()
    created = await insert_client(session, actor, name, grant, client_id=str(uuid7()), secret=secret)
    if created is not None:
        return created, secret
    existing = (await session.exec(select(Client).where(Client.name == name, Client.state == "active"))).one()
    if grant_of(existing) != grant:
        raise Problem(USE_PATCH, f"There is a client named {name} with other rights; choose another name, or delete that client first.")
    return existing, None


async def insert_client(session: Session, actor: Principal, name: str, grant: Grant, *, client_id: str, secret: str) -> Client | None:
    """A new client with its first secret; None where the name is taken."""
    client = await session.scalar(
        insert(Client)
        .values(
            id=client_id,
            name=name,
            kind=grant.kind,
            scopes=list(grant.scopes),
            entity_ids=list(grant.entity_ids),
            source_systems=list(grant.source_systems),
            supplier_id=grant.supplier_id,
            state="active",
            version=1,
        )
        .on_conflict_do_nothing(index_elements=["name"], index_where=text("state = 'active'"))
        .returning(Client)
    )
    if client is not None:
        await keep_secret(session, client, secret)
        _tell(session, client)
        await audit.record(session, actor, "create_client", f"client {client.id}", after=as_audited(client))
    return client


async def add_secret(session: Session, actor: Principal, client_id: str) -> str:
    """A further secret for a client, beside its newest one; an older one stops being valid."""
    client = await seen_client(session, actor, client_id, lock=True)
    require_within(actor, grant_of(client))  # who could sign in as a client would have its rights
    await hold_active(session, actor)
    secret = new_secret()
    await keep_secret(session, client, secret)
    await audit.record(session, actor, "add_client_secret", f"client {client.id}")
    return secret


async def delete_client(session: Session, actor: Principal, client_id: str, verifier: TokenVerifier) -> None:
    """Take a client's rights away: its tokens are refused here from the commit on, in other processes as soon as they hear of it."""
    client = await seen_client(session, actor, client_id, lock=True)
    before = as_audited(client)
    client.state, client.version = "deleted", client.version + 1
    client.recorded_at = await session.scalar(select(func.clock_timestamp()))
    await session.exec(delete(ClientSecret).where(col(ClientSecret.client_id) == client.id))
    await session.execute(text("INSERT INTO revoked_client (client_id) VALUES (:id) ON CONFLICT DO NOTHING"), {"id": client.id})
    await disable_those_of(session, actor, client.id)
    _tell(session, client)
    await audit.record(session, actor, "delete_client", f"client {client.id}", before=before)

    @event.listens_for(session.sync_session, "after_commit", once=True)
    def revoke(_: object) -> None:
        verifier.revoke(client_id)


async def seen_client(session: Session, actor: Principal, client_id: str, *, lock: bool = False) -> Client:
    """An active client that the actor may see; raises 404 without one."""
    wanted = seen_clients(actor).where(Client.id == client_id)
    client = (await session.exec(wanted.with_for_update() if lock else wanted)).one_or_none()
    if client is None:
        raise not_found(f"client {client_id}")
    return client


def seen_clients(actor: Principal) -> SelectOfScalar[Client]:
    """The active clients whose breadth lies within the actor's own."""
    return select(Client).where(Client.state == "active", *within(actor, Client))


async def keep_secret(session: Session, client: Client, secret: str) -> None:
    """Make a secret valid, and only the newest beside it."""
    await session.exec(insert(ClientSecret).values(id=uuid7(), client_id=client.id, sha256=digest(secret)))
    newest = (
        select(ClientSecret.id)
        .where(ClientSecret.client_id == client.id)
        .order_by(col(ClientSecret.created_at).desc(), col(ClientSecret.id).desc())
        .limit(VALID_SECRETS)
    )
    await session.exec(delete(ClientSecret).where(col(ClientSecret.client_id) == client.id, col(ClientSecret.id).not_in(newest)))


async def digests_of(session: Session, client_id: str) -> list[bytes]:
    """What is kept of a client's valid secrets."""
    return list(await session.exec(select(ClientSecret.sha256).where(ClientSecret.client_id == client_id)))


def grant_of(client: Client) -> Grant:
    return Grant(
        client.kind,  # type: ignore[arg-type]  # only kinds are stored
        tuple(client.scopes),
        tuple(client.entity_ids),
        tuple(client.source_systems),
        client.supplier_id,
    )


def as_audited(client: Client) -> dict[str, object]:
    return client.model_dump(exclude={"created_at", "recorded_at", "version", "secret_of_settings"})


def _tell(session: Session, client: Client) -> None:
    outbox.record(session, topics.CLIENT.name, client.id, ClientChanged.model_validate(client.model_dump()))
