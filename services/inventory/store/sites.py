"""Sites in the database."""

from uuid import UUID

from sqlalchemy import exists, select

from contracts import events
from kernel.auth import Principal
from kernel.database import Session
from kernel.problems import not_found
from services.inventory.domain.site_content import SiteContent
from services.inventory.store import versioned_rows
from services.inventory.store.narrowing import visible_entities
from services.inventory.tables import Activity, Entity, Site


async def get(session: Session, site_id: UUID, principal: Principal, *, locked: bool = False) -> Site:
    """The site, if the principal may see it; raises 404."""
    visible = await visible_entities(session, principal)
    site = await (versioned_rows.lock if locked else versioned_rows.find)(session, Site, site_id)
    if site is None or (visible is not None and site.entity_id not in visible):
        raise not_found(f"site {site_id}")
    return site


async def with_external_id(session: Session, external_id: str) -> Site | None:
    return (await session.scalars(select(Site).where(Site.external_id == external_id))).one_or_none()


async def page(
    session: Session,
    visible: frozenset[UUID] | None,
    external_id: str | None,
    entity_external_id: str | None,
    after: UUID | None,
    limit: int,
) -> list[tuple[Site, str]]:
    """Up to `limit` + 1 sites in the order of their creation, each with the business key of its entity."""
    wanted = select(Site, Entity.external_id).join(Entity, Entity.id == Site.entity_id).order_by(Site.id).limit(limit + 1)
    if visible is not None:
        wanted = wanted.where(Site.entity_id.in_(visible))
    if external_id is not None:
        wanted = wanted.where(Site.external_id == external_id)
    if entity_external_id is not None:
        wanted = wanted.where(Entity.external_id == entity_external_id)
    if after is not None:
        wanted = wanted.where(Site.id > after)
    return [(site, entity) for site, entity in await session.exec(wanted)]


async def has_records(session: Session, site: Site) -> bool:
    return bool(await session.scalar(select(exists().where(Activity.site_id == site.id))))


async def entity_external_id(session: Session, site: Site) -> str:
    entity = await session.get_one(Entity, site.entity_id)
    return entity.external_id


async def content_of(session: Session, site: Site) -> SiteContent:
    entity = await entity_external_id(session, site)
    return SiteContent(site.external_id, entity, site.name, site.region, site.grid_region, site.timezone, site.tenure)


def event_of(site: Site) -> events.SiteChanged:
    return events.SiteChanged(
        id=str(site.id),
        version=site.version,
        recorded_at=site.recorded_at,
        external_id=site.external_id,
        entity=str(site.entity_id),
        name=site.name,
        region=site.region,
        grid_region=site.grid_region,
        timezone=site.timezone,
        tenure=site.tenure,
    )
