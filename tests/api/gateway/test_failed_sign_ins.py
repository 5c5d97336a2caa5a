"""Who fails to sign in again and again has to wait, however the id is written, and keeps no other out."""

import base64
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
import pytest_asyncio

from baseyear.one_process import Installation
from tests.api.gateway.conftest import Place, Run
from tests.conftest import OPERATOR_ID, OPERATOR_SECRET

FORM = {"grant_type": "client_credentials"}


@pytest_asyncio.fixture
async def installation(run_gateway: Run, place: Place, settings: Any) -> AsyncIterator[Installation]:
    """A gateway before which two may fail."""
    async with run_gateway(settings.model_copy(update={"home": place.home, "rate_limits": "failed_sign_in=2/300"})) as running:
        yield running


async def by_basic(http: httpx.AsyncClient, client_id: str, secret: str) -> httpx.Response:
    credentials = base64.b64encode(f"{client_id}:{secret}".encode()).decode()
    return await http.post("/oauth2/token", data=FORM, headers={"Authorization": f"Basic {credentials}"})


async def by_form(http: httpx.AsyncClient, client_id: str, secret: str) -> httpx.Response:
    return await http.post("/oauth2/token", data=FORM | {"client_id": client_id, "client_secret": secret})


sign_in = pytest.mark.parametrize("sign_in", [by_basic, by_form])


@sign_in
async def test_a_client_that_fails_to_sign_in_again_and_again_has_to_wait_and_no_other_with_it(http, sign_in):
    answers = [await sign_in(http, "wrong", "guess") for _ in range(4)]
    others = [await sign_in(http, OPERATOR_ID, OPERATOR_SECRET) for _ in range(4)]

    assert [answer.status_code for answer in answers] == [401, 401, 429, 429]
    assert answers[2].json()["code"] == "rate_limited"
    assert '"failed_sign_in";q=2;w=300' in answers[2].headers["ratelimit-policy"]
    assert int(answers[2].headers["retry-after"]) in range(140, 151)
    assert {answer.status_code for answer in others} == {200}


async def test_guesses_count_against_one_client_however_its_id_is_written(http):
    encoded = "".join(f"%{byte:02x}" for byte in OPERATOR_ID.encode())

    answers = [
        await by_basic(http, OPERATOR_ID, "guess"),
        await by_basic(http, encoded, "guess"),
        await by_basic(http, encoded[:3] + OPERATOR_ID[1:], "guess"),
        await by_form(http, OPERATOR_ID, "guess"),
    ]

    assert [answer.status_code for answer in answers] == [401, 401, 429, 429]


async def test_a_sign_in_without_id_and_secret_keeps_nobody_out(http):
    empty = [await http.post("/oauth2/token", data=FORM) for _ in range(4)]

    assert {answer.status_code for answer in empty} == {401}
    assert (await by_form(http, OPERATOR_ID, OPERATOR_SECRET)).status_code == 200
