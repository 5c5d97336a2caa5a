"""Whether a changed event schema is still the same contract: for its readers of any age, and for everything already said under it.

A topic is read from its beginning, and in the midst of an upgrade by the readers of before: so the one change that is compatible is a
new field that may be absent. Everything else is another contract, under a new topic.
"""

from collections.abc import Iterator
from typing import Any

Json = dict[str, Any]

_WORDS = {"title", "description", "examples", "deprecated", "$comment", "$schema", "$id", "$defs"}
_COMPARED_BY_THEMSELVES = {"type", "const", "enum", "properties", "required", "items", "additionalProperties"}
_ANYTHING: Json = {}


def incompatibilities(older: Json, newer: Json) -> list[str]:
    """What in `newer` hurts readers of `older`, or readers of `newer` that meet what was said under `older`; empty if nothing does.

    older, newer  JSON Schemas as pydantic makes them. A keyword that is not known here must be the same in both.
    """
    return list(dict.fromkeys(_differences("", older, newer, older, newer)))


def _differences(place: str, older: Json, newer: Json, old_root: Json, new_root: Json) -> Iterator[str]:
    """The alternatives of two schemas compared, each with the one on the other side that it resembles most."""
    old_choices, new_choices = _choices(older, old_root), _choices(newer, new_root)
    old_types, new_types = [_types(choice) for choice in old_choices], [_types(choice) for choice in new_choices]
    if set(old_types) != set(new_types):
        yield f"{place or 'the event'} was {_either(old_types)} and is {_either(new_types)}"
        return
    pairs = [
        [
            list(_differences_of_choice(place, old, new, old_root, new_root)) if old_type == new_type else None
            for new, new_type in zip(new_choices, new_types, strict=True)
        ]
        for old, old_type in zip(old_choices, old_types, strict=True)
    ]
    for compared in [*pairs, *map(list, zip(*pairs, strict=True))]:
        yield from min((reasons for reasons in compared if reasons is not None), key=len)


def _choices(schema: Json, root: Json) -> list[Json]:
    """What a value may be instead of something else; a list of texts beside any text at all says nothing more."""
    choices = list(_alternatives(schema, root))
    if any(_open_text(choice) for choice in choices):
        return [choice for choice in choices if _open_text(choice) or _types(choice) != "string"]
    return choices


def _alternatives(schema: Json, root: Json) -> Iterator[Json]:
    """The schemas of which a value must satisfy one; what stands beside a reference or a choice holds for each."""
    beside = {keyword: value for keyword, value in schema.items() if keyword not in ("$ref", "anyOf")}
    if "$ref" in schema:
        choices = [root["$defs"][schema["$ref"].removeprefix("#/$defs/")]]
    elif "anyOf" in schema:
        choices = schema["anyOf"]
    else:
        yield schema
        return
    for choice in choices:
        yield from _alternatives(choice | beside, root)


def _open_text(choice: Json) -> bool:
    return choice.keys() - _WORDS - {"default"} == {"type"} and choice["type"] == "string"


def _types(choice: Json) -> str:
    named = choice.get("type", "anything")
    return " or ".join(sorted(named)) if isinstance(named, list) else str(named)


def _either(types: list[str]) -> str:
    return " or ".join(sorted(set(types)))


def _differences_of_choice(place: str, old: Json, new: Json, old_root: Json, new_root: Json) -> Iterator[str]:
    here = place or "the event"
    yield from _differences_of_values(here, _values(old), _values(new))
    for keyword in sorted((old.keys() | new.keys()) - _WORDS - _COMPARED_BY_THEMSELVES):
        if old.get(keyword) != new.get(keyword):
            yield f"{here} has another {keyword}"
    if "items" in old or "items" in new:
        yield from _differences(f"{place}/items", old.get("items", _ANYTHING), new.get("items", _ANYTHING), old_root, new_root)
    yield from _differences_of_further_fields(place, old, new, old_root, new_root)
    yield from _differences_of_fields(place, old, new, old_root, new_root)


def _differences_of_values(here: str, old: set[Any] | None, new: set[Any] | None) -> Iterator[str]:
    """The closed lists of values compared, None where the list is open."""
    if old is None and new is not None:
        yield f"{here} takes only listed values, and any may have been said"
    elif old is not None and new is None:
        yield f"{here} takes any value, and older readers know only those listed"
    elif old is not None and new is not None:
        for value in sorted(old - new, key=repr):
            yield f"{here} does not take {value!r} any more, which may have been said"
        for value in sorted(new - old, key=repr):
            yield f"{here} takes {value!r}, which older readers do not know"


def _differences_of_further_fields(place: str, old: Json, new: Json, old_root: Json, new_root: Json) -> Iterator[str]:
    """What else than its `properties` an object may hold: a schema, anything, or nothing."""
    further_old, further_new = (schema.get("additionalProperties", True) for schema in (old, new))
    if isinstance(further_old, dict) and isinstance(further_new, dict):
        yield from _differences(f"{place}/additionalProperties", further_old, further_new, old_root, new_root)
    elif further_old != further_new:
        yield f"{place or 'the event'} has other additionalProperties"


def _differences_of_fields(place: str, old: Json, new: Json, old_root: Json, new_root: Json) -> Iterator[str]:
    old_fields, new_fields = old.get("properties", {}), new.get("properties", {})
    needed_before, needed_now = set(old.get("required", ())), set(new.get("required", ()))
    for name in sorted(needed_now - needed_before):
        yield f"{place}/{name} is newly required, and may have been left out"
    for name in sorted((needed_before - needed_now) & new_fields.keys()):
        yield f"{place}/{name} may be left out, and older readers need it"
    for name, field in old_fields.items():
        if name not in new_fields:
            yield f"{place}/{name} is gone"
        else:
            yield from _differences(f"{place}/{name}", field, new_fields[name], old_root, new_root)
    if old.get("additionalProperties", True) is False:
        for name in sorted(new_fields.keys() - old_fields.keys()):
            yield f"{place}/{name} is new, and older readers refuse what they do not know"


def _values(schema: Json) -> set[Any] | None:
    """The closed list of a schema's values, None if it is open."""
    if "const" in schema:
        return {schema["const"]}
    return set(schema["enum"]) if "enum" in schema else None
