"""What a principal may see: the entities that its client is narrowed to, and everything below them."""

from collections.abc import Iterable
from uuid import UUID

from kernel.auth import Principal
from kernel.database import Session
from kernel.postgres import driver

_DOWN_THE_TREE = """
    WITH RECURSIVE visible AS (
        SELECT id FROM entity WHERE id::text = ANY($1::text[])
        UNION
        SELECT entity.id FROM entity JOIN visible ON entity.parent_id = visible.id
    )
    SELECT id FROM visible
"""


async def visible_entities(session: Session, principal: Principal) -> frozenset[UUID] | None:
    """The ids of the entities that the principal may see; None when it is not narrowed and sees all."""
    if not principal.entity_ids:
        return None
    connection = await driver(session)
    return frozenset(row["id"] for row in await connection.fetch(_DOWN_THE_TREE, list(principal.entity_ids)))


async def visible_sites(session: Session, principal: Principal, site_ids: Iterable[UUID | None]) -> frozenset[UUID] | None:
    """Which of these sites the principal may see; None when it is not narrowed and sees all, also records without a site."""
    visible = await visible_entities(session, principal)
    if visible is None:
        return None
    connection = await driver(session)
    rows = await connection.fetch(
        "SELECT id FROM site WHERE id = ANY($1::uuid[]) AND entity_id = ANY($2::uuid[])",
        [site for site in site_ids if site is not None],
        list(visible),
    )
    return frozenset(row["id"] for row in rows)
