"""Mapping a source's item code to an activity type; what waited for it in quarantine is released by a job."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import text
from sqlmodel import select

from ghg.errors import UnknownUnit
from ghg.units import unit
from kernel import audit, jobs
from kernel.auth import Principal
from kernel.database import Session
from kernel.problems import FORBIDDEN, Problem, refused
from services.inventory.domain.categories import SCOPE_OF
from services.inventory.domain.judgement import nearest
from services.inventory.tables import ActivityType, Site, SourceItem
from services.inventory.usecases.recount import RELEASE_ITEMS


@dataclass(frozen=True, slots=True)
class MapSourceItem:
    source_system: str
    code: str
    activity_type: str
    unit: str
    site_external_id: str | None
    scope: int | None
    category: str | None


async def map_source_item(session: Session, actor: Principal, command: MapSourceItem) -> tuple[SourceItem, bool]:
    """Set the mapping of an item code; returns it, and whether it is new. The same mapping again changes nothing.

    raises  Problem: forbidden for a foreign source system, and for a client narrowed to entities; wrong fields
    """
    actor.require_source_system(command.source_system)
    if actor.entity_ids:
        raise Problem(FORBIDDEN, "A mapping holds for every entity of its source system; a client narrowed to entities does not set it.")
    site_id = await _site(session, command.site_external_id)
    await _refuse_wrong_mapping(session, command)
    await session.execute(
        text(
            "INSERT INTO source_item (source_system, code, activity_type, unit, version, recorded_at)"
            " VALUES (:system, :code, '', '', 0, clock_timestamp()) ON CONFLICT DO NOTHING"
        ),
        {"system": command.source_system, "code": command.code},
    )
    item = (
        await session.exec(
            select(SourceItem).where(SourceItem.source_system == command.source_system, SourceItem.code == command.code).with_for_update()
        )
    ).one()
    wanted = {"activity_type": command.activity_type, "unit": command.unit, "site_id": site_id, "category": command.category}
    before = {name: getattr(item, name) for name in wanted}
    if item.version and before == wanted:
        return item, False
    is_new = item.version == 0
    for name, value in wanted.items():
        setattr(item, name, value)
    item.version += 1
    item.release_job = await jobs.enqueue(session, RELEASE_ITEMS, {"source_system": command.source_system, "code": command.code})
    session.add(item)
    subject = f"item {command.source_system}/{command.code}"
    await audit.record(session, actor, "map_source_item", subject, before=None if is_new else before, after=wanted)
    return item, is_new


async def _site(session: Session, external_id: str | None) -> UUID | None:
    if external_id is None:
        return None
    site = (await session.exec(select(Site).where(Site.external_id == external_id))).one_or_none()
    if site is None:
        raise refused("/site_external_id", "unknown_site", f"There is no site {external_id!r:.120}.", "Create it at POST /v1/sites.")
    return site.id


async def _refuse_wrong_mapping(session: Session, command: MapSourceItem) -> None:
    kind = await session.get(ActivityType, command.activity_type)
    if kind is None:
        near = nearest(command.activity_type, (await session.exec(select(ActivityType.id))).all())
        hint = f"Near it: {', '.join(near)}." if near else "GET /v1/activity-types lists them."
        raise refused("/activity_type", "unknown_activity_type", f"There is no activity type {command.activity_type!r:.120}.", hint)
    try:
        dimension = unit(command.unit).dimension
    except UnknownUnit as error:
        raise refused("/unit", error.code, str(error), error.hint or None) from error
    if dimension not in kind.unit_dimensions:
        measured = " or ".join(kind.unit_dimensions).replace("_", " ")
        raise refused("/unit", "dimension_mismatch", f"{command.unit} measures {dimension}; {kind.id} is measured in {measured}.")
    if command.category is not None and command.scope is not None and SCOPE_OF[command.category] != command.scope:
        raise refused("/scope", "scope_mismatch", f"The category {command.category} is of scope {SCOPE_OF[command.category]}.")
    if command.category is None and command.scope is not None and kind.scope != command.scope:
        raise refused("/scope", "scope_mismatch", f"{kind.id} is of scope {kind.scope}; to count it elsewhere name a category.")
