"""Problem types: a code means one thing in the whole product."""

import pytest

from kernel.edge import json_pointer
from kernel.problems import CONFLICT, KNOWN_TYPES, Problem, problem_type, refused


def test_a_code_cannot_be_given_two_meanings() -> None:
    with pytest.raises(ValueError, match="conflict is defined twice"):
        problem_type("conflict", 422, "Something else", "It means something else.")

    assert KNOWN_TYPES["conflict"] is CONFLICT


def test_the_same_definition_may_be_said_twice() -> None:
    assert problem_type(CONFLICT.code, CONFLICT.status, CONFLICT.title, CONFLICT.explanation) == CONFLICT


def test_every_type_explains_itself() -> None:
    for kind in KNOWN_TYPES.values():
        assert 400 <= kind.status < 600
        assert kind.title[0].isupper()
        assert kind.explanation.endswith(".")


def test_a_problem_without_field_errors_has_no_member_for_them() -> None:
    assert "errors" not in Problem(CONFLICT, "It stands in the way.").as_json()


def test_a_refused_field_carries_its_hint() -> None:
    document = refused("/quantity/unit", "unknown_unit", "There is no unit kWg.", "Did you mean kWh?").as_json("/v1/activities", "trace")

    assert (document["status"], document["instance"], document["trace_id"]) == (422, "/v1/activities", "trace")
    assert document["errors"] == [
        {"pointer": "/quantity/unit", "code": "unknown_unit", "detail": "There is no unit kWg.", "hint": "Did you mean kWh?"}
    ]


@pytest.mark.parametrize(
    ("path", "pointer"), [([], ""), (["a", 0, "b"], "/a/0/b"), (["a/b"], "/a~1b"), (["m~n"], "/m~0n"), (["~1"], "/~01"), ([""], "/")]
)
def test_a_json_pointer(path: list[object], pointer: str) -> None:
    """source  RFC 6901, sections 3 and 5"""
    assert json_pointer(path) == pointer
