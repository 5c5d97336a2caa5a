"""The edge of a service: one request is one transaction, one idempotent answer, one problem document, one log line."""

import difflib
import time
from collections.abc import Callable, Coroutine, Iterator, Sequence
from typing import Any

import structlog
from fastapi import Request, Response
from fastapi.dependencies.models import Dependant
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from starlette.exceptions import HTTPException

from kernel import audit, problems, traces
from kernel.auth import Principal, authenticate, required_scope
from kernel.database import SYSTEM, AnsweredWithoutCommit, Database, Session
from kernel.idempotency import IdempotentRequest, idempotent_request
from kernel.metrics import REQUESTS, status_class
from kernel.postgres import is_outage, sql_state
from kernel.preconditions import unless_known
from kernel.problems import FieldError, Problem, refused
from kernel.telemetry import current_trace_id

log = structlog.get_logger()

Endpoint = Callable[[Request], Coroutine[Any, Any, Response]]

_UNSTORABLE_TEXT = frozenset({"22021", "22P05"})  # character not in repertoire, untranslatable character

_ERROR_CODES = {
    "missing": "required",
    "extra_forbidden": "unknown_field",
    "string_pattern_mismatch": "malformed",
    "string_type": "not_a_string",
    "string_unicode": "malformed_text",
    "enum": "unknown_value",
    "literal_error": "unknown_value",
}


class Edge(APIRoute):
    """The route class of every router: authenticates, opens the unit of work, commits, and turns failures into problems."""

    def get_route_handler(self) -> Endpoint:
        endpoint = super().get_route_handler()
        scope = required_scope(self.dependant)
        operation = self.operation_id or self.name
        parameters = _query_parameters(self.dependant)
        takes_json = self.body_field is not None

        async def checked(request: Request) -> Response:
            _refuse_unknown_parameters(request, parameters)
            if takes_json and request.headers.get("content-length", "0") != "0":
                _refuse_other_media_types(request)
            return unless_known(request, await endpoint(request))

        async def answer(request: Request) -> Response:
            begun, service = time.perf_counter(), request.app.state.database.schema
            with traces.serving(service, operation, request.headers.get("traceparent")) as span:
                response = await _answer(request, checked, operation, scope)
                seconds = time.perf_counter() - begun
                span.answered(response.status_code)
                REQUESTS.labels(service, operation, status_class(response.status_code)).observe(seconds)
                principal: Principal | None = getattr(request.state, "principal", None)
                log.info(
                    "request",
                    service=service,
                    operation=operation,
                    status=response.status_code,
                    principal=principal.client_id if principal else None,
                    milliseconds=round(seconds * 1000, 1),
                )
            return response

        return answer


async def _answer(request: Request, endpoint: Endpoint, operation: str, scope: str | None) -> Response:
    principal: Principal | None = None
    try:
        if scope is not None:
            principal = authenticate(request, scope)
        return await _in_one_transaction(request, endpoint, principal, scope)
    except AnsweredWithoutCommit as answered:
        response: Response = answered.response
        return response
    except Exception as error:
        problem = as_problem(error)
        if principal is not None and _writes(request) and problem.type.status < 500:
            await _audit_refusal(request, principal, operation, problem)
        return problem.response(request.url.path, current_trace_id())


def _query_parameters(dependant: Dependant) -> frozenset[str]:
    own = frozenset(field.alias for field in dependant.query_params)
    return own.union(*map(_query_parameters, dependant.dependencies))


def _refuse_unknown_parameters(request: Request, known: frozenset[str]) -> None:
    """A misspelt filter would otherwise list everything."""
    for name in request.query_params:
        if name not in known:
            near = difflib.get_close_matches(name, known, n=1)
            hint = f"Did you mean {near[0]}?" if near else f"It takes {', '.join(sorted(known)) or 'none'}."
            raise refused(f"/{name}", "unknown_parameter", f"The operation has no query parameter {name!r:.60}.", hint)


def _refuse_other_media_types(request: Request) -> None:
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media_type != "application/json" and not (media_type.startswith("application/") and media_type.endswith("+json")):
        said = f"not {media_type:.60}" if media_type else "and say so in the header Content-Type"
        raise Problem(problems.UNSUPPORTED_MEDIA_TYPE, f"Send the body as application/json, {said}.")


def _writes(request: Request) -> bool:
    return request.method not in ("GET", "HEAD")


async def _in_one_transaction(request: Request, endpoint: Endpoint, principal: Principal | None, scope: str | None) -> Response:
    database: Database = request.app.state.database
    name = principal.client_id if principal else SYSTEM
    keyed: IdempotentRequest | None = await idempotent_request(request, name)

    async def attempt() -> Response:
        async with database.unit_of_work(name, keyed.open if keyed else None) as session:
            request.state.session = session
            response = await endpoint(request)
            if keyed is not None and session.in_transaction() and not getattr(request.state, "answer_holds_secret", False):
                await keyed.store(session, response)
            if scope is not None and _writes(request):
                authenticate(request, scope)  # nothing is committed for a client that was deleted since its request began
            return response

    return await database.retried(attempt)


async def session_of(request: Request) -> Session:
    """A dependency: the session of the request's unit of work."""
    session: Session = request.state.session
    return session


def keep_no_answer(request: Request) -> None:
    """Have the answer to this request not stored for its retries, because it shows a secret."""
    request.state.answer_holds_secret = True


async def _audit_refusal(request: Request, principal: Principal, operation: str, problem: Problem) -> None:
    database: Database = request.app.state.database
    try:
        async with database.unit_of_work(principal.client_id) as session:
            await audit.record_refusal(session, principal, operation, request.url.path, f"{problem.type.code}: {problem.detail}")
    except Exception as error:  # the refusal stands, whether or not it could be noted
        log.error("refusal_not_audited", error=repr(error))


def as_problem(error: Exception) -> Problem:
    """The problem that an exception means to the caller; what is no refusal is logged and answered without detail."""
    if isinstance(error, Problem):
        return error
    if isinstance(error, RequestValidationError):
        return validation_problem(error.errors())
    if isinstance(error, HTTPException):
        return _http_problem(error)
    if sql_state(error) in _UNSTORABLE_TEXT or any(isinstance(cause, UnicodeEncodeError) for cause in _causes(error)):
        return Problem(problems.MALFORMED_TEXT, "A text of the request holds a NUL character or a lone surrogate.")
    if is_outage(error):
        log.error("database_unreachable", error=repr(error))
        return Problem(problems.UNAVAILABLE, "The database is not reachable or has no room at the moment.", headers={"Retry-After": "2"})
    log.error("request_failed", exc_info=error)
    return Problem(problems.INTERNAL, "The request failed inside Baseyear; nothing was changed.")


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__


def _http_problem(error: HTTPException) -> Problem:
    if isinstance(error.__cause__, UnicodeDecodeError):
        return Problem(problems.MALFORMED_JSON, "The body is not JSON: it is not in UTF-8.")
    kinds = {
        404: problems.NOT_FOUND,
        405: problems.METHOD_NOT_ALLOWED,
        413: problems.TOO_LARGE,
        415: problems.UNSUPPORTED_MEDIA_TYPE,
    }
    kind = kinds.get(error.status_code, problems.BAD_REQUEST)
    detail = kind.explanation if kind in (problems.NOT_FOUND, problems.METHOD_NOT_ALLOWED) else str(error.detail)
    return Problem(kind, detail, headers=dict(error.headers or {}))


def validation_problem(lines: Sequence[Any], whole: str = "The body") -> Problem:
    """What pydantic found, as one problem; `whole` names what a line without a field speaks of."""
    if any(line["type"] == "json_invalid" for line in lines):
        return Problem(problems.MALFORMED_JSON, f"The body is not JSON: {lines[0].get('ctx', {}).get('error', lines[0]['msg'])}.")
    errors = [field_error(line) for line in lines]
    return Problem(problems.VALIDATION_FAILED, f"{errors[0].pointer or whole}: {errors[0].detail}", errors)


def field_error(line: Any) -> FieldError:
    """One line of pydantic's as a field error; validators of ours give their own code, and a hint in their context."""
    path = list(line["loc"])
    if path and path[0] in ("body", "query", "path", "header"):
        path = path[1:]
    pointer = json_pointer(path)
    context = line.get("ctx") or {}
    return FieldError(pointer, _ERROR_CODES.get(line["type"], line["type"]), line["msg"].removeprefix("Value error, "), context.get("hint"))


def json_pointer(path: list[Any]) -> str:
    """A JSON Pointer. source  RFC 6901, section 3"""
    return "".join("/" + str(step).replace("~", "~0").replace("/", "~1") for step in path)
