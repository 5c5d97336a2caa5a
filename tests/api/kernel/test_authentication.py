"""Who is let in: every service verifies tokens itself."""

import asyncio
import base64
import time
from typing import Any

import httpx
import pytest
from joserfc import jwt
from joserfc.jwk import OctKey, OKPKey

from kernel.auth import ALGORITHM, AUDIENCE
from kernel.database import Database
from kernel.keys import TokenSigner
from kernel.service import Service
from tests.api.kernel.edge_service import READ, WRITE
from tests.api.kernel.ground import scalar
from tests.conftest import ISSUER


def token(key: Any, algorithm: str = ALGORITHM, **changed: Any) -> str:
    """A good token with some claims changed; None takes one away."""
    claims = {"iss": ISSUER, "aud": AUDIENCE, "sub": "writer", "kind": "app", "name": "W", "scope": READ, "exp": int(time.time()) + 600}
    claims = {name: value for name, value in (claims | changed).items() if value is not None}
    header = {"alg": algorithm} | ({"kid": key.kid} if getattr(key, "kid", None) else {})
    return jwt.encode(header, claims, key, algorithms=[algorithm])


async def status_and_challenge(anyone: httpx.AsyncClient, authorization: str) -> tuple[int, str, str | None]:
    answer = await anyone.get("/v1/notes", headers={"Authorization": authorization})
    return answer.status_code, answer.json().get("code", ""), answer.headers.get("www-authenticate")


async def test_a_good_token_is_let_in(anyone: httpx.AsyncClient, key: OKPKey) -> None:
    assert (await status_and_challenge(anyone, f"Bearer {token(key)}"))[0] == 200


async def test_the_scheme_may_be_written_in_any_case(anyone: httpx.AsyncClient, key: OKPKey) -> None:
    """source  RFC 9110, section 11.1"""
    assert (await status_and_challenge(anyone, f"bEARER {token(key)}"))[0] == 200


@pytest.mark.parametrize(
    "changed",
    [
        {"exp": 1_000_000_000},  # 2001
        {"exp": None},
        {"exp": "soon"},
        {"iss": "http://elsewhere.test"},
        {"iss": None},
        {"aud": "something else"},
        {"aud": None},
        {"sub": None},
        {"scope": None},
        {"scope": 7},
        {"kind": None},
        {"nbf": 32_503_680_000},  # the year 3000
    ],
    ids=str,
)
async def test_a_token_with_other_claims_is_refused(anyone: httpx.AsyncClient, key: OKPKey, changed: dict[str, Any]) -> None:
    status, code, challenge = await status_and_challenge(anyone, f"Bearer {token(key, **changed)}")

    assert (status, code) == (401, "unauthenticated")
    assert challenge == 'Bearer realm="baseyear", error="invalid_token"'


async def test_a_token_that_another_key_signed_is_refused(anyone: httpx.AsyncClient, key: OKPKey) -> None:
    stranger = OKPKey.generate_key("Ed25519", parameters={"kid": key.kid})

    assert (await status_and_challenge(anyone, f"Bearer {token(stranger)}"))[:2] == (401, "unauthenticated")


async def test_a_token_without_signature_is_refused(anyone: httpx.AsyncClient, key: OKPKey) -> None:
    signed = token(key).split(".")
    for header in ('{"alg":"none"}', f'{{"alg":"none","kid":"{key.kid}"}}'):
        unsigned = base64.urlsafe_b64encode(header.encode()).decode().rstrip("=")
        assert (await status_and_challenge(anyone, f"Bearer {unsigned}.{signed[1]}."))[:2] == (401, "unauthenticated")


async def test_a_token_signed_with_the_public_key_as_a_shared_secret_is_refused(anyone: httpx.AsyncClient, key: OKPKey) -> None:
    public = key.as_dict(private=False)["x"]
    shared = OctKey.import_key(str(public) + "." * 32)

    assert (await status_and_challenge(anyone, f"Bearer {token(shared, 'HS256')}"))[:2] == (401, "unauthenticated")


@pytest.mark.parametrize("changed_part", [0, 1, 2])
async def test_a_token_in_which_anything_was_changed_is_refused(anyone: httpx.AsyncClient, key: OKPKey, changed_part: int) -> None:
    parts = token(key).split(".")
    parts[changed_part] = parts[changed_part][:-4] + ("AAAA" if not parts[changed_part].endswith("AAAA") else "BBBB")

    assert (await status_and_challenge(anyone, f"Bearer {'.'.join(parts)}"))[:2] == (401, "unauthenticated")


@pytest.mark.parametrize("authorization", ["Bearer", "Bearer ", "Basic dXNlcjpwYXNz", "token", "Bearer a b c", "Bearer é", "Bearer ..", ""])
async def test_a_header_that_holds_no_token_is_refused(anyone: httpx.AsyncClient, authorization: str) -> None:
    answer = await anyone.get("/v1/notes", headers={b"Authorization": authorization.encode("latin-1")})

    assert (answer.status_code, answer.json()["code"]) == (401, "unauthenticated")
    assert answer.headers["www-authenticate"].startswith("Bearer realm=")


async def test_without_a_header_the_answer_says_where_to_get_a_token_and_names_no_error(anyone: httpx.AsyncClient) -> None:
    """source  RFC 6750, section 3.1"""
    answer = await anyone.get("/v1/notes")

    assert (answer.status_code, answer.headers["www-authenticate"]) == (401, 'Bearer realm="baseyear"')


async def test_a_token_without_the_scope_of_the_operation_is_refused(anyone: httpx.AsyncClient, key: OKPKey) -> None:
    answer = await anyone.get("/v1/notes", headers={"Authorization": f"Bearer {token(key, scope=WRITE)}"})

    assert (answer.status_code, answer.json()["code"]) == (403, "missing_scope")
    assert READ in answer.json()["detail"]


async def test_the_tokens_of_a_deleted_client_are_refused_at_once(service: Service, anyone: httpx.AsyncClient, key: OKPKey) -> None:
    good = f"Bearer {token(key)}"
    assert (await status_and_challenge(anyone, good))[0] == 200

    service.ground.verifier.revoke("writer")

    assert (await status_and_challenge(anyone, good))[:2] == (401, "unauthenticated")


async def test_a_token_that_was_good_is_refused_from_the_second_in_which_it_expires(anyone: httpx.AsyncClient, key: OKPKey) -> None:
    short = f"Bearer {token(key, exp=time.time() + 1)}"
    assert (await status_and_challenge(anyone, short))[0] == 200
    await asyncio.sleep(1.05)

    assert (await status_and_challenge(anyone, short))[:2] == (401, "unauthenticated")


async def test_an_open_operation_needs_no_token(anyone: httpx.AsyncClient) -> None:
    assert (await anyone.get("/v1/open")).status_code == 200


async def test_whoever_is_not_let_in_learns_nothing_about_the_body(anyone: httpx.AsyncClient, signer: TokenSigner) -> None:
    reader = {"Authorization": f"Bearer {signer.sign('reader', 'app', 'R', [READ])}"}

    assert (await anyone.post("/v1/notes", content=b"{")).status_code == 401
    assert (await anyone.post("/v1/notes", content=b"{", headers=reader)).status_code == 403


async def test_a_refused_write_is_audited(anyone: httpx.AsyncClient, signer: TokenSigner, alpha: Database) -> None:
    writer = {"Authorization": f"Bearer {signer.sign('writer', 'app', 'W', [WRITE])}"}
    await anyone.post("/v1/notes", json={"said": "x", "then": "conflict"}, headers=writer)

    assert await scalar(alpha, "SELECT array[principal, action, subject, outcome, reason] FROM audit") == [
        "writer",
        "write_note",
        "/v1/notes",
        "refused",
        "conflict: It stands in the way.",
    ]
