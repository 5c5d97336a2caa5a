"""JSON Schemas of the events, and whether a changed schema still reads everything that was said under the one before."""

from collections.abc import Iterator
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import GenerateJsonSchema

from contracts.topics import Topic

Json = dict[str, Any]

DIALECT = "https://json-schema.org/draft/2020-12/schema"
_LIMITS = (
    "pattern",
    "format",
    "minLength",
    "maxLength",
    "minimum",
    "maximum",
    "exclusiveMinimum",
    "exclusiveMaximum",
    "minItems",
    "maxItems",
)


class _WithoutFieldTitles(GenerateJsonSchema):
    """A field's name says it already."""

    def field_title_should_be_set(self, schema: Any) -> bool:
        return False


def event_schema(topic: Topic) -> Json:
    """The schema of a topic's events; `$id` is what their `ce_dataschema` names."""
    return {"$schema": DIALECT, "$id": f"/schemas/{topic.name}.json"} | schema_of(topic.model)


def schema_of(model: type[BaseModel]) -> Json:
    return model.model_json_schema(schema_generator=_WithoutFieldTitles)


def incompatibilities(older: Json, newer: Json) -> list[str]:
    """Where `newer` refuses or loses what `older` allowed; empty if contracts only grew.

    A topic is read from its beginning, by readers of any age: a field may come if it may be absent, and none may go,
    become required, or take fewer values than before.
    """
    return list(_narrowed("", older, newer, older, newer))


def _narrowed(place: str, older: Json, newer: Json, old_root: Json, new_root: Json) -> Iterator[str]:
    """The two schemas' alternatives compared: each old one needs a new one that takes all of it."""
    old_choices, new_choices = list(_alternatives(older, old_root)), list(_alternatives(newer, new_root))
    for old in old_choices:
        reasons = [list(_narrowed_choice(place, old, new, old_root, new_root)) for new in new_choices]
        yield from min(reasons, key=len)


def _alternatives(schema: Json, root: Json) -> Iterator[Json]:
    if "$ref" in schema:
        yield from _alternatives(root["$defs"][schema["$ref"].removeprefix("#/$defs/")], root)
    elif "anyOf" in schema:
        for choice in schema["anyOf"]:
            yield from _alternatives(choice, root)
    else:
        yield schema


def _narrowed_choice(place: str, old: Json, new: Json, old_root: Json, new_root: Json) -> Iterator[str]:
    here = place or "the event"
    if new.get("type", old.get("type")) != old.get("type") and (old.get("type"), new.get("type")) != ("integer", "number"):
        yield f"{here} was {old.get('type')} and is {new['type']}"
        return
    if (allowed := _values(new)) is not None:
        before = _values(old)
        if before is None or not before <= allowed:
            yield f"{here} takes fewer values"
    for limit in _LIMITS:
        if limit in new and new[limit] != old.get(limit):
            yield f"{here} has another {limit}"
    for inner in ("items", "additionalProperties"):
        if isinstance(new.get(inner), dict):
            yield from _narrowed(f"{place}/{inner}", old.get(inner, {}), new[inner], old_root, new_root)
    if new.get("additionalProperties") is False and old.get("additionalProperties") is not False:
        yield f"{here} refuses fields that it does not know"
    before_fields, now_fields = old.get("properties", {}), new.get("properties", {})
    for name in sorted(set(new.get("required", ())) - set(old.get("required", ()))):
        yield f"{place}/{name} is newly required"
    for name, field in before_fields.items():
        if name not in now_fields:
            yield f"{place}/{name} is gone"
        else:
            yield from _narrowed(f"{place}/{name}", field, now_fields[name], old_root, new_root)


def _values(schema: Json) -> set[Any] | None:
    """The closed list of a schema's values, None if it is open."""
    if "const" in schema:
        return {schema["const"]}
    return set(schema["enum"]) if "enum" in schema else None
