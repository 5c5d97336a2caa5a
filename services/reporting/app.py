"""The reporting service: a read model fed by events only, and the reports made from it."""

from kernel.retention import Named
from kernel.service import Ground, Service, create_service
from services.reporting.api import emissions, reports
from services.reporting.document_worker import DocumentWorker
from services.reporting.handlers import FACTS, PROJECTIONS, SUBSCRIPTIONS
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
        facts=FACTS,
        named=Named(
            jobs="SELECT job_id FROM report",
            files="SELECT file ->> 'sha256' FROM report CROSS JOIN jsonb_array_elements(files) AS file",
        ),
    )
