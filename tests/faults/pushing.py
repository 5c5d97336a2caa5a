"""Clients as an EHS system should be: each sends its deliveries in order, and each again until it is answered."""

import asyncio
import json
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import httpx

from tests.faults.group import SITES, Delivery, Json, Plan

PAUSE_SECONDS = 0.25
PATIENCE_SECONDS = 300  # for one request, however often it is sent, and for what services tell each other
UNHEARD = (httpx.NetworkError, httpx.RemoteProtocolError)
COUNTED = {201: ("created",), 200: ("corrected", "unchanged")}


@dataclass(slots=True)
class Ehs:
    """A client that holds on: it signs in when it must and repeats what was not answered.

    answered  records that were answered, repetitions too
    unheard   requests that got no answer or a 503, by what happened
    """

    http: httpx.AsyncClient
    credentials: Callable[[], tuple[str, str]]
    answered: int = 0
    unheard: Counter[str] = field(default_factory=Counter)
    _token: str = ""

    async def push(self, plan: Plan) -> None:
        """Send everything; each client's deliveries in order, the clients side by side."""
        async with asyncio.TaskGroup() as clients:
            for stream in plan.streams:
                clients.create_task(self._stream(stream))

    async def _stream(self, deliveries: Sequence[Delivery]) -> None:
        for delivery in deliveries:
            await self.deliver(delivery)

    async def deliver(self, delivery: Delivery) -> None:
        """Send records until all of them are answered as counted; anything else fails."""
        if delivery.as_batch:
            answer = await self.until_answered("POST", "/v1/activities/batch", {"items": list(delivery.records)}, delivery.key)
            assert answer.status_code == 207, answer.text
            for item in answer.json()["items"]:
                _assert_counted(item["status"], item)
            self.answered += len(delivery.records)
        else:
            async with asyncio.TaskGroup() as requests:
                for record in delivery.records:
                    requests.create_task(self._single(record, delivery.key))

    async def _single(self, record: Json, key: str | None) -> None:
        answer = await self.until_answered("POST", "/v1/activities", record, key and f"{key}-{record['external_id']}")
        _assert_counted(answer.status_code, answer.json())
        self.answered += 1

    async def get(self, path: str, **query: Any) -> Json:
        answer = await self.until_answered("GET", path, query=query)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def create(self, path: str, body: Json) -> Json:
        answer = await self.until_answered("POST", path, body)
        assert answer.status_code in (200, 201, 202), answer.text
        return answer.json()

    async def lines(self, path: str) -> list[Json]:
        """A list as newline-delimited JSON."""
        answer = await self.until_answered("GET", path, accept="application/x-ndjson")
        assert answer.status_code == 200, answer.text
        return [json.loads(line) for line in answer.text.splitlines()]

    async def until_answered(
        self, method: str, path: str, body: Json | None = None, key: str | None = None, query: Json | None = None, accept: str = "*/*"
    ) -> httpx.Response:
        """The answer, once there is one; nothing may be a 500, and a 503 must be a problem that says when to try again."""
        async with asyncio.timeout(PATIENCE_SECONDS):
            while True:
                headers = {"Accept": accept} | ({"Idempotency-Key": key} if key else {})
                try:
                    answer = await self.attempt(method, path, headers, json=body, params=query)
                except UNHEARD as error:
                    self.unheard[type(error).__name__] += 1
                else:
                    if answer.status_code == 401:  # tokens last ten minutes
                        self._token = ""
                        continue
                    if not _must_be_repeated(answer):
                        return answer
                    self.unheard[f"{answer.status_code} {answer.json()['code']}"] += 1
                await asyncio.sleep(PAUSE_SECONDS)

    async def attempt(self, method: str, path: str, headers: Json | None = None, **content: Any) -> httpx.Response:
        """One request, once; whatever comes of it."""
        if not self._token:
            await self._sign_in()
        return await self.http.request(method, path, headers={"Authorization": f"Bearer {self._token}"} | (headers or {}), **content)

    async def _sign_in(self) -> None:
        form = {"grant_type": "client_credentials"}
        while True:
            try:
                answer = await self.http.post("/oauth2/token", data=form, auth=self.credentials())
                if not _must_be_repeated(answer):
                    self._token = answer.raise_for_status().json()["access_token"]
                    return
            except UNHEARD:
                pass
            await asyncio.sleep(PAUSE_SECONDS)


def _must_be_repeated(answer: httpx.Response) -> bool:
    assert answer.status_code != 500, answer.text
    if answer.status_code == 504:  # a service took the request and did not answer: it may have done it, or not
        return True
    if answer.status_code != 503 and not (answer.status_code == 409 and answer.json()["code"] == "in_progress"):
        return False
    assert answer.headers["content-type"] == "application/problem+json", answer.text
    assert int(answer.headers["retry-after"]) >= 1
    return True


def _assert_counted(status: int, item: Json) -> None:
    assert item["outcome"] in COUNTED.get(status, ()), item
    assert item["calculation_state"] in ("calculated", "awaiting_factor"), item  # the factors service may have been silent


async def until(condition: Callable[[], Any]) -> None:
    """Wait for what other tasks or processes bring about."""
    async with asyncio.timeout(PATIENCE_SECONDS):
        while not condition():
            await asyncio.sleep(0.01)


async def set_up_group(ehs: Ehs) -> None:
    """A company, its sites and its inventory."""
    await ehs.create("/v1/entities", {"external_id": "works", "name": "Works", "country": "CN"})
    for site in SITES:
        body = {"external_id": site, "entity_external_id": "works", "name": site, "region": "CN-GD", "timezone": "Asia/Shanghai"}
        await ehs.create("/v1/sites", body)
    await ehs.create("/v1/inventories", {"year": 2021, "consolidation_approach": "operational_control", "gwp_set": "AR6"})


async def until_heard(ehs: Ehs) -> None:
    """Wait until reporting, the last to hear of things, has heard of the inventory; the whole catalogue may be on its way before that."""
    async with asyncio.timeout(PATIENCE_SECONDS):
        while (await ehs.until_answered("GET", "/v1/emissions", query={"year": 2021})).status_code != 200:
            await asyncio.sleep(0.2)
