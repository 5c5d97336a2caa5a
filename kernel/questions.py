"""Questions to another service: requests without effect, with a deadline, asked before the asker's transaction opens."""

import asyncio
import time
from collections.abc import Callable
from typing import Any

import httpx

from kernel.database import refuse_inside_transaction
from kernel.metrics import QUESTIONS
from kernel.telemetry import current_traceparent
from kernel.traces import span

DEADLINE_SECONDS = 2.0


class Silence(Exception):
    """The other service did not answer in time, or answered that it cannot; the asker has a written answer for this."""


class Questions:
    """Asks one service directly, as a client of kind `service`.

    asker   who asks
    client  has the service's address, or its ASGI app in one process
    token   gives a valid access token
    """

    def __init__(self, asker: str, service: str, client: httpx.AsyncClient, token: Callable[[], str]) -> None:
        self._asker = asker
        self._service = service
        self._client = client
        self._token = token

    async def ask(self, method: str, path: str, **request: Any) -> Any:
        """The JSON document that the service answers; `request` is json= or params=.

        raises  Silence            without a 2xx answer within DEADLINE_SECONDS
                TransactionOpen    when the asker holds a transaction
        """
        refuse_inside_transaction()
        begun, outcome = time.perf_counter(), "silent"
        try:
            with span(self._asker, f"ask {self._service}", "client"):
                answer = await self._answer(method, path, request)
            outcome = "answered"
            return answer
        finally:
            QUESTIONS.labels(self._asker, self._service, outcome).observe(time.perf_counter() - begun)

    async def _answer(self, method: str, path: str, request: dict[str, Any]) -> Any:
        headers = {"Authorization": f"Bearer {self._token()}"}
        traceparent = current_traceparent()
        if traceparent is not None:
            headers["traceparent"] = traceparent
        try:
            async with asyncio.timeout(DEADLINE_SECONDS):
                answer = await self._client.request(method, path, headers=headers, **request)
        except (TimeoutError, httpx.HTTPError) as error:
            raise Silence(f"{self._service} did not answer {method} {path} within {DEADLINE_SECONDS} s: {error!r}") from error
        if not answer.is_success:
            raise Silence(f"{self._service} answered {method} {path} with {answer.status_code}: {answer.text[:500]}")
        return answer.json()
