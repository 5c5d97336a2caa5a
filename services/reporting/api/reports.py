"""Reports: order one, see what became of it, fetch its files."""

from datetime import datetime
from importlib.util import find_spec
from typing import Annotated, Literal, get_args
from uuid import UUID

from fastapi import Depends, Request, Response
from fastapi.responses import FileResponse
from pydantic import BaseModel, Field
from typing_extensions import TypeAliasType

from contracts import shapes
from ghg.rounding import kilograms
from kernel.auth import Principal, requires
from kernel.database import Session
from kernel.edge import session_of
from kernel.files import Files
from kernel.pages import DEFAULT_LIMIT, Cursor, Cursors, Limit, Page, here, page_of
from kernel.problems import UNAVAILABLE, Problem, not_found, refused
from kernel.service import Ground
from kernel.service import router as new_router
from services.reporting.domain.group import Visible
from services.reporting.domain.report import Format, Report, ReportState
from services.reporting.domain.report_content import Emissions, Status
from services.reporting.problems import refuse_source_systems
from services.reporting.store import reports
from services.reporting.store.books import read_group
from services.reporting.usecases.order_report import OrderReport, order_report

AVAILABLE_TYPE = "iso14064-1"
AVAILABLE_FORMATS: tuple[Format, ...] = get_args(Format)
AVAILABLE_LANGUAGE = "en"
A_FILE = {"type": "string", "format": "binary"}

ReportType = TypeAliasType(
    "ReportType",
    Literal["iso14064-1", "ghg-protocol", "sbt-programme", "target-progress", "supplier-engagement", "cdp", "esrs-e1", "ifrs-s2"],
)
ReportFormat = TypeAliasType("ReportFormat", Literal["pdf", "xlsx", "html", "json"])
ReportStateName = TypeAliasType("ReportState", ReportState)
ReportStatus = TypeAliasType("ReportStatus", Status)
ReportLanguage = TypeAliasType("ReportLanguage", Literal["en", "zh-CN"])

router = new_router("reports")


class ReportOrder(shapes.Request):
    """An order for a report; without `inventory_id` of the year's inventory named `primary`."""

    type: ReportType = Field(description="Only `iso14064-1` can be had now; the others come later.")
    year: int = Field(ge=1900, le=2200, examples=[2021])
    inventory_id: str | None = Field(None, min_length=1, max_length=100)
    formats: list[ReportFormat] = Field(min_length=1, max_length=4, examples=[["pdf", "xlsx", "json"]])
    language: ReportLanguage = "en"


class FileOut(BaseModel):
    name: str
    sha256: str
    bytes: int
    media_type: str


class FiguresOut(BaseModel):
    co2e_kg: shapes.Kilograms
    biogenic_co2_kg: shapes.Kilograms
    records: int

    @classmethod
    def of(cls, figures: Emissions | None) -> "FiguresOut | None":
        if figures is None:
            return None
        return cls(co2e_kg=kilograms(figures.co2e_mg), biogenic_co2_kg=kilograms(figures.biogenic_co2_mg), records=figures.records)


class ReportOut(BaseModel):
    """A report; `status`, figures and files are there when its state is `ready`."""

    id: str
    type: str
    year: int
    inventory_id: str
    state: ReportStateName
    status: ReportStatus | None = Field(description="draft, behind (two figures that disagree) or final (of an approved inventory).")
    formats: list[str]
    language: str
    files: list[FileOut]
    error: str | None
    requested_at: datetime
    finished_at: datetime | None
    total: FiguresOut | None
    inventory_total: FiguresOut | None = Field(description="The same figures as the inventory itself counts them.")
    behind_because: str | None

    @classmethod
    def of(cls, report: Report) -> "ReportOut":
        return cls(
            id=str(report.id),
            type=report.type,
            year=report.year,
            inventory_id=report.inventory_id,
            state=report.state,
            status=report.status,
            formats=list(report.formats),
            language=report.language,
            files=[FileOut(name=file.name, sha256=file.sha256, bytes=file.bytes, media_type=file.media_type) for file in report.files],
            error=report.error,
            requested_at=report.requested_at,
            finished_at=report.finished_at,
            total=FiguresOut.of(report.total),
            inventory_total=FiguresOut.of(report.inventory_total),
            behind_because=report.behind_because,
        )


class ReportPage(Page):
    items: list[ReportOut]


@router.post("/v1/reports", response_model=ReportOut, status_code=202, summary="Order a report")
async def issue_report(
    order: ReportOrder,
    request: Request,
    response: Response,
    principal: Annotated[Principal, Depends(requires("reports:issue"))],
    session: Annotated[Session, Depends(session_of)],
) -> ReportOut:
    """The report is made in the background: look at its Location until its state is `ready`.

    It waits up to a minute for reporting to have heard all that the inventory counts, and is marked `behind` otherwise; of an
    inventory that was not heard of at all it fails.
    A client that is narrowed to entities gets a report of these and all below them.
    """
    refuse_source_systems(principal)
    formats = _available(order)
    command = OrderReport(order.type, order.year, order.inventory_id, formats, order.language)
    ground: Ground = request.app.state.ground
    report_id = await order_report(session, ground.questions["inventory"], principal, command)
    response.headers["Location"] = f"/v1/reports/{report_id}"
    return ReportOut.of(await _report(session, principal, str(report_id)))


@router.get("/v1/reports", response_model=ReportPage, summary="Reports, the newest first")
async def list_reports(
    request: Request,
    principal: Annotated[Principal, Depends(requires("reports:read"))],
    session: Annotated[Session, Depends(session_of)],
    limit: Limit = DEFAULT_LIMIT,
    cursor: Cursor = None,
) -> ReportPage:
    """A client that is narrowed to entities sees the reports that hold nothing else."""
    cursors: Cursors = request.app.state.cursors
    position = cursors.read(request, cursor)
    visible = await _visible(session, principal)
    found = await reports.newest_first(session, visible, UUID(position[0]) if position else None, limit + 1)
    items, after = page_of(request, found, limit, lambda report: [report.id])
    return ReportPage(items=[ReportOut.of(report) for report in items], next=after, self=here(request))


@router.get("/v1/reports/{report_id}", response_model=ReportOut, summary="A report and what became of it")
async def get_report(
    report_id: str,
    principal: Annotated[Principal, Depends(requires("reports:read"))],
    session: Annotated[Session, Depends(session_of)],
) -> ReportOut:
    return ReportOut.of(await _report(session, principal, report_id))


@router.get(
    "/v1/reports/{report_id}/files/{name}",
    response_class=FileResponse,
    summary="A file of a report",
    responses={
        200: {"description": "The file; `Content-Type` says of which kind.", "content": {"application/octet-stream": {"schema": A_FILE}}}
    },
)
async def get_report_file(
    report_id: str,
    name: str,
    request: Request,
    principal: Annotated[Principal, Depends(requires("reports:read"))],
    session: Annotated[Session, Depends(session_of)],
) -> FileResponse:
    report = await _report(session, principal, report_id)
    file = next((file for file in report.files if file.name == name), None)
    if file is None:
        raise not_found(f"file {name:.100} of report {report_id}")
    files: Files = request.app.state.ground.files
    path = files.path(file.sha256)
    if not path.is_file():
        raise Problem(UNAVAILABLE, f"The file {file.name} is not in this replica's folder of files: all replicas need the same volume.")
    return FileResponse(
        path,
        media_type=file.media_type,
        filename=file.name,
        headers={"ETag": f'"{file.sha256}"', "Cache-Control": "no-store"},
    )


def _available(order: ReportOrder) -> list[Format]:
    """The formats of an order that can be met; raises a 422 problem for what comes later."""
    if order.type != AVAILABLE_TYPE:
        raise refused("/type", "report_type_not_available", f"Reports of type {order.type} come later.", f"Order {AVAILABLE_TYPE} for now.")
    if order.language != AVAILABLE_LANGUAGE:
        raise refused("/language", "language_not_available", f"Reports in {order.language} come later.", "Order it in en for now.")
    formats: list[Format] = []
    for place, asked in enumerate(order.formats):
        if asked not in AVAILABLE_FORMATS:
            hint = f"Choose from {', '.join(AVAILABLE_FORMATS)}."
            raise refused(f"/formats/{place}", "format_not_available", f"Reports as {asked} come later.", hint)
        if asked == "pdf" and find_spec("typst") is None:
            hint = "Install Baseyear with the extra `pdf` on the server, or order xlsx and json."
            raise refused(f"/formats/{place}", "format_not_available", "PDF files cannot be made on this server.", hint)
        if asked not in formats:
            formats.append(asked)
    return formats


async def _report(session: Session, principal: Principal, report_id: str) -> Report:
    try:
        found = await reports.find(session, UUID(report_id), await _visible(session, principal))
    except ValueError:
        found = None
    if found is None:
        raise not_found(f"report {report_id:.100}")
    return found


async def _visible(session: Session, principal: Principal) -> Visible:
    refuse_source_systems(principal)
    return Visible.to(principal.entity_ids, await read_group(session)) if principal.entity_ids else Visible(None)
