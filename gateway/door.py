"""The one door: every request from outside comes in here and goes to the service that owns its resource.

It is on the way of every push, so it does little and copies nothing: the service gets the ASGI scope itself.
Services verify tokens themselves; the door refuses only sooner what they would refuse too.
"""

from collections.abc import Mapping

import structlog
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from gateway.forward import Header, answer_headers, counted, forwarded_headers, too_large
from gateway.routes import resource_of
from kernel.auth import TokenVerifier, bearer_token
from kernel.edge import as_problem
from kernel.problems import BAD_REQUEST, Problem
from kernel.service import LARGEST_BODY
from kernel.telemetry import begin_trace

log = structlog.get_logger()

LONGEST_URL = 8 * 1024
MOST_DIGITS = 18


class Door:
    """An ASGI app.

    services  the app behind each resource, by the first two segments of its path
    pages     what is open to everyone: the app behind each first segment
    own       the gateway's own operations, and the answer to what nobody owns
    """

    def __init__(self, services: Mapping[str, ASGIApp], pages: Mapping[str, ASGIApp], own: ASGIApp, verifier: TokenVerifier) -> None:
        self._services = services
        self._pages = pages
        self._own = own
        self._verifier = verifier

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._own(scope, receive, send)
        elif scope["type"] == "http":
            await self._answer(scope, receive, send)
        else:
            await send({"type": "websocket.close"})

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        started = False

        async def send_guarded(message: Message) -> None:
            nonlocal started
            if message["type"] == "http.response.start":
                started = True
                message["headers"] = answer_headers(message.get("headers", ()))
            await send(message)

        try:
            app, receive = self._let_in(scope, receive)
            await app(scope, receive, send_guarded)
        except Exception as error:
            if started:
                raise
            await _refuse(error, scope, receive, send_guarded)

    def _let_in(self, scope: Scope, receive: Receive) -> tuple[ASGIApp, Receive]:
        """The app for a request and its counted `receive`; raises what the door refuses."""
        path: str = scope["path"]
        if len(scope.get("raw_path") or path) + len(scope["query_string"]) > LONGEST_URL:
            raise Problem(BAD_REQUEST, f"A URL has at most {LONGEST_URL} bytes.")
        headers: list[Header] = scope["headers"]
        scope["headers"] = forwarded_headers(headers)
        app = self._services.get(resource_of(path))
        if app is None:
            app = self._pages.get("/" + path[1:].partition("/")[0], self._own)
        else:
            authorization = _value(headers, b"authorization")
            if authorization is not None:
                self._verifier.verify(bearer_token(authorization.decode("latin-1")))
        length = _value(headers, b"content-length")
        if length is None:
            return app, counted(receive, LARGEST_BODY)
        if not length.isdigit():
            raise Problem(BAD_REQUEST, "The header Content-Length is not a number.")
        if len(length) > MOST_DIGITS or int(length) > LARGEST_BODY:
            raise too_large(LARGEST_BODY)
        return app, receive


def _value(headers: list[Header], wanted: bytes) -> bytes | None:
    for name, value in headers:
        if name == wanted:
            return value
    return None


async def _refuse(error: Exception, scope: Scope, receive: Receive, send: Send) -> None:
    traceparent = _value(scope["headers"], b"traceparent")
    trace_id = begin_trace(traceparent.decode("latin-1") if traceparent else None)
    problem = as_problem(error)
    log.info("refused_at_the_door", method=scope["method"], path=scope["path"][:200], status=problem.type.status, code=problem.type.code)
    await problem.response(scope["path"], trace_id)(scope, receive, send)
