"""Create an entity of the group; parents come first."""

from contracts.topics import ENTITY
from kernel import audit, outbox
from kernel.auth import Principal
from kernel.database import Session
from kernel.problems import CONFLICT, FORBIDDEN, USE_PATCH, Problem, refused
from services.inventory.domain.group_entities import EntityContent, refuse_wrong_intervals
from services.inventory.store import entities, versioned_rows
from services.inventory.store.narrowing import visible_entities
from services.inventory.tables import Entity
from services.inventory.usecases.entity_references import resolve_references


async def create_entity(session: Session, actor: Principal, content: EntityContent) -> tuple[Entity, bool]:
    """The entity with this content, and whether it is new.

    raises  Problem: use_patch if it exists with other content; ownership_cycle, unknown_entity and wrong intervals at their fields;
            forbidden for a narrowed client that would create at the top
    """
    refuse_wrong_intervals(content)
    if content.external_id in content.named:
        raise refused(
            "/parent_external_id" if content.parent_external_id == content.external_id else "/ownership",
            "ownership_cycle",
            f"{content.external_id} cannot be its own parent or owner.",
        )
    existing = await _existing(session, actor, content)
    if existing is not None:
        return existing, False
    if actor.entity_ids and content.parent_external_id is None:
        raise Problem(FORBIDDEN, "This client is narrowed to entities: it creates entities only below them; name a parent.")
    ids = await resolve_references(session, actor, content)
    entity = await versioned_rows.create(session, Entity, ("external_id",), entities.columns_of(content, ids))
    if entity is None:  # another request created it meanwhile
        existing = await _existing(session, actor, content)
        assert existing is not None
        return existing, False
    event = entities.event_of(entity)
    outbox.record(session, ENTITY.name, event.id, event)
    await audit.record(session, actor, "create_entity", f"entity {entity.id}", after=event)
    return entity, True


async def _existing(session: Session, actor: Principal, content: EntityContent) -> Entity | None:
    """The entity of this business key if there is one with the same content; refuses another content."""
    entity = await entities.with_external_id(session, content.external_id)
    if entity is None:
        return None
    visible = await visible_entities(session, actor)
    if visible is not None and entity.id not in visible:
        raise Problem(CONFLICT, f"The external_id {content.external_id} is taken.")
    if not entities.content_of(entity, await entities.names_in(session, [entity])).same_as(content):
        raise Problem(USE_PATCH, f"Entity {content.external_id} exists with other content; change it with PATCH /v1/entities/{entity.id}.")
    return entity
