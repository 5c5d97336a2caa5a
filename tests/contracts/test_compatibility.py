"""What counts as the same contract: a new field that may be absent, and nothing else."""

import copy
from typing import Annotated, Any, Literal

import pytest
from pydantic import BaseModel, ConfigDict, Field, create_model

from contracts.compatibility import incompatibilities
from contracts.schemas import schema_of


class Part(BaseModel):
    name: str
    size: int | None


class Before(BaseModel):
    """What was released."""

    id: str
    count: int
    state: Literal["open", "closed"]
    kind: Literal["small", "large"] | str
    parts: list[Part]
    notes: dict[str, str]
    comment: Annotated[str, Field(max_length=10)] | None = None


FIELDS: dict[str, Any] = {
    name: (field.annotation, field.default if not field.is_required() else ...) for name, field in Before.model_fields.items()
}


def after(without: str = "", **changed: Any) -> type[BaseModel]:
    """The model `Before` with some fields otherwise and one left out; a field that is not given with its default is required."""
    fields = FIELDS | {name: field if isinstance(field, tuple) else (field, ...) for name, field in changed.items()}
    fields.pop(without, None)
    return create_model("Before", **fields)


class PartWithMore(Part):
    unit: str = "t"


class PartThatNeedsMore(Part):
    unit: str


class PartWithoutNull(BaseModel):
    name: str
    size: int


class PartOfAnotherName(BaseModel):
    """The same under another name."""

    name: str = Field(description="How it is called.")
    size: int | None


class Closed(Before):
    model_config = ConfigDict(extra="forbid")


@pytest.mark.parametrize(
    "newer",
    [
        Before,
        after(added=(str | None, None)),
        after(added=(dict[str, Part], {})),
        after(parts=list[PartWithMore]),
        after(parts=list[PartOfAnotherName]),
        after(kind=Literal["small", "large", "huge"] | str),
        after(kind=str),
    ],
    ids=["same", "may be absent", "may be absent, an object", "new field inside", "another name inside", "open list", "no list"],
)
def test_what_older_and_newer_readers_understand_is_compatible(newer: type[BaseModel]) -> None:
    assert incompatibilities(schema_of(Before), schema_of(newer)) == []


INCOMPATIBLE: list[tuple[type[BaseModel], str]] = [
    (after(added=str), "/added is newly required, and may have been left out"),
    (after(comment=Annotated[str, Field(max_length=10)] | None), "/comment is newly required, and may have been left out"),
    (after(id=(str, Field(default_factory=str))), "/id may be left out, and older readers need it"),
    (after(without="count"), "/count is gone"),
    (after(without="comment"), "/comment is gone"),
    (after(count=str), "/count was integer and is string"),
    (after(count=float), "/count was integer and is number"),
    (after(count=int | None), "/count was integer and is integer or null"),
    (after(state=Literal["open"]), "/state does not take 'closed' any more, which may have been said"),
    (after(state=Literal["open", "closed", "locked"]), "/state takes 'locked', which older readers do not know"),
    (after(state=str), "/state takes any value, and older readers know only those listed"),
    (after(id=Literal["organisation"]), "/id takes only listed values, and any may have been said"),
    (after(kind=Literal["small", "large"]), "/kind takes only listed values, and any may have been said"),
    (after(parts=list[PartThatNeedsMore]), "/parts/items/unit is newly required, and may have been left out"),
    (after(parts=list[PartWithoutNull]), "/parts/items/size was integer or null and is integer"),
    (after(parts=dict[str, Part]), "/parts was array and is object"),
    (after(notes=dict[str, int]), "/notes/additionalProperties was string and is integer"),
    (after(notes=dict[str, str | int]), "/notes/additionalProperties was string and is integer or string"),
    (after(notes=dict[str, Any]), "/notes has other additionalProperties"),
    (after(id=Annotated[str, Field(max_length=10)]), "/id has another maxLength"),
    (after(comment=(Annotated[str, Field(max_length=20)] | None, None)), "/comment has another maxLength"),
    (after(id=Annotated[str, Field(pattern="^x$")]), "/id has another pattern"),
    (after(comment=(Annotated[str, Field(max_length=10)] | None, "none")), "/comment has another default"),
    (Closed, "the event has other additionalProperties"),
]


@pytest.mark.parametrize(("newer", "reason"), INCOMPATIBLE, ids=[reason for _, reason in INCOMPATIBLE])
def test_every_other_change_is_named(newer: type[BaseModel], reason: str) -> None:
    assert incompatibilities(schema_of(Before), schema_of(newer)) == [reason]


def test_a_new_field_is_one_too_many_for_readers_that_refuse_what_they_do_not_know() -> None:
    closed = schema_of(Closed)
    newer = copy.deepcopy(closed)
    newer["properties"]["added"] = {"type": "string"}

    assert incompatibilities(closed, newer) == ["/added is new, and older readers refuse what they do not know"]


def test_a_keyword_that_the_comparison_does_not_know_must_stay_as_it_is() -> None:
    newer = copy.deepcopy(schema_of(Before))
    newer["properties"]["parts"]["uniqueItems"] = True

    assert incompatibilities(schema_of(Before), newer) == ["/parts has another uniqueItems"]
