"""Reading the master data that a push touches, all in one query."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from kernel.auth import Principal
from kernel.database import Session
from kernel.postgres import driver
from services.inventory.domain.activity_records import ActivityRecord, ClosedPeriod, Kind, Mapping, Place
from services.inventory.domain.judgement import Surroundings, nearest
from services.inventory.store.bindings import UPDATES_ACCEPTED
from services.inventory.store.narrowing import visible_entities

_INVENTORIES = "(SELECT json_agg(json_build_array(year, name, period_start, period_end, state, gwp_set)) FROM inventory)"
_ORGANISATION = "(SELECT gwp_set FROM organisation)"

_QUERY = f"""
WITH item AS (
    SELECT source_item.* FROM source_item JOIN unnest($3::text[], $4::text[]) AS wanted(source_system, code) USING (source_system, code)
), place AS (
    SELECT id, external_id, entity_id, region, grid_region FROM site
    WHERE external_id = ANY($1::text[]) OR id IN (SELECT site_id FROM item)
), kind AS (
    SELECT id, scope, category, method, unit_dimensions FROM activity_type
    WHERE id = ANY($2::text[]) OR id IN (SELECT activity_type FROM item)
)
SELECT
    (SELECT json_agg(place) FROM place) AS sites,
    (SELECT json_agg(kind) FROM kind) AS kinds,
    (SELECT json_agg(item) FROM item) AS items,
    {_INVENTORIES} AS inventories,
    {_ORGANISATION} AS gwp_set,
    {UPDATES_ACCEPTED} AS updates_accepted,
    CASE WHEN EXISTS (SELECT FROM unnest($2::text[]) AS named WHERE named NOT IN (SELECT id FROM kind))
        THEN (SELECT json_agg(id) FROM activity_type) END AS all_kinds
"""

CLOSED_STATES = ("approved", "verified", "locked")
MOST_GUESSES = 20  # what a misspelt activity type may have meant is guessed for so many of a push; it costs milliseconds each


@dataclass(frozen=True, slots=True)
class GwpSets:
    """Under which GWP set a record is answered: its primary inventory's, else the organisation's."""

    organisation: str
    primary: tuple[tuple[date, date, str], ...]

    def of(self, day: date) -> str:
        return next((gwp_set for start, end, gwp_set in self.primary if start <= day < end), self.organisation)


async def read_surroundings(session: Session, principal: Principal, records: Iterable[ActivityRecord]) -> tuple[Surroundings, GwpSets]:
    """What the principal's records name: sites, activity types, item mappings; and which periods are closed."""
    records = list(records)
    visible = await visible_entities(session, principal)
    items = {(record.source_system, record.item_code) for record in records if record.item_code is not None}
    connection = await driver(session)
    row = await connection.fetchrow(
        _QUERY,
        list({record.site_external_id for record in records if record.site_external_id is not None}),
        list({record.activity_type for record in records if record.activity_type is not None}),
        [system for system, _ in items],
        [code for _, code in items],
    )
    sites = {site.id: site for site in map(_place, _rows(row["sites"])) if visible is None or site.entity_id in visible}
    inventories = _rows(row["inventories"])
    kinds = {kind["id"]: _kind(kind) for kind in _rows(row["kinds"])}
    misnamed = {record.activity_type for record in records if record.activity_type is not None} - kinds.keys()
    around = Surroundings(
        sites={site.external_id: site for site in sites.values()},
        kinds=kinds,
        mappings={(item["source_system"], item["code"]): _mapping(item, sites) for item in _rows(row["items"])},
        closed=tuple(
            ClosedPeriod(f"{year} {name}", date.fromisoformat(start), date.fromisoformat(end))
            for year, name, start, end, state, _ in inventories
            if state in CLOSED_STATES
        ),
        near={name: nearest(name, row["all_kinds"]) for name in sorted(misnamed)[:MOST_GUESSES]},
        updates_accepted=row["updates_accepted"],
    )
    return around, _gwp_sets(row["gwp_set"], inventories)


async def read_site_names(session: Session, sites: Iterable[UUID]) -> dict[UUID, str]:
    """The external ids of sites."""
    connection = await driver(session)
    rows = await connection.fetch("SELECT id, external_id FROM site WHERE id = ANY($1::uuid[])", list(sites))
    return {row["id"]: row["external_id"] for row in rows}


async def read_gwp_sets(session: Session) -> GwpSets:
    connection = await driver(session)
    row = await connection.fetchrow(f"SELECT {_INVENTORIES} AS inventories, {_ORGANISATION} AS gwp_set")
    return _gwp_sets(row["gwp_set"], _rows(row["inventories"]))


def _gwp_sets(organisation: str | None, inventories: list[Any]) -> GwpSets:
    primary = (
        (date.fromisoformat(start), date.fromisoformat(end), gwp_set)
        for _, name, start, end, _, gwp_set in inventories
        if name == "primary"
    )
    return GwpSets(organisation or "AR6", tuple(primary))


def _rows(document: list[Any] | None) -> list[Any]:
    return document or []


def _place(row: dict[str, Any]) -> Place:
    return Place(UUID(row["id"]), row["external_id"], UUID(row["entity_id"]), row["region"], row["grid_region"])


def _kind(row: dict[str, Any]) -> Kind:
    return Kind(row["id"], row["scope"], row["category"], row["method"], tuple(row["unit_dimensions"]))


def _mapping(row: dict[str, Any], sites: dict[UUID, Place]) -> Mapping:
    site = sites.get(UUID(row["site_id"])) if row["site_id"] else None
    return Mapping(row["activity_type"], row["unit"], site, row["category"])
