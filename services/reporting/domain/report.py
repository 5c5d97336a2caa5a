"""A report as ordered, from the order to its files."""

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Literal, Self
from uuid import UUID

from ghg.totals import Totals
from services.reporting.domain.report_content import Emissions, Status

ReportState = Literal["queued", "running", "ready", "failed"]
Format = Literal["pdf", "xlsx", "json"]


@dataclass(frozen=True, slots=True)
class ReportFile:
    name: str
    sha256: str
    bytes: int
    media_type: str


@dataclass(frozen=True, slots=True)
class Report:
    """A report; what is not known before it is ready is None until then.

    entity_ids      what its orderer was narrowed to, empty for the whole group
    behind_because  in words, of a report that is behind
    """

    id: UUID
    type: str
    year: int
    inventory_id: str
    formats: tuple[Format, ...]
    language: str
    entity_ids: tuple[str, ...]
    state: ReportState
    error: str | None
    requested_at: datetime
    finished_at: datetime | None
    status: Status | None
    total: Emissions | None
    inventory_total: Emissions | None
    behind_because: str | None
    files: tuple[ReportFile, ...]


@dataclass(frozen=True, slots=True)
class Comparison:
    """What the report counts beside what the inventory itself counts.

    inventory  None while it has not answered, then `silence` says why
    """

    reported: Emissions
    inventory: Emissions | None
    silence: str | None = None

    @classmethod
    def of(cls, reported: Totals, inventory: Emissions | None, silence: str | None) -> Self:
        total = reported.total
        return cls(Emissions(total.co2e_mg, total.biogenic_co2_mg, total.records or 0), inventory, silence)

    @property
    def is_equal(self) -> bool:
        return self.reported == self.inventory

    @property
    def behind_because(self) -> str | None:
        if self.is_equal:
            return None
        return self.silence or "Not every change of the inventory had been heard of within the time that a report waits for it."

    def status(self, *, closed: bool) -> Status:
        """Final only where the figures agree and the inventory can no longer move."""
        if not self.is_equal:
            return "behind"
        return "final" if closed else "draft"


def as_document(value: Emissions | None) -> dict[str, Any] | None:
    return None if value is None else asdict(value)
