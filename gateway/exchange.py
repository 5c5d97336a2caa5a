"""One request to a service and its answer: the deadlines, the one retry, and the client that goes away."""

import asyncio
from dataclasses import dataclass

from starlette.types import Receive, Scope, Send

from gateway.connection import Broken, Connection
from gateway.forward import TOO_SLOW, passed_back, request_head
from gateway.replicas import Replica, Replicas, Unreachable
from gateway.watch import Watch
from kernel.problems import BAD_REQUEST, UNAVAILABLE, Problem

SAFE_METHODS = frozenset(["GET", "HEAD", "OPTIONS"])
LISTEN_AFTER_SECONDS = 0.05  # most requests are answered by then and need nobody to listen whether their client goes away


@dataclass(frozen=True, slots=True)
class Bounds:
    """The gateway's patience with a service.

    first_byte_seconds  from the end of the request to the head of the answer; shorter than the total
    total_seconds       for all of an exchange, also of a stream: as long as a token lasts
    exchanges           at a time; `queue` more wait for at most `queue_seconds`, any further are refused at once
    """

    first_byte_seconds: float = 30.0
    total_seconds: float = 600.0
    exchanges: int = 256
    queue: int = 256
    queue_seconds: float = 2.0


class Body:
    """A request's body on its way, framed as it goes over the wire.

    length  what the client says, None where it does not
    data    what has been read of it; `more` follows
    """

    __slots__ = ("_chunked", "_length", "_read", "data", "more")

    def __init__(self, length: int | None, data: bytes, more: bool) -> None:
        self._length = len(data) if length is None and not more else length
        self._chunked = self._length is None
        self._read = 0
        self.data = data
        self.more = more

    @property
    def framing(self) -> bytes:
        """The header that says where it ends; none for a request without a body."""
        if self._chunked:
            return b"transfer-encoding: chunked\r\n"
        return b"content-length: %d\r\n" % self._length if self._length else b""

    def framed(self, data: bytes) -> bytes:
        """A piece of it; raises a 400 problem where the length is not what was said."""
        if self._chunked:
            end = b"" if self.more else b"0\r\n\r\n"
            return b"%x\r\n%b\r\n%b" % (len(data), data, end) if data else end
        self._read += len(data)
        missing = (self._length or 0) - self._read
        if missing < 0 or (missing > 0 and not self.more):
            raise Problem(BAD_REQUEST, "The body is not as long as the header Content-Length says.")
        return data


class ClientGone(Exception):
    """Nobody waits for the answer any more."""


def unavailable(name: str, why: str) -> Problem:
    return Problem(UNAVAILABLE, f"The service {name} {why}.", headers={"Retry-After": "1"})


class Exchange:
    """Everything of one request; `run` ends when the answer has been passed on, or raises the problem that stands for it."""

    def __init__(
        self, name: str, replicas: Replicas, bounds: Bounds, watch: Watch, scope: Scope, receive: Receive, send: Send, body: Body
    ) -> None:
        self._name = name
        self._replicas = replicas
        self._bounds = bounds
        self._watch = watch
        self._scope = scope
        self._receive = receive
        self._send = send
        self._body = body
        self._whole = not body.more
        self._framing = body.framing + b"\r\n"
        self._payload = body.framed(body.data)
        self._loop = asyncio.get_running_loop()
        self._begun = self._loop.time()
        self._deadline = self._begun + (bounds.first_byte_seconds if self._whole else bounds.total_seconds)
        self._task = asyncio.current_task()
        self._companion: asyncio.Task[None] | None = None
        self._ended_by: Exception | None = None

    async def run(self) -> None:
        started = False
        self._watch.begins(self)
        try:
            replica, connection = await self._answered()
            started = True
            try:
                await self._pass_on(connection)
            finally:
                replica.give_back(connection, self._loop.time())
        except asyncio.CancelledError:
            if self._ended_by is None or self._task is None or self._task.uncancel():
                raise
            if started and not isinstance(self._ended_by, ClientGone):
                raise Broken("the answer was given up in the middle") from self._ended_by
            if not isinstance(self._ended_by, ClientGone):
                raise self._ended_by from None
        finally:
            self._watch.ends(self)
            if self._companion is not None:
                self._companion.cancel()

    def look_after(self, now: float) -> None:
        """End what takes too long; of what takes long, notice whether the client still waits."""
        if now >= self._deadline:
            self._end(Problem(TOO_SLOW, f"The service {self._name} did not answer in time."))
        elif self._companion is None and self._whole and now - self._begun >= LISTEN_AFTER_SECONDS:
            self._companion = self._loop.create_task(self._listen())

    def _end(self, error: Exception) -> None:
        """Have `run` stop where it stands, and say why."""
        if self._ended_by is None and self._task is not None:
            self._ended_by = error
            self._task.cancel()

    async def _answered(self) -> tuple[Replica, Connection]:
        """The replica that answers, and the connection over which the head of its answer has come."""
        fresh = False
        while True:
            try:
                replica, connection = await self._replicas.take(self._loop.time(), fresh=fresh)
            except Unreachable:
                raise unavailable(self._name, "is not reachable at the moment") from None
            try:
                await self._ask(connection)
            except Broken as broken:
                replica.give_back(connection, self._loop.time())
                if not (connection.reused and connection.silent):
                    replica.failed(self._loop.time(), str(broken))
                elif self._repeatable():  # the service may just have closed what was idle for too long
                    fresh = True  # a new connection is not stale, so this happens once
                    continue
                raise unavailable(self._name, f"broke off before it answered ({broken}); it may have carried the request out") from None
            except BaseException:
                replica.give_back(connection, self._loop.time())
                if isinstance(self._ended_by, Problem) and self._ended_by.type is TOO_SLOW and not self._body.more:
                    replica.failed(self._loop.time(), "no answer in time")
                raise
            else:
                replica.circuit.succeeded()
                return replica, connection

    def _repeatable(self) -> bool:
        """Whether a request that the service may have seen already can be sent again; services heed an Idempotency-Key only of a POST."""
        method = self._scope["method"]
        keyed = method == "POST" and any(name == b"idempotency-key" for name, _ in self._scope["headers"])
        return self._whole and (method in SAFE_METHODS or keyed)

    async def _ask(self, connection: Connection) -> None:
        """Send the request and wait for the head of the answer; a long body is sent meanwhile."""
        left = self._deadline - self._loop.time()
        connection.start(without_body=self._scope["method"] == "HEAD")
        connection.write(request_head(self._scope, self._replicas.authority, left) + self._framing + self._payload)
        connection.asked = self._whole
        if not self._whole:
            self._companion = self._loop.create_task(self._upload(connection))
        await connection.head()
        self._deadline = self._begun + self._bounds.total_seconds

    async def _pass_on(self, connection: Connection) -> None:
        start = {"type": "http.response.start", "status": connection.status, "headers": passed_back(connection.status, connection.headers)}
        await self._send(start)
        more = True
        while more:
            data, more = await connection.piece()
            await self._send({"type": "http.response.body", "body": data, "more_body": more})

    async def _upload(self, connection: Connection) -> None:
        """Send the rest of the body; then listen whether the client goes away."""
        try:
            while self._body.more:
                message = await self._receive()
                if message["type"] == "http.disconnect":
                    raise ClientGone
                self._body.more = message.get("more_body", False)
                connection.write(self._body.framed(message.get("body", b"")))
                await connection.drained()
            connection.asked = True
        except Broken:
            return  # whoever waits for the answer hears of it too
        except Exception as error:
            self._end(error)
            return
        if not connection.status:
            self._deadline = min(self._deadline, self._loop.time() + self._bounds.first_byte_seconds)
        await self._listen()

    async def _listen(self) -> None:
        if (await self._receive())["type"] == "http.disconnect":
            self._end(ClientGone())
