"""One HTTP/1.1 connection to a service: one exchange after the other, streamed both ways at the pace of the slower side.

Why not aiohttp's client: a bare forwarder over it, without anything else that the gateway does, has half of nginx's rate, this one with all
of it more (benchmarks/gateway_forward.py); nor does it tell whether a connection that broke had been used before. See docs/adr/0017.
"""

import asyncio
from typing import Any

import httptools

from gateway.forward import LARGEST_HEADERS, Header

MOST_BUFFERED = 256 * 1024  # bytes of an answer that wait here before its service is held up

_LENGTHS = frozenset([b"content-length", b"transfer-encoding"])
_INTERIM = range(100, 200)
_FINAL = range(200, 600)


class Broken(Exception):
    """The connection ended in the middle of an exchange, or what came over it was no HTTP."""


class Connection(asyncio.Protocol):
    """Between two exchanges it is idle; `start` begins one.

    reused           another exchange went over it before, so the service may have been about to close it
    asked            the request has been sent to its end; whoever sends it says so
    silent           no byte of the present answer has come
    status, headers  of the answer, once `head` has returned; names in small letters
    """

    def __init__(self) -> None:
        self.reused = False
        self.asked = False
        self.silent = True
        self.status = 0
        self.headers: list[Header] = []
        self._transport: Any = None
        self._parser = httptools.HttpResponseParser(self)
        self._error: Broken | None = None
        self._woken: asyncio.Future[None] | None = None
        self._writable: asyncio.Future[None] | None = None
        self._without_body = False
        self._with_length = False
        self._head_complete = False
        self._complete = True
        self._keeps_alive = True
        self._unparsed = 0
        self._pieces: list[bytes] = []
        self._buffered = 0

    # One exchange, called by its owner

    def start(self, *, without_body: bool) -> None:
        """Start an exchange; the answer to a HEAD is `without_body`, whatever its headers say."""
        if self._without_body:
            self._parser = httptools.HttpResponseParser(self)  # the former one still waits for a body
        self._without_body = without_body
        self.asked, self.silent, self.status, self.headers, self._unparsed = False, True, 0, [], 0
        self._with_length = self._head_complete = self._complete = self._keeps_alive = False

    def write(self, data: bytes) -> None:
        """Send bytes of the request; raises Broken."""
        if self._error is not None or self._transport.is_closing():
            raise self._error or Broken("closed before the request")
        self._transport.write(data)

    async def drained(self) -> None:
        """Wait while the service does not take what was sent."""
        if self._writable is not None:
            await self._writable

    async def head(self) -> None:
        """Wait for the status and the headers; raises Broken."""
        while not self._head_complete:
            await self._next_event()

    async def piece(self) -> tuple[bytes, bool]:
        """What has come of the body, and whether more follows; raises Broken in the middle."""
        while not self._pieces and not self._complete:
            await self._next_event()
        data = self._pieces[0] if len(self._pieces) == 1 else b"".join(self._pieces)
        self._pieces.clear()
        if self._buffered > MOST_BUFFERED and not self._transport.is_closing():
            self._transport.resume_reading()
        self._buffered = 0
        return data, not self._complete

    @property
    def reusable(self) -> bool:
        """Whether another exchange may follow: nothing of this one is still to come, in either direction."""
        over = self.asked and self._complete and not self._pieces
        return over and self._keeps_alive and self._error is None and not self._transport.is_closing()

    def close(self) -> None:
        """End it at once, whatever is under way."""
        self._transport.abort()

    async def _next_event(self) -> None:
        if self._error is not None:
            raise self._error
        self._woken = asyncio.get_running_loop().create_future()
        await self._woken

    def _wake(self) -> None:
        if self._woken is not None and not self._woken.done():
            self._woken.set_result(None)

    # Called by the event loop

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self.silent = False
        self._unparsed += len(data)
        try:
            self._parser.feed_data(data)
        except (httptools.HttpParserError, httptools.HttpParserUpgrade) as error:
            self._break(f"its answer is no HTTP: {error}")
        if self._unparsed > LARGEST_HEADERS:
            self._break("the headers or trailers of its answer do not end")
        if self._buffered > MOST_BUFFERED and not self._transport.is_closing():
            self._transport.pause_reading()
        self._wake()

    def connection_lost(self, error: Exception | None) -> None:
        if self._head_complete and not self._with_length and error is None:
            self._complete = True  # the end of the connection was the end of the answer
        if self._error is None:
            self._error = Broken("it closed the connection")
        self.resume_writing()
        self._wake()

    def pause_writing(self) -> None:
        self._writable = asyncio.get_running_loop().create_future()

    def resume_writing(self) -> None:
        if self._writable is not None:
            if not self._writable.done():
                self._writable.set_result(None)
            self._writable = None

    # Called by the parser

    def on_message_begin(self) -> None:
        if self._complete:
            self._break("it answered what nobody asked")

    def on_header(self, name: bytes, value: bytes) -> None:
        if self._head_complete:
            return  # a trailer
        name = name.lower()
        if name in _LENGTHS:
            self._with_length = True
            if name == b"transfer-encoding" and value.strip().lower() != b"chunked":
                self._break("its answer is coded in a way that nobody asked for")
        self.headers.append((name, value))

    def on_headers_complete(self) -> None:
        if self._head_complete or self._error is not None:
            return
        status = self._parser.get_status_code()
        if status in _INTERIM:
            self.headers, self._with_length = [], False  # the answer follows
            return
        if status not in _FINAL:
            self._break(f"there is no status {status}")
            return
        self.status, self._unparsed = status, 0
        self._keeps_alive = self._parser.should_keep_alive()
        self._head_complete = True
        self._complete = self._without_body

    def on_body(self, body: bytes) -> None:
        if self._complete:
            self._break("a body came where none belongs")
            return
        self._unparsed = 0
        self._pieces.append(body)
        self._buffered += len(body)

    def on_message_complete(self) -> None:
        self._complete = self._head_complete

    def _break(self, reason: str) -> None:
        self._error = self._error or Broken(reason)
        self._transport.abort()
