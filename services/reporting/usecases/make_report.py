"""Make an ordered report: wait until reporting has heard what the inventory counts, then lay out its documents."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import structlog

from ghg.rounding import milligrams
from ghg.totals import Method
from kernel.jobs import GaveUp, Job, Later
from kernel.questions import Questions, Silence
from kernel.service import Ground
from services.reporting.document_worker import DocumentWorker
from services.reporting.domain.books import Books
from services.reporting.domain.group import Visible
from services.reporting.domain.report import Comparison, Format, Report, ReportFile
from services.reporting.domain.report_assembly import Material, assemble_report
from services.reporting.domain.report_content import Emissions
from services.reporting.store import reports
from services.reporting.store.books import find_inventory, read_books, read_consistently, read_group
from services.reporting.store.report_material import read_catalogue, read_heard, read_organisation

log = structlog.get_logger()

AGAIN_SECONDS = 0.25
METHOD: Method = "location_based"
MEDIA_TYPES: Mapping[Format, str] = {
    "pdf": "application/pdf",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "json": "application/json",
}


class NotHeardOf(GaveUp):
    """Reporting has not heard of something without which there is no report, and waiting did not help."""


@dataclass(frozen=True, slots=True)
class InventoryFigures:
    """What the inventory itself counts, entity by entity (external ids, None for what belongs to no entity)."""

    by_entity: Mapping[str | None, Emissions]

    @classmethod
    def of(cls, totals: Mapping[str, Any]) -> "InventoryFigures":
        return cls({item["entity"]: _emissions(item) for item in totals["items"]})

    def seen_in(self, books: Books) -> Emissions:
        """The sum over the entities that the reader of these books may see."""
        if books.visible.entities is None:
            return Emissions.sum(self.by_entity.values())
        seen = {books.group.entities[entity].external_id for entity in books.visible.entities if entity in books.group.entities}
        return Emissions.sum(figures for entity, figures in self.by_entity.items() if entity in seen)


class ReportMaker:
    """Makes reports out of the read model of one service."""

    def __init__(self, ground: Ground, documents: DocumentWorker) -> None:
        self._ground = ground
        self._documents = documents

    async def make(self, job: Job) -> dict[str, Any]:
        """One attempt: Later, as long as the figures differ and the report may still wait."""
        report_id = UUID(job.payload["report"])
        async with self._ground.database.unit_of_work() as session:
            waited_enough = await reports.begin(session, report_id)
            report = await reports.find(session, report_id, Visible(None))
        if report is None:
            raise NotHeardOf(f"report {report_id} is not kept here")
        if report.finished_at is not None:  # by a worker that died before it could say so
            return {"report": job.payload["report"], "status": report.status}
        figures = await self._ask_inventory(report)
        try:
            material, comparison = await self._read(report, figures)
        except NotHeardOf:
            if waited_enough:
                raise
            raise Later(AGAIN_SECONDS) from None
        heard_all = comparison.is_equal and material.catalogue.factors.keys() >= _factors(material.books)
        if not heard_all and not waited_enough:
            raise Later(AGAIN_SECONDS)
        finished_at = datetime.now(UTC)
        content = await asyncio.to_thread(assemble_report, report, material, comparison, finished_at)
        rendered = await self._documents.render(content, report.formats)
        files = [await self._keep(report, form, document) for form, document in rendered.items()]
        async with self._ground.database.unit_of_work() as session:
            await reports.finish(session, report_id, finished_at, content.status, comparison, files)
        return {"report": str(report_id), "status": content.status}

    async def _ask_inventory(self, report: Report) -> InventoryFigures | Silence:
        questions: Questions = self._ground.questions["inventory"]
        path, params = f"/v1/inventories/{report.inventory_id}/totals", {"group_by": "entity", "method": METHOD}
        try:
            return InventoryFigures.of(await questions.ask("GET", path, params=params))
        except Silence as silence:
            log.warning("inventory_silent", report=str(report.id), reason=str(silence))
            return silence

    async def _read(self, report: Report, figures: InventoryFigures | Silence) -> tuple[Material, Comparison]:
        """What the read model says now, after the inventory was asked, so that events on their way can only bring the two together."""
        async with self._ground.database.unit_of_work() as session:
            await read_consistently(session)
            inventory, organisation = await find_inventory(session, report.inventory_id), await read_organisation(session)
            if inventory is None or organisation is None:
                what = f"inventory {report.inventory_id}" if organisation else "the organisation"
                raise NotHeardOf(f"Reporting did not hear of {what} within the time that a report waits. Order the report again.")
            group = await read_group(session)
            books = await read_books(session, inventory, METHOD, group, Visible.to(report.entity_ids, group))
            catalogue, heard = await read_catalogue(session, _factors(books)), await read_heard(session)
        totals = await asyncio.to_thread(books.totals)
        software = f"baseyear {self._ground.version}"
        material = Material(organisation, books, catalogue, heard, software)
        if isinstance(figures, Silence):
            return material, Comparison.of(totals, None, "The inventory service did not say what it counts.")
        return material, Comparison.of(totals, figures.seen_in(books), None)

    async def _keep(self, report: Report, form: Format, document: bytes) -> ReportFile:
        sha256 = await self._ground.files.put(document)
        return ReportFile(f"{report.type}-{report.year}.{form}", sha256, len(document), MEDIA_TYPES[form])


def _factors(books: Books) -> set[str]:
    return {held.cell.factor for held in books.cells if held.cell.factor is not None}


def _emissions(item: Mapping[str, Any]) -> Emissions:
    emissions = item["emissions"]
    co2e = emissions["co2e_kg"]
    return Emissions(0 if co2e is None else milligrams(co2e), milligrams(emissions["biogenic_co2_kg"]), item["records"])
