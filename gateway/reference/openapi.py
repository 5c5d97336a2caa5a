"""One OpenAPI document out of those of the gateway and the services.

source  OpenAPI Specification 3.1.0
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import Any

from gateway.reference.for_clients import SCHEMA_PATH, finish, references
from gateway.reference.refusals import PARAMETERS, PROBLEM_SCHEMAS, parameters_of, refusals_of, responses
from gateway.routes import ROUTES, resource_of
from gateway.scopes import SCOPES

Json = dict[str, Any]

METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")
OAUTH = "oauth2"
FASTAPI_ERRORS = ("HTTPValidationError", "ValidationError")  # our refusals are problem documents instead

DESCRIPTION = """Greenhouse-gas accounting for a manufacturing group and its supply chain.

Fetch an access token at `POST /oauth2/token` with a client's id and secret and send it as `Authorization: Bearer …`; it lasts ten minutes.
Each operation names the scope that it needs. Quantities are decimal strings, so that no digit is lost; periods exclude their last day.
Answers may gain fields, and their lists of values may grow: leave alone what you do not know, and take an unknown value as a text.
Refusals are problem documents (RFC 9457) whose `errors` point at the fields that are wrong.
Every POST takes an `Idempotency-Key`, and none needs one: what has a business key is idempotent by it."""


def merge(documents: Mapping[str, Json], version: str) -> Json:
    """The document of the whole API.

    documents  the document of each service by the service's name, the gateway's own among them
    """
    renamed = _schemas_to_rename(documents)
    paths: Json = {}
    schemas: Json = dict(PROBLEM_SCHEMAS)
    problem_types: Json = {}
    operation_ids: set[str] = set()
    for service, document in documents.items():
        names = {name: f"{service.capitalize()}_{name}" for name in renamed if name in _schemas(document)}
        for path, item in document["paths"].items():
            if ROUTES.get(resource_of(path), "gateway") == service:
                paths[path] = _with_names(item, names)
                _finish_operations(service, path, paths[path], operation_ids)
        for name, schema in _schemas(document).items():
            schemas[names.get(name, name)] = _with_names(schema, names)
        problem_types |= document.get("x-problem-types", {})
    document = {
        "openapi": "3.1.0",
        "info": {
            "title": "Baseyear",
            "version": version,
            "description": DESCRIPTION,
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": "/"}],
        "tags": [{"name": tag} for tag in dict.fromkeys(tag for _, _, operation in operations(paths) for tag in operation.get("tags", ()))],
        "paths": paths,
        "components": {
            "schemas": dict(sorted(schemas.items())),
            "parameters": PARAMETERS,
            "responses": responses(problem_types),
            "securitySchemes": {
                OAUTH: {
                    "type": "oauth2",
                    "description": "OAuth 2.0 client credentials; see POST /oauth2/token.",
                    "flows": {"clientCredentials": {"tokenUrl": "/oauth2/token", "scopes": SCOPES}},
                }
            },
        },
        "x-problem-types": dict(sorted(problem_types.items())),
    }
    return finish(document)


def operations(paths: Json) -> Iterator[tuple[str, str, Json]]:
    """Path, method and operation of everything under `paths`."""
    for path, item in paths.items():
        for method in METHODS:
            if method in item:
                yield path, method, item[method]


def scope_of(operation: Json) -> str | None:
    """The scope that an operation needs; None where it is open."""
    return next((scope for needed in operation.get("security", ()) for scopes in needed.values() for scope in scopes), None)


def _finish_operations(service: str, path: str, item: Json, taken: set[str]) -> None:
    """Say what all operations have in common: how to be allowed in, and how a refusal looks."""
    for _, method, operation in operations({path: item}):
        if operation["operationId"] in taken:
            operation["operationId"] = f"{service}_{operation['operationId']}"
        taken.add(operation["operationId"])
        scope = scope_of(operation)
        if scope is not None:
            operation["security"] = [{OAUTH: [scope]}]
            operation["description"] = f"{operation.get('description', '')}\n\nNeeds the scope `{scope}`.".strip()
        else:
            operation["security"] = []
        responses = operation["responses"]
        if "HTTPValidationError" in str(responses.get("422")):
            del responses["422"]
        operation["parameters"] = operation.get("parameters", []) + parameters_of(path, method)
        operation["responses"] = responses | {
            status: refusal for status, refusal in refusals_of(path, method, operation).items() if status not in responses
        }


def _schemas(document: Json) -> Json:
    schemas: Json = document.get("components", {}).get("schemas", {})
    return {name: schema for name, schema in schemas.items() if name not in FASTAPI_ERRORS}


def _schemas_to_rename(documents: Mapping[str, Json]) -> set[str]:
    """Names under which services mean different things, be it only because of what the schemas refer to."""
    defined: dict[str, list[Any]] = defaultdict(list, {name: [schema] for name, schema in PROBLEM_SCHEMAS.items()})
    for document in documents.values():
        for name, schema in _schemas(document).items():
            defined[name].append(schema)
    shared = {name: schemas for name, schemas in defined.items() if len(schemas) > 1}
    different = {name for name, schemas in shared.items() if any(schema != schemas[0] for schema in schemas)}
    while True:
        more = {name for name in shared.keys() - different if not different.isdisjoint(references(shared[name]))}
        if not more:
            return different
        different |= more


def _with_names(node: Any, names: Mapping[str, str]) -> Any:
    """A copy in which references follow the renaming."""
    if isinstance(node, dict):
        return {key: _with_names(value, names) for key, value in node.items()}
    if isinstance(node, list):
        return [_with_names(value, names) for value in node]
    if isinstance(node, str) and node.startswith(SCHEMA_PATH):
        name = node.removeprefix(SCHEMA_PATH)
        return SCHEMA_PATH + names.get(name, name)
    return node
