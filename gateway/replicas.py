"""The replicas of a service: found by its DNS name, chosen by how busy they are, left in peace while they fail."""

import asyncio
import socket
import ssl
from collections import deque
from dataclasses import dataclass
from urllib.parse import urlsplit

import structlog

from gateway.connection import Connection

log = structlog.get_logger()

FAILURES_IN_A_ROW = 5
REST_SECONDS = 1.0
CONNECT_SECONDS = 1.0  # to one address
IDLE_SECONDS = 30.0  # shorter than services keep a connection (baseyear/listening.py), so that we meet none that is just being closed
RESOLVE_SECONDS = 5.0

Address = tuple[str, int]


class Unreachable(Exception):
    """No replica of the service takes a connection now."""


class Circuit:
    """Open after failures in a row; then, after each rest, one request tries whether it goes again.

    The next one may try a rest later, whatever the former waits for: it may be a long upload from a slow client.
    """

    def __init__(self) -> None:
        self._failures = 0
        self._rests_until = 0.0

    @property
    def is_open(self) -> bool:
        return self._failures >= FAILURES_IN_A_ROW

    def lets_through(self, now: float) -> bool:
        return not self.is_open or now >= self._rests_until

    def tries(self, now: float) -> None:
        """A request goes through although it is open."""
        self._rests_until = now + REST_SECONDS

    def succeeded(self) -> None:
        self._failures = 0

    def failed(self, now: float) -> bool:
        """Returns whether this failure opened the circuit."""
        self._failures += 1
        self._rests_until = now + REST_SECONDS
        return self._failures == FAILURES_IN_A_ROW


class Replica:
    """One address of a service, with its idle connections."""

    def __init__(self, address: Address, tls: ssl.SSLContext | None, host: str) -> None:
        self.address = address
        self.circuit = Circuit()
        self.busy = 0
        self._tls = tls
        self._host = host
        self._idle: deque[tuple[Connection, float]] = deque()
        self._retired = False

    def idle(self, now: float) -> Connection | None:
        """A connection that another exchange has left, for the next one; it must be given back."""
        while self._idle:
            connection, since = self._idle.pop()
            if connection.reusable and now - since < IDLE_SECONDS:
                self.busy += 1
                connection.reused = True
                return connection
            connection.close()
        return None

    async def open(self) -> Connection:
        """A new connection for one exchange; it must be given back. Raises Unreachable."""
        self.busy += 1
        try:
            async with asyncio.timeout(CONNECT_SECONDS):
                _, connection = await asyncio.get_running_loop().create_connection(
                    Connection, *self.address, ssl=self._tls, server_hostname=self._host if self._tls else None
                )
        except BaseException as error:
            self.busy -= 1
            if isinstance(error, OSError):  # a TimeoutError is one too
                self.failed(asyncio.get_running_loop().time(), repr(error))
                raise Unreachable from error
            raise
        return connection

    def give_back(self, connection: Connection, now: float) -> None:
        """End an exchange; the connection is kept where another may follow on it."""
        self.busy -= 1
        if connection.reusable and not self._retired:
            self._idle.append((connection, now))
        else:
            connection.close()
        while self._idle and now - self._idle[0][1] >= IDLE_SECONDS:
            self._idle.popleft()[0].close()

    def failed(self, now: float, reason: str) -> None:
        if self.circuit.failed(now):
            log.warning("replica_rests", host=self._host, address=self.address[0], failures=FAILURES_IN_A_ROW, last=reason)

    def retire(self) -> None:
        """Keep no connection any more; exchanges under way end."""
        self._retired = True
        while self._idle:
            self._idle.pop()[0].close()


class Replicas:
    """All addresses behind one URL.

    url     http(s)://host[:port]; raises ValueError for another form
    """

    def __init__(self, url: str) -> None:
        self._place = Place.of(url)
        self.authority = self._place.authority.encode()
        self._tls = ssl.create_default_context() if self._place.secure else None
        self._known: list[Replica] = []
        self._resolved_at = -RESOLVE_SECONDS
        self._resolving: asyncio.Task[None] | None = None

    async def take(self, now: float, *, fresh: bool) -> tuple[Replica, Connection]:
        """A connection to the least busy replica that seems to be well, a `fresh` one where asked; raises Unreachable."""
        if now - self._resolved_at >= RESOLVE_SECONDS:
            await self._resolve(now)
        for replica in self._by_load():
            if replica.circuit.lets_through(now):
                trial = replica.circuit.is_open
                if trial:
                    replica.circuit.tries(now)
                connection = None if fresh or trial else replica.idle(now)
                if connection is None:
                    try:
                        connection = await replica.open()
                    except Unreachable:
                        continue  # nothing was sent, so another may have the request
                return replica, connection
        raise Unreachable

    def busy(self) -> int:
        """How many exchanges are under way."""
        return sum(replica.busy for replica in self._known)

    def resting(self) -> int:
        """How many replicas are left in peace."""
        return sum(replica.circuit.is_open for replica in self._known)

    def _by_load(self) -> list[Replica]:
        return self._known if len(self._known) == 1 else sorted(self._known, key=lambda replica: replica.busy)

    async def _resolve(self, now: float) -> None:
        """Look the name up again; requests wait for it only while no address is known."""
        if self._resolving is None:
            self._resolving = asyncio.create_task(self._look_up())
        if not self._known:
            await asyncio.shield(self._resolving)

    async def _look_up(self) -> None:
        try:
            found = await asyncio.to_thread(socket.getaddrinfo, self._place.host, self._place.port, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError, RuntimeError) as error:  # the last where no thread can be started
            log.warning("name_not_found", host=self._place.host, error=repr(error))
        else:
            addresses: list[Address] = list(dict.fromkeys((str(line[4][0]), self._place.port) for line in found))
            for gone in (replica for replica in self._known if replica.address not in addresses):
                gone.retire()
            known = {replica.address: replica for replica in self._known}
            self._known = [known.get(address) or Replica(address, self._tls, self._place.host) for address in addresses]
        now = asyncio.get_running_loop().time()
        self._resolved_at = now if self._known else now - RESOLVE_SECONDS + REST_SECONDS
        self._resolving = None

    def close(self) -> None:
        if self._resolving is not None:
            self._resolving.cancel()
        for replica in self._known:
            replica.retire()


@dataclass(frozen=True, slots=True)
class Place:
    """Where a service is, taken out of its URL."""

    secure: bool
    host: str
    port: int
    authority: str

    @classmethod
    def of(cls, url: str) -> "Place":
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname or parts.path not in ("", "/") or parts.query or parts.username:
            raise ValueError(f"{url!r} is not the address of a service; it is of the form http://host:port, without a path.")
        secure = parts.scheme == "https"
        return cls(secure, parts.hostname, parts.port or (443 if secure else 80), parts.netloc)
