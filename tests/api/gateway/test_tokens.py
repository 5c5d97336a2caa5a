"""Access tokens for client credentials. source  RFC 6749, sections 2.3, 4.4 and 5."""

import asyncio
import base64
import json
from urllib.parse import quote_plus

import pytest

from gateway.api import tokens

FORM = {"grant_type": "client_credentials"}


def claims_of(token: str) -> dict[str, object]:
    body = token.split(".")[1]
    return json.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)))


async def test_a_client_gets_a_token_by_basic_authentication(http, operator):
    answer = await http.post("/oauth2/token", data=FORM, auth=(operator.client_id, operator.secret))

    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "no-store"
    token = answer.json()
    assert (token["token_type"], token["expires_in"]) == ("Bearer", 600)
    assert "clients:manage" in token["scope"].split()
    claims = claims_of(token["access_token"])
    assert claims["sub"] == operator.client_id
    assert claims["exp"] - claims["iat"] == 600


async def test_a_client_gets_a_token_with_its_secret_in_the_form(http, operator):
    form = FORM | {"client_id": operator.client_id, "client_secret": operator.secret}

    answer = await http.post("/oauth2/token", data=form)

    assert answer.status_code == 200


async def test_credentials_may_be_form_encoded_inside_basic_authentication(http, operator):
    encoded = base64.b64encode(f"{quote_plus(operator.client_id)}:{quote_plus(operator.secret)}".encode()).decode()

    answer = await http.post("/oauth2/token", data=FORM, headers={"Authorization": f"Basic {encoded}"})

    assert answer.status_code == 200


async def test_a_token_carries_what_its_client_is_narrowed_to(client_with):
    entity = "0197a3c2-7d4e-7b1a-9f00-3c5d2b7a9e10"

    ehs = await client_with(kind="ehs", source_systems=["ehs-2", "ehs-1"], entity_ids=[entity])

    claims = claims_of(ehs.token)
    assert claims["source_systems"] == ["ehs-1", "ehs-2"]
    assert claims["entity_ids"] == [entity]
    assert "supplier_id" not in claims


@pytest.mark.parametrize("secret", ["", "wrong", "baseyear_" + "A" * 43])
async def test_a_wrong_secret_is_refused_with_a_challenge(http, operator, secret):
    answer = await http.post("/oauth2/token", data=FORM, auth=(operator.client_id, secret))

    assert answer.status_code == 401
    assert answer.json()["error"] == "invalid_client"
    assert answer.headers["www-authenticate"].startswith("Basic ")
    assert answer.headers["cache-control"] == "no-store"


async def test_an_unknown_client_is_refused_in_the_same_words_as_a_wrong_secret(http, operator):
    wrong = await http.post("/oauth2/token", data=FORM, auth=(operator.client_id, "wrong"))
    unknown = await http.post("/oauth2/token", data=FORM, auth=("nobody", "wrong"))

    assert (unknown.status_code, unknown.json()) == (wrong.status_code, wrong.json())


def basic(credentials: bytes) -> str:
    return "Basic " + base64.b64encode(credentials).decode()


@pytest.mark.parametrize(
    "authorization", ["Basic not-base64!", "Bearer x", basic(b"no colon"), basic(b"nul\x00:secret"), basic(b"\xff\xfe:x"), basic(b":")]
)
async def test_an_authorization_header_that_cannot_be_read_is_refused(http, authorization):
    answer = await http.post("/oauth2/token", data=FORM, headers={"Authorization": authorization})

    assert answer.status_code == 401
    assert answer.json()["error"] == "invalid_client"


async def test_the_secret_may_not_be_sent_in_two_ways(http, operator):
    form = FORM | {"client_id": operator.client_id, "client_secret": operator.secret}

    answer = await http.post("/oauth2/token", data=form, auth=(operator.client_id, operator.secret))

    assert answer.status_code == 400
    assert answer.json()["error"] == "invalid_request"


@pytest.mark.parametrize(
    ("content", "error"),
    [
        ("", "invalid_request"),
        ("grant_type=client_credentials&grant_type=client_credentials", "invalid_request"),
        ("grant_type=%ff", "invalid_request"),
        ("grant_type=password", "unsupported_grant_type"),
        ("grant_type=client_credentials&scope=activities:read+no:such", "invalid_scope"),
        ("grant_type=client_credentials&scope=portal:use", "invalid_scope"),
        ("&".join(f"a{number}=1" for number in range(50)), "invalid_request"),
    ],
)
async def test_a_request_that_is_wrong_in_itself_is_refused_as_oauth_says(http, operator, content, error):
    headers = {"Content-Type": "application/x-www-form-urlencoded"}

    answer = await http.post("/oauth2/token", content=content, headers=headers, auth=(operator.client_id, operator.secret))

    assert answer.status_code == 400
    assert answer.json()["error"] == error


FORM_HEADERS = {"Content-Type": "application/x-www-form-urlencoded"}


async def test_a_form_is_refused_as_soon_as_it_is_too_long(http):
    taken = 0

    async def pieces():
        nonlocal taken
        for _ in range(1_000):
            taken += 1024
            yield b"x" * 1024

    answer = await http.post("/oauth2/token", content=pieces(), headers=FORM_HEADERS)

    assert (answer.status_code, answer.json()["code"]) == (413, "too_large")
    assert taken == 17 * 1024


async def test_a_form_that_does_not_come_to_its_end_is_not_waited_for(http, monkeypatch):
    monkeypatch.setattr(tokens, "FORM_SECONDS", 0.05)

    async def withheld():
        yield b"grant_type=client_credential"
        await asyncio.Event().wait()

    async with asyncio.timeout(10):
        answer = await http.post("/oauth2/token", content=withheld(), headers=FORM_HEADERS)

    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_request")


async def test_a_json_body_is_refused_as_an_invalid_request(http, operator):
    answer = await http.post("/oauth2/token", json=FORM, auth=(operator.client_id, operator.secret))

    assert answer.status_code == 400
    assert answer.json()["error"] == "invalid_request"


async def test_a_token_can_be_narrowed_to_some_of_the_scopes(http, operator):
    form = FORM | {"scope": "factors:read entities:read"}

    token = (await http.post("/oauth2/token", data=form, auth=(operator.client_id, operator.secret))).json()

    assert set(token["scope"].split()) == {"factors:read", "entities:read"}
    refusal = await http.get("/v1/clients", headers={"Authorization": f"Bearer {token['access_token']}"})
    assert refusal.status_code == 403
    assert refusal.json()["code"] == "missing_scope"


async def test_an_idempotency_key_never_hands_one_clients_token_to_another(http, operator, client_with):
    other = await client_with(kind="app")
    key = {"Idempotency-Key": "the same key"}

    first = await http.post("/oauth2/token", data=FORM, auth=(operator.client_id, operator.secret), headers=key)
    second = await http.post("/oauth2/token", data=FORM, auth=(other.client_id, other.secret), headers=key)

    assert claims_of(first.json()["access_token"])["sub"] == operator.client_id
    assert claims_of(second.json()["access_token"])["sub"] == other.client_id


async def test_discovery_leads_to_the_token_endpoint_and_to_keys_without_their_private_part(http, operator):
    discovery = (await http.get("/.well-known/openid-configuration")).json()
    keys = (await http.get("/oauth2/jwks")).json()["keys"]

    assert discovery["token_endpoint"] == "http://baseyear.test/oauth2/token"
    assert discovery["jwks_uri"] == "http://baseyear.test/oauth2/jwks"
    header = json.loads(base64.urlsafe_b64decode(operator.token.split(".")[0] + "=="))
    assert header["kid"] in [key["kid"] for key in keys]
    assert all("d" not in key for key in keys)
