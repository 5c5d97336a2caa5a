"""A year at a site, through the client that openapi-python-client makes: `python journey.py URL`, with CLIENT_ID and CLIENT_SECRET set."""

import datetime
import os
import sys
import time
from typing import TypeVar

import httpx
from baseyear_client import AuthenticatedClient, Client
from baseyear_client.api.activities import change_activity, get_activity, get_activity_calculation, record_activities, record_activity
from baseyear_client.api.emissions import get_emissions
from baseyear_client.api.entities import create_entity
from baseyear_client.api.identity import issue_token
from baseyear_client.api.inventories import create_inventory, get_inventory_totals
from baseyear_client.api.reports import get_report, get_report_file, issue_report
from baseyear_client.api.sites import change_site, create_site, get_site, list_sites
from baseyear_client.models import (
    ActivityBatch,
    ActivityIn,
    ActivityOut,
    ActivityPatch,
    BatchAnswer,
    CalculationTrace,
    ConsolidationApproach,
    DataQuality,
    EntityAnswer,
    EntityIn,
    InventoryAnswer,
    InventoryIn,
    Period,
    Problem,
    RecordedQuantity,
    ReportFormat,
    ReportOrder,
    ReportOut,
    ReportType,
    SiteAnswer,
    SiteIn,
    SitePage,
    SitePatch,
    Token,
    TokenRequest,
    Totals,
)
from baseyear_client.types import File

Answer = TypeVar("Answer")
PATIENCE_SECONDS = 60


def good(kind: type[Answer], answer: object) -> Answer:
    """The answer that was hoped for; ends with the problem instead of it."""
    if isinstance(answer, Problem):
        raise SystemExit(f"{answer.code}: {answer.detail}")
    assert isinstance(answer, kind), answer
    return answer


def month(site: str, number: int, kilowatt_hours: str) -> ActivityIn:
    return ActivityIn(
        source_system="python-journey",
        external_id=f"meter-{number}",
        site_external_id=site,
        activity_type="electricity.grid",
        period=Period(start=datetime.date(2021, number, 1), end=datetime.date(2021, number + 1, 1)),
        quantity=RecordedQuantity(value=kilowatt_hours, unit="kWh"),
        data_quality=DataQuality.MEASURED,
    )


def main() -> None:
    url, credentials = sys.argv[1], {"client_id": os.environ["CLIENT_ID"], "client_secret": os.environ["CLIENT_SECRET"]}
    token = good(Token, issue_token.sync(client=Client(url), body=TokenRequest("client_credentials", **credentials)))
    with AuthenticatedClient(url, token.access_token, timeout=httpx.Timeout(60)) as client:
        site = make_group(client)
        push_records(client, site)
        inventory = make_inventory(client)
        compare_totals(client, inventory)
        download_report(client, inventory)
    print("done")


def make_group(client: AuthenticatedClient) -> str:
    entity = good(EntityAnswer, create_entity.sync(client=client, body=EntityIn("python-company", "A company", "CN")))
    assert entity.country == "CN"
    body = SiteIn("python-site", entity.external_id, "A site", region="CN-GD", timezone="Asia/Shanghai")
    made = create_site.sync_detailed(client=client, body=body)
    site = good(SiteAnswer, made.parsed)
    assert made.headers["Location"] == f"/v1/sites/{site.id}"
    assert site.tenure == "owned"

    read = get_site.sync_detailed(site.id, client=client)
    renamed = change_site.sync(site.id, client=client, body=SitePatch(name="The site"), if_match=read.headers["ETag"])
    assert good(SiteAnswer, renamed).name == "The site"
    late = change_site.sync(site.id, client=client, body=SitePatch(name="Another"), if_match=read.headers["ETag"])
    assert isinstance(late, Problem)
    assert late.code == "precondition_failed"
    page = good(SitePage, list_sites.sync(client=client, limit=1))
    assert (page.items[0].external_id, page.next_) == (site.external_id, None)
    return site.external_id


def push_records(client: AuthenticatedClient, site: str) -> None:
    """A batch in which one record is wrong; each has its own outcome, and the wrong one says where."""
    good(ActivityOut, record_activity.sync(client=client, body=month(site, 1, "1000.000")))
    batch = ActivityBatch([month(site, 1, "1000.000"), month(site, 2, "2000.500"), month("no-such-site", 3, "1")])
    answer = good(BatchAnswer, record_activities.sync(client=client, body=batch))
    assert [(item.index, item.status, item.outcome) for item in answer.items] == [
        (0, 200, "unchanged"),
        (1, 201, "created"),
        (2, 422, "refused"),
    ]
    problem = answer.items[2].problem
    assert problem is not None
    assert problem.errors[0].pointer == "/site_external_id"

    created = answer.items[1]
    assert created.id is not None
    trace = good(CalculationTrace, get_activity_calculation.sync(created.id, client=client))
    assert trace.factor.gases[0].gas == "CO2"
    assert created.emissions is not None
    assert trace.emissions == created.emissions

    tag = get_activity.sync_detailed(created.id, client=client).headers["ETag"]
    patch = ActivityPatch.from_dict({"comment": "Read twice."})
    assert good(ActivityOut, change_activity.sync(created.id, client=client, body=patch, if_match=tag)).revision == 2


def make_inventory(client: AuthenticatedClient) -> str:
    body = InventoryIn(2021, ConsolidationApproach.OPERATIONAL_CONTROL, name="python")
    return good(InventoryAnswer, create_inventory.sync(client=client, body=body)).id


def compare_totals(client: AuthenticatedClient, inventory: str) -> None:
    """The inventory's own totals, and the same in reporting, which hears of them moments later."""
    own = good(Totals, get_inventory_totals.sync(inventory, client=client, group_by=["month", "scope"]))
    assert [(group.month, group.scope, group.records) for group in own.items] == [("2021-01", 2, 1), ("2021-02", 2, 1)]
    deadline = time.monotonic() + PATIENCE_SECONDS
    while True:
        reported = get_emissions.sync(client=client, inventory_id=inventory, group_by=["month,scope"])
        if isinstance(reported, Totals) and reported.items == own.items and reported.total == own.total:
            return
        assert time.monotonic() < deadline, reported
        time.sleep(0.1)


def download_report(client: AuthenticatedClient, inventory: str) -> None:
    order = ReportOrder(ReportType.ISO14064_1, 2021, [ReportFormat.XLSX], inventory_id=inventory)
    report = good(ReportOut, issue_report.sync(client=client, body=order))
    deadline = time.monotonic() + PATIENCE_SECONDS
    while report.state != "ready":
        assert report.state != "failed" and time.monotonic() < deadline, report
        time.sleep(0.2)
        report = good(ReportOut, get_report.sync(report.id, client=client))
    file = good(File, get_report_file.sync(report.id, report.files[0].name, client=client))
    assert file.payload.read(2) == b"PK"


main()
