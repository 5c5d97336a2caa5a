"""Asking the gateway's own app and the services for their documents and their health; rare requests, so through httpx."""

import asyncio
from collections.abc import Mapping
from typing import Any

import httpx
from starlette.types import ASGIApp

from gateway.reference.openapi import merge
from kernel.problems import UNAVAILABLE, Problem

DEADLINE_SECONDS = 5.0


class Documents:
    """The apps of all services by name, the gateway's own among them."""

    def __init__(self, apps: Mapping[str, ASGIApp], version: str) -> None:
        self._apps = apps
        self._version = version
        self._merged: dict[str, Any] | None = None

    async def merged(self) -> dict[str, Any]:
        """The OpenAPI document of the whole API; it is made once. Raises a 503 problem while a service does not tell its own."""
        if self._merged is None:
            documents = {}
            for name, app in self._apps.items():
                answer = await _get(app, "/openapi.json")
                if answer is None:
                    raise Problem(UNAVAILABLE, f"The service {name} does not tell its document now.", headers={"Retry-After": "2"})
                documents[name] = answer.json()
            self._merged = merge(documents, self._version)
        return self._merged

    async def all_ready(self) -> bool:
        """Whether every service would take requests now."""
        answers = await asyncio.gather(*(_get(app, "/health/ready") for app in self._apps.values()))
        return all(answer is not None for answer in answers)


async def _get(app: ASGIApp, path: str) -> httpx.Response | None:
    """The answer, if it came in time and is good."""
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    try:
        async with asyncio.timeout(DEADLINE_SECONDS), httpx.AsyncClient(transport=transport, base_url="http://service") as client:
            answer = await client.get(path)
    except TimeoutError:
        return None
    return answer if answer.is_success else None
