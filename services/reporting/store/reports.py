"""Reports: their orders, and what became of them."""

import json
from dataclasses import asdict
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import text

from kernel.database import Session
from services.reporting.domain.group import Visible
from services.reporting.domain.report import Comparison, Format, Report, ReportFile
from services.reporting.domain.report_content import Emissions, Status

PATIENCE_SECONDS = 60  # how long a report waits for the read model to agree with the inventory

_REPORT = """
SELECT report.id, type, year, inventory_id, formats, language, entity_ids, requested_at, report.finished_at, status, total,
       inventory_total, behind_because, files, job.error,
       CASE WHEN report.finished_at IS NOT NULL THEN 'ready' WHEN job.state = 'failed' THEN 'failed'
            WHEN started_at IS NOT NULL THEN 'running' ELSE 'queued' END AS state
FROM report JOIN job ON job.id = report.job_id
"""

# A narrowed reader sees the reports that were ordered for nothing but what the reader sees.
_VISIBLE = "(cast(:visible AS text[]) IS NULL OR (entity_ids <> '{}' AND entity_ids <@ cast(:visible AS text[])))"

_NEW = text(
    """
    INSERT INTO report (id, type, year, inventory_id, formats, language, entity_ids, requested_by, requested_at, job_id, files)
    VALUES (:id, :type, :year, :inventory_id, :formats, :language, :entity_ids, :requested_by, clock_timestamp(), :job_id, '[]')
    """
)

_BEGIN = text(
    """
    UPDATE report SET started_at = coalesce(started_at, clock_timestamp()) WHERE id = :id
    RETURNING clock_timestamp() - started_at > make_interval(secs => :patience)
    """
)

_FINISH = text(
    """
    UPDATE report SET finished_at = :finished_at, status = :status, total = cast(:total AS jsonb),
           inventory_total = cast(:inventory_total AS jsonb), behind_because = :behind_because, files = cast(:files AS jsonb)
    WHERE id = :id AND finished_at IS NULL
    """
)


async def add(
    session: Session,
    report_id: UUID,
    job_id: UUID,
    *,
    type: str,
    year: int,
    inventory_id: str,
    formats: list[Format],
    language: str,
    entity_ids: tuple[str, ...],
    requested_by: str,
) -> None:
    await session.execute(
        _NEW,
        {
            "id": report_id, "job_id": job_id, "type": type, "year": year, "inventory_id": inventory_id, "formats": formats,
            "language": language, "entity_ids": sorted(entity_ids), "requested_by": requested_by,
        },
    )  # fmt: skip


async def find(session: Session, report_id: UUID, visible: Visible) -> Report | None:
    rows = await session.execute(
        text(f"{_REPORT} WHERE report.id = :id AND {_VISIBLE}"),
        {"id": report_id, "visible": _entities(visible)},
    )
    row = rows.one_or_none()
    return None if row is None else _report(row)


async def newest_first(session: Session, visible: Visible, before: UUID | None, limit: int) -> list[Report]:
    """At most `limit` reports, the newest first, those ordered before the report `before`."""
    rows = await session.execute(
        text(f"{_REPORT} WHERE {_VISIBLE} AND (cast(:before AS uuid) IS NULL OR report.id < :before) ORDER BY report.id DESC LIMIT :limit"),
        {"visible": _entities(visible), "before": before, "limit": limit},
    )
    return [_report(row) for row in rows]


async def begin(session: Session, report_id: UUID) -> bool:
    """Note that work on a report has begun, if it had not; returns whether it has waited as long as a report may."""
    return bool(await session.scalar(_BEGIN, {"id": report_id, "patience": PATIENCE_SECONDS}))


async def finish(
    session: Session, report_id: UUID, finished_at: datetime, status: Status, comparison: Comparison, files: list[ReportFile]
) -> None:
    """Keep what became of a report; one that is ready stays as it is, whoever made it again."""
    await session.execute(
        _FINISH,
        {
            "id": report_id,
            "finished_at": finished_at,
            "status": status,
            "total": json.dumps(asdict(comparison.reported)),
            "inventory_total": None if comparison.inventory is None else json.dumps(asdict(comparison.inventory)),
            "behind_because": comparison.behind_because,
            "files": json.dumps([asdict(file) for file in files]),
        },
    )


def _entities(visible: Visible) -> list[str] | None:
    return None if visible.entities is None else sorted(visible.entities)


def _report(row: Any) -> Report:
    return Report(
        id=row.id,
        type=row.type,
        year=row.year,
        inventory_id=row.inventory_id,
        formats=tuple(row.formats),
        language=row.language,
        entity_ids=tuple(row.entity_ids),
        state=row.state,
        error=row.error if row.state == "failed" else None,
        requested_at=row.requested_at,
        finished_at=row.finished_at,
        status=row.status,
        total=_emissions(row.total),
        inventory_total=_emissions(row.inventory_total),
        behind_because=row.behind_because,
        files=tuple(ReportFile(**file) for file in row.files),
    )


def _emissions(document: Any) -> Emissions | None:
    return None if document is None else Emissions(**document)
