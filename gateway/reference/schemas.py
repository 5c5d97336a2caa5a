"""A JSON Schema in words: what a value may be, and the fields of an object."""

from collections.abc import Callable
from html import escape
from typing import Any

Json = dict[str, Any]


def type_of(schema: Json | bool) -> str:
    """What a value may be, as HTML with links to the schemas that have a name."""
    if isinstance(schema, bool) or not schema:
        return "anything"
    if "$ref" in schema:
        name = escape(schema["$ref"].rpartition("/")[2])
        return f'<a href="#schema-{name}">{name}</a>'
    if "const" in schema:
        return f"<code>{escape(str(schema['const']))}</code>"
    if "enum" in schema:
        return " | ".join(f"<code>{escape(str(value))}</code>" for value in schema["enum"])
    for choice in ("anyOf", "oneOf", "allOf"):
        if choice in schema:
            return (" and " if choice == "allOf" else " or ").join(map(type_of, schema[choice]))
    return _plain_type(schema)


def _plain_type(schema: Json) -> str:
    kind = schema.get("type", "anything")
    if kind == "array":
        return f"list of {type_of(schema.get('items', True))}"
    if kind == "object" and "properties" not in schema:
        return f"object of {type_of(schema.get('additionalProperties', True))}"
    text = escape(" or ".join(kind) if isinstance(kind, list) else kind)
    if "format" in schema:
        text += f" ({escape(schema['format'])})"
    if "pattern" in schema:
        text += f" like <code>{escape(schema['pattern'])}</code>"
    return text


def fields_of(schema: Json, name: Callable[[str, bool], str], prose: Callable[[str], str]) -> list[tuple[str, str, str]]:
    """The fields of an object: its name, its type and what it means."""
    required = schema.get("required", ())
    return [
        (name(field, field in required), type_of(described), prose(described.get("description", "")))
        for field, described in schema.get("properties", {}).items()
    ]
