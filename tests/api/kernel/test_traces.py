"""Traces: from a request over its events and jobs to whoever applies them, and to a collector where there is one."""

import os
import subprocess
import sys
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from kernel import jobs, traces
from kernel.consumer import Subscription
from kernel.database import Database, Session
from kernel.jobs import Job, Worker
from kernel.outbox import Message
from kernel.service import Service
from kernel.telemetry import current_trace_id, in_trace
from tests.api.kernel.collector import Collector, collecting
from tests.api.kernel.ground import TOPIC, SampleServices, record
from tests.conftest import Client

ONE, OTHER = "1" * 32, "2" * 32


def traceparent(trace_id: str, flags: str = "01") -> str:
    return f"00-{trace_id}-{'a' * 16}-{flags}"


@pytest.fixture
def collector(monkeypatch: pytest.MonkeyPatch) -> Iterator[Collector]:
    with collecting() as collector:
        monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", collector.url)
        traces.export_traces()
        yield collector
        traces.stop_exporting()


class Listening:
    """A handler of events, and work of jobs, that remembers in which trace it was called."""

    def __init__(self) -> None:
        self.heard: list[str | None] = []

    async def __call__(self, session: Session, messages: list[Message]) -> None:
        self.heard.append(current_trace_id())

    async def work(self, job: Job) -> dict[str, Any]:
        self.heard.append(current_trace_id())
        return {}


async def published(sample: SampleServices, owner: Database, *traceparents: str) -> None:
    for each in traceparents:
        with in_trace(each):
            await record(owner, ("key", "said"))
    await sample.relay(owner).drain()


async def test_an_event_is_applied_in_the_trace_of_the_request_that_caused_it(
    sample: SampleServices, alpha: Database, beta: Database
) -> None:
    listening = Listening()
    await published(sample, alpha, traceparent(ONE))

    await sample.consumer(beta, Subscription(TOPIC, "state", listening)).consume()

    assert listening.heard == [ONE]
    assert current_trace_id() != ONE


async def test_events_of_several_requests_are_applied_in_a_trace_of_their_own(
    sample: SampleServices, alpha: Database, beta: Database
) -> None:
    listening = Listening()
    await published(sample, alpha, traceparent(ONE), traceparent(OTHER))

    await sample.consumer(beta, Subscription(TOPIC, "state", listening)).consume()

    (heard,) = listening.heard
    assert heard is not None
    assert heard not in (ONE, OTHER)


async def test_a_job_is_done_in_the_trace_of_the_request_that_ordered_it(alpha: Database) -> None:
    listening = Listening()
    with in_trace(traceparent(ONE)):
        async with alpha.unit_of_work() as session:
            await jobs.enqueue(session, "work", {})

    await Worker(alpha, {"work": listening.work}).step()

    assert listening.heard == [ONE]


async def test_a_batch_of_several_requests_links_to_all_their_traces(
    collector: Collector, sample: SampleServices, alpha: Database, beta: Database
) -> None:
    await published(sample, alpha, traceparent(ONE), traceparent(OTHER))
    await sample.consumer(beta, Subscription(TOPIC, "state", Listening())).consume()
    traces.stop_exporting()

    links = {span.place: span.links for span in collector.spans}
    assert links == {("alpha", "publish"): (ONE, OTHER), ("beta", f"apply {TOPIC}"): (ONE, OTHER)}


async def test_a_request_that_its_caller_does_not_sample_is_not_exported_and_says_so_onwards(
    collector: Collector, service: Service, client: Client
) -> None:
    with in_trace(traceparent(ONE, "00")), traces.span("alpha", "something"):
        handed_on = traces.current_place()
    await client.request("GET", "/v1/notes", {"traceparent": traceparent(ONE, "00")})
    traces.stop_exporting()

    assert handed_on is not None
    assert handed_on.flags == "00"
    assert collector.spans == []


async def test_a_failure_of_ours_is_marked_and_tells_the_collector_nothing_of_its_words(collector: Collector, client: Client) -> None:
    answer = await client.request("POST", "/v1/notes", {"traceparent": traceparent(ONE)}, json={"said": "x", "then": "fail"})
    traces.stop_exporting()

    assert answer.status == 500
    (span,) = collector.of_trace(ONE)
    assert span.failed
    assert b"secret" not in span.raw


async def test_a_problem_names_the_trace_that_its_request_begins(collector: Collector, anyone: httpx.AsyncClient) -> None:
    problem = (await anyone.get("/v1/notes")).json()
    traces.stop_exporting()

    assert [span.trace_id for span in collector.spans] == [problem["trace_id"]]


async def test_one_post_is_one_trace_from_the_door_over_the_event_to_its_application(
    collector: Collector, operator: Client, settled: Callable[[], Awaitable[None]]
) -> None:
    await operator.post("/v1/entities", {"external_id": "e", "name": "A company", "country": "CN"})
    site = {"external_id": "s", "entity_external_id": "e", "name": "A plant", "region": "CN-GD", "timezone": "Asia/Shanghai"}
    await operator.post("/v1/sites", site)
    activity = {
        "source_system": "ehs",
        "external_id": "1",
        "site_external_id": "s",
        "activity_type": "electricity.grid",
        "period": {"start": "2021-03-01", "end": "2021-04-01"},
        "quantity": {"value": "1000", "unit": "kWh"},
        "data_quality": "measured",
    }

    answer = await operator.request("POST", "/v1/activities", {"traceparent": traceparent(ONE)}, json=activity)
    await settled()
    traces.stop_exporting()

    assert answer.status == 201
    spans = {span.span_id: span for span in collector.of_trace(ONE)}

    def way_to(span_id: str) -> list[tuple[str, str]]:
        span = spans.get(span_id)
        return [] if span is None else [*way_to(span.parent_id), span.place]

    ways = [way_to(span_id) for span_id in spans]
    pushed = [("gateway", "POST"), ("inventory", "record_activity"), ("inventory", "push together")]
    asked = [*pushed[:2], ("inventory", "ask factors"), ("factors", "resolve_factors")]
    assert [*pushed, ("reporting", "apply baseyear.inventory.cell.v1")] in ways
    assert [*pushed, ("inventory", "publish")] in ways
    assert asked in ways
    assert all(way[0] == ("gateway", "POST") for way in ways)


NOTHING_OF_THE_SDK = """
import sys
import baseyear.one_process, baseyear.one_service, kernel.traces
kernel.traces.export_traces()
with kernel.traces.serving("alpha", "something", None):
    pass
print([name for name in sys.modules if name.startswith(("opentelemetry.sdk", "opentelemetry.exporter"))])
"""

WITHOUT_THE_EXTRA = """
import sys
sys.modules["opentelemetry.sdk"] = None
from kernel.telemetry import configure_logging
from kernel.traces import export_traces, span
configure_logging("json", "info")
export_traces()
with span("alpha", "something"):
    print("went on")
"""


def run(script: str, **environment: str) -> subprocess.CompletedProcess[str]:
    own = {name: value for name, value in os.environ.items() if not name.startswith("OTEL_")}
    return subprocess.run(
        [sys.executable, "-c", script], env=own | environment, capture_output=True, text=True, check=True, timeout=60, cwd=Path.cwd()
    )


@pytest.mark.parametrize("environment", [{}, {"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:9", "OTEL_SDK_DISABLED": "true"}])
def test_without_a_collector_nothing_of_the_sdk_is_imported(environment: dict[str, str]) -> None:
    assert run(NOTHING_OF_THE_SDK, **environment).stdout == "[]\n"


def test_a_collector_without_the_extra_is_told_of_and_nothing_else_happens() -> None:
    done = run(WITHOUT_THE_EXTRA, OTEL_EXPORTER_OTLP_ENDPOINT="http://127.0.0.1:9")

    assert done.stdout == "went on\n"
    assert "pip install 'baseyear[traces]'" in done.stderr
