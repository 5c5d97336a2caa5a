"""One OpenAPI document out of several."""

from typing import Annotated, Any

import jsonschema_rs
import pytest
from fastapi import Depends, FastAPI
from pydantic import BaseModel, create_model
from schemathesis.specs.openapi.definitions import OPENAPI_31

from gateway.reference import rendering
from gateway.reference.openapi import merge, operations, scope_of
from kernel.auth import Principal, requires


def service_document(path: str, operation: str, **fields: Any) -> dict[str, Any]:
    """A service with one operation that takes and gives a `Thing` with these fields, inside a `Page`."""
    app = FastAPI(title=operation, generate_unique_id_function=lambda route: route.name)
    thing: Any = create_model("Thing", **fields)
    page = create_model("Page", items=(list[thing], ...))

    async def endpoint(body: thing, _: Annotated[Principal, Depends(requires("factors:read"))]) -> page:  # type: ignore[valid-type]
        """Does something with `Thing`."""

    app.post(path + "/{id}", name=operation)(endpoint)
    document = app.openapi()
    document["x-problem-types"] = {f"{operation}_refused": {"status": 409, "title": "Refused", "explanation": "Because <it> is `so`."}}
    return document


@pytest.fixture
def merged() -> dict[str, Any]:
    return merge(
        {
            "factors": service_document("/v1/factors", "do_factors", value=(str, ...)),
            "inventory": service_document("/v1/sites", "do_sites", value=(int, ...)),
        },
        "1.2.3",
    )


def test_the_merged_document_is_valid_openapi(merged):
    jsonschema_rs.validator_for(OPENAPI_31).validate(merged)


def test_schemas_that_mean_different_things_get_the_name_of_their_service(merged):
    schemas = merged["components"]["schemas"]

    assert schemas["Factors_Thing"]["properties"]["value"]["type"] == "string"
    assert schemas["Inventory_Thing"]["properties"]["value"]["type"] == "integer"
    assert "Thing" not in schemas


def test_schemas_that_differ_only_in_what_they_refer_to_are_told_apart_too(merged):
    page = merged["components"]["schemas"]["Inventory_Page"]

    assert page["properties"]["items"]["items"]["$ref"] == "#/components/schemas/Inventory_Thing"
    content = merged["paths"]["/v1/sites/{id}"]["post"]["responses"]["200"]["content"]["application/json"]
    assert content["schema"]["$ref"] == "#/components/schemas/Inventory_Page"


def test_schemas_that_are_the_same_keep_their_name():
    same = merge(
        {
            "factors": service_document("/v1/factors", "do_factors", value=(str, ...)),
            "inventory": service_document("/v1/sites", "do_sites", value=(str, ...)),
        },
        "1",
    )

    assert {"Thing", "Page"} <= same["components"]["schemas"].keys()


def test_operation_ids_are_unique_even_where_services_did_not_take_care():
    clash = merge({"factors": service_document("/v1/factors", "do"), "inventory": service_document("/v1/sites", "do")}, "1")

    ids = [operation["operationId"] for _, _, operation in operations(clash["paths"])]
    assert len(ids) == len(set(ids)) == 2


def test_an_operation_names_its_scope_and_its_refusals_as_problems(merged):
    operation = merged["paths"]["/v1/factors/{id}"]["post"]

    assert operation["security"] == [{"oauth2": ["factors:read"]}]
    assert scope_of(operation) == "factors:read"
    assert "Needs the scope `factors:read`." in operation["description"]
    for status in ("400", "401", "403", "404", "409", "413", "422", "default"):
        response = merged["components"]["responses"][operation["responses"][status]["$ref"].rpartition("/")[2]]
        assert list(response["content"]) == ["application/problem+json"]
    assert "HTTPValidationError" not in str(merged)


def test_paths_that_the_route_table_gives_to_nobody_or_to_another_are_left_out():
    document = merge({"factors": service_document("/v1/sites", "do_sites"), "gateway": service_document("/v1/clients", "do_clients")}, "1")

    assert list(document["paths"]) == ["/v1/clients/{id}"]


def test_the_problem_types_of_all_services_are_listed(merged):
    assert set(merged["x-problem-types"]) == {"do_factors_refused", "do_sites_refused"}


def test_the_reference_shows_every_operation_and_schema_and_needs_nothing_from_elsewhere(merged):
    page = rendering.reference_page(merged, "http://baseyear.test")

    for _, _, operation in operations(merged["paths"]):
        assert f'id="{operation["operationId"]}"' in page
    for schema in merged["components"]["schemas"]:
        assert f'id="schema-{schema}"' in page
    assert "<script" not in page
    assert "<link" not in page
    assert "src=" not in page


def test_the_reference_escapes_what_documents_say(merged):
    page = rendering.problem_type_page("do_sites_refused", merged)

    assert "Because &lt;it&gt; is <code>so</code>." in page


class Nested(BaseModel):
    inner: "Nested | None"


def test_a_schema_that_refers_to_itself_can_be_merged():
    document = merge(
        {
            "factors": service_document("/v1/factors", "do_factors", value=(Nested, ...)),
            "inventory": service_document("/v1/sites", "do_sites", value=(Nested, ...)),
        },
        "1",
    )

    assert "Nested-Input" in document["components"]["schemas"]
