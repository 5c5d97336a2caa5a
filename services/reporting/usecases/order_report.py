"""Order a report: it is made by a job."""

from dataclasses import dataclass
from uuid import UUID

from kernel import audit, jobs
from kernel.auth import Principal
from kernel.database import Session
from kernel.identifiers import uuid7
from kernel.problems import refused
from services.reporting.domain.report import Format
from services.reporting.store import reports
from services.reporting.usecases.read_emissions import asked_inventory

JOB = "report"


@dataclass(frozen=True, slots=True)
class OrderReport:
    type: str
    year: int
    inventory_id: str | None
    formats: list[Format]
    language: str


async def order_report(session: Session, actor: Principal, command: OrderReport) -> UUID:
    """Have a report made of what the actor may see; returns its id."""
    inventory = await asked_inventory(session, command.year, command.inventory_id)
    if inventory is None:
        raise _unknown_inventory(command)
    report_id = uuid7()
    job_id = await jobs.enqueue(session, JOB, {"report": str(report_id)})
    await reports.add(
        session,
        report_id,
        job_id,
        type=command.type,
        year=command.year,
        inventory_id=inventory.id,
        formats=command.formats,
        language=command.language,
        entity_ids=actor.entity_ids,
        requested_by=actor.client_id,
    )
    await audit.record(session, actor, "order_report", f"report {report_id}", after={"type": command.type, "inventory": inventory.id})
    return report_id


def _unknown_inventory(command: OrderReport) -> Exception:
    if command.inventory_id is None:
        detail = f"Reporting has not heard of an inventory named primary of {command.year}."
        return refused("/year", "unknown_inventory", detail, "Create it at POST /v1/inventories, or name another by inventory_id.")
    detail = f"Reporting has not heard of an inventory {command.inventory_id} of {command.year}."
    return refused("/inventory_id", "unknown_inventory", detail, "GET /v1/inventories lists them.")
