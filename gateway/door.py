"""The one door: every request from outside comes in here and goes to the service that owns its resource.

It is on the way of every push, so it does little and copies nothing: the service gets the ASGI scope itself.
Services verify tokens themselves; the door refuses only sooner what they would refuse too.
"""

import functools
import time
from collections.abc import Mapping

import structlog
from prometheus_client import Histogram
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from gateway.forward import Header, answer_headers, checked, counted, forwarded_headers, too_large, traced, traceparent_of
from gateway.limits import Count, Limits, network_of
from gateway.routes import ROUTES, resource_of
from kernel.auth import Principal, TokenVerifier, bearer_token
from kernel.edge import as_problem
from kernel.metrics import GATEWAY_REFUSED, GATEWAY_REQUESTS, status_class
from kernel.problems import BAD_REQUEST, Problem
from kernel.service import LARGEST_BODY
from kernel.telemetry import current_trace_id
from kernel.traces import Span, serving

log = structlog.get_logger()

SIGN_IN = "/oauth2/token"
MOST_DIGITS = 18


class Door:
    """An ASGI app.

    services  the app behind each resource, by the first two segments of its path; an Upstream for one in another process
    pages     what is open to everyone: the app behind each first segment
    own       the gateway's own operations, and the answer to what nobody owns
    """

    def __init__(
        self, services: Mapping[str, ASGIApp], pages: Mapping[str, ASGIApp], own: ASGIApp, verifier: TokenVerifier, limits: Limits
    ) -> None:
        self._services = services
        self._pages = pages
        self._own = own
        self._verifier = verifier
        self._limits = limits

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._own(scope, receive, send)
        elif scope["type"] == "http":
            with serving("gateway", scope["method"], traceparent_of(scope)) as span:
                await self._answer(scope, receive, send, span)
        else:
            await send({"type": "websocket.close"})

    async def _answer(self, scope: Scope, receive: Receive, send: Send, span: Span) -> None:
        begun, started = time.perf_counter(), False
        told: list[Header] = []

        async def send_guarded(message: Message) -> None:
            nonlocal started
            if message["type"] == "http.response.start":
                started = True
                status = message["status"]
                _times(ROUTES.get(resource_of(scope["path"]), "gateway"), status).observe(time.perf_counter() - begun)
                span.answered(status)
                message["headers"] = answer_headers(message.get("headers", ())) + told
            await send(message)

        try:
            known = checked(scope)
            scope["headers"] = traced(forwarded_headers(scope["headers"]), known.get(b"traceparent"))
            app = self._behind(scope["path"])
            self._count(scope, known.get(b"authorization"), told)
            await app(scope, _bounded(receive, known.get(b"content-length")), send_guarded)
        except Exception as error:
            if started:
                raise
            await _refuse(error, scope, receive, send_guarded)

    def _behind(self, path: str) -> ASGIApp:
        """The app that answers a path."""
        return self._services.get(resource_of(path)) or self._pages.get("/" + path[1:].partition("/")[0], self._own)

    def _count(self, scope: Scope, authorization: bytes | None, told: list[Header]) -> None:
        """Count the request against its client's quota, or its address's without a client; raises 401 or 429."""
        path: str = scope["path"]
        if path.startswith("/health/"):
            return
        if authorization is not None and path.startswith("/v1/"):
            principal = self._principal(scope, authorization, told)
            _admit(self._limits.count(principal.kind, principal.client_id), told)
        else:
            _admit(self._limits.count("token" if path == SIGN_IN else "anonymous", _network(scope)), told)

    def _principal(self, scope: Scope, authorization: bytes, told: list[Header]) -> Principal:
        """Who shows a token. To check the signature of a new one is dear, so an address may have only so many wrong ones checked."""
        try:
            token = bearer_token(authorization.decode("latin-1"))
            if not self._verifier.remembers(token):
                _admit(self._limits.used_up("anonymous", _network(scope)), [])  # told below
            return self._verifier.verify(token)
        except Problem:
            _admit(self._limits.count("anonymous", _network(scope)), told)
            raise


@functools.cache
def _times(owner: str, status: int) -> Histogram:
    return GATEWAY_REQUESTS.labels(owner, status_class(status))


def _admit(count: Count, told: list[Header]) -> None:
    told += count.headers
    if count.refusal is not None:
        raise count.refusal


def _network(scope: Scope) -> str:
    client = scope.get("client")
    return network_of(client[0] if client else "")


def _bounded(receive: Receive, length: bytes | None) -> Receive:
    """A `receive` for a body that is not too large: judged by its length, counted where it has none."""
    if length is None:
        return counted(receive, LARGEST_BODY)
    if not length.isdigit():
        raise Problem(BAD_REQUEST, "The header Content-Length is not a number.")
    if len(length) > MOST_DIGITS or int(length) > LARGEST_BODY:
        raise too_large(LARGEST_BODY)
    return receive


async def _refuse(error: Exception, scope: Scope, receive: Receive, send: Send) -> None:
    problem = as_problem(error)
    GATEWAY_REFUSED.labels(problem.type.code).inc()
    log.info("refused_at_the_door", method=scope["method"], path=scope["path"][:200], status=problem.type.status, code=problem.type.code)
    await problem.response(scope["path"], current_trace_id())(scope, receive, send)
