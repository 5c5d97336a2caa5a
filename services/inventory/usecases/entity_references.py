"""The other entities that an entity names: they exist, and the principal may see them."""

from uuid import UUID

from kernel.auth import Principal
from kernel.database import Session
from kernel.problems import refused
from services.inventory.domain.group_entities import EntityContent
from services.inventory.store import entities
from services.inventory.store.narrowing import visible_entities


async def resolve_references(
    session: Session, actor: Principal, content: EntityContent, already_named: frozenset[str] = frozenset()
) -> dict[str, UUID]:
    """Business key → id of the parent and the owners.

    already_named  those that the entity names anyway: a narrowed client keeps them without seeing them
    raises         Problem: unknown_entity at the field that names it
    """
    ids = await entities.ids_of(session, content.named)
    visible = await visible_entities(session, actor)
    known = {name for name, entity_id in ids.items() if visible is None or entity_id in visible or name in already_named}
    named = {"/parent_external_id": content.parent_external_id} | {
        f"/ownership/{number}/owner_external_id": interval.owner_external_id for number, interval in enumerate(content.ownership)
    }
    for pointer, name in named.items():
        if name is not None and name not in known:
            raise refused(pointer, "unknown_entity", f"There is no entity {name}.", "Create parents and owners first.")
    return ids
