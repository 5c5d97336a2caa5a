"""The problem of one item of a batch, in the form that a refused request has."""

from contracts.shapes import ItemProblem
from kernel.problems import Problem


def item_problem(problem: Problem) -> ItemProblem:
    return ItemProblem.model_validate({"errors": []} | problem.as_json())
