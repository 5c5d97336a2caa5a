"""Vitals: what must be asked of database and bus, asked when someone looks at `/metrics`, never on the way of a request.

An answer serves for some seconds, so whoever looks often asks no more often. Who does not answer in time is left out, and
`baseyear_reachable` says so: the page is there whatever is away.
"""

import asyncio
import platform
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Annotated

import structlog
from fastapi import APIRouter, Depends, Response
from prometheus_client import CONTENT_TYPE_LATEST, REGISTRY, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector
from sqlalchemy.pool import QueuePool

from kernel import metrics
from kernel.auth import Principal, requires
from kernel.bus import Bus
from kernel.consumer import Consumer
from kernel.database import Database
from kernel.edge import Edge
from kernel.metrics import Observed
from kernel.postgres import driver

log = structlog.get_logger()

ANSWER_SECONDS = 2.0
SERVE_SECONDS = 5.0
LOOP_CHECK_SECONDS = 0.25

Sample = tuple[Observed, tuple[str, ...], float]


@dataclass(frozen=True, slots=True)
class FromRows:
    """A gauge with its question to the service's own database.

    statement  each row gives the values of the gauge's labels in their order, then the number
    """

    gauge: Observed
    statement: str


_OF_EVERY_SERVICE = (
    FromRows(metrics.OUTBOX_WAITING, "SELECT count(*) FROM (SELECT FROM outbox WHERE published_at IS NULL LIMIT 100000) AS waiting"),
    FromRows(
        metrics.OUTBOX_OLDEST,
        "SELECT coalesce(extract(epoch FROM clock_timestamp() - min(recorded_at)), 0)"
        " FROM (SELECT recorded_at FROM outbox WHERE published_at IS NULL ORDER BY id LIMIT 1) AS oldest",
    ),
    FromRows(metrics.DEAD_LETTERS, "SELECT topic, count(*) FROM dead_letter WHERE state = 'parked' GROUP BY topic"),
    FromRows(metrics.JOBS_OPEN, "SELECT kind, state, count(*) FROM job WHERE state IN ('queued', 'running') GROUP BY kind, state"),
    FromRows(
        metrics.JOB_OLDEST,
        "SELECT coalesce(extract(epoch FROM clock_timestamp() - min(run_after)), 0) FROM job"
        " WHERE state = 'queued' AND run_after <= clock_timestamp()",
    ),
)


@dataclass(slots=True)
class Vitals:
    """Those of one service.

    own  gauges that this service has beside those of every service
    """

    service: str
    version: str
    database: Database
    bus: Bus
    consumer: Consumer
    own: Sequence[FromRows] = ()
    _asked_at: float = float("-inf")
    _asking: asyncio.Lock = field(default_factory=asyncio.Lock)
    _answers: list[Sample] = field(default_factory=list)

    @asynccontextmanager
    async def shown(self) -> AsyncIterator[None]:
        """Among what this process shows, until leaving; and its event loop watched."""
        _PROCESS.shown.append(self)
        watching = asyncio.create_task(self._watch_event_loop(), name=f"{self.service}:event loop")
        try:
            yield
        finally:
            watching.cancel()
            _PROCESS.shown.remove(self)

    async def ask(self) -> None:
        """Have answers that are no older than some seconds."""
        async with self._asking:
            if time.monotonic() - self._asked_at >= SERVE_SECONDS:
                database, bus = await asyncio.gather(self._answer("database", self._rows), self._answer("bus", self._lag))
                self._answers, self._asked_at = database + bus, time.monotonic()

    def samples(self) -> list[Sample]:
        """Every gauge: what was answered last, and what this process knows of itself."""
        pool = self.database.engine.pool
        assert isinstance(pool, QueuePool)
        return [
            (metrics.BUILD, (self.version, platform.python_version()), 1),
            (metrics.CONSUMER_STOPPED, (), self.consumer.stopped_because is not None),
            (metrics.POOL_SIZE, (), pool.size()),
            (metrics.POOL_IN_USE, (), pool.checkedout()),
            *self._answers,
        ]

    async def _answer(self, part: str, question: Callable[[], Awaitable[list[Sample]]]) -> list[Sample]:
        try:
            async with asyncio.timeout(ANSWER_SECONDS):
                return [(metrics.REACHABLE, (part,), 1), *await question()]
        except Exception as error:
            log.warning("vitals_without_answer", service=self.service, part=part, error=repr(error))
            return [(metrics.REACHABLE, (part,), 0)]

    async def _rows(self) -> list[Sample]:
        samples: list[Sample] = []
        async with self.database.unit_of_work() as session:
            connection = await driver(session)
            for each in (*_OF_EVERY_SERVICE, *self.own):
                for *labels, number in await connection.fetch(each.statement):
                    samples.append((each.gauge, tuple(labels), float(number)))
        return samples

    async def _lag(self) -> list[Sample]:
        lag = await self.bus.lag(self.consumer.name, self.consumer.topics)
        return [(metrics.CONSUMER_LAG, (topic,), number) for topic, number in lag.items()]

    async def _watch_event_loop(self) -> None:
        delays = metrics.LOOP_DELAYS.labels(self.service)
        while True:
            asleep_since = time.monotonic()
            await asyncio.sleep(LOOP_CHECK_SECONDS)
            delays.observe(max(0.0, time.monotonic() - asleep_since - LOOP_CHECK_SECONDS))


class _Process(Collector):
    """The vitals of the services at work in this process."""

    def __init__(self) -> None:
        self.shown: list[Vitals] = []

    def describe(self) -> Iterable[GaugeMetricFamily]:
        """Nothing: the names are ours, and none is given twice."""
        return ()

    def collect(self) -> Iterator[GaugeMetricFamily]:
        families: dict[Observed, GaugeMetricFamily] = {}
        for vitals in self.shown:
            for gauge, labels, number in vitals.samples():
                if gauge not in families:
                    families[gauge] = GaugeMetricFamily(gauge.name, gauge.explanation, labels=["service", *gauge.labels])
                families[gauge].add_metric([vitals.service, *labels], number)
        yield from families.values()


_PROCESS = _Process()
REGISTRY.register(_PROCESS)

router = APIRouter(route_class=Edge, tags=["operations"])


@router.get("/metrics", include_in_schema=False)
async def show_metrics(_: Annotated[Principal, Depends(requires("operations:read"))]) -> Response:
    """The metrics of every service in this process, in Prometheus's text format."""
    await asyncio.gather(*(vitals.ask() for vitals in _PROCESS.shown))
    page = await asyncio.to_thread(generate_latest, REGISTRY)  # some milliseconds, which nobody else should wait for
    return Response(page, media_type=CONTENT_TYPE_LATEST)
