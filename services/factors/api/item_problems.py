"""The problem of one item of a batch, in the form that a refused request has."""

from pydantic import BaseModel, ConfigDict

from kernel.problems import Problem


class ItemFieldError(BaseModel):
    pointer: str
    code: str
    detail: str
    hint: str | None


class ItemProblem(BaseModel):
    """Why an item was refused; the pointers start at the item."""

    model_config = ConfigDict(extra="allow")

    type: str
    code: str
    title: str
    status: int
    detail: str
    errors: list[ItemFieldError]


def item_problem(problem: Problem) -> ItemProblem:
    return ItemProblem.model_validate({"errors": []} | problem.as_json())
