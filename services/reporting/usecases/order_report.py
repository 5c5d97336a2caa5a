"""Order a report: it is made by a job."""

from dataclasses import dataclass
from uuid import UUID

from kernel import audit, jobs
from kernel.auth import Principal
from kernel.database import Session
from kernel.identifiers import uuid7
from kernel.pages import HIGHEST_LIMIT
from kernel.problems import refused
from kernel.questions import Questions, Silence
from services.reporting.domain.report import Format
from services.reporting.problems import inventory_silent
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


async def order_report(session: Session, inventory_service: Questions, actor: Principal, command: OrderReport) -> UUID:
    """Have a report made of what the actor may see; returns its id.

    An inventory that reporting has not heard of may be new: the inventory service knows, and the report waits for the event.
    raises  a 422 problem where there is no such inventory, a 503 problem where the inventory service does not say
    """
    inventory_id = await _heard_inventory(session, command) or await _new_inventory(inventory_service, command)
    if inventory_id is None:
        raise _unknown_inventory(command)
    report_id = uuid7()
    job_id = await jobs.enqueue(session, JOB, {"report": str(report_id)})
    await reports.add(
        session,
        report_id,
        job_id,
        type=command.type,
        year=command.year,
        inventory_id=inventory_id,
        formats=command.formats,
        language=command.language,
        entity_ids=actor.entity_ids,
        requested_by=actor.client_id,
    )
    await audit.record(session, actor, "order_report", f"report {report_id}", after={"type": command.type, "inventory": inventory_id})
    return report_id


async def _heard_inventory(session: Session, command: OrderReport) -> str | None:
    inventory = await asked_inventory(session, command.year, command.inventory_id)
    if inventory is None:
        await session.rollback()  # nobody asks another service with a transaction open
        return None
    return inventory.id


async def _new_inventory(inventory_service: Questions, command: OrderReport) -> str | None:
    params: dict[str, str | int] = {"year": command.year, "limit": HIGHEST_LIMIT}  # one page: a year has a handful of inventories
    if command.inventory_id is None:
        params["name"] = "primary"
    try:
        page = await inventory_service.ask("GET", "/v1/inventories", params=params)
    except Silence as silence:
        raise inventory_silent() from silence
    return next((item["id"] for item in page["items"] if command.inventory_id in (None, item["id"])), None)


def _unknown_inventory(command: OrderReport) -> Exception:
    if command.inventory_id is None:
        detail = f"There is no inventory named primary of {command.year}."
        return refused("/year", "unknown_inventory", detail, "Create it at POST /v1/inventories, or name another by inventory_id.")
    detail = f"There is no inventory {command.inventory_id} of {command.year}."
    return refused("/inventory_id", "unknown_inventory", detail, "GET /v1/inventories lists them.")
