"""What the merged document says for the sake of clients that are generated from it."""

from typing import Any

import pytest

from gateway.reference.for_clients import finish

COLOUR = {"$ref": "#/components/schemas/Colour"}
TEXT = {"type": "string"}
NULL = {"type": "null"}


def content(schema: dict[str, Any]) -> dict[str, Any]:
    return {"content": {"application/json": {"schema": schema}}}


def good(schema: str) -> dict[str, Any]:
    return content({"$ref": f"#/components/schemas/{schema}"})


def path_item(asked: str, answered: str, *methods: str) -> dict[str, Any]:
    return {
        method: {
            "operationId": method,
            "parameters": [{"name": "q", "in": "query", "schema": {"anyOf": [{"type": "string", "maxLength": 9}, NULL], "title": "Q"}}],
            "requestBody": good(asked),
            "responses": {status: {"description": status} | good(answered) for status in ("200", "201")},
        }
        for method in methods
    }


@pytest.fixture
def finished() -> dict[str, Any]:
    thing = {"type": "object", "properties": {"id": {"type": "string", "format": "uuid"}, "colour": COLOUR}}
    return finish(
        {
            "paths": {
                "/v1/things": path_item("ThingIn", "ThingOut", "get", "post"),
                "/v1/things/{id}": path_item("ThingIn", "ThingOut", "get", "patch"),
            },
            "components": {
                "schemas": {
                    "Colour": {"type": "string", "enum": ["red", "green"]},
                    "ThingIn": thing
                    | {
                        "title": "ThingIn",
                        "properties": thing["properties"]
                        | {
                            "title": {"type": "string", "title": "Title"},
                            "properties": {"type": "array", "items": {"type": "string"}, "title": "Properties"},
                        }
                        | {"shared": {"$ref": "#/components/schemas/Shared"}},
                    },
                    "Shared": {"type": "object", "properties": {"colour": COLOUR}},
                    "ThingOut": {
                        "type": "object",
                        "properties": {
                            "colour": COLOUR | {"description": "Its colour."},
                            "second": {"anyOf": [COLOUR, NULL]},
                            "others": {"type": "array", "items": COLOUR},
                            "shared": {"$ref": "#/components/schemas/Shared"},
                            "id": {"type": "string", "format": "uuid"},
                        },
                    },
                }
            },
        }
    )


def test_a_list_of_values_in_an_answer_is_open(finished):
    fields = finished["components"]["schemas"]["ThingOut"]["properties"]

    assert fields["colour"] == {"description": "Its colour.", "anyOf": [COLOUR, TEXT]}
    assert fields["second"] == {"anyOf": [COLOUR, TEXT, NULL]}
    assert fields["others"]["items"] == {"anyOf": [COLOUR, TEXT]}


def test_a_list_of_values_in_a_request_is_closed_also_where_an_answer_has_it_too(finished):
    schemas = finished["components"]["schemas"]

    assert schemas["ThingIn"]["properties"]["colour"] == COLOUR
    assert schemas["Shared"]["properties"]["colour"] == COLOUR
    assert schemas["Colour"] == {"type": "string", "enum": ["red", "green"]}


def test_ids_are_opaque_texts(finished):
    schemas = finished["components"]["schemas"]

    assert schemas["ThingOut"]["properties"]["id"] == schemas["ThingIn"]["properties"]["id"] == TEXT


def test_fields_have_no_titles_that_say_their_names_again(finished):
    schemas = finished["components"]["schemas"]

    assert schemas["ThingIn"]["title"] == "ThingIn"
    assert schemas["ThingIn"]["properties"]["properties"] == {"type": "array", "items": {"type": "string"}}
    assert schemas["ThingIn"]["properties"]["title"] == {"type": "string"}


def test_a_body_that_is_written_out_gets_its_title_as_its_name():
    form = {"type": "object", "title": "TokenRequest", "properties": {"scope": TEXT}}
    asking = {"parameters": [], "requestBody": content(form), "responses": {}}

    document = finish({"paths": {"/token": {"post": asking}}, "components": {"schemas": {}}})

    assert document["components"]["schemas"] == {"TokenRequest": form}
    assert document["paths"]["/token"]["post"]["requestBody"] == good("TokenRequest")


def test_a_parameter_is_not_null(finished):
    (parameter,) = finished["paths"]["/v1/things"]["get"]["parameters"]

    assert parameter["schema"] == {"type": "string", "maxLength": 9}


def test_the_version_is_told_where_a_change_needs_it_and_the_place_where_something_is_made(finished):
    collection, one = finished["paths"]["/v1/things"], finished["paths"]["/v1/things/{id}"]

    assert "headers" not in collection["get"]["responses"]["200"]
    assert "headers" not in collection["post"]["responses"]["200"]
    assert list(collection["post"]["responses"]["201"]["headers"]) == ["Location"]
    assert list(one["get"]["responses"]["200"]["headers"]) == list(one["patch"]["responses"]["200"]["headers"]) == ["ETag"]
