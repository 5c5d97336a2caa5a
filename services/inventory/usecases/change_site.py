"""Change a site: its name, time zone and tenure at any time; where it belongs only while it has no records."""

from contracts.topics import SITE
from kernel import audit, outbox
from kernel.auth import Principal
from kernel.database import Session
from kernel.problems import CONFLICT, Problem, refused
from services.inventory.domain.site_content import SiteContent
from services.inventory.store import period_lock, sites, versioned_rows
from services.inventory.tables import Site
from services.inventory.usecases.create_site import site_columns


async def change_site(session: Session, actor: Principal, site: Site, content: SiteContent) -> Site:
    """The locked site with its new content; the same content changes nothing.

    raises  Problem: immutable for another business key; unknown_entity at its field; conflict for another entity, region or grid
            region of a site that has records, because their figures would have to move with it
    """
    before = await sites.content_of(session, site)
    if content == before:
        return site
    if content.external_id != before.external_id:
        raise refused("/external_id", "immutable", "The external_id is the business key of a site; it does not change.")
    if content.moves_from(before):
        await period_lock.hold(session)  # no push reads the old place meanwhile
        if await sites.has_records(session, site):
            detail = "The site has activity records. Moving it to another entity or region, from a day on, comes with boundary changes;"
            raise Problem(CONFLICT, f"{detail} until then create another site for what is pushed from now on.")
    told = sites.event_of(site)
    changed = await versioned_rows.change(session, site, await site_columns(session, actor, content))
    event = sites.event_of(changed)
    outbox.record(session, SITE.name, event.id, event)
    await audit.record(session, actor, "change_site", f"site {changed.id}", before=told, after=event)
    return changed
