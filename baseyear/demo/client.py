"""The little that a program needs to speak to Baseyear: a token, its renewal, and problems taken at their word."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from time import monotonic
from typing import Any

import httpx

RENEW_BEFORE_SECONDS = 30
BUSY = (429, 503)
ATTEMPTS_WHEN_BUSY = 8

Json = dict[str, Any]


class DemoFailed(Exception):
    """The API answered something that the demo did not expect; says what was asked and what the answer was."""

    def __init__(self, method: str, path: str, status: int | None, detail: str) -> None:
        self.method, self.path, self.status, self.detail = method, path, status, detail
        super().__init__(f"{method} {path}: {'no answer' if status is None else status}: {detail}")


class ApiClient:
    """One client of the API, under its own token."""

    def __init__(self, http: httpx.AsyncClient, client_id: str, client_secret: str) -> None:
        self._http = http
        self._credentials = httpx.BasicAuth(client_id, client_secret)
        self._token = ""
        self._renew_at = 0.0

    async def get(self, path: str, query: Mapping[str, str] | None = None) -> Json:
        """The JSON of a resource. Raises DemoFailed, as everything here does."""
        return _json(await self._authorised("GET", path, (200,), query=query))

    async def download(self, path: str) -> bytes:
        """A file, as its bytes."""
        return (await self._authorised("GET", path, (200,))).content

    async def pages(self, path: str, query: Mapping[str, str] | None = None) -> AsyncIterator[Json]:
        """Every item of a list, page by page."""
        cursor: dict[str, str] = {}
        while True:
            page = await self.get(path, {**(query or {}), "limit": "1000", **cursor})
            for item in page["items"]:
                yield item
            if not page["next"]:
                return
            cursor = {"cursor": page["next"]}

    async def put(self, path: str, body: Mapping[str, object]) -> Json:
        return _json(await self._authorised("PUT", path, (200, 201, 202), body=body))

    async def post(self, path: str, body: Mapping[str, object], expected: tuple[int, ...] = (200, 201)) -> Json:
        return _json(await self._authorised("POST", path, expected, body=body))

    async def _authorised(
        self,
        method: str,
        path: str,
        expected: tuple[int, ...],
        *,
        query: Mapping[str, str] | None = None,
        body: Mapping[str, object] | None = None,
    ) -> httpx.Response:
        if monotonic() >= self._renew_at:
            await self._fetch_token()
        headers = {"Authorization": f"Bearer {self._token}"}
        request = self._http.build_request(method, path, params=query, json=body, headers=headers)
        return await self._send(request, expected)

    async def _fetch_token(self) -> None:
        request = self._http.build_request("POST", "/oauth2/token", data={"grant_type": "client_credentials"})
        request = next(self._credentials.sync_auth_flow(request))
        token = _json(await self._send(request, (200,)))
        self._token = token["access_token"]
        self._renew_at = monotonic() + token["expires_in"] - RENEW_BEFORE_SECONDS

    async def _send(self, request: httpx.Request, expected: tuple[int, ...]) -> httpx.Response:
        """Send, wait where the server asks for patience, and refuse any status that was not expected."""
        for attempt in range(1, ATTEMPTS_WHEN_BUSY + 1):
            try:
                response = await self._http.send(request)
            except httpx.TransportError as error:
                raise DemoFailed(request.method, request.url.path, None, repr(error)) from error
            if response.status_code not in BUSY or attempt == ATTEMPTS_WHEN_BUSY:
                break
            await asyncio.sleep(float(response.headers.get("Retry-After", "1")))
        if response.status_code not in expected:
            raise DemoFailed(request.method, request.url.path, response.status_code, problem_text(response))
        return response


def _json(response: httpx.Response) -> Json:
    try:
        body = response.json()
    except ValueError:
        body = None
    if not isinstance(body, dict):
        request = response.request
        raise DemoFailed(request.method, request.url.path, response.status_code, f"expected a JSON object, got {response.text[:200]!r}")
    return body


def problem_text(response: httpx.Response) -> str:
    """What a problem document (RFC 9457) says, with the fields that it points at; else the start of the body."""
    try:
        problem = response.json()
    except ValueError:
        return response.text[:500]
    return describe_problem(problem) if isinstance(problem, dict) else response.text[:500]


def describe_problem(problem: Mapping[str, Any]) -> str:
    """One line of a problem: its detail (or title, or OAuth2 error), then each pointer with its own detail."""
    summary = problem.get("detail") or problem.get("title") or problem.get("error_description") or problem.get("error") or "no detail"
    fields = [f"{error.get('pointer')}: {error.get('detail')}" for error in problem.get("errors") or ()]
    return "; ".join([summary, *fields])
