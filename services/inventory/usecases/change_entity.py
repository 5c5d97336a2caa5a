"""Change an entity: its name, its place in the group, who owns and controls it."""

from contracts.topics import ENTITY
from ghg.consolidation import ConsolidationTree
from ghg.errors import OwnershipCycle
from kernel import audit, outbox
from kernel.auth import Principal
from kernel.database import Session
from kernel.problems import FORBIDDEN, Problem, refused
from services.inventory.domain.group_entities import EntityContent, group_entity, refuse_wrong_intervals
from services.inventory.store import entities, versioned_rows
from services.inventory.tables import Entity
from services.inventory.usecases.entity_references import resolve_references


async def change_entity(session: Session, actor: Principal, entity: Entity, content: EntityContent) -> Entity:
    """The locked entity with its new content; the same content changes nothing.

    raises  Problem: immutable for another business key; ownership_cycle, unknown_entity and wrong intervals at their fields;
            forbidden for a narrowed client that would take its own top to the top of the group
    """
    before = entities.content_of(entity, await entities.names_in(session, [entity]))
    if content.same_as(before):
        return entity
    if content.external_id != before.external_id:
        raise refused("/external_id", "immutable", "The external_id is the business key of an entity; it does not change.")
    refuse_wrong_intervals(content)
    if actor.entity_ids and content.parent_external_id is None and before.parent_external_id is not None:
        raise Problem(FORBIDDEN, "This client is narrowed to entities: it cannot take one out from under its parent.")
    await entities.hold_tree(session)
    ids = await resolve_references(session, actor, content, frozenset(before.named))
    await _refuse_cycle(session, content)
    told = entities.event_of(entity)
    changed = await versioned_rows.change(session, entity, entities.columns_of(content, ids))
    event = entities.event_of(changed)
    outbox.record(session, ENTITY.name, event.id, event)
    await audit.record(session, actor, "change_entity", f"entity {changed.id}", before=told, after=event)
    return changed


async def _refuse_cycle(session: Session, content: EntityContent) -> None:
    group = await entities.all_contents(session) | {content.external_id: content}
    try:
        ConsolidationTree(map(group_entity, group.values()))
    except OwnershipCycle as cycle:
        raise refused("/parent_external_id", "ownership_cycle", f"{cycle}.", cycle.hint) from cycle
