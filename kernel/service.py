"""A service: its HTTP app with everything that all services share, its consumer, its workers, and how it starts and stops."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Coroutine, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import structlog
from fastapi import APIRouter, FastAPI, Request, Response
from fastapi.responses import JSONResponse
from fastapi.routing import APIRoute
from sqlalchemy import text
from starlette.exceptions import HTTPException
from starlette.routing import Match

from kernel import consumer, operations, problems, revocation, vitals
from kernel.auth import TokenVerifier
from kernel.bus import Bus
from kernel.consumer import Consumer, Subscription
from kernel.database import Database, Session
from kernel.edge import Edge, as_problem
from kernel.files import Files
from kernel.jobs import Work, Worker
from kernel.pages import Cursors
from kernel.postgres import is_outage
from kernel.problems import KNOWN_TYPES, Problem
from kernel.questions import Questions
from kernel.relay import Relay
from kernel.republishing import REPUBLISH, Republication, Republisher
from kernel.retention import NOTHING_NAMED, Named, Retention
from kernel.settings import Settings
from kernel.telemetry import begin_trace
from kernel.unfinished import refuse_unfinished
from kernel.vitals import FromRows, Vitals

log = structlog.get_logger()

LARGEST_BODY = 16 * 1024 * 1024
DATABASE_SECONDS = 60
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")

Task = Callable[[], Coroutine[Any, Any, None]]


@dataclass(frozen=True, slots=True)
class Ground:
    """What a service stands on; the composition root lays it.

    questions  the other services, by name, that this one may ask
    """

    settings: Settings
    database: Database
    bus: Bus
    verifier: TokenVerifier
    cursors: Cursors
    files: Files
    version: str
    questions: Mapping[str, Questions] = field(default_factory=dict)


@dataclass(slots=True)
class Service:
    """One assembled service."""

    name: str
    app: FastAPI
    ground: Ground
    consumer: Consumer
    tasks: list[Task]
    on_start: Task | None = None
    projections: list[str] = field(default_factory=list)
    overwritten: list[str] = field(default_factory=list)
    facts: list[str] = field(default_factory=list)
    state_topics: list[str] = field(default_factory=list)
    gauges: Sequence[FromRows] = ()

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """The service at work: relay, consumer, worker and its own tasks; leaving waits until they have stopped."""
        await self._begin()
        own_vitals = Vitals(self.name, self.ground.version, self.ground.database, self.ground.bus, self.consumer, self.gauges)
        running = [asyncio.create_task(task(), name=f"{self.name}:{task.__qualname__}") for task in self.tasks]
        try:
            async with own_vitals.shown():
                yield
        finally:
            await _stop(running)
            await self.ground.bus.close()

    async def _begin(self) -> None:
        """What must be done before the first request. A database that is only coming up, after a power cut for example, is waited for."""
        deadline = time.monotonic() + DATABASE_SECONDS
        while True:
            try:
                await refuse_unfinished(self.ground.database)
                await revocation.load(self.ground.database, self.ground.verifier)
                if self.on_start is not None:
                    await self.on_start()
                return
            except Exception as error:
                if not is_outage(error) or time.monotonic() > deadline:
                    raise
                log.warning("database_waited_for", service=self.name, error=repr(error))
                await asyncio.sleep(0.5)

    async def rebuild(self) -> None:
        """Forget what was heard and hear it anew; the rows come back the same."""

        async def attempt() -> None:
            async with self.ground.database.unit_of_work() as session:
                await self.forget(session)

        await self.ground.database.retried(attempt)

    async def forget(self, session: Session) -> None:
        """What `rebuild` does, in the session's transaction."""
        await consumer.forget(session, self.ground.bus, self.consumer.name, self.projections)
        for table in self.overwritten:
            await session.execute(text(f'UPDATE "{table}" SET version = 0'))

    async def caught_up(self) -> None:
        """Wait until the outbox is empty and the consumer has read everything that is published now."""
        while True:
            async with self.ground.database.unit_of_work() as session:
                unpublished = await session.scalar(text("SELECT count(*) FROM outbox WHERE published_at IS NULL"))
            if not unpublished and not any((await self.ground.bus.lag(self.consumer.name, self.consumer.topics)).values()):
                return
            await asyncio.sleep(0.02)

    async def not_ready_because(self) -> str | None:
        """Why the service should get no requests now; None when it is ready. While the bus is away it is: events wait in the outbox."""
        if self.consumer.stopped_because is not None:
            return f"consumer stopped: {self.consumer.stopped_because}"
        try:
            async with asyncio.timeout(2), self.ground.database.unit_of_work() as session:
                await session.execute(text("SELECT 1"))
        except Exception:
            return "database not reachable"
        return None


async def _stop(tasks: list[asyncio.Task[None]]) -> None:
    """End tasks, asking again where a library between swallowed the cancellation."""
    pending = {task for task in tasks if not task.done()}
    while pending:
        for task in pending:
            task.cancel()
        _, pending = await asyncio.wait(pending, timeout=1)


def create_service(
    name: str,
    ground: Ground,
    routers: Sequence[APIRouter],
    *,
    subscriptions: Sequence[Subscription] = (),
    work: dict[str, Work] | None = None,
    tasks: Sequence[Task] = (),
    on_start: Task | None = None,
    projections: Sequence[str] = (),
    overwritten: Sequence[str] = (),
    facts: Sequence[str] = (),
    republications: Sequence[Republication] = (),
    named: Named = NOTHING_NAMED,
    gauges: Sequence[FromRows] = (),
) -> Service:
    """Assemble a service from its routers, the topics it reads, its jobs and its own background tasks.

    projections     the tables that a rebuild empties because events fill them again
    overwritten     the tables of events whose rows a rebuild leaves until events overwrite them: the service judges by them meanwhile
    facts           the tables that keep facts by the `source` and `event_id` of their events, and when they were `recorded_at`
    republications  how it says its state topics again
    named           what its tables name, so that retention leaves it alone
    gauges          what an operator watches of this service, beside what is watched of every one
    """
    app = create_app(name, ground)
    for router in (vitals.router, *routers, operations.router_of(name)):
        app.include_router(router)
    reader = Consumer(name, ground.database, ground.bus, [revocation.subscription(ground.verifier), *subscriptions])
    database, verifier = ground.database, ground.verifier

    async def follow_revocations() -> None:
        await revocation.follow(database, verifier)

    all_work = {REPUBLISH: Republisher(database, republications).tell_a_page, **(work or {})}
    retention = Retention(database, ground.bus, ground.files, named)
    standing: list[Task] = [
        Relay(database, ground.bus).run,
        reader.run,
        Worker(database, all_work).run,
        follow_revocations,
        retention.run,
        *tasks,
    ]
    state_topics = [each.topic for each in republications]
    service = Service(
        name, app, ground, reader, standing, on_start, list(projections), list(overwritten), list(facts), state_topics, gauges
    )
    app.state.service = service
    _add_health(app, service)
    return service


def router(tag: str) -> APIRouter:
    """A router whose operations run at the edge."""
    return APIRouter(route_class=Edge, tags=[tag])


def create_app(name: str, ground: Ground) -> FastAPI:
    """An app that answers with problem documents only, with stable operation ids."""
    app = FastAPI(
        title=f"Baseyear {name}",
        version=ground.version,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        max_body_size=LARGEST_BODY,
        telemetry={"tracing": False, "metrics": False, "logs": False},  # kernel/traces.py and kernel/metrics.py see to these
        generate_unique_id_function=_operation_id,
    )
    app.state.ground = ground
    app.state.database = ground.database
    app.state.verifier = ground.verifier
    app.state.cursors = ground.cursors
    app.add_exception_handler(HTTPException, _problem_response)
    app.add_exception_handler(Problem, _problem_response)
    describe_problems(app)
    return app


def _operation_id(route: APIRoute) -> str:
    return route.name


async def _problem_response(request: Request, error: Exception) -> Response:
    trace_id = begin_trace(request.headers.get("traceparent"))
    problem = as_problem(error)
    if problem.type is problems.METHOD_NOT_ALLOWED:
        problem.headers["Allow"] = ", ".join(method for method in METHODS if _serves(request, method))
    return problem.response(request.url.path, trace_id)


def _serves(request: Request, method: str) -> bool:
    """Whether the path has this method; each is a route of its own, of which a router names only the first."""
    return any(route.matches(dict(request.scope) | {"method": method})[0] is Match.FULL for route in request.app.routes)


def describe_problems(app: FastAPI) -> None:
    """Let the app's OpenAPI document say that refusals are problem documents, and list their types."""
    plain = app.openapi

    def with_problems() -> dict[str, Any]:
        document = plain()
        document["x-problem-types"] = {
            kind.code: {"status": kind.status, "title": kind.title, "explanation": kind.explanation} for kind in KNOWN_TYPES.values()
        }
        return document

    app.openapi = with_problems  # type: ignore[method-assign]  # FastAPI's documented way to extend the document


def _add_health(app: FastAPI, service: Service) -> None:
    @app.get("/health/live", include_in_schema=False)
    async def live() -> dict[str, str]:
        return {"status": "live"}

    @app.get("/health/ready", include_in_schema=False)
    async def ready() -> JSONResponse:
        reason = await service.not_ready_because()
        if reason is not None:
            problem = Problem(problems.UNAVAILABLE, "The service is not ready.", headers={"Retry-After": "2"})
            return problem.response("/health/ready")
        return JSONResponse({"status": "ready"})
