"""Event schemas: the committed ones are those of the models, everything ever said can be read, and released contracts stay."""

import json
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest

from baseyear.documents import REFERENCE, RELEASED, event_documents, refusals, release
from contracts.schemas import event_schema
from contracts.topics import CELL, SITE, TOPICS, Topic

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


RELEASES = sorted(path.name for path in RELEASED.iterdir())

every_release = pytest.mark.parametrize("version", RELEASES)


def test_there_are_released_contracts() -> None:
    assert "0.1.0" in RELEASES


@every_release
def test_the_models_keep_every_released_contract(version: str) -> None:
    assert refusals(RELEASED / version, event_documents()) == []


@every_release
def test_readers_of_a_release_can_read_what_is_published_now(version: str) -> None:
    for path in (RELEASED / version).iterdir():
        validator = jsonschema_rs.validator_for(json.loads(path.read_text()))
        for document in json.loads((EXAMPLES / path.name).read_text()):
            validator.validate(document)


def test_a_changed_or_forgotten_contract_is_named_with_its_topic(tmp_path: Path) -> None:
    older = event_schema(CELL)
    older["required"].remove("records")
    (tmp_path / f"{CELL.name}.json").write_text(json.dumps(older))
    (tmp_path / "baseyear.gone.v1.json").write_text("{}")

    assert refusals(tmp_path, event_documents()) == [
        "baseyear.gone.v1: the topic is gone",
        f"{CELL.name}: /records is newly required, and may have been left out",
    ]


def test_a_release_keeps_its_schemas_and_is_never_changed(tmp_path: Path) -> None:
    schemas = event_documents()
    release(tmp_path, "9.9.9", schemas)
    release(tmp_path, "9.9.9", schemas)

    with pytest.raises(SystemExit, match=r"9\.9\.9 is released with other schemas"):
        release(tmp_path, "9.9.9", schemas | {f"{SITE.name}.json": "{}"})
    assert {path.name: path.read_text() for path in (tmp_path / "9.9.9").iterdir()} == schemas
