"""Say again what the gateway tells the services: every client, the deleted ones too, and the organisation."""

from sqlmodel import col, select

from contracts import topics
from contracts.events import ClientChanged, OrganisationChanged
from gateway.tables import Client, Organisation
from kernel.database import Session
from kernel.republishing import Keyed, Republication


async def clients(session: Session, after: str | None, limit: int) -> list[Keyed]:
    wanted = select(Client).order_by(col(Client.id)).limit(limit)
    found = await session.exec(wanted if after is None else wanted.where(Client.id > after))
    return [(client.id, ClientChanged.model_validate(client.model_dump())) for client in found]


async def organisation(session: Session, after: str | None, _: int) -> list[Keyed]:
    found = (await session.exec(select(Organisation))).all() if after is None else []
    return [(row.id, OrganisationChanged.model_validate(row.model_dump())) for row in found]


REPUBLICATIONS = [Republication(topics.CLIENT.name, clients), Republication(topics.ORGANISATION.name, organisation)]
