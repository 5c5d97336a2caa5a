"""Entities in the database, and the group's tree that they make."""

from collections.abc import Iterable
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import select, text

from contracts import events
from ghg.consolidation import ConsolidationTree
from kernel.auth import Principal
from kernel.database import Session
from kernel.problems import not_found
from services.inventory.domain.group_entities import Control, EntityContent, Ownership, group_entity
from services.inventory.store import versioned_rows
from services.inventory.store.narrowing import visible_entities
from services.inventory.tables import Entity

_ONE_CHANGE_OF_THE_TREE = text("SELECT pg_advisory_xact_lock(hashtextextended('inventory group tree', 0))")


async def get(session: Session, entity_id: UUID, principal: Principal, *, locked: bool = False) -> Entity:
    """The entity, if the principal may see it; raises 404."""
    visible = await visible_entities(session, principal)
    entity = await (versioned_rows.lock if locked else versioned_rows.find)(session, Entity, entity_id)
    if entity is None or (visible is not None and entity.id not in visible):
        raise not_found(f"entity {entity_id}")
    return entity


async def with_external_id(session: Session, external_id: str) -> Entity | None:
    return (await session.scalars(select(Entity).where(Entity.external_id == external_id))).one_or_none()


async def ids_of(session: Session, external_ids: Iterable[str]) -> dict[str, UUID]:
    """Business key → id, of those that exist."""
    rows = await session.exec(select(Entity.external_id, Entity.id).where(Entity.external_id.in_(set(external_ids))))
    return {row.external_id: row.id for row in rows}


async def names_in(session: Session, entities: Iterable[Entity]) -> dict[str, str]:
    """Id as text → business key, of all entities that these name."""
    named = {UUID(owner) for entity in entities for owner in _owners(entity)} | {
        entity.parent_id for entity in entities if entity.parent_id
    }
    rows = await session.exec(select(Entity.id, Entity.external_id).where(Entity.id.in_(named)))
    return {str(entity_id): external_id for entity_id, external_id in rows}


async def page(session: Session, visible: frozenset[UUID] | None, external_id: str | None, after: UUID | None, limit: int) -> list[Entity]:
    """Up to `limit` + 1 entities in the order of their creation."""
    wanted = select(Entity).order_by(Entity.id).limit(limit + 1)
    if visible is not None:
        wanted = wanted.where(Entity.id.in_(visible))
    if external_id is not None:
        wanted = wanted.where(Entity.external_id == external_id)
    if after is not None:
        wanted = wanted.where(Entity.id > after)
    return list(await session.scalars(wanted))


async def hold_tree(session: Session) -> None:
    """Until the transaction ends nobody else changes who stands under whom: two halves of a cycle do not pass each other."""
    await session.exec(_ONE_CHANGE_OF_THE_TREE)


async def all_contents(session: Session) -> dict[str, EntityContent]:
    """The whole group by business key."""
    entities = list(await session.scalars(select(Entity)))
    names = {str(entity.id): entity.external_id for entity in entities}
    return {entity.external_id: content_of(entity, names) for entity in entities}


async def consolidation_tree(session: Session) -> ConsolidationTree:
    """The group as the accounting consolidates it, by business keys."""
    return ConsolidationTree(map(group_entity, (await all_contents(session)).values()))


def content_of(entity: Entity, names: dict[str, str]) -> EntityContent:
    """What an entity's row says; `names` are the business keys of the ids in it."""
    return EntityContent(
        entity.external_id,
        entity.name,
        entity.country,
        names[str(entity.parent_id)] if entity.parent_id else None,
        tuple(
            Ownership(_day(one["start"]), _day(one["end"]), one["share"], names[one["owner"]] if one["owner"] else None)
            for one in entity.ownership
        ),
        tuple(Control(_day(one["start"]), _day(one["end"]), one["operational"], one["financial"]) for one in entity.control),
    )


def columns_of(content: EntityContent, ids: dict[str, UUID]) -> dict[str, Any]:
    """The row's values for a content; `ids` are those of the business keys in it."""
    ownership = [
        events.Ownership(
            start=one.start, end=one.end, share=one.share, owner=str(ids[one.owner_external_id]) if one.owner_external_id else None
        )
        for one in content.ownership
    ]
    control = [
        events.Control(start=one.start, end=one.end, operational=one.operational, financial=one.financial) for one in content.control
    ]
    return {
        "external_id": content.external_id,
        "name": content.name,
        "country": content.country,
        "parent_id": ids[content.parent_external_id] if content.parent_external_id else None,
        "ownership": [interval.model_dump(mode="json") for interval in ownership],
        "control": [interval.model_dump(mode="json") for interval in control],
    }


def event_of(entity: Entity) -> events.EntityChanged:
    return events.EntityChanged(
        id=str(entity.id),
        version=entity.version,
        recorded_at=entity.recorded_at,
        external_id=entity.external_id,
        name=entity.name,
        country=entity.country,
        parent=str(entity.parent_id) if entity.parent_id else None,
        ownership=[events.Ownership.model_validate(one) for one in entity.ownership],
        control=[events.Control.model_validate(one) for one in entity.control],
    )


def _owners(entity: Entity) -> list[str]:
    return [one["owner"] for one in entity.ownership if one["owner"]]


def _day(text_or_none: str | None) -> date | None:
    return date.fromisoformat(text_or_none) if text_or_none else None
