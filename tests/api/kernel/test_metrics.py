"""`/metrics`: what an operator watches, whatever is away."""

import asyncio
from collections.abc import AsyncIterator

import httpx
import pytest
import pytest_asyncio
from prometheus_client.parser import text_string_to_metric_families
from sqlalchemy import text

from kernel import consumer as kernel_consumer
from kernel import jobs, vitals
from kernel.bus.log_table import LogTableBus, Wakeup
from kernel.consumer import Subscription
from kernel.database import Database
from kernel.jobs import Worker
from kernel.keys import TokenSigner
from kernel.questions import Questions, Silence
from kernel.service import Service
from kernel.vitals import Vitals
from tests.api.kernel.ground import TOPIC, SampleServices, eventually, note, record
from tests.conftest import Client

WATCHER = ("watcher", "operator", "Watcher", ["operations:read"])


class Page:
    """What a scrape showed."""

    def __init__(self, content: str) -> None:
        self._samples = [sample for family in text_string_to_metric_families(content) for sample in family.samples]

    def value(self, name: str, **labels: str) -> float:
        """The sum of the series with these labels."""
        return sum(sample.value for sample in self._samples if sample.name == name and labels.items() <= sample.labels.items())

    def has(self, name: str, **labels: str) -> bool:
        return any(sample.name == name and labels.items() <= sample.labels.items() for sample in self._samples)


@pytest.fixture(autouse=True)
def always_asked_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(vitals, "SERVE_SECONDS", 0.0)
    monkeypatch.setattr(kernel_consumer, "BACKOFF_SECONDS", (0.0,))


@pytest.fixture
def watcher(anyone: httpx.AsyncClient, signer: TokenSigner) -> Client:
    return Client(anyone, "watcher", "", signer.sign(*WATCHER))


@pytest_asyncio.fixture
async def shown(service: Service) -> AsyncIterator[Service]:
    """The service with its vitals shown, while nothing else of it is at work."""
    ground = service.ground
    async with Vitals(service.name, ground.version, ground.database, ground.bus, service.consumer).shown():
        yield service


async def scraped(watcher: Client) -> Page:
    answer = await watcher.get("/metrics")
    assert answer.status == 200, answer.content
    assert answer.headers["content-type"].startswith("text/plain")
    return Page(answer.content.decode())


async def test_metrics_need_the_scope_to_read_operations(anyone: httpx.AsyncClient, client: Client, watcher: Client) -> None:
    assert (await anyone.get("/metrics")).status_code == 401
    assert (await client.get("/metrics")).status == 403
    assert (await watcher.get("/metrics")).status == 200


async def test_requests_are_counted_by_operation_and_class_of_status(client: Client, watcher: Client) -> None:
    before = await scraped(watcher)

    await client.post("/v1/notes", {"said": "x"})
    await client.post("/v1/notes", {"said": "y"})
    await client.post("/v1/notes", {"said": "z", "then": "refuse"})

    after = await scraped(watcher)
    counted = {
        status: after.value("baseyear_request_seconds_count", service="alpha", operation="write_note", status=status)
        - before.value("baseyear_request_seconds_count", service="alpha", operation="write_note", status=status)
        for status in ("2xx", "4xx", "5xx")
    }
    assert counted == {"2xx": 2, "4xx": 1, "5xx": 0}


async def test_what_waits_in_the_outbox_is_counted_until_it_is_published(
    shown: Service, sample: SampleServices, alpha: Database, watcher: Client
) -> None:
    await record(alpha, ("k", "1"), ("k", "2"))
    async with alpha.unit_of_work() as session:
        await session.execute(text("UPDATE outbox SET recorded_at = recorded_at - interval '1 hour'"))
    before = await scraped(watcher)
    await sample.relay(alpha).drain()
    after = await scraped(watcher)

    assert before.value("baseyear_outbox_waiting", service="alpha") == 2
    assert before.value("baseyear_outbox_oldest_seconds", service="alpha") >= 3600
    assert after.value("baseyear_outbox_waiting", service="alpha") == 0
    assert after.value("baseyear_outbox_oldest_seconds", service="alpha") == 0
    published = "baseyear_events_published_total"
    assert after.value(published, service="alpha", topic=TOPIC) - before.value(published, service="alpha", topic=TOPIC) == 2


async def test_events_are_counted_as_they_wait_are_applied_and_parked(
    service: Service, sample: SampleServices, alpha: Database, watcher: Client
) -> None:
    consumer = sample.consumer(alpha, Subscription(TOPIC, "state", note))
    own = Vitals("alpha", "0", alpha, sample.bus(alpha), consumer)
    async with own.shown():
        await record(alpha, ("good", "1"), ("good", "2"), ("bad", "poison"))
        await sample.relay(alpha).drain()
        before = await scraped(watcher)
        await consumer.consume()
        after = await scraped(watcher)

    def gained(name: str) -> float:
        return after.value(name, service="alpha", topic=TOPIC) - before.value(name, service="alpha", topic=TOPIC)

    assert before.value("baseyear_consumer_lag", service="alpha", topic=TOPIC) == 3
    assert after.has("baseyear_consumer_lag", service="alpha", topic=TOPIC)
    assert after.value("baseyear_consumer_lag", service="alpha", topic=TOPIC) == 0
    assert gained("baseyear_events_applied_total") == 2
    assert gained("baseyear_events_parked_total") == 1
    assert gained("baseyear_dead_letters") == 1


async def test_a_consumer_that_stopped_shows(shown: Service, watcher: Client) -> None:
    before = await scraped(watcher)
    shown.consumer.stopped_because = "too many failed"
    after = await scraped(watcher)

    stopped = [page.value("baseyear_consumer_stopped", service="alpha") for page in (before, after)]
    assert stopped == [0, 1]


async def test_jobs_are_shown_while_they_wait_and_counted_when_they_end(shown: Service, alpha: Database, watcher: Client) -> None:
    async with alpha.unit_of_work() as session:
        await jobs.enqueue(session, "work", {})
        await session.execute(text("UPDATE job SET run_after = run_after - interval '1 hour'"))
    before = await scraped(watcher)

    async def work(_: jobs.Job) -> dict[str, int]:
        return {}

    await Worker(alpha, {"work": work}).step()
    after = await scraped(watcher)

    assert before.value("baseyear_jobs_open", service="alpha", kind="work", state="queued") == 1
    assert before.value("baseyear_job_oldest_seconds", service="alpha") >= 3600
    assert not after.has("baseyear_jobs_open", service="alpha", kind="work")
    ended = "baseyear_jobs_ended_total"
    assert after.value(ended, service="alpha", kind="work", outcome="done") - before.value(ended, kind="work", outcome="done") == 1


async def test_connections_in_use_and_waits_for_them_show(shown: Service, watcher: Client) -> None:
    database = shown.ground.database
    before = await scraped(watcher)
    async with database.unit_of_work() as one, database.unit_of_work() as other:
        await one.execute(text("SELECT 1"))
        await other.execute(text("SELECT 1"))
        held = await scraped(watcher)
    after = await scraped(watcher)

    assert held.value("baseyear_database_pool_in_use", service="alpha") == 2
    assert after.value("baseyear_database_pool_in_use", service="alpha") == 0
    assert after.value("baseyear_database_pool_size", service="alpha") == 5
    waits = "baseyear_database_wait_seconds_count"
    assert held.value(waits, service="alpha") - before.value(waits, service="alpha") >= 2


async def test_an_answer_serves_for_a_while(shown: Service, alpha: Database, watcher: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(vitals, "SERVE_SECONDS", float("inf"))
    await scraped(watcher)
    await record(alpha, ("k", "1"))

    assert (await scraped(watcher)).value("baseyear_outbox_waiting", service="alpha") == 0


async def test_the_page_is_there_while_the_database_is_away(service: Service, watcher: Client) -> None:
    away = Database("postgresql://nobody@127.0.0.1:1/nothing", "alpha")
    async with Vitals("alpha", "0", away, LogTableBus(away, Wakeup()), service.consumer).shown():
        page = await scraped(watcher)
    await away.close()

    assert page.has("baseyear_reachable", service="alpha", part="database")
    assert page.value("baseyear_reachable", service="alpha") == 0
    assert page.has("baseyear_consumer_stopped", service="alpha")
    assert not page.has("baseyear_outbox_waiting", service="alpha")


async def test_a_bus_that_does_not_answer_takes_nothing_else_off_the_page(
    service: Service, sample: SampleServices, alpha: Database, watcher: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(vitals, "ANSWER_SECONDS", 0.5)
    async with Vitals("alpha", "0", alpha, _Hanging(alpha, sample.wakeup), service.consumer).shown():
        page = await scraped(watcher)

    assert page.value("baseyear_reachable", service="alpha", part="database") == 1
    assert page.value("baseyear_reachable", service="alpha", part="bus") == 0
    assert page.has("baseyear_outbox_waiting", service="alpha")


class _Hanging(LogTableBus):
    async def lag(self, consumer: str, topics: list[str]) -> dict[str, int]:
        await asyncio.Event().wait()
        return {}


async def test_questions_are_timed_by_whether_they_were_answered(watcher: Client, service: Service) -> None:
    before = await scraped(watcher)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(service.app), base_url="http://alpha") as there:
        await Questions("beta", "alpha", there, lambda: "no token").ask("GET", "/v1/open")
    async with httpx.AsyncClient(base_url="http://127.0.0.1:1") as nowhere:
        with pytest.raises(Silence):
            await Questions("beta", "alpha", nowhere, lambda: "no token").ask("GET", "/v1/open")
    after = await scraped(watcher)

    for outcome in ("answered", "silent"):
        timed = {"service": "beta", "asked": "alpha", "outcome": outcome}
        assert after.value("baseyear_question_seconds_count", **timed) - before.value("baseyear_question_seconds_count", **timed) == 1


async def test_the_delay_of_the_event_loop_is_watched(shown: Service, watcher: Client) -> None:
    async def checks() -> float:
        return (await scraped(watcher)).value("baseyear_event_loop_delay_seconds_count", service="alpha")

    before = await checks()

    async def checked_again() -> bool:
        return await checks() > before

    await eventually(checked_again)


async def test_the_gateway_of_one_process_shows_every_service(operator: Client) -> None:
    page = await scraped(operator)

    for service in ("gateway", "factors", "inventory", "reporting"):
        shown = page.value("baseyear_build_info", service=service)  # other tests may have installations in this process too
        assert shown >= 1
        assert page.value("baseyear_reachable", service=service) == 2 * shown  # database and bus
    assert page.has("baseyear_consumer_lag", service="reporting", topic="baseyear.inventory.cell.v1")
    assert page.value("baseyear_gateway_request_seconds_count", owner="gateway") > 0


async def test_records_without_a_figure_show_by_what_they_wait_for(operator: Client) -> None:
    before = await scraped(operator)
    record = {
        "source_system": "ehs",
        "external_id": "1",
        "item_code": "nobody-mapped-it",
        "period": {"start": "2021-03-01", "end": "2021-04-01"},
        "quantity": {"value": "1", "unit": "kWh"},
        "data_quality": "measured",
    }
    assert (await operator.post("/v1/activities", record)).status == 202
    after = await scraped(operator)

    name = "baseyear_records_without_figure"
    assert {state: after.value(name, state=state) for state in ("awaiting_factor", "no_factor", "quarantined")} == {
        "awaiting_factor": 0,
        "no_factor": 0,
        "quarantined": 1,
    }
    assert before.value(name, state="quarantined") == 0
