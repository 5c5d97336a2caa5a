"""What the world sees of the gateway: routing, refusals as problems, health, documents."""

import pytest

from gateway.reference import documents


async def test_a_request_reaches_the_service_that_owns_the_resource(http):
    for path, service in (("/v1/factors", "factors"), ("/v1/activities", "inventory"), ("/v1/emissions", "reporting")):
        assert (await http.get(path)).json() == {"service": service}


@pytest.mark.parametrize(
    "path", ["/", "/v1", "/v1/nothing", "/v1/clients/x/y", "/oauth2", "/problems/no_such_problem", "/docs/more", "/health"]
)
async def test_an_unknown_address_is_a_problem(operator, path):
    answer = await operator.get(path)

    assert answer.status == 404
    assert answer.problem.code == "not_found"
    assert answer.problem.document["instance"] == path
    assert len(answer.problem.document["trace_id"]) == 32


@pytest.mark.parametrize(
    ("method", "path"),
    [("DELETE", "/v1/organisation"), ("PATCH", "/v1/clients"), ("GET", "/oauth2/token"), ("POST", "/docs"), ("PUT", "/openapi.json")],
)
async def test_a_method_that_a_resource_does_not_have_is_a_problem_that_lists_those_that_it_has(operator, method, path):
    answer = await operator.request(method, path)

    assert (answer.status, answer.problem.code) == (405, "method_not_allowed")
    assert answer.headers["allow"]


@pytest.mark.parametrize(
    ("body", "code"), [("{", "malformed_json"), ("", "validation_failed"), ("[]", "validation_failed"), ("NaN", "validation_failed")]
)
async def test_a_body_that_is_no_json_object_is_a_problem(operator, body, code):
    answer = await operator.request("POST", "/v1/clients", headers={"Content-Type": "application/json"}, content=body)

    assert answer.status in (400, 422)
    assert answer.problem.code == code


async def test_a_nul_character_is_refused_wherever_it_stands(operator):
    in_body = await operator.post("/v1/clients", {"name": "a\x00b", "kind": "app"})
    in_path = await operator.get("/v1/clients/a%00b")

    assert (in_body.status, in_path.status) == (422, 422)


@pytest.mark.parametrize("authorization", [None, "Bearer", "Bearer x", "Basic eDp5", "Bearer " + "x" * 5_000])
async def test_a_request_without_a_valid_token_is_unauthenticated(http, authorization):
    headers = {"Authorization": authorization} if authorization else {}

    answer = await http.get("/v1/clients", headers=headers)

    assert (answer.status_code, answer.json()["code"]) == (401, "unauthenticated")
    assert answer.headers["www-authenticate"].startswith("Bearer ")


async def test_health_is_open_and_tells_no_detail(http):
    assert (await http.get("/health/live")).json() == {"status": "live"}
    assert (await http.get("/health/ready")).json() == {"status": "ready"}


async def test_the_installation_is_not_ready_while_one_of_its_services_is_not(http, tiny_services, monkeypatch):
    monkeypatch.setattr(documents, "READY_SECONDS", 0.0)
    tiny_services["inventory"].state.ready = 503
    answer, live = await http.get("/health/ready"), await http.get("/health/live")
    tiny_services["inventory"].state.ready = 200

    assert (answer.status_code, answer.json()["code"]) == (503, "unavailable")
    assert live.status_code == 200


async def test_the_reference_and_the_problem_types_are_open(http):
    reference = await http.get("/docs")
    listed = await http.get("/problems")
    one = await http.get("/problems/validation_failed")

    assert all(answer.status_code == 200 and answer.headers["content-type"].startswith("text/html") for answer in (reference, listed, one))
    assert "/v1/organisation" in reference.text
    assert "default-src 'none'" in reference.headers["content-security-policy"]
    assert 'href="/problems/use_patch"' in listed.text


async def test_the_type_of_a_problem_is_an_address_that_explains_it(http):
    problem = (await http.get("/v1/clients")).json()

    assert problem["type"] == "/problems/unauthenticated"
    assert "POST /oauth2/token" in (await http.get(problem["type"])).text


async def test_the_gateways_own_operations_are_in_the_merged_document(http):
    paths = (await http.get("/openapi.json")).json()["paths"]

    assert {"/oauth2/token", "/v1/clients", "/v1/clients/{id}/secrets", "/v1/organisation", "/v1/factors"} <= paths.keys()
    assert set(paths["/oauth2/token"]["post"]["requestBody"]["content"]) == {"application/x-www-form-urlencoded"}
