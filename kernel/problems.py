"""Refusals as problem documents (RFC 9457): one type per reason, each field that is wrong named by a JSON Pointer."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from starlette.responses import JSONResponse

MEDIA_TYPE = "application/problem+json"


@dataclass(frozen=True, slots=True)
class ProblemType:
    """A reason to refuse, with the words under which it is documented at /problems/{code}."""

    code: str
    status: int
    title: str
    explanation: str


KNOWN_TYPES: dict[str, ProblemType] = {}


def problem_type(code: str, status: int, title: str, explanation: str) -> ProblemType:
    """Define a reason to refuse; a code means one thing in the whole product."""
    defined = ProblemType(code, status, title, explanation)
    if KNOWN_TYPES.setdefault(code, defined) != defined:
        raise ValueError(f"problem code {code} is defined twice with different meanings")
    return defined


@dataclass(frozen=True, slots=True)
class FieldError:
    """What is wrong with one field; `pointer` is its JSON Pointer in the request body, or /name of a parameter."""

    pointer: str
    code: str
    detail: str
    hint: str | None = None

    def as_json(self) -> dict[str, Any]:
        return {"pointer": self.pointer, "code": self.code, "detail": self.detail, "hint": self.hint}


@dataclass(slots=True)
class Problem(Exception):
    """A refusal on its way to the caller."""

    type: ProblemType
    detail: str
    errors: Sequence[FieldError] = ()
    headers: dict[str, str] = field(default_factory=dict)
    extra: dict[str, Any] = field(default_factory=dict)

    def as_json(self, instance: str | None = None, trace_id: str | None = None) -> dict[str, Any]:
        document: dict[str, Any] = {
            "type": f"/problems/{self.type.code}",
            "code": self.type.code,
            "title": self.type.title,
            "status": self.type.status,
            "detail": self.detail,
        }
        if instance is not None:
            document["instance"] = instance
        if trace_id is not None:
            document["trace_id"] = trace_id
        if self.errors:
            document["errors"] = [error.as_json() for error in self.errors]
        return document | self.extra

    def response(self, instance: str | None = None, trace_id: str | None = None) -> JSONResponse:
        return JSONResponse(self.as_json(instance, trace_id), self.type.status, headers=self.headers, media_type=MEDIA_TYPE)


VALIDATION_FAILED = problem_type(
    "validation_failed", 422, "The request holds something wrong", "Each entry of `errors` points at a field and says what it must be."
)
MALFORMED_JSON = problem_type("malformed_json", 400, "The body is not JSON", "The body could not be read as a JSON document in UTF-8.")
BAD_REQUEST = problem_type(
    "bad_request", 400, "The request cannot be read", "The request line, its headers or its body break the protocol."
)
UNAUTHENTICATED = problem_type(
    "unauthenticated",
    401,
    "A valid access token is needed",
    "Send `Authorization: Bearer …` with a token of POST /oauth2/token; tokens last ten minutes.",
)
MISSING_SCOPE = problem_type(
    "missing_scope",
    403,
    "The token lacks a scope",
    "The operation needs the scope named in the detail; ask an operator for a client that has it.",
)
FORBIDDEN = problem_type("forbidden", 403, "Not allowed for this client", "The client is narrowed to other data than the request names.")
NOT_FOUND = problem_type(
    "not_found", 404, "There is nothing here", "The address is unknown, or what it names does not exist or is not visible to this client."
)
METHOD_NOT_ALLOWED = problem_type(
    "method_not_allowed", 405, "The resource has no such method", "The header `Allow` lists the methods that it has."
)
SEPARATION_OF_DUTIES = problem_type(
    "separation_of_duties",
    403,
    "Somebody else must do this",
    "Who submits or proposes something does not approve it: ask a client of somebody else with the scope that approving needs.",
)
CONFLICT = problem_type("conflict", 409, "The state does not allow this", "The detail says what stands in the way.")
USE_PATCH = problem_type(
    "use_patch",
    409,
    "It exists with other content",
    "Creating again with the same content answers 200; to change it, PATCH it with If-Match.",
)
IN_PROGRESS = problem_type(
    "in_progress",
    409,
    "The same request is being worked on",
    "A request with this Idempotency-Key has not finished; try again after Retry-After.",
)
PRECONDITION_FAILED = problem_type(
    "precondition_failed", 412, "It has changed meanwhile", "If-Match names an older version; read it again, then repeat the change."
)
TOO_LARGE = problem_type("too_large", 413, "The body is too large", "The detail names the limit in bytes.")
UNSUPPORTED_MEDIA_TYPE = problem_type(
    "unsupported_media_type", 415, "The media type is not read here", "Send JSON with the content type application/json."
)
KEY_REUSED = problem_type(
    "idempotency_key_reused",
    422,
    "The Idempotency-Key belongs to another request",
    "A key is for one request and its retries; take a new key for other content.",
)
MALFORMED_TEXT = problem_type(
    "malformed_text", 422, "A text holds characters that cannot be stored", "NUL characters and lone surrogates cannot be stored."
)
PRECONDITION_REQUIRED = problem_type(
    "precondition_required", 428, "If-Match is needed", "Send the ETag of the version that the change was made for."
)
INTERNAL = problem_type("internal_error", 500, "Baseyear failed", "The failure is logged under the trace_id; nothing was changed.")
UNAVAILABLE = problem_type(
    "unavailable", 503, "Not available at the moment", "A part that the request needs is not reachable; try again after Retry-After."
)


def refused(pointer: str, code: str, detail: str, hint: str | None = None) -> Problem:
    """A 422 for one wrong field."""
    return Problem(VALIDATION_FAILED, detail, [FieldError(pointer, code, detail, hint)])


def not_found(what: str) -> Problem:
    return Problem(NOT_FOUND, f"There is no {what}, or this client may not see it.")
