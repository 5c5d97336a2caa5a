"""Asking the gateway's own app and the services for their documents and their health; rare requests, so through httpx."""

import asyncio
from collections.abc import Mapping
from typing import Any

import httpx
import structlog
from starlette.types import ASGIApp

from gateway.reference.openapi import merge
from kernel.problems import UNAVAILABLE, Problem

log = structlog.get_logger()

DEADLINE_SECONDS = 5.0
READY_SECONDS = 1.0  # for so long an answer about readiness holds, however many ask
FRESH_SECONDS = 60.0  # an upgraded service's new document is taken up after it; pages may be kept as long


class Documents:
    """The apps of all services by name, the gateway's own among them."""

    def __init__(self, apps: Mapping[str, ASGIApp], version: str) -> None:
        self._apps = apps
        self.version = version
        self._told: dict[str, Any] = {}
        self._merged: dict[str, Any] = {}
        self._asked_at = -FRESH_SECONDS
        self._readiness: asyncio.Task[bool] | None = None
        self._readiness_asked_at = 0.0

    async def merged(self) -> dict[str, Any]:
        """The OpenAPI document of the whole API; a service that is silent now is shown as it last told.

        raises  a 503 problem while a service has told nothing yet
        """
        now = asyncio.get_running_loop().time()
        if now - self._asked_at < FRESH_SECONDS:
            return self._merged
        answers = await asyncio.gather(*(_get(app, "/openapi.json") for app in self._apps.values()))
        told = self._told | {name: answer.json() for name, answer in zip(self._apps, answers, strict=True) if answer is not None}
        for name in self._apps:
            if name not in told:
                raise Problem(UNAVAILABLE, f"The service {name} does not tell its document now.", headers={"Retry-After": "2"})
        if told != self._told:
            self._merged = merge({name: told[name] for name in self._apps}, self.version)
        self._told, self._asked_at = told, now
        return self._merged

    async def all_ready(self) -> bool:
        """Whether every service would take requests now. Anyone may ask, so all who ask at a time get the answer to one question."""
        now = asyncio.get_running_loop().time()
        if self._readiness is None or (self._readiness.done() and now - self._readiness_asked_at >= READY_SECONDS):
            self._readiness, self._readiness_asked_at = asyncio.create_task(self._ask_whether_ready()), now
        return await asyncio.shield(self._readiness)

    async def _ask_whether_ready(self) -> bool:
        answers = await asyncio.gather(*(_get(app, "/health/ready") for app in self._apps.values()))
        return all(answer is not None for answer in answers)


async def _get(app: ASGIApp, path: str) -> httpx.Response | None:
    """The answer, if it came in time and is good."""
    transport = httpx.ASGITransport(app)
    try:
        async with asyncio.timeout(DEADLINE_SECONDS), httpx.AsyncClient(transport=transport, base_url="http://service") as client:
            answer = await client.get(path)
    except Exception as error:
        log.info("no_answer", path=path, error=repr(error))
        return None
    return answer if answer.is_success else None
