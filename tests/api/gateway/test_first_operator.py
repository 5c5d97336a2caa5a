"""The first operator, over restarts and losses; each start is a real one on the same database."""

import json
import stat
from pathlib import Path

import httpx
import pytest

from baseyear.one_process import Installation
from kernel.settings import Settings
from tests.conftest import Client

SECRET = "a-secret-from-the-environment"


async def sign_in(running: Installation, client_id: str, secret: str) -> int:
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=running.door), base_url="http://baseyear.test") as http:
        form = {"grant_type": "client_credentials"}
        return (await http.post("/oauth2/token", data=form, auth=(client_id, secret))).status_code


def operator_file(home: Path) -> dict[str, str]:
    return json.loads((home / "operator.json").read_text())


@pytest.fixture
def installation(fresh_installation):
    return fresh_installation


@pytest.fixture
def generated(place) -> Settings:
    return Settings(home=place.home)


def named(place, client_id: str, secret: str = SECRET) -> Settings:
    return Settings(home=place.home, operator_client_id=client_id, operator_client_secret=secret)


async def test_the_first_start_writes_an_operator_that_can_sign_in_into_a_file_of_its_owner_only(run_gateway, generated):
    async with run_gateway(generated) as running:
        operator = operator_file(generated.home)

        assert stat.S_IMODE((generated.home / "operator.json").stat().st_mode) == 0o600
        assert operator["token_url"] == "http://baseyear.test/oauth2/token"
        assert await sign_in(running, operator["client_id"], operator["client_secret"]) == 200


async def test_a_later_start_changes_nothing(run_gateway, generated):
    async with run_gateway(generated):
        first = operator_file(generated.home)
    async with run_gateway(generated) as running:
        assert operator_file(generated.home) == first
        assert await sign_in(running, first["client_id"], first["client_secret"]) == 200


@pytest.mark.parametrize("content", [None, "", "{}", "[]", '{"client_id": "somebody"}'])
async def test_a_lost_or_broken_file_gets_a_new_secret_of_the_same_operator(run_gateway, generated, content):
    async with run_gateway(generated):
        first = operator_file(generated.home)
    path = generated.home / "operator.json"
    path.unlink()
    if content is not None:
        path.write_text(content)

    async with run_gateway(generated) as running:
        second = operator_file(generated.home)
        assert second["client_id"] == first["client_id"]
        assert second["client_secret"] != first["client_secret"]
        assert await sign_in(running, second["client_id"], second["client_secret"]) == 200


async def test_a_file_of_another_database_is_replaced(run_gateway, generated):
    stale = {"client_id": "0197a3c2-7d4e-7b1a-9f00-3c5d2b7a9e10", "client_secret": "x"}
    (generated.home / "operator.json").write_text(json.dumps(stale))

    async with run_gateway(generated) as running:
        operator = operator_file(generated.home)
        assert await sign_in(running, operator["client_id"], operator["client_secret"]) == 200


async def test_the_settings_name_the_operator_and_then_no_file_is_written(run_gateway, place):
    async with run_gateway(named(place, "chief")) as running:
        assert await sign_in(running, "chief", SECRET) == 200
    assert not (place.home / "operator.json").exists()


async def test_another_operator_in_the_settings_is_added_later(run_gateway, generated, place):
    async with run_gateway(generated):
        first = operator_file(generated.home)

    async with run_gateway(named(place, "chief")) as running:
        assert await sign_in(running, "chief", SECRET) == 200
        assert await sign_in(running, first["client_id"], first["client_secret"]) == 200


async def test_another_secret_in_the_settings_is_valid_beside_the_one_before(run_gateway, place):
    async with run_gateway(named(place, "chief")):
        pass

    async with run_gateway(named(place, "chief", SECRET + "-2")) as running:
        assert [await sign_in(running, "chief", secret) for secret in (SECRET, SECRET + "-2")] == [200, 200]


async def test_a_secret_of_the_settings_that_was_replaced_over_the_api_stays_invalid_until_the_settings_name_another(run_gateway, place):
    async with run_gateway(named(place, "chief")) as running:
        transport = httpx.ASGITransport(app=running.door)
        async with httpx.AsyncClient(transport=transport, base_url="http://baseyear.test") as http:
            chief = await Client(http, "chief", SECRET).sign_in()
            newer = [(await chief.post("/v1/clients/chief/secrets")).body["client_secret"] for _ in range(2)]

    for _ in range(2):
        async with run_gateway(named(place, "chief")) as running:
            assert [await sign_in(running, "chief", secret) for secret in (SECRET, *newer)] == [401, 200, 200]
    async with run_gateway(named(place, "chief", SECRET + "-2")) as running:
        assert await sign_in(running, "chief", SECRET + "-2") == 200


async def test_an_operator_who_was_deleted_stays_deleted_whatever_the_settings_say(run_gateway, place, http, operator):
    await operator.post("/v1/clients", {"name": "the next operator", "kind": "operator"})
    await operator.delete(f"/v1/clients/{operator.client_id}")

    async with run_gateway(named(place, operator.client_id, operator.secret)) as running:
        assert await sign_in(running, operator.client_id, operator.secret) == 401


async def test_tokens_of_a_deleted_client_are_refused_after_a_restart_too(run_gateway, place, operator, client_with, settings):
    client = await client_with(kind="app")
    await operator.delete(f"/v1/clients/{client.client_id}")

    async with (
        run_gateway(settings.model_copy(update={"home": place.home})) as running,
        httpx.AsyncClient(transport=httpx.ASGITransport(app=running.door), base_url="http://baseyear.test") as http,
    ):
        answer = await http.get("/v1/factors", headers={"Authorization": f"Bearer {client.token}"})

    assert answer.status_code == 401


async def test_an_installation_whose_operators_are_all_deleted_gets_a_new_one_at_the_next_start(run_gateway, generated, operator):
    await operator.delete(f"/v1/clients/{operator.client_id}")

    async with run_gateway(generated) as running:
        rescuer = operator_file(generated.home)
        assert await sign_in(running, rescuer["client_id"], rescuer["client_secret"]) == 200
