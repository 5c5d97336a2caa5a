"""The door, with services that are plain ASGI apps: what reaches them, what does not, and what is added to their answers."""

import asyncio
import json
from typing import Any

import httpx
import pytest
from joserfc.jwk import OKPKey
from starlette.exceptions import HTTPException

from gateway.door import Door
from gateway.limits import QUOTAS, Limits, Quota
from kernel.auth import ALGORITHM, TokenVerifier
from kernel.keys import TokenSigner, public_keys
from kernel.service import LARGEST_BODY

ISSUER = "http://baseyear.test"
KEY = OKPKey.generate_key("Ed25519", parameters={"kid": "gateway.of-the-test", "use": "sig", "alg": ALGORITHM})
SIGNER = TokenSigner(KEY, ISSUER)


async def answer(send: Any, body: bytes, status: int = 200, headers: list[tuple[bytes, bytes]] | None = None) -> None:
    await send({"type": "http.response.start", "status": status, "headers": headers or []})
    await send({"type": "http.response.body", "body": body})


async def mirror(scope: Any, receive: Any, send: Any) -> None:
    """Answers what it was asked, with the size of the body."""
    size, more = 0, True
    while more:
        message = await receive()
        size += len(message.get("body", b""))
        more = message.get("more_body", False)
    seen = {
        "method": scope["method"],
        "path": scope["path"],
        "query": scope["query_string"].decode(),
        "headers": [[name.decode(), value.decode()] for name, value in scope["headers"]],
        "size": size,
    }
    await answer(send, json.dumps(seen).encode(), headers=[(b"content-type", b"application/json")])


async def nobody(scope: Any, receive: Any, send: Any) -> None:
    await answer(send, b"", 404)


@pytest.fixture
def verifier() -> TokenVerifier:
    return TokenVerifier(public_keys(KEY), ISSUER)


def door_to(app: Any, verifier: TokenVerifier) -> httpx.AsyncClient:
    door = Door({"/v1/activities": app}, {"/docs": mirror}, nobody, verifier, Limits(QUOTAS))
    return httpx.AsyncClient(transport=httpx.ASGITransport(app=door), base_url=ISSUER)


@pytest.fixture
def http(verifier: TokenVerifier) -> httpx.AsyncClient:
    return door_to(mirror, verifier)


@pytest.mark.parametrize("path", ["/v1/activities", "/v1/activities/batch", "/v1/activities/0197/calculation"])
@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"])
async def test_everything_below_a_resource_reaches_its_service_as_it_was_asked(http, path, method):
    seen = (await http.request(method, path, params={"a": "1"})).json()

    assert (seen["method"], seen["path"], seen["query"]) == (method, path, "a=1")


@pytest.mark.parametrize(
    "path", ["/", "/v1", "/v1/", "/v1/nothing", "/v1/activitiesX", "/v1/activities-x/1", "//v1/activities", "/health-x"]
)
async def test_what_nobody_owns_reaches_no_service(http, path):
    assert (await http.get(path)).status_code == 404


async def test_headers_of_one_hop_and_headers_between_our_processes_end_at_the_door(http):
    headers = {
        "Connection": "keep-alive, X-Only-Here",
        "X-Only-Here": "1",
        "Keep-Alive": "timeout=5",
        "TE": "trailers",
        "Upgrade": "h2c",
        "Proxy-Authorization": "Basic eA==",
        "X-Baseyear-Principal": "operator",
        "traceparent": "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
        "Idempotency-Key": "k",
    }

    seen = dict((await http.get("/v1/activities", headers=headers)).json()["headers"])

    assert {"traceparent", "idempotency-key", "host"} <= seen.keys()
    assert seen.keys().isdisjoint(
        {"connection", "x-only-here", "keep-alive", "te", "upgrade", "proxy-authorization", "x-baseyear-principal"}
    )


async def test_answers_are_neither_sniffed_nor_kept_unless_the_service_lets_them_be(verifier):
    async def cached(scope: Any, receive: Any, send: Any) -> None:
        await answer(send, b"", headers=[(b"cache-control", b"public, max-age=60"), (b"connection", b"close")])

    plain = await door_to(mirror, verifier).get("/v1/activities")
    public = await door_to(cached, verifier).get("/v1/activities")

    assert (plain.headers["x-content-type-options"], plain.headers["cache-control"]) == ("nosniff", "no-store")
    assert public.headers["cache-control"] == "public, max-age=60"
    assert "connection" not in public.headers


async def test_a_body_over_the_limit_is_refused_by_its_stated_length(http):
    refusal = await http.post("/v1/activities", content=b"x", headers={"Content-Length": str(LARGEST_BODY + 1)})
    absurd = await http.post("/v1/activities", content=b"x", headers={"Content-Length": "9" * 5_000})

    for answered in (refusal, absurd):
        assert answered.status_code == 413
        assert answered.headers["content-type"] == "application/problem+json"
        assert answered.json()["code"] == "too_large"


@pytest.mark.parametrize("length", ["-1", "1e3", "", "0x10", "1, 1"])
async def test_a_length_that_is_not_a_number_is_refused(http, length):
    assert (await http.post("/v1/activities", content=b"x", headers={"Content-Length": length})).status_code == 400


async def test_a_body_without_a_length_is_counted_while_it_comes(http):
    async def chunks(count: int) -> Any:
        for _ in range(count):
            yield b"x" * (1024 * 1024)

    within = await http.post("/v1/activities", content=chunks(16))
    beyond = await http.post("/v1/activities", content=chunks(17))

    assert within.json()["size"] == LARGEST_BODY
    assert (beyond.status_code, beyond.json()["code"]) == (413, "too_large")


async def test_a_long_url_is_refused(http):
    assert (await http.get("/v1/activities?q=" + "x" * 8_000)).status_code == 200
    assert (await http.get("/v1/activities?q=" + "x" * 8_200)).status_code == 400
    assert (await http.get("/v1/activities/" + "x" * 8_200)).status_code == 400


async def test_too_many_and_too_large_headers_are_refused(http):
    assert (await http.get("/v1/activities", headers={f"x-{number}": "1" for number in range(90)})).status_code == 200
    assert (await http.get("/v1/activities", headers={f"x-{number}": "1" for number in range(101)})).status_code == 400
    assert (await http.get("/v1/activities", headers={"x-large": "x" * 66_000})).status_code == 400


async def test_a_refusal_of_the_door_is_a_problem_with_the_callers_trace(http):
    trace_id = "4bf92f3577b34da6a3ce929d0e0e4736"

    refusal = await http.get("/v1/activities", headers={"Authorization": "Bearer x", "traceparent": f"00-{trace_id}-00f067aa0ba902b7-01"})

    assert refusal.status_code == 401
    assert refusal.headers["www-authenticate"].startswith("Bearer ")
    assert refusal.headers["cache-control"] == "no-store"
    assert (refusal.json()["trace_id"], refusal.json()["instance"]) == (trace_id, "/v1/activities")


async def test_a_deleted_client_is_refused_before_its_request_reaches_a_service(verifier):
    asked = []

    async def service(scope: Any, receive: Any, send: Any) -> None:
        asked.append(scope["path"])
        await answer(send, b"")

    headers = {"Authorization": f"Bearer {SIGNER.sign('client-1', 'app', 'an app', ['activities:read'])}"}
    http = door_to(service, verifier)
    assert (await http.get("/v1/activities", headers=headers)).status_code == 200

    verifier.revoke("client-1")

    assert (await http.get("/v1/activities", headers=headers)).status_code == 401
    assert len(asked) == 1


async def test_a_request_without_a_token_is_left_to_the_service(http):
    assert (await http.get("/v1/activities")).status_code == 200


async def test_open_pages_do_not_look_at_tokens(http):
    assert (await http.get("/docs", headers={"Authorization": "Bearer x"})).status_code == 200


async def test_an_answer_streams_through_the_door_piece_by_piece(verifier):
    asked_for_more = asyncio.Event()

    async def service(scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"first", "more_body": True})
        await asyncio.wait_for(asked_for_more.wait(), 5)
        await send({"type": "http.response.body", "body": b"second"})

    pieces = []

    async def send(message: Any) -> None:
        pieces.append(message.get("body"))
        if message.get("body") == b"first":
            asked_for_more.set()

    async def receive() -> Any:
        return {"type": "http.request", "body": b"", "more_body": False}

    scope = {"type": "http", "method": "GET", "path": "/v1/activities", "raw_path": b"/v1/activities", "query_string": b"", "headers": []}
    await Door({"/v1/activities": service}, {}, nobody, verifier, Limits(QUOTAS))(scope, receive, send)

    assert pieces == [None, b"first", b"second"]


async def test_a_service_that_breaks_before_its_answer_is_a_problem_without_detail(verifier):
    async def broken(scope: Any, receive: Any, send: Any) -> None:
        raise RuntimeError("secret detail")

    answered = await door_to(broken, verifier).get("/v1/activities")

    assert (answered.status_code, answered.json()["code"]) == (500, "internal_error")
    assert "secret detail" not in answered.text


async def test_a_refusal_of_an_outer_layer_of_a_service_is_a_problem(verifier):
    async def refusing(scope: Any, receive: Any, send: Any) -> None:
        raise HTTPException(404, "Not here")

    answered = await door_to(refusing, verifier).get("/v1/activities")

    assert (answered.status_code, answered.json()["code"]) == (404, "not_found")


async def test_a_service_that_breaks_in_the_middle_of_its_answer_breaks_the_connection(verifier):
    async def broken(scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        raise RuntimeError("half an answer is no answer")

    with pytest.raises(RuntimeError):
        await door_to(broken, verifier).get("/v1/activities")


async def test_a_websocket_is_closed(verifier):
    sent = []

    async def send(message: Any) -> None:
        sent.append(message["type"])

    await Door({}, {}, nobody, verifier, Limits(QUOTAS))({"type": "websocket", "path": "/v1/activities"}, None, send)  # type: ignore[arg-type]

    assert sent == ["websocket.close"]


async def through_the_door(door: Door, headers: list[tuple[bytes, bytes]], raw_path: bytes = b"/v1/activities") -> int:
    """The status for a request as no client library would send it."""
    sent = []

    async def receive() -> Any:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Any) -> None:
        sent.append(message)

    scope = {"type": "http", "method": "POST", "path": "/v1/activities", "raw_path": raw_path, "query_string": b"", "headers": headers}
    await door(scope, receive, send)
    return sent[0]["status"]


@pytest.mark.parametrize(
    "headers",
    [
        [(b"content-length", b"1"), (b"transfer-encoding", b"chunked")],
        [(b"transfer-encoding", b"gzip, chunked")],
        [(b"content-length", b"1"), (b"content-length", b"1")],
        [(b"content-length", b"1"), (b"content-length", b"2")],
        [(b"host", b"a"), (b"host", b"b")],
        [(b"authorization", b"Bearer a"), (b"authorization", b"Bearer b")],
        [(b"idempotency-key", b"a"), (b"idempotency-key", b"b")],
        [(b"x-a", b"b\r\nx-c: d")],
        [(b"x-a", b"b\x00")],
        [(b"x-a\n", b"b")],
        [(b"x-a", b"b\x7f")],
    ],
)
async def test_a_head_that_could_be_read_in_two_ways_is_refused(verifier, headers):
    door = Door({"/v1/activities": mirror}, {}, nobody, verifier, Limits(QUOTAS))

    assert await through_the_door(door, headers) == 400
    assert await through_the_door(door, [(b"x-a", b"tab\tand \xe5\x8c\x97")]) == 200


async def test_a_control_character_in_a_url_is_refused(verifier):
    door = Door({"/v1/activities": mirror}, {}, nobody, verifier, Limits(QUOTAS))

    assert await through_the_door(door, [], b"/v1/activities\r\nx-a: b") == 400


def limited(verifier: TokenVerifier, behind: Any = mirror, own: Any = nobody, **quotas: Quota) -> httpx.AsyncClient:
    door = Door({"/v1/activities": behind}, {"/docs": mirror, "/health": mirror}, own, verifier, Limits(quotas))
    return httpx.AsyncClient(transport=httpx.ASGITransport(app=door), base_url=ISSUER)


def bearing(client_id: str, kind: str = "app") -> dict[str, str]:
    return {"Authorization": f"Bearer {SIGNER.sign(client_id, kind, 'a client', ['activities:read'])}"}


async def test_each_client_has_the_quota_of_its_kind_and_hears_of_it_in_every_answer(verifier):
    http = limited(verifier, app=Quota(2, 60), ehs=Quota(100, 60))

    answers = [await http.get("/v1/activities", headers=bearing("one")) for _ in range(3)]
    other = await http.get("/v1/activities", headers=bearing("two"))
    pusher = await http.get("/v1/activities", headers=bearing("three", "ehs"))

    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert [answer.headers["ratelimit"] for answer in answers] == ['"app";r=1;t=30', '"app";r=0;t=60', '"app";r=0;t=60']
    refusal = answers[2]
    assert (refusal.json()["code"], refusal.headers["content-type"]) == ("rate_limited", "application/problem+json")
    assert refusal.headers["ratelimit-policy"] == '"app";q=2;w=60'
    assert refusal.headers["retry-after"] == "30"
    assert other.status_code == 200
    assert pusher.headers["ratelimit-policy"] == '"ehs";q=100;w=60'


async def test_a_refusal_of_a_service_is_told_the_quota_too(verifier):
    async def refusing(scope: Any, receive: Any, send: Any) -> None:
        raise HTTPException(404, "Not here")

    refusal = await limited(verifier, refusing, app=Quota(2, 60)).get("/v1/activities", headers=bearing("one"))

    assert (refusal.status_code, refusal.headers["ratelimit"]) == (404, '"app";r=1;t=30')


async def test_who_shows_no_token_or_a_wrong_one_is_counted_by_address(verifier):
    http = limited(verifier, anonymous=Quota(3, 60), app=Quota(2, 60))
    wrong = {"Authorization": "Bearer made-up"}

    answers = [
        await http.get("/v1/activities", headers=wrong),
        await http.get("/docs"),
        await http.get("/v1/activities"),
        await http.get("/v1/activities", headers=wrong),
        await http.get("/docs"),
    ]

    assert [answer.status_code for answer in answers] == [401, 200, 200, 429, 429]


async def test_once_an_address_has_shown_too_many_wrong_tokens_no_signature_is_checked_for_it(verifier):
    http = limited(verifier, anonymous=Quota(2, 60))
    known, new, wrong = bearing("one"), bearing("two"), {"Authorization": "Bearer made-up"}

    answers = [await http.get("/v1/activities", headers=headers) for headers in (known, wrong, wrong, new, known)]

    assert [answer.status_code for answer in answers] == [200, 401, 401, 429, 200]
    assert answers[3].headers["ratelimit-policy"] == '"anonymous";q=2;w=60'


async def test_a_good_token_costs_its_address_nothing(verifier):
    http = limited(verifier, anonymous=Quota(1, 60))

    answers = [await http.get("/v1/activities", headers=bearing(name)) for name in ("one", "two", "three")]

    assert [answer.status_code for answer in answers] == [200, 200, 200]


async def test_health_is_asked_without_a_quota(verifier):
    http = limited(verifier, anonymous=Quota(1, 60))

    answers = [await http.get("/health/live") for _ in range(5)]

    assert all(answer.status_code == 200 and "ratelimit" not in answer.headers for answer in answers)


async def test_requests_for_tokens_have_a_quota_of_their_address(verifier):
    http = limited(verifier, own=mirror, token=Quota(2, 60), anonymous=Quota(100, 60))

    statuses = [(await http.post("/oauth2/token", auth=("a", "b"))).status_code for _ in range(3)]

    assert statuses == [200, 200, 429]


async def test_a_trace_begins_at_the_door_and_reaches_the_service(http):
    seen = dict((await http.get("/v1/activities")).json()["headers"])

    assert seen["traceparent"].startswith("00-")
    assert len(seen["traceparent"]) == 55
