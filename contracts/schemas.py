"""JSON Schemas of the events, from their models."""

from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import GenerateJsonSchema

from contracts.topics import Topic

Json = dict[str, Any]

DIALECT = "https://json-schema.org/draft/2020-12/schema"


class WithoutFieldTitles(GenerateJsonSchema):
    """A field's name says it already."""

    def field_title_should_be_set(self, schema: Any) -> bool:
        return False


def event_schema(topic: Topic) -> Json:
    """The schema of a topic's events; `$id` is what their `ce_dataschema` names."""
    return {"$schema": DIALECT, "$id": f"/schemas/{topic.name}.json"} | schema_of(topic.model)


def schema_of(model: type[BaseModel]) -> Json:
    return model.model_json_schema(schema_generator=WithoutFieldTitles)
