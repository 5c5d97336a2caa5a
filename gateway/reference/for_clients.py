"""What programs that generate clients need of the merged document, and what no service can say by itself."""

from collections.abc import Callable, Iterable, Iterator
from typing import Any

Json = dict[str, Any]

SCHEMA_PATH = "#/components/schemas/"
NULL: Json = {"type": "null"}
ANY_TEXT: Json = {"type": "string"}
ETAG: Json = {"ETag": {"description": "The version, for If-Match and If-None-Match.", "schema": {"type": "string"}}}
LOCATION: Json = {"Location": {"description": "The path of what was made.", "schema": {"type": "string"}}}


def finish(document: Json) -> Json:
    """The document as clients are generated from it.

    * Ids are opaque texts, whatever they are made of.
    * A parameter that may be left out is not null: a query cannot say that.
    * A body that is written out where it stands gets its title as its name.
    * Fields and parameters have no titles that only say their names again.
    * A list of texts in an answer is open: a client that was generated before a value came takes it as a text.
    * Answers name the headers that a client goes on with.
    """
    plain: Json = _changed(document, lambda node: _untitled(_present(_opaque(node))))
    schemas: Json = plain["components"]["schemas"]
    _name_bodies(plain["paths"], schemas)
    lists = {SCHEMA_PATH + name for name, schema in schemas.items() if schema.get("type") == "string" and "enum" in schema}
    operations = [(path, method, operation) for path, item in plain["paths"].items() for method, operation in item.items()]
    asked = _reached((operation.get(part) for _, _, operation in operations for part in ("requestBody", "parameters")), schemas)
    for name in schemas.keys() - asked:
        schemas[name] = _changed(schemas[name], lambda node: _open(node, lists))
    plain["components"]["schemas"] = dict(sorted(schemas.items()))
    for path, method, operation in operations:
        _add_headers(path, method, operation["responses"], plain["paths"][path].keys())
    return plain


def references(node: Any) -> Iterator[str]:
    """The names of the schemas that a part of a document refers to."""
    if isinstance(node, dict):
        if isinstance(node.get("$ref"), str) and node["$ref"].startswith(SCHEMA_PATH):
            yield node["$ref"].removeprefix(SCHEMA_PATH)
        for value in node.values():
            yield from references(value)
    elif isinstance(node, list):
        for value in node:
            yield from references(value)


def _changed(node: Any, change: Callable[[Json], Json]) -> Any:
    """A copy with every object changed, the innermost first."""
    if isinstance(node, dict):
        return change({key: _changed(value, change) for key, value in node.items()})
    return [_changed(value, change) for value in node] if isinstance(node, list) else node


def _opaque(node: Json) -> Json:
    return {key: value for key, value in node.items() if (key, value) != ("format", "uuid")}


def _is_parameter(node: Json) -> bool:
    return isinstance(node.get("in"), str) and "schema" in node


def _present(node: Json) -> Json:
    """A parameter without null among its alternatives."""
    if not _is_parameter(node) or NULL not in node.get("schema", {}).get("anyOf", ()):
        return node
    schema = dict(node["schema"])
    choices = [choice for choice in schema.pop("anyOf") if choice != NULL]
    return node | {"schema": schema | (choices[0] if len(choices) == 1 else {"anyOf": choices})}


def _name_bodies(paths: Json, schemas: Json) -> None:
    bodies = [operation["requestBody"] for item in paths.values() for operation in item.values() if "requestBody" in operation]
    for content in [content for body in bodies for content in body["content"].values() if "title" in content["schema"]]:
        name = content["schema"]["title"]
        schemas[name] = content["schema"]
        content["schema"] = {"$ref": SCHEMA_PATH + name}


def _untitled(node: Json) -> Json:
    """An object without titles of its fields, or a parameter without one, except those of objects, which clients are given as names."""
    if _is_parameter(node):
        return node | {"schema": _without_title(node["schema"])}
    if node.get("type") == "object" and "properties" in node:
        return node | {"properties": {name: _without_title(field) for name, field in node["properties"].items()}}
    return node


def _without_title(schema: Json) -> Json:
    return schema if "properties" in schema else {key: value for key, value in schema.items() if key != "title"}


def _open(node: Json, lists: set[str]) -> Json:
    """A schema that takes any text where it took one of a list; so does one with such a schema among its alternatives."""
    if node.get("$ref") in lists:
        beside = {key: value for key, value in node.items() if key != "$ref"}
        return beside | {"anyOf": [{"$ref": node["$ref"]}, ANY_TEXT]}
    if isinstance(node.get("anyOf"), list):
        flat = [inner for choice in node["anyOf"] for inner in (choice["anyOf"] if choice.keys() == {"anyOf"} else [choice])]
        return node | {"anyOf": flat}
    return node


def _reached(parts: Iterable[Any], schemas: Json) -> set[str]:
    """The names of all schemas that the parts refer to, by however many steps."""
    reached: set[str] = set()
    ahead = {name for part in parts for name in references(part)}
    while ahead:
        reached |= ahead
        ahead = {name for found in ahead for name in references(schemas.get(found))} - reached
    return reached


def _add_headers(path: str, method: str, responses: Json, methods: Iterable[str]) -> None:
    headers: Json = {}
    if method in ("get", "put", "patch") and not {"put", "patch"}.isdisjoint(methods):
        headers = ETAG
    elif method == "post" and "{" not in path:
        headers = LOCATION
    for status in ("200", "201", "202"):
        if status in responses and (headers is ETAG or status != "200"):
            responses[status] = responses[status] | ({"headers": headers} if headers else {})
