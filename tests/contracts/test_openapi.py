"""The OpenAPI document: the committed one is what the installation serves."""

import difflib
import json

import jsonschema_rs
import pytest_asyncio
from schemathesis.specs.openapi.definitions import OPENAPI_31

from baseyear.documents import REFERENCE, openapi
from gateway.routes import ROUTES, resource_of

MOST_LINES = 60


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def served() -> str:
    return await openapi()


async def test_the_committed_document_is_the_served_one(served: str) -> None:
    committed = (REFERENCE / "openapi.json").read_text()
    if committed == served:  # the comparison of two long texts is slow, and its explanation too long to read
        return
    difference = list(difflib.unified_diff(committed.splitlines(), served.splitlines(), "committed", "served", lineterm="", n=2))
    shown = "\n".join(difference[:MOST_LINES])
    raise AssertionError(f"run: python -m baseyear.documents\n{shown}\n({len(difference)} lines differ)")


async def test_it_is_valid(served: str) -> None:
    jsonschema_rs.validator_for(OPENAPI_31).validate(json.loads(served))


async def test_it_holds_every_resource_of_the_route_table(served: str) -> None:
    assert {resource_of(path) for path in json.loads(served)["paths"]} >= ROUTES.keys()
