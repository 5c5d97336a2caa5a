"""Create a site of an entity."""

from dataclasses import asdict
from typing import Any
from uuid import UUID

from contracts.topics import SITE
from kernel import audit, outbox
from kernel.auth import Principal
from kernel.database import Session
from kernel.problems import CONFLICT, USE_PATCH, Problem, refused
from services.inventory.domain.site_content import SiteContent
from services.inventory.store import entities, sites, versioned_rows
from services.inventory.store.narrowing import visible_entities
from services.inventory.tables import Site


async def create_site(session: Session, actor: Principal, content: SiteContent) -> tuple[Site, bool]:
    """The site with this content, and whether it is new.

    raises  Problem: use_patch if it exists with other content; unknown_entity at its field
    """
    existing = await _existing(session, actor, content)
    if existing is not None:
        return existing, False
    site = await versioned_rows.create(session, Site, ("external_id",), await site_columns(session, actor, content))
    if site is None:  # another request created it meanwhile
        existing = await _existing(session, actor, content)
        assert existing is not None
        return existing, False
    event = sites.event_of(site)
    outbox.record(session, SITE.name, event.id, event)
    await audit.record(session, actor, "create_site", f"site {site.id}", after=event)
    return site, True


async def site_columns(session: Session, actor: Principal, content: SiteContent) -> dict[str, Any]:
    """The row's values for a content; refuses an entity that does not exist or that the actor may not see."""
    entity_id = (await entities.ids_of(session, [content.entity_external_id])).get(content.entity_external_id)
    visible = await visible_entities(session, actor)
    if entity_id is None or not _sees(visible, entity_id):
        detail = f"There is no entity {content.entity_external_id}."
        raise refused("/entity_external_id", "unknown_entity", detail, "Create the entity first: POST /v1/entities.")
    columns = asdict(content) | {"entity_id": entity_id}
    del columns["entity_external_id"]
    return columns


async def _existing(session: Session, actor: Principal, content: SiteContent) -> Site | None:
    """The site of this business key if there is one with the same content; refuses another content."""
    site = await sites.with_external_id(session, content.external_id)
    if site is None:
        return None
    if not _sees(await visible_entities(session, actor), site.entity_id):
        raise Problem(CONFLICT, f"The external_id {content.external_id} is taken.")
    if await sites.content_of(session, site) != content:
        raise Problem(USE_PATCH, f"Site {content.external_id} exists with other content; change it with PATCH /v1/sites/{site.id}.")
    return site


def _sees(visible: frozenset[UUID] | None, entity_id: UUID) -> bool:
    return visible is None or entity_id in visible
