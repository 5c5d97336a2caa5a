"""How refusals are documented: the problem document, one answer per status with an example, and which operation can give which."""

from typing import Any

from kernel import problems
from kernel.problems import MEDIA_TYPE, FieldError, Problem, ProblemType

Json = dict[str, Any]

PROBLEM_SCHEMAS: Json = {
    "Problem": {
        "title": "Problem",
        "description": "A refusal (RFC 9457). `code` is stable and means one thing everywhere; some types carry further members.",
        "type": "object",
        "required": ["type", "code", "title", "status", "detail"],
        "properties": {
            "type": {"type": "string", "description": "Where the type is described: /problems/{code}."},
            "code": {"type": "string"},
            "title": {"type": "string"},
            "status": {"type": "integer"},
            "detail": {"type": "string", "description": "What was wrong with this request, and what to do."},
            "instance": {"type": "string", "description": "The path that was asked for."},
            "trace_id": {"type": "string", "description": "Under this id the logs know the request."},
            "errors": {"type": "array", "items": {"$ref": "#/components/schemas/ProblemField"}},
        },
    },
    "ProblemField": {
        "title": "ProblemField",
        "type": "object",
        "required": ["pointer", "code", "detail", "hint"],
        "properties": {
            "pointer": {"type": "string", "description": "JSON Pointer into the body, or /name of a parameter."},
            "code": {"type": "string"},
            "detail": {"type": "string"},
            "hint": {"type": ["string", "null"]},
        },
    },
}

_A_FIELD = FieldError("/quantity/value", "not_a_string", "Must be a string, not a JSON number", 'Write it in quotes, for example "12.5".')

_EXAMPLES: dict[str, tuple[str, Problem]] = {
    "400": ("MalformedRequest", Problem(problems.MALFORMED_JSON, "The body is not JSON: Expecting value.")),
    "401": ("Unauthenticated", Problem(problems.UNAUTHENTICATED, "Send an access token: Authorization: Bearer …")),
    "403": ("Forbidden", Problem(problems.MISSING_SCOPE, "The operation needs the scope factors:read, which this token does not have.")),
    "404": ("NotFound", Problem(problems.NOT_FOUND, "There is no entity X, or this client may not see it.")),
    "409": ("Conflict", Problem(problems.USE_PATCH, "The entity X exists with other content.")),
    "412": ("PreconditionFailed", Problem(problems.PRECONDITION_FAILED, 'It has changed: its ETag is "3" now.')),
    "413": ("TooLarge", Problem(problems.TOO_LARGE, "A body has at most 16777216 bytes.")),
    "422": ("ValidationFailed", Problem(problems.VALIDATION_FAILED, f"{_A_FIELD.pointer}: {_A_FIELD.detail}", [_A_FIELD])),
    "428": ("PreconditionRequired", Problem(problems.PRECONDITION_REQUIRED, 'Send If-Match with the ETag that you read; now it is "2".')),
    "default": ("Refusal", Problem(problems.UNAVAILABLE, "The database is not reachable at the moment.")),
}


def responses(problem_types: Json) -> Json:
    """One answer per status, with an example of each problem type that has it; `default` stands for all other statuses."""
    named: Json = {}
    for status, (name, problem) in _EXAMPLES.items():
        own = [ProblemType(code, **kind) for code, kind in sorted(problem_types.items()) if _place_of(kind["status"]) == status]
        examples = [problem, *(Problem(kind, kind.explanation) for kind in own if kind.code != problem.type.code)]
        named[name] = {
            "description": "Any other refusal; `code` says which." if status == "default" else f"{problem.type.title}, or alike.",
            "content": {
                MEDIA_TYPE: {
                    "schema": {"$ref": "#/components/schemas/Problem"},
                    "examples": {
                        example.type.code: {
                            "summary": example.type.title,
                            "value": example.as_json("/v1/…", "4bf92f3577b34da6a3ce929d0e0e4736"),
                        }
                        for example in examples
                    },
                }
            },
        }
    return named


def _place_of(status: int) -> str:
    return str(status) if str(status) in _EXAMPLES else "default"


PARAMETERS: Json = {
    "IdempotencyKey": {
        "name": "Idempotency-Key",
        "in": "header",
        "required": False,
        "description": "A key of the caller's for this request and its retries: a retry gets the first answer again. Kept for 24 hours.",
        "schema": {"type": "string", "minLength": 1, "maxLength": 255},
    },
    "IfMatch": {
        "name": "If-Match",
        "in": "header",
        "required": True,
        "description": "The ETag of the version that the change was made for.",
        "schema": {"type": "string"},
    },
}


def parameters_of(path: str, method: str) -> list[Json]:
    """The headers that every operation of a method takes."""
    names = {"post": ["IdempotencyKey"], "patch": ["IfMatch"]}.get(method, []) if path.startswith("/v1/") else []
    return [{"$ref": f"#/components/parameters/{name}"} for name in names]


def refusals_of(path: str, method: str, operation: Json) -> Json:
    """The refusals that an operation can answer with, judged by what it takes; an open one says itself what is not usual."""
    if not operation["security"]:
        return {"default": _reference("default")}
    statuses = ["401", "403", "default"]
    if "{" in path:
        statuses.append("404")
    if method in ("post", "put", "patch"):
        statuses += ["400", "409", "413", "422"]
    elif operation.get("parameters"):
        statuses.append("422")
    if method == "patch":
        statuses += ["412", "428"]
    elif method == "put":
        statuses.append("412")
    return {status: _reference(status) for status in sorted(statuses)}


def _reference(status: str) -> Json:
    return {"$ref": f"#/components/responses/{_EXAMPLES[status][0]}"}
