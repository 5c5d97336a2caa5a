"""Refusals: one problem document for whatever is wrong, and never a 500 for what the caller did."""

import re

import httpx
import pytest
from sqlalchemy import text

from kernel.database import Database
from kernel.service import Service
from tests.api.kernel.ground import notes
from tests.conftest import Answer, Client


async def sent(client: Client, content: bytes, content_type: str = "application/json") -> Answer:
    return await client.request("POST", "/v1/notes", headers={"Content-Type": content_type}, content=content)


async def test_a_wrong_field_is_named_by_a_json_pointer(client: Client) -> None:
    answer = await client.post("/v1/notes", {"said": "x", "inner": [{"value": "1"}, {"value": "one"}]})

    assert (answer.status, answer.problem.code) == (422, "validation_failed")
    assert answer.problem.pointers == ["/inner/1/value"]
    assert answer.problem.errors[0]["code"] == "malformed"


async def test_every_wrong_field_is_named_at_once(client: Client) -> None:
    answer = await client.post("/v1/notes", {"then": "dance", "inner": [{}], "unknown": 1})

    assert {error["pointer"]: error["code"] for error in answer.problem.errors} == {
        "/said": "required",
        "/then": "unknown_value",
        "/inner/0/value": "required",
        "/unknown": "unknown_field",
    }


async def test_a_pointer_escapes_what_json_pointer_reserves(client: Client) -> None:
    """source  RFC 6901, section 3"""
    answer = await client.post("/v1/notes", {"said": "x", "a/b~c": 1})

    assert answer.problem.pointers == ["/a~1b~0c"]


async def test_a_wrong_parameter_is_named(client: Client) -> None:
    assert (await client.get("/v1/notes", limit=0)).problem.pointers == ["/limit"]
    assert (await client.get("/v1/notes", limit="many")).problem.pointers == ["/limit"]
    assert (await client.patch("/v1/notes/one", {"said": "x"})).problem.pointers == ["/number"]


@pytest.mark.parametrize("content", [b"{", b'{"said": ', b"\xff\xfe", b'{"said": "\xff"}', b"[1,]", b"NaN,"])
async def test_what_is_not_json_is_told_so(client: Client, content: bytes) -> None:
    answer = await sent(client, content)

    assert (answer.status, answer.problem.code) == (400, "malformed_json")


@pytest.mark.parametrize("content", [b"", b"null", b"[]", b'"said"', b"7"])
async def test_json_that_is_no_object_is_refused(client: Client, content: bytes) -> None:
    answer = await sent(client, content)

    assert (answer.status, answer.problem.code) == (422, "validation_failed")


async def test_another_media_type_is_refused(client: Client) -> None:
    assert (await sent(client, b'{"said": "x"}', "text/plain")).status in (415, 422)


@pytest.mark.parametrize("said", ["a\\u0000b", "\\ud800"])
async def test_text_that_cannot_be_stored_is_refused(client: Client, alpha: Database, said: str) -> None:
    answer = await sent(client, f'{{"said": "{said}"}}'.encode())

    assert answer.status == 422
    assert await notes(alpha) == []


async def test_a_deeply_nested_body_is_refused(client: Client) -> None:
    answer = await sent(client, b'{"said": ' + b"[" * 100_000)

    assert answer.status in (400, 422)


async def test_a_refusal_in_the_middle_of_the_work_undoes_it(client: Client, alpha: Database) -> None:
    answer = await client.post("/v1/notes", {"said": "x", "then": "refuse"})

    assert answer.problem.errors == [
        {"pointer": "/said", "code": "refused", "detail": "It was refused after it was written.", "hint": "Say something else."}
    ]
    assert await notes(alpha) == []


async def test_a_mistake_of_ours_tells_the_caller_nothing_of_itself(client: Client, alpha: Database) -> None:
    answer = await client.post("/v1/notes", {"said": "x", "then": "fail"})

    assert (answer.status, answer.problem.code) == (500, "internal_error")
    assert b"secret" not in answer.content
    assert await notes(alpha) == []


async def test_a_problem_document_has_its_members(client: Client) -> None:
    """source  RFC 9457, section 3.1"""
    trace_id = "4bf92f3577b34da6a3ce929d0e0e4736"
    traceparent = f"00-{trace_id}-00f067aa0ba902b7-01"
    answer = await client.post("/v1/notes", {"said": "x", "then": "conflict"}, headers={"traceparent": traceparent})

    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.body == {
        "type": "/problems/conflict",
        "code": "conflict",
        "title": "The state does not allow this",
        "status": 409,
        "detail": "It stands in the way.",
        "instance": "/v1/notes",
        "trace_id": trace_id,
        "state": "open",
    }


@pytest.mark.parametrize("traceparent", ["nonsense", "00-" + "0" * 32 + "-00f067aa0ba902b7-01", ""])
async def test_a_broken_trace_context_is_replaced(client: Client, traceparent: str) -> None:
    answer = await client.post("/v1/notes", {}, headers={"traceparent": traceparent})

    assert re.fullmatch("[0-9a-f]{32}", answer.body["trace_id"])
    assert answer.body["trace_id"] != "0" * 32


async def test_an_unknown_path_is_a_problem(client: Client) -> None:
    answer = await client.get("/v1/nothing")

    assert (answer.status, answer.problem.code) == (404, "not_found")


async def test_a_method_that_a_resource_has_not_is_told_those_that_it_has(client: Client) -> None:
    answer = await client.delete("/v1/notes/1")

    assert (answer.status, answer.problem.code) == (405, "method_not_allowed")
    assert answer.headers["allow"] == "PATCH"


async def test_a_method_of_a_resource_with_two_is_told_both(client: Client) -> None:
    answer = await client.delete("/v1/notes")

    assert {method.strip() for method in answer.headers["allow"].split(",")} == {"GET", "POST"}


async def test_a_patch_names_the_version_that_it_changes(client: Client) -> None:
    """source  RFC 6585, section 3; RFC 9110, section 13.1.1"""
    without = await client.patch("/v1/notes/1", {"said": "y"}, if_match=None)
    stale = await client.patch("/v1/notes/1", {"said": "y"}, if_match='"2"')
    right = await client.patch("/v1/notes/1", {"said": "y"}, if_match='"2", "3"')

    assert (without.status, without.problem.code) == (428, "precondition_required")
    assert (stale.status, stale.problem.code, stale.headers["etag"]) == (412, "precondition_failed", '"3"')
    assert (right.status, right.headers["etag"]) == (200, '"4"')


async def test_a_database_that_is_away_is_a_503_with_a_time_to_try_again(service: Service, client: Client) -> None:
    engine = service.ground.database.engine
    service.ground.database.engine = Database("postgresql://alpha:x@/none?host=/nowhere", "alpha").engine
    answer = await client.get("/v1/notes")
    service.ground.database.engine = engine

    assert (answer.status, answer.problem.code, answer.headers["retry-after"]) == (503, "unavailable", "2")


async def test_a_service_is_ready_until_its_consumer_stops(service: Service, anyone: httpx.AsyncClient) -> None:
    assert (await anyone.get("/health/ready")).status_code == 200

    service.consumer.stopped_because = "50 events in a row could not be applied"

    answer = await anyone.get("/health/ready")
    assert (answer.status_code, answer.json()["code"]) == (503, "unavailable")
    assert (await anyone.get("/health/live")).status_code == 200


async def test_a_service_whose_events_wait_for_the_bus_takes_requests_all_the_same(
    service: Service, anyone: httpx.AsyncClient, alpha: Database
) -> None:
    async with alpha.unit_of_work() as session:
        await session.execute(
            text(
                "INSERT INTO outbox (topic, key, headers, value, recorded_at) VALUES ('t', 'k', '{}', '{}', now() - interval '61 seconds')"
            )
        )

    assert (await anyone.get("/health/ready")).status_code == 200
