"""The gateway's tables: clients with their secrets, the organisation, and webhooks with their deliveries."""

from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from sqlalchemy import ARRAY, BigInteger, CheckConstraint, Column, ForeignKey, Identity, Index, Integer, LargeBinary, Text, Uuid, text
from sqlmodel import Field

from kernel.tables import instant, service_tables, stamped

if TYPE_CHECKING:
    from sqlmodel import SQLModel as Base  # a type checker cannot follow a base that is made at run time
else:
    Base = service_tables("gateway")


class Client(Base, table=True):
    """A client of the API. A deleted one stays, so that its id is never given again; its name is free.

    entity_ids, source_systems  empty means not narrowed
    secret_of_settings          SHA-256 of the secret that was last taken from the settings
    """

    __tablename__ = "client"
    __table_args__ = (
        Index("uq_client_name_active", "name", unique=True, postgresql_where=text("state = 'active'")),
        CheckConstraint("state IN ('active', 'deleted')", name="state"),
    )

    id: str = Field(sa_column=Column(Text, primary_key=True))
    name: str = Field(sa_column=Column(Text, nullable=False))
    kind: str = Field(sa_column=Column(Text, nullable=False))
    scopes: list[str] = Field(sa_column=Column(ARRAY(Text), nullable=False))
    entity_ids: list[str] = Field(sa_column=Column(ARRAY(Text), nullable=False))
    source_systems: list[str] = Field(sa_column=Column(ARRAY(Text), nullable=False))
    supplier_id: str | None = Field(sa_column=Column(Text))
    state: str = Field(sa_column=Column(Text, nullable=False))
    version: int
    recorded_at: datetime = Field(sa_column=stamped("recorded_at"))
    created_at: datetime = Field(sa_column=stamped("created_at"))
    secret_of_settings: bytes | None = Field(sa_column=Column(LargeBinary))


class ClientSecret(Base, table=True):
    """The SHA-256 of a secret; a client has one, and two while it rotates."""

    __tablename__ = "client_secret"

    id: UUID = Field(primary_key=True)
    client_id: str = Field(sa_column=Column(Text, ForeignKey(Client.id), nullable=False, index=True))
    sha256: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    created_at: datetime = Field(sa_column=stamped("created_at"))


class Organisation(Base, table=True):
    """The one organisation of the installation; its id is always `organisation`."""

    __tablename__ = "organisation"

    id: str = Field(sa_column=Column(Text, primary_key=True))
    name: str = Field(sa_column=Column(Text, nullable=False))
    responsible: str | None = Field(sa_column=Column(Text))
    time_zone: str = Field(sa_column=Column(Text, nullable=False))
    gwp_set: str = Field(sa_column=Column(Text, nullable=False))
    languages: list[str] = Field(sa_column=Column(ARRAY(Text), nullable=False))
    version: int
    recorded_at: datetime = Field(sa_column=stamped("recorded_at"))


class Webhook(Base, table=True):
    """An address outside that is told of events.

    client_id                                who made it, or last changed its url or let it go on
    entity_ids, source_systems, supplier_id  how that client was narrowed, so that the address learns no more
    active_since                             of older events it is told nothing
    resting_until                            it is slow or asked to be left alone
    """

    __tablename__ = "webhook"
    __table_args__ = (CheckConstraint("state IN ('active', 'disabled')", name="state"),)

    id: UUID = Field(primary_key=True)
    name: str = Field(sa_column=Column(Text, nullable=False, unique=True))
    url: str = Field(sa_column=Column(Text, nullable=False))
    types: list[str] = Field(sa_column=Column(ARRAY(Text), nullable=False))
    client_id: str = Field(sa_column=Column(Text, ForeignKey(Client.id), nullable=False, index=True))
    entity_ids: list[str] = Field(sa_column=Column(ARRAY(Text), nullable=False))
    source_systems: list[str] = Field(sa_column=Column(ARRAY(Text), nullable=False))
    supplier_id: str | None = Field(sa_column=Column(Text))
    state: str = Field(sa_column=Column(Text, nullable=False))
    disabled_because: str | None = Field(sa_column=Column(Text))
    active_since: datetime = Field(sa_column=stamped("active_since"))
    resting_until: datetime | None = Field(sa_column=instant())
    version: int
    created_at: datetime = Field(sa_column=stamped("created_at"))


class WebhookSecret(Base, table=True):
    """A sealed secret; a webhook has one, and two while it rotates."""

    __tablename__ = "webhook_secret"

    id: UUID = Field(primary_key=True)
    webhook_id: UUID = Field(sa_column=Column(Uuid, ForeignKey("gateway.webhook.id", ondelete="CASCADE"), nullable=False, index=True))
    sealed: str = Field(sa_column=Column(Text, nullable=False))
    created_at: datetime = Field(sa_column=stamped("created_at"))


class WebhookDelivery(Base, table=True):
    """A message to a webhook, once per event: its id is made of both.

    attempts  since it was recorded or last replayed
    due_at    when it is tried next; while it is being tried, when another process may try it again
    """

    __tablename__ = "webhook_delivery"
    __table_args__ = (
        CheckConstraint("state IN ('waiting', 'delivered', 'failed')", name="state"),
        Index("ix_webhook_delivery_waiting", "webhook_id", "due_at", postgresql_where=text("state = 'waiting'")),
        Index("ix_webhook_delivery_listed", "webhook_id", "recorded_at", "id"),
    )

    id: str = Field(sa_column=Column(Text, primary_key=True))
    webhook_id: UUID = Field(sa_column=Column(Uuid, ForeignKey("gateway.webhook.id", ondelete="CASCADE"), nullable=False))
    type: str = Field(sa_column=Column(Text, nullable=False))
    body: str = Field(sa_column=Column(Text, nullable=False))
    state: str = Field(sa_column=Column(Text, nullable=False, server_default="waiting"))
    attempts: int = Field(sa_column=Column(Integer, nullable=False, server_default="0"))
    due_at: datetime = Field(sa_column=stamped("due_at"))
    failure: str | None = Field(sa_column=Column(Text))
    recorded_at: datetime = Field(sa_column=stamped("recorded_at"))
    finished_at: datetime | None = Field(sa_column=instant())


class WebhookAttempt(Base, table=True):
    """One request to a receiver, as it ended."""

    __tablename__ = "webhook_attempt"

    id: int = Field(sa_column=Column(BigInteger, Identity(always=True), primary_key=True))
    delivery_id: str = Field(sa_column=Column(Text, ForeignKey(WebhookDelivery.id, ondelete="CASCADE"), nullable=False, index=True))
    begun_at: datetime = Field(sa_column=instant(nullable=False))
    milliseconds: int
    status: int | None
    answer: str | None = Field(sa_column=Column(Text))
    failure: str | None = Field(sa_column=Column(Text))
