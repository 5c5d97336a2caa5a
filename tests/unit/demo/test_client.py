"""The demo's client against a small real ASGI application that counts tokens and answers as told."""

import httpx
import pytest
from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse, PlainTextResponse

from baseyear.demo.client import ApiClient, DemoFailed

PROBLEM = {
    "title": "Unprocessable",
    "detail": "The entity is not right.",
    "errors": [{"pointer": "/country", "code": "unknown_country", "detail": "XX is no country."}],
}


class Door:
    """An application with one list, one refusal and one moment of being busy."""

    def __init__(self, expires_in=600):
        self.tokens, self.busy = 0, 1
        self.app = FastAPI()

        @self.app.post("/oauth2/token")
        async def token(request: Request):
            form = await request.form()
            assert request.headers["authorization"] == "Basic aWQ6c2VjcmV0"  # id:secret
            assert form["grant_type"] == "client_credentials"
            self.tokens += 1
            return {"access_token": f"token-{self.tokens}", "token_type": "Bearer", "expires_in": expires_in, "scope": ""}

        @self.app.get("/v1/entities")
        async def entities(cursor: str = ""):
            return {"items": [{"external_id": "B"}], "next": None} if cursor else {"items": [{"external_id": "A"}], "next": "more"}

        @self.app.post("/v1/entities")
        async def refuse():
            return JSONResponse(PROBLEM, 422, media_type="application/problem+json")

        @self.app.get("/v1/whoami")
        async def whoami(request: Request):
            return {"token": request.headers["authorization"]}

        @self.app.get("/v1/busy")
        async def once_busy():
            self.busy -= 1
            return JSONResponse({"detail": "busy"}, 503, {"Retry-After": "0"}) if self.busy >= 0 else {"done": True}

        @self.app.get("/v1/text")
        async def text():
            return PlainTextResponse("not JSON")

    def client(self):
        http = httpx.AsyncClient(transport=httpx.ASGITransport(self.app), base_url="http://demo.test")
        return ApiClient(http, "id", "secret")


async def test_one_token_serves_many_requests():
    door = Door()
    client = door.client()

    answers = [(await client.get("/v1/whoami"))["token"] for _ in range(3)]

    assert answers == ["Bearer token-1"] * 3
    assert door.tokens == 1


async def test_a_token_about_to_expire_is_renewed_before_the_next_request():
    client = Door(expires_in=10).client()

    assert [(await client.get("/v1/whoami"))["token"] for _ in range(2)] == ["Bearer token-1", "Bearer token-2"]


async def test_a_list_is_read_to_its_last_page():
    assert [entity["external_id"] async for entity in Door().client().pages("/v1/entities")] == ["A", "B"]


async def test_a_busy_server_is_asked_again_after_the_time_that_it_names():
    door = Door()

    assert await door.client().get("/v1/busy") == {"done": True}
    assert door.busy == -1


async def test_a_refusal_says_what_was_asked_and_what_the_problem_points_at():
    with pytest.raises(DemoFailed) as failure:
        await Door().client().post("/v1/entities", {"country": "XX"})

    assert str(failure.value) == "POST /v1/entities: 422: The entity is not right.; /country: XX is no country."


async def test_an_answer_that_is_no_json_object_is_a_failure_that_names_the_request():
    with pytest.raises(DemoFailed, match=r"GET /v1/text: 200: expected a JSON object, got 'not JSON'"):
        await Door().client().get("/v1/text")


async def test_no_answer_at_all_is_a_failure_that_names_the_request():
    async with httpx.AsyncClient(base_url="http://127.0.0.1:9", trust_env=False) as http:
        with pytest.raises(DemoFailed, match=r"POST /oauth2/token: no answer"):
            await ApiClient(http, "id", "secret").get("/v1/whoami")
