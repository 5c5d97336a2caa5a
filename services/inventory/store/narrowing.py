"""What a principal may see: the entities that its client is narrowed to, and everything below them."""

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
