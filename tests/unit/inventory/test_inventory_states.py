"""The life of an inventory, step by step."""

from datetime import date

import pytest

from kernel.auth import Principal
from kernel.problems import Problem
from services.inventory.domain.inventory_states import Standing, Step

TODAY, YESTERDAY = date(2022, 3, 2), date(2022, 3, 1)
SCOPES = frozenset({"inventories:write", "inventories:approve", "history:write"})


def somebody(name: str, scopes: frozenset[str] = SCOPES) -> Principal:
    return Principal(name, "operator", name, scopes)


def refusal(standing: Standing, step: Step, actor: Principal | None = None) -> str:
    with pytest.raises(Problem) as caught:
        standing.after(step, actor or somebody("li"), TODAY)
    errors = caught.value.errors
    return errors[0].code if errors else caught.value.type.code


def test_the_way_to_approval_and_back():
    opened = Standing("open", YESTERDAY, None)

    submitted = opened.after(Step("in_review", None, None), somebody("li"), TODAY)
    approved = submitted.after(Step("approved", None, None), somebody("wang"), TODAY)
    again = approved.after(Step("open", None, "a late invoice"), somebody("li"), TODAY)

    assert submitted == Standing("in_review", TODAY, "li")
    assert approved == Standing("approved", TODAY, "li")
    assert again == Standing("open", TODAY, None)


@pytest.mark.parametrize(
    ("state", "to"),
    [
        ("open", "open"), ("open", "approved"), ("open", "verified"), ("in_review", "in_review"), ("in_review", "locked"),
        ("approved", "in_review"), ("approved", "approved"), ("approved", "verified"), ("verified", "open"), ("locked", "open"),
    ],
)  # fmt: skip
def test_no_other_step_is_available(state, to):
    assert refusal(Standing(state, YESTERDAY, None), Step(to, None, "because")) == "transition_not_available"


def test_who_submits_does_not_approve():
    assert refusal(Standing("in_review", YESTERDAY, "li"), Step("approved", None, None)) == "separation_of_duties"


def test_no_way_back_without_a_reason():
    assert refusal(Standing("approved", YESTERDAY, "li"), Step("open", None, " ")) == "reason_required"


def test_a_step_takes_effect_on_a_past_day_only_with_the_scope_for_history():
    opened, step = Standing("open", YESTERDAY, None), Step("in_review", YESTERDAY, None)

    assert opened.after(step, somebody("li"), TODAY).effective_on == YESTERDAY
    assert refusal(opened, step, somebody("li", frozenset({"inventories:write"}))) == "missing_scope"


def test_a_step_never_takes_effect_in_the_future_or_before_the_step_before():
    opened = Standing("open", TODAY, None)

    assert refusal(opened, Step("in_review", date(2022, 3, 3), None)) == "in_the_future"
    assert refusal(opened, Step("in_review", YESTERDAY, None)) == "effective_before_previous"
