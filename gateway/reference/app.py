"""The pages that are open to everyone: health, the documents of API and events, the reference and the problem types."""

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route

from contracts.asyncapi import asyncapi
from contracts.schemas import event_schema
from contracts.topics import TOPICS
from gateway.reference import rendering
from gateway.reference.documents import Documents
from kernel.edge import as_problem
from kernel.problems import UNAVAILABLE, Problem, not_found
from kernel.telemetry import begin_trace

SEGMENTS = ("/health", "/openapi.json", "/asyncapi.json", "/schemas", "/docs", "/problems")
_PUBLIC = {"Cache-Control": "public, max-age=60"}
_PAGE = _PUBLIC | {"Content-Security-Policy": rendering.CONTENT_SECURITY_POLICY}


def pages(documents: Documents) -> Starlette:
    """The app behind the first segments in SEGMENTS."""

    async def live(_: Request) -> Response:
        return JSONResponse({"status": "live"})

    async def ready(_: Request) -> Response:
        if not await documents.all_ready():
            raise Problem(UNAVAILABLE, "Not every service is ready.", headers={"Retry-After": "2"})
        return JSONResponse({"status": "ready"})

    async def openapi(_: Request) -> Response:
        return JSONResponse(await documents.merged(), headers=_PUBLIC)

    async def events(_: Request) -> Response:
        return JSONResponse(asyncapi(TOPICS, documents.version), headers=_PUBLIC)

    async def schema(request: Request) -> Response:
        name = request.path_params["topic"]
        for topic in TOPICS:
            if topic.name == name:
                return JSONResponse(event_schema(topic), headers=_PUBLIC, media_type="application/schema+json")
        raise not_found(f"schema {name:.100}")

    async def reference(request: Request) -> Response:
        return HTMLResponse(rendering.reference_page(await documents.merged(), str(request.base_url).rstrip("/")), headers=_PAGE)

    async def problem_types(_: Request) -> Response:
        return HTMLResponse(rendering.problem_types_page(await documents.merged()), headers=_PAGE)

    async def problem_type(request: Request) -> Response:
        document, code = await documents.merged(), request.path_params["code"]
        if code not in document["x-problem-types"]:
            raise not_found(f"problem type {code}")
        return HTMLResponse(rendering.problem_type_page(code, document), headers=_PAGE)

    return Starlette(
        routes=[
            Route("/health/live", live),
            Route("/health/ready", ready),
            Route("/openapi.json", openapi),
            Route("/asyncapi.json", events),
            Route("/schemas/{topic}.json", schema),
            Route("/docs", reference),
            Route("/problems", problem_types),
            Route("/problems/{code}", problem_type),
        ],
        exception_handlers={HTTPException: _refuse, Problem: _refuse},
    )


async def _refuse(request: Request, error: Exception) -> Response:
    trace_id = begin_trace(request.headers.get("traceparent"))
    return as_problem(error).response(request.url.path, trace_id)
