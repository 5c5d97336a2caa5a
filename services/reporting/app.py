"""The reporting service: a read model fed by events only, and the reports made from it."""

from kernel.service import Ground, Service, create_service
from services.reporting.api import emissions, reports
from services.reporting.document_worker import DocumentWorker
from services.reporting.handlers import PROJECTIONS, SUBSCRIPTIONS
from services.reporting.usecases.make_report import ReportMaker
from services.reporting.usecases.order_report import JOB


def assemble(ground: Ground) -> Service:
    documents = DocumentWorker()
    return create_service(
        "reporting",
        ground,
        [emissions.router, reports.router],
        subscriptions=SUBSCRIPTIONS,
        work={JOB: ReportMaker(ground, documents).make},
        tasks=[documents.tend],
        projections=PROJECTIONS,
    )
