"""Cursor pages: the position in a stable order, signed together with the filters that it belongs to."""

import base64
import hashlib
import hmac
import json
from typing import Annotated, Any

from fastapi import Query, Request
from pydantic import BaseModel

from kernel.problems import refused

DEFAULT_LIMIT = 100
HIGHEST_LIMIT = 1_000

Limit = Annotated[int, Query(ge=1, le=HIGHEST_LIMIT, description="How many items a page has at most.")]
Cursor = Annotated[str | None, Query(max_length=2_000, description="The `next` of the page before; it keeps that page's filters.")]


class Page(BaseModel):
    """What every list answers beside its items."""

    next: str | None
    self: str


class Cursors:
    """Makes and reads cursors with an installation's own secret."""

    def __init__(self, secret: bytes) -> None:
        self._secret = secret

    def make(self, request: Request, position: list[Any]) -> str:
        """A cursor for the page after `position`, the ordering columns of the last item."""
        body = json.dumps(position, separators=(",", ":"), default=str).encode()
        return base64.urlsafe_b64encode(self._sign(request, body) + body).decode().rstrip("=")

    def read(self, request: Request, cursor: str | None) -> list[Any] | None:
        """The position in a cursor; raises a 422 problem when it was not made for this list and these filters."""
        if cursor is None:
            return None
        try:
            raw = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
            signature, body = raw[:16], raw[16:]
            if hmac.compare_digest(signature, self._sign(request, body)):
                position: list[Any] = json.loads(body)
                return position
        except ValueError:
            pass
        raise refused("/cursor", "invalid_cursor", "The cursor was not made for this list and these filters.", "Start without a cursor.")

    def _sign(self, request: Request, body: bytes) -> bytes:
        filters = sorted((name, value) for name, value in request.query_params.multi_items() if name not in ("cursor", "limit"))
        message = json.dumps([request.url.path, filters]).encode() + b"\n" + body
        return hmac.new(self._secret, message, hashlib.sha256).digest()[:16]


def here(request: Request) -> str:
    """Where a page was read, for its `self`: path and query."""
    return request.url.path + (f"?{request.url.query}" if request.url.query else "")


def page_of(request: Request, rows: list[Any], limit: int, position: Any) -> tuple[list[Any], str | None]:
    """The rows of one page out of `limit` + 1 that were read, and the cursor of the next page if there is one."""
    if len(rows) <= limit:
        return rows, None
    cursors: Cursors = request.app.state.cursors
    return rows[:limit], cursors.make(request, position(rows[limit - 1]))
