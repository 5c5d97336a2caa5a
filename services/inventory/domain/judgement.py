"""Judging a pushed record against the master data: accept it, keep it in quarantine, or refuse it with a pointer to the field."""

import difflib
from collections.abc import Mapping as ReadOnlyMapping
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

from ghg.errors import UnknownUnit
from ghg.units import Unit, unit
from kernel.auth import Principal
from kernel.problems import Problem, refused
from services.inventory.domain.activity_records import (
    Accepted,
    ActivityRecord,
    ClosedPeriod,
    Judgement,
    Kind,
    Mapping,
    Place,
    Quarantined,
    Refused,
)
from services.inventory.domain.categories import SCOPE_OF

EARLIEST_DAY = date(1990, 1, 1)
LATEST_DAY = date(2101, 1, 1)
LONGEST_DAYS = 3 * 366


@dataclass(frozen=True, slots=True)
class Surroundings:
    """The master data that a push touches; sites hold only what the principal may see.

    near              for names that are no activity type: those that come near
    updates_accepted  how many factor updates have been accepted: bindings that were read before the last of them may be out of date
    """

    sites: ReadOnlyMapping[str, Place]
    kinds: ReadOnlyMapping[str, Kind]
    mappings: ReadOnlyMapping[tuple[str, str], Mapping]
    closed: tuple[ClosedPeriod, ...]
    near: ReadOnlyMapping[str, Sequence[str]] = field(default_factory=dict)
    updates_accepted: int = 0

    def closed_period(self, start: date, end: date) -> ClosedPeriod | None:
        """A closed period that contains any of these days."""
        return next((closed for closed in self.closed if closed.contains_any(start, end)), None)


def nearest(name: str, known: Sequence[str]) -> list[str]:
    """What a misspelt name may have meant."""
    return difflib.get_close_matches(name, known, n=3, cutoff=0.7)


def judge(record: ActivityRecord, principal: Principal, around: Surroundings) -> Judgement:
    """What becomes of a record, as far as the record itself and the master data tell."""
    try:
        principal.require_source_system(record.source_system)
        _refuse_odd_period(record)
        site = _site(record, around)
        mapping = None
        if record.item_code is not None:
            mapping = around.mappings.get((record.source_system, record.item_code))
            if mapping is None:
                if site is None and principal.entity_ids:
                    raise _without_site("A client narrowed to entities names the site of each record.")
                if record.unit is not None:
                    _unit(record.unit)
                return Quarantined(record, "unmapped_item", site)
        accepted = _accept(record, site, mapping, around)
    except Problem as problem:
        return Refused(problem, record.source_system)
    if around.closed_period(record.period_start, record.period_end):
        return Quarantined(record, "closed_period", accepted.site, accepted)
    return accepted


def _accept(record: ActivityRecord, site: Place | None, mapping: Mapping | None, around: Surroundings) -> Accepted:
    site = site or (mapping.site if mapping else None)
    if site is None:
        raise _without_site("Name it in the record, or in the mapping of its item code.")
    name = mapping.activity_type if mapping else record.activity_type
    kind = around.kinds.get(name or "")
    if kind is None:
        near = around.near.get(name or "", ())
        hint = f"Near it: {', '.join(near)}." if near else "GET /v1/activity-types lists them."
        raise refused("/activity_type", "unknown_activity_type", f"There is no activity type {name!r:.120}.", hint)
    measured = _unit(record.unit or (mapping.unit if mapping else None))
    if measured.dimension not in kind.unit_dimensions:
        raise refused(
            "/quantity/unit",
            "dimension_mismatch",
            f"{measured.symbol} measures {_words(measured.dimension)}; {kind.id} is measured in {_words(*kind.unit_dimensions)}.",
            _basis_hint(measured, kind),
        )
    if mapping is not None and measured.dimension != unit(mapping.unit).dimension:
        raise refused(
            "/quantity/unit",
            "dimension_mismatch",
            f"{measured.symbol} cannot be converted to {mapping.unit}, the unit of the mapping of {record.item_code!r:.60}.",
            "Send the mapping's dimension, or change the mapping.",
        )
    category = record.category or (mapping.category if mapping else None) or kind.category
    scope = SCOPE_OF[category]
    if record.scope is not None and record.scope != scope:
        raise refused(
            "/scope",
            "scope_mismatch",
            f"The category {category} is of scope {scope}, not {record.scope}.",
            "Name a category of that scope.",
        )
    return Accepted(record, site, kind, measured, scope, category)


def _refuse_odd_period(record: ActivityRecord) -> None:
    if not record.period_start >= EARLIEST_DAY or record.period_end > LATEST_DAY:
        raise refused("/period", "period_out_of_range", f"Periods lie between {EARLIEST_DAY} and {LATEST_DAY}.")
    if (record.period_end - record.period_start).days > LONGEST_DAYS:
        raise refused("/period/end", "period_too_long", "A record covers at most three years.", "Split it; a month is the usual period.")


def _site(record: ActivityRecord, around: Surroundings) -> Place | None:
    if record.site_external_id is None:
        return None
    site = around.sites.get(record.site_external_id)
    if site is None:
        raise refused(
            "/site_external_id",
            "unknown_site",
            f"There is no site {record.site_external_id!r:.120}, or this client may not see it.",
            "Create it at POST /v1/sites.",
        )
    return site


def _without_site(hint: str) -> Problem:
    return refused("/site_external_id", "required", "The record needs a site.", hint)


def _unit(symbol: str | None) -> Unit:
    if symbol is None:
        raise refused("/quantity/unit", "required", "The quantity needs a unit.", "Only records with a mapped item code may leave it out.")
    try:
        return unit(symbol)
    except UnknownUnit as error:
        raise refused("/quantity/unit", error.code, str(error), error.hint or None) from error


def _words(*dimensions: str) -> str:
    return " or ".join(dimension.replace("_", " ") for dimension in dimensions)


def _basis_hint(measured: Unit, kind: Kind) -> str | None:
    if measured.dimension == "energy" and "energy_gross" in kind.unit_dimensions:
        return f"Say on which heating value: {measured.symbol}_gross or {measured.symbol}_net."
    return "GET /v1/units lists the units of each dimension."
