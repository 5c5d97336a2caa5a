"""Activity records as their source pushed them, and what the service makes of one before anything is written."""

import hashlib
import json
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from fractions import Fraction
from typing import Any, Literal
from uuid import UUID

from ghg.units import Unit
from kernel.problems import Problem


@dataclass(frozen=True, slots=True)
class ActivityRecord:
    """What a source says: one quantity of one activity at one site in one period.

    unit     None where the item mapping's unit is meant
    content  everything that was said, as JSON, without `source_modified_at`; its fingerprint tells whether two pushes say the same
    """

    source_system: str
    external_id: str
    site_external_id: str | None
    activity_type: str | None
    item_code: str | None
    period_start: date
    period_end: date
    quantity: Fraction
    unit: str | None
    scope: int | None
    category: str | None
    source_modified_at: datetime | None
    content: dict[str, Any]

    @property
    def key(self) -> tuple[str, str]:
        return self.source_system, self.external_id

    @property
    def years(self) -> range:
        """The calendar years in which its days lie; the period's end is not one of them."""
        return range(self.period_start.year, (self.period_end - timedelta(days=1)).year + 1)

    def fingerprint(self) -> bytes:
        said = self.content | {"quantity": {"value": _plain(self.content["quantity"]["value"]), "unit": self.unit}}
        return hashlib.sha256(json.dumps(said, sort_keys=True, separators=(",", ":")).encode()).digest()


def record_from_content(content: dict[str, Any], source_modified_at: datetime | None = None) -> ActivityRecord:
    """The record that a content describes; the content was checked when it was pushed."""
    return ActivityRecord(
        source_system=content["source_system"],
        external_id=content["external_id"],
        site_external_id=content.get("site_external_id"),
        activity_type=content.get("activity_type"),
        item_code=content.get("item_code"),
        period_start=date.fromisoformat(content["period"]["start"]),
        period_end=date.fromisoformat(content["period"]["end"]),
        quantity=Fraction(content["quantity"]["value"]),
        unit=content["quantity"].get("unit"),
        scope=content.get("scope"),
        category=content.get("category"),
        source_modified_at=source_modified_at,
        content=content,
    )


def _plain(number: str) -> str:
    """A decimal without the zeros that say nothing, so that 1.0 and 1 are the same content."""
    whole, _, decimals = number.partition(".")
    decimals = decimals.rstrip("0")
    return (whole.lstrip("0") or "0") + (f".{decimals}" if decimals else "")


@dataclass(frozen=True, slots=True)
class Kind:
    """An activity type as the calculation needs it; scope and category are those it has where a record says nothing else."""

    id: str
    scope: int
    category: str
    method: Literal["location_based", "none"]
    unit_dimensions: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Place:
    """A site as the calculation needs it."""

    id: UUID
    external_id: str
    entity_id: UUID
    region: str
    grid_region: str | None

    def region_for(self, kind: Kind) -> str:
        """Electricity is of the grid where the site names one, in whatever category it counts; everything else is of the site's region."""
        return self.grid_region or self.region if kind.category == "electricity" else self.region


@dataclass(frozen=True, slots=True)
class Mapping:
    """What an item code of a source stands for."""

    activity_type: str
    unit: str
    site: Place | None
    category: str | None


@dataclass(frozen=True, slots=True)
class ClosedPeriod:
    """The days of an inventory that is approved, verified or locked; they move no more."""

    inventory: str
    start: date
    end: date

    def contains_any(self, start: date, end: date) -> bool:
        return start < self.end and self.start < end


@dataclass(frozen=True, slots=True)
class Accepted:
    """A record that can be counted, with everything that its calculation needs."""

    record: ActivityRecord
    site: Place
    kind: Kind
    unit: Unit
    scope: int
    category: str


@dataclass(frozen=True, slots=True)
class Quarantined:
    """A record that is kept but not counted, and why."""

    record: ActivityRecord
    reason: Literal["unmapped_item", "closed_period"]
    site: Place | None
    accepted: Accepted | None = None


@dataclass(frozen=True, slots=True)
class Refused:
    """A record that is wrong in itself and is not kept.

    source_system  what it named as its source, as far as that could be read; empty if it could not
    """

    problem: Problem
    source_system: str


Judgement = Accepted | Quarantined | Refused
