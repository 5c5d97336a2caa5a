"""The one organisation of the installation: there from the first start, replaced as a whole, told to all services."""

from dataclasses import asdict, dataclass

from sqlalchemy.dialects.postgresql import insert
from sqlmodel import func, select

from contracts import topics
from contracts.events import OrganisationChanged
from contracts.shapes import GwpSetName
from gateway.tables import Organisation
from kernel import audit, outbox
from kernel.auth import Principal
from kernel.database import Session

ORGANISATION_ID = "organisation"


@dataclass(frozen=True, slots=True)
class OrganisationContent:
    """What can be said of the organisation."""

    name: str
    responsible: str | None
    time_zone: str
    gwp_set: GwpSetName
    languages: list[str]


AT_FIRST = OrganisationContent("Unnamed organisation", None, "UTC", "AR6", ["en"])


async def ensure_organisation(session: Session) -> None:
    """Have an organisation; where there is one it is left alone."""
    created = await session.scalar(
        insert(Organisation).values(id=ORGANISATION_ID, version=1, **asdict(AT_FIRST)).on_conflict_do_nothing().returning(Organisation)
    )
    if created is not None:
        _tell(session, created)


async def locked_organisation(session: Session) -> Organisation:
    return (await session.exec(select(Organisation).with_for_update())).one()


async def replace_organisation(session: Session, actor: Principal, organisation: Organisation, content: OrganisationContent) -> None:
    """Replace what is said of the organisation, which the session has locked; the same content again changes nothing."""
    before, after = as_content(organisation), asdict(content)
    if after == before:
        return
    recorded_at = await session.scalar(select(func.clock_timestamp()))
    organisation.sqlmodel_update(after | {"version": organisation.version + 1, "recorded_at": recorded_at})
    _tell(session, organisation)
    await audit.record(session, actor, "replace_organisation", ORGANISATION_ID, before=before, after=after)


def as_content(organisation: Organisation) -> dict[str, object]:
    return organisation.model_dump(exclude={"id", "version", "recorded_at"})


def _tell(session: Session, organisation: Organisation) -> None:
    outbox.record(session, topics.ORGANISATION.name, ORGANISATION_ID, OrganisationChanged.model_validate(organisation.model_dump()))
