"""The OpenAPI document: the committed one is what the installation serves, and clients can be made from it."""

import copy
import difflib
import json
from collections.abc import Callable
from typing import Any

import jsonschema_rs
import pytest
import pytest_asyncio
from schemathesis.specs.openapi.definitions import OPENAPI_31

from baseyear.documents import REFERENCE, openapi
from gateway.routes import ROUTES, resource_of
from tests.contracts import openapi_rules
from tests.contracts.openapi_rules import RULES, Json

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


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
async def test_clients_may_count_on_it(served: str, rule: Callable[[Json], Any]) -> None:
    assert list(rule(json.loads(served))) == []


def at(document: Json, path: str) -> Any:
    place: Any = document
    for name in path.split("."):
        place = place[name]
    return place


SCHEMAS = "components.schemas"
SITES = "paths./v1/sites"
BROKEN: list[tuple[Callable[[Json], Any], str, Json, str]] = [
    (openapi_rules.operations_have_readable_ids, f"{SITES}.post", {"operationId": "createSite"}, "createSite"),
    (openapi_rules.schemas_have_names_of_their_own, SCHEMAS, {"Inventory_Period": {"type": "object"}}, "Inventory_Period"),
    (openapi_rules.nothing_is_anonymous, f"{SCHEMAS}.SiteIn.properties", {"tenure": {"type": "string", "enum": ["a", "b"]}}, "tenure"),
    (openapi_rules.nothing_is_anonymous, f"{SCHEMAS}.Totals.properties", {"total": {"type": "object", "properties": {}}}, "total"),
    (
        openapi_rules.everything_has_a_type,
        f"{SCHEMAS}.ActivityBatch.properties.items",
        {"items": {}},
        "ActivityBatch/properties/items/items",
    ),
    (openapi_rules.everything_has_a_type, f"{SCHEMAS}.Totals.properties", {"total": {"type": "object"}}, "Totals/properties/total"),
    (openapi_rules.answers_are_whole, f"{SCHEMAS}.SiteAnswer", {"required": []}, "SiteAnswer/id"),
    (
        openapi_rules.lists_in_answers_are_open,
        f"{SCHEMAS}.SiteAnswer.properties",
        {"tenure": {"$ref": "#/components/schemas/Tenure"}},
        "SiteAnswer/properties/tenure",
    ),
    (openapi_rules.ids_are_opaque, f"{SCHEMAS}.SiteAnswer.properties.id", {"format": "uuid"}, "SiteAnswer/properties/id"),
    (
        openapi_rules.parameters_are_never_null,
        f"{SITES}.get",
        {"parameters": [{"name": "cursor", "schema": {"anyOf": [{"type": "string"}, {"type": "null"}]}}]},
        "list_sites/cursor",
    ),
    (openapi_rules.decimals_say_how_they_look, f"{SCHEMAS}.OwnershipIn.properties", {"share": {"type": "string"}}, "share"),
    (openapi_rules.answers_have_content, f"{SITES}.get.responses", {"200": {"description": "The sites."}}, "list_sites: 200"),
    (openapi_rules.refusals_have_true_examples, f"{SITES}.post.responses", {"401": None}, "create_site: 401"),
    (
        openapi_rules.refusals_have_true_examples,
        "components.responses.NotFound.content.application/problem+json",
        {"examples": {}},
        "get_site: 404 has no example",
    ),
    (
        openapi_rules.refusals_have_true_examples,
        "components.responses.NotFound.content.application/problem+json.examples.not_found.value",
        {"status": 409},
        "get_site: 404 not_found",
    ),
    (openapi_rules.batches_answer_each_item, f"{SCHEMAS}.BatchItem.properties", {"problem": {"type": "object"}}, "BatchItem"),
]


@pytest.mark.parametrize(("rule", "path", "change", "place"), BROKEN, ids=lambda value: getattr(value, "__name__", ""))
async def test_what_breaks_a_rule_is_found(served: str, rule: Callable[[Json], Any], path: str, change: Json, place: str) -> None:
    broken = copy.deepcopy(json.loads(served))
    at(broken, path).update(change)
    for name in [name for name, value in change.items() if value is None]:
        del at(broken, path)[name]

    assert any(place in found for found in rule(broken))
