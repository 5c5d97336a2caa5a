"""What the author of a client may count on in our OpenAPI document; each rule yields what breaks it, with its place."""

import re
from collections.abc import Callable, Iterator
from typing import Any

import jsonschema_rs

from gateway.reference.for_clients import references
from gateway.reference.openapi import operations

Json = dict[str, Any]

# Free by nature: what a source pushed, and a merge patch of it.
FREE = {
    "DeliveryWithAttempts/properties/body",
    "ActivityOut/properties/content",
    "RevisionOut/properties/content",
    "ActivityPatch",
    "DeadLetterWithEvent/properties/event/anyOf/0",
}
# Absent where they do not apply: members of a problem, and the keys that a total was not grouped by.
MAY_BE_ABSENT = {"Problem", "TotalsGroup"}


def operations_have_readable_ids(document: Json) -> Iterator[str]:
    for path, method, operation in operations(document["paths"]):
        if not re.fullmatch(r"[a-z]+(_[a-z0-9]+)+", operation["operationId"]):
            yield f"{method} {path}: {operation['operationId']}"


def schemas_have_names_of_their_own(document: Json) -> Iterator[str]:
    """No service's name before it, which a collision would put there, and no two for one model."""
    yield from (name for name in document["components"]["schemas"] if not re.fullmatch(r"[A-Z][A-Za-z0-9]+", name))


def nothing_is_anonymous(document: Json) -> Iterator[str]:
    """An object with fields, or a list of values, that a generator would have to make up a name for."""
    for place, schema, named in _schemas(document):
        values = schema.get("enum", ())
        if not named and (len(values) > 1 or ("properties" in schema and "title" not in schema)):
            yield place


def everything_has_a_type(document: Json) -> Iterator[str]:
    for place, schema, _ in _schemas(document):
        free_object = schema.get("type") == "object" and "properties" not in schema and schema.get("additionalProperties", True) is True
        if (schema.keys().isdisjoint({"type", "$ref", "anyOf", "const"}) or free_object) and place not in FREE:
            yield place


def answers_are_whole(document: Json) -> Iterator[str]:
    """A field of an answer is always there."""
    for name in _answered(document) - _asked(document) - MAY_BE_ABSENT:
        schema = document["components"]["schemas"][name]
        yield from (f"{name}/{field}" for field in schema.get("properties", {}).keys() - set(schema.get("required", ())))


def lists_in_answers_are_open(document: Json) -> Iterator[str]:
    schemas = document["components"]["schemas"]
    lists = {name for name, schema in schemas.items() if schema.get("type") == "string" and "enum" in schema}
    for name in _answered(document) - _asked(document) - lists:
        for place, schema in _inside(name, schemas[name]):
            named = {choice["$ref"].rpartition("/")[2] for choice in _choices(schema) if "$ref" in choice}
            if not place[-1].isdecimal() and named & lists and {"type": "string"} not in schema.get("anyOf", ()):
                yield place


def ids_are_opaque(document: Json) -> Iterator[str]:
    yield from (place for place, schema, _ in _schemas(document) if schema.get("format") == "uuid")


def parameters_are_never_null(document: Json) -> Iterator[str]:
    for _, _, operation in operations(document["paths"]):
        for parameter in operation["parameters"]:
            if {"type": "null"} in parameter.get("schema", {}).get("anyOf", ()):
                yield f"{operation['operationId']}/{parameter['name']}"


def decimals_say_how_they_look(document: Json) -> Iterator[str]:
    for place, schema, _ in _schemas(document):
        is_decimal = place.endswith(("/co2e_kg", "/biogenic_co2_kg", "/kg", "/share", "In/properties/value"))
        if is_decimal and not any("pattern" in choice for choice in _choices(schema)):
            yield place


def answers_have_content(document: Json) -> Iterator[str]:
    for _, _, operation in operations(document["paths"]):
        good = {status: answer for status, answer in operation["responses"].items() if status.startswith("2")}
        if not good:
            yield f"{operation['operationId']}: no good answer"
        yield from (
            f"{operation['operationId']}: {status}" for status, answer in good.items() if status != "204" and "content" not in answer
        )


def refusals_have_true_examples(document: Json) -> Iterator[str]:
    """Every operation documents its refusals, each with examples that are problem documents of that status."""
    problem = jsonschema_rs.validator_for({"components": document["components"], "$ref": "#/components/schemas/Problem"})
    for _, _, operation in operations(document["paths"]):
        needed = {"default"} | ({"401", "403"} if operation["security"] else set()) | ({"422"} if "requestBody" in operation else set())
        if operation["operationId"] != "issue_token":  # OAuth has its own
            yield from (f"{operation['operationId']}: {status}" for status in needed - operation["responses"].keys())
        for status, answer in operation["responses"].items():
            if "$ref" not in answer:
                continue
            content = document["components"]["responses"][answer["$ref"].rpartition("/")[2]]["content"]["application/problem+json"]
            if not content.get("examples"):
                yield f"{operation['operationId']}: {status} has no example"
            for code, example in content.get("examples", {}).items():
                of_status = status in ("default", str(example["value"]["status"]))
                if not (of_status and problem.is_valid(example["value"]) and example["value"]["code"] == code):
                    yield f"{operation['operationId']}: {status} {code}"


def batches_answer_each_item(document: Json) -> Iterator[str]:
    """207 holds one entry per item, in order, with its own status and, where it was refused, the problem."""
    schemas = document["components"]["schemas"]
    for _, _, operation in operations(document["paths"]):
        if "207" not in operation["responses"]:
            continue
        answer = operation["responses"]["207"]["content"]["application/json"]["schema"]
        item = next(references(schemas[next(references(answer))]["properties"]["items"]))
        fields = schemas[item]["properties"]
        if not {"index", "status", "problem"} <= fields.keys() or "ItemProblem" not in references(fields["problem"]):
            yield f"{operation['operationId']}: {item}"


RULES: list[Callable[[Json], Iterator[str]]] = [
    operations_have_readable_ids,
    schemas_have_names_of_their_own,
    nothing_is_anonymous,
    everything_has_a_type,
    answers_are_whole,
    lists_in_answers_are_open,
    ids_are_opaque,
    parameters_are_never_null,
    decimals_say_how_they_look,
    answers_have_content,
    refusals_have_true_examples,
    batches_answer_each_item,
]


def _schemas(document: Json) -> Iterator[tuple[str, Json, bool]]:
    """Every schema with its place, and whether it is one with a name."""
    for name, schema in document["components"]["schemas"].items():
        for place, inner in _inside(name, schema):
            yield place, inner, inner is schema
    for _, _, operation in operations(document["paths"]):
        parts = [(parameter["name"], parameter["schema"]) for parameter in operation["parameters"] if "schema" in parameter]
        contents = {"body": operation.get("requestBody", {})} | operation["responses"]
        parts += [(name, content["schema"]) for name, part in contents.items() for content in part.get("content", {}).values()]
        for name, schema in parts:
            yield from ((place, inner, False) for place, inner in _inside(f"{operation['operationId']}/{name}", schema))


def _inside(place: str, schema: Json) -> Iterator[tuple[str, Json]]:
    yield place, schema
    for name, field in schema.get("properties", {}).items():
        yield from _inside(f"{place}/properties/{name}", field)
    for keyword in ("items", "additionalProperties"):
        if isinstance(schema.get(keyword), dict):
            yield from _inside(f"{place}/{keyword}", schema[keyword])
    for number, choice in enumerate(schema.get("anyOf", ())):
        yield from _inside(f"{place}/anyOf/{number}", choice)


def _choices(schema: Json) -> list[Json]:
    return [schema, *schema.get("anyOf", ())]


def _asked(document: Json) -> set[str]:
    return _reached(document, "requestBody", "parameters")


def _answered(document: Json) -> set[str]:
    return _reached(document, "responses") | {"Problem", "ProblemField"}


def _reached(document: Json, *parts: str) -> set[str]:
    schemas = document["components"]["schemas"]
    reached: set[str] = set()
    ahead = {name for _, _, operation in operations(document["paths"]) for part in parts for name in references(operation.get(part))}
    while ahead:
        reached |= ahead
        ahead = {inner for name in ahead for inner in references(schemas[name])} - reached
    return reached
