"""The document of the whole API, made from the real services."""

from collections.abc import AsyncIterator
from typing import Any

import jsonschema_rs
import pytest
import pytest_asyncio
from schemathesis.specs.openapi.definitions import OPENAPI_31

from baseyear import one_process
from gateway.reference.openapi import operations, scope_of
from gateway.routes import ROUTES, resource_of
from gateway.scopes import SCOPES

OPEN = {"issue_token", "get_openid_configuration", "get_public_keys"}


@pytest_asyncio.fixture
async def installation(settings, databases) -> AsyncIterator[one_process.Installation]:
    """All services, in place of the tiny ones of this folder."""
    async with one_process.installation(settings, databases, "http://baseyear.test") as running:
        yield running


@pytest_asyncio.fixture
async def document(http) -> dict[str, Any]:
    return (await http.get("/openapi.json")).json()


async def test_the_document_of_the_whole_api_keeps_our_rules(document, installation):
    found = [(path, method, operation) for path, method, operation in operations(document["paths"])]
    ids = [operation["operationId"] for _, _, operation in found]
    own_ids = {
        operation["operationId"]
        for service in installation.services.values()
        for _, _, operation in operations(service.app.openapi()["paths"])
    }
    open_operations = {operation["operationId"] for _, _, operation in found if scope_of(operation) is None}
    scopes = {scope_of(operation) for _, _, operation in found} - {None}

    jsonschema_rs.validator_for(OPENAPI_31).validate(document)
    assert len(ids) == len(set(ids))
    assert set(ids) == own_ids, "an operation was renamed because of a clash, or its path is not in the route table"
    assert open_operations == OPEN
    assert scopes <= set(SCOPES)
    for path, method, operation in found:
        responses = operation["responses"]
        assert responses["default"] == {"$ref": "#/components/responses/Refusal"}, f"{method} {path}"
        assert operation["tags"], f"{method} {path} has no tag"


async def test_every_resource_of_the_route_table_is_served(document):
    assert {resource_of(path) for path in document["paths"]} >= set(ROUTES)


async def test_the_reference_shows_the_whole_api_and_every_problem_type_has_its_page(http, document):
    reference = (await http.get("/docs")).text
    pages = [(await http.get(f"/problems/{code}")).status_code for code in document["x-problem-types"]]

    assert all(f'id="{operation["operationId"]}"' in reference for _, _, operation in operations(document["paths"]))
    assert set(pages) == {200}


@pytest.mark.parametrize("token", [None, "made-up"])
async def test_every_operation_that_is_not_open_refuses_who_has_no_token(http, document, token):
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    refused = {}
    for path, method, operation in operations(document["paths"]):
        if operation["operationId"] not in OPEN:
            answer = await http.request(method, path.replace("{", "").replace("}", ""), headers=headers)
            refused[operation["operationId"]] = (answer.status_code, answer.json().get("code"))

    assert set(refused.values()) == {(401, "unauthenticated")}, {name: got for name, got in refused.items() if got[0] != 401}
