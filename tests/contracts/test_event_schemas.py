"""Event schemas: the committed ones are those of the models, everything ever said can be read, and contracts only grow."""

import copy
import json
from pathlib import Path
from typing import Any, Literal

import jsonschema_rs
import pytest
from pydantic import BaseModel, ConfigDict

from baseyear.documents import REFERENCE, refusals
from contracts.schemas import event_schema, incompatibilities, schema_of
from contracts.topics import CELL, TOPICS, Topic

EXAMPLES = Path(__file__).parent / "examples"

topics = pytest.mark.parametrize("topic", TOPICS, ids=lambda topic: topic.name)


def committed(topic: Topic) -> dict[str, Any]:
    schema: dict[str, Any] = json.loads((REFERENCE / "events" / f"{topic.name}.json").read_text())
    return schema


def examples(topic: Topic) -> list[dict[str, Any]]:
    """Events as they were really published; a changed contract adds to them and takes none away."""
    documents: list[dict[str, Any]] = json.loads((EXAMPLES / f"{topic.name}.json").read_text())
    return documents


@topics
def test_the_committed_schema_is_that_of_the_model(topic: Topic) -> None:
    assert committed(topic) == event_schema(topic), "run: python -m baseyear.documents"


def test_there_is_a_schema_for_each_topic_and_no_other() -> None:
    assert {path.stem for path in (REFERENCE / "events").iterdir()} == {topic.name for topic in TOPICS}


@topics
def test_a_schema_is_valid_and_named_as_events_name_it(topic: Topic) -> None:
    jsonschema_rs.meta.validate(committed(topic))
    assert committed(topic)["$id"] == f"/schemas/{topic.name}.json"


@topics
def test_every_event_that_was_ever_published_can_be_read(topic: Topic) -> None:
    validator = jsonschema_rs.validator_for(committed(topic))
    assert examples(topic)
    for document in examples(topic):
        validator.validate(document)
        topic.model.model_validate(document)


@topics
def test_no_field_of_a_published_event_is_lost_on_reading_it(topic: Topic) -> None:
    for document in examples(topic):
        assert json.loads(topic.model.model_validate(document).model_dump_json()) == document


@topics
def test_a_reader_leaves_alone_what_it_does_not_know(topic: Topic) -> None:
    for document in examples(topic):
        topic.model.model_validate(document | {"a_field_of_the_future": 1})


@topics
def test_an_event_is_far_below_64_kb(topic: Topic) -> None:
    assert all(len(json.dumps(document)) < 16_000 for document in examples(topic))


class Part(BaseModel):
    name: str
    size: int | None


class Before(BaseModel):
    id: str
    count: int
    state: Literal["open", "closed"]
    parts: list[Part]
    notes: dict[str, str]


def after(**changed: Any) -> type[BaseModel]:
    """The model `Before` with some fields of other types; None takes one away."""
    fields = {name: field.annotation for name, field in Before.model_fields.items()} | changed
    kept = {name: annotation for name, annotation in fields.items() if annotation is not None}
    return type("Before", (BaseModel,), {"__annotations__": kept})


class WithOptional(Before):
    comment: str | None = None


class PartWithMore(Part):
    unit: str = "t"


class PartThatNeedsMore(Part):
    unit: str


class PartWithoutNull(BaseModel):
    name: str
    size: int


class Closed(Before):
    model_config = ConfigDict(extra="forbid")


@pytest.mark.parametrize(
    "newer",
    [
        Before,
        WithOptional,
        after(count=float),
        after(count=int | None),
        after(state=Literal["open", "closed", "locked"]),
        after(state=str),
        after(parts=list[PartWithMore]),
        after(notes=dict[str, str | int]),
    ],
    ids=["same", "new optional field", "wider number", "null allowed", "new value", "open value", "new field inside", "wider map"],
)
def test_growth_is_compatible(newer: type[BaseModel]) -> None:
    assert incompatibilities(schema_of(Before), schema_of(newer)) == []


@pytest.mark.parametrize(
    ("newer", "reason"),
    [
        (after(added=str), "/added is newly required"),
        (after(count=None), "/count is gone"),
        (after(count=str), "/count was integer and is string"),
        (after(state=Literal["open"]), "/state takes fewer values"),
        (after(id=Literal["organisation"]), "/id takes fewer values"),
        (after(parts=list[PartThatNeedsMore]), "/parts/items/unit is newly required"),
        (after(parts=list[PartWithoutNull]), "/parts/items/size was null and is integer"),
        (after(notes=dict[str, int]), "/notes/additionalProperties was string and is integer"),
        (Closed, "the event refuses fields that it does not know"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_narrows_a_contract_is_named(newer: type[BaseModel], reason: str) -> None:
    assert incompatibilities(schema_of(Before), schema_of(newer)) == [reason]


def test_a_new_limit_is_named() -> None:
    newer = copy.deepcopy(schema_of(Before))
    newer["properties"]["id"]["maxLength"] = 10

    assert incompatibilities(schema_of(Before), newer) == ["/id has another maxLength"]


def test_the_generator_refuses_to_narrow_a_committed_schema_or_to_forget_a_topic(tmp_path: Path) -> None:
    older = event_schema(CELL)
    older["required"].remove("records")
    (tmp_path / "events").mkdir()
    (tmp_path / "events" / f"{CELL.name}.json").write_text(json.dumps(older))
    (tmp_path / "events" / "baseyear.gone.v1.json").write_text("{}")

    assert refusals(tmp_path, {f"events/{CELL.name}.json": json.dumps(event_schema(CELL))}) == [
        "events/baseyear.gone.v1.json: the topic is gone",
        f"events/{CELL.name}.json: /records is newly required",
    ]
