"""The gateway's tables: clients with their secrets, and the organisation."""

from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from sqlalchemy import ARRAY, CheckConstraint, Column, ForeignKey, Index, LargeBinary, Text, text
from sqlmodel import Field

from kernel.tables import service_tables, stamped

if TYPE_CHECKING:
    from sqlmodel import SQLModel as Base  # a type checker cannot follow a base that is made at run time
else:
    Base = service_tables("gateway")


class Client(Base, table=True):
    """A client of the API. A deleted one stays, so that its id is never given again; its name is free.

    entity_ids, source_systems  empty means not narrowed
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
