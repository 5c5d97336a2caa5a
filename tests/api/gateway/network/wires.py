"""Both ends of the gateway's connections: services on real sockets, well-behaved or not, and clients that can let go."""

import asyncio
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import uvicorn

OK = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok"


def listener(port: int = 0) -> socket.socket:
    """A bound socket; its protocol is named, or asyncio would leave Nagle's algorithm on."""
    bound = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    bound.bind(("127.0.0.1", port))
    bound.listen(512)
    return bound


@asynccontextmanager
async def served(app: Any, port: int = 0) -> AsyncIterator[int]:
    """An app on a port of 127.0.0.1, by uvicorn in the loop of the test."""
    config = uvicorn.Config(app, lifespan="off", log_config=None, access_log=False, proxy_headers=False, timeout_graceful_shutdown=5)
    server = uvicorn.Server(config)
    with listener(port) as bound:
        task = asyncio.create_task(server.serve(sockets=[bound]))
        try:
            yield bound.getsockname()[1]
        finally:
            server.should_exit = True
            await task


@dataclass
class Wire:
    """One connection of a service that speaks for itself."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    number: int  # of the connection, from 1

    async def request(self) -> bytes:
        """The next request, head and body; b"" where the other side has closed."""
        try:
            head = await self.reader.readuntil(b"\r\n\r\n")
        except asyncio.IncompleteReadError:
            return b""
        length = next((int(line[15:]) for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")), 0)
        return head + await self.reader.readexactly(length)

    async def say(self, data: bytes) -> None:
        self.writer.write(data)
        await self.writer.drain()

    async def closed(self) -> None:
        """Wait until the other side has closed."""
        while await self.reader.read(65_536):
            pass


Behaviour = Callable[[Wire], Awaitable[None]]


@dataclass
class RawService:
    """A service that does on each connection what it was told; the connection closes afterwards."""

    behaviour: Behaviour
    port: int = 0
    connections: int = 0

    @asynccontextmanager
    async def listening(self, host: str = "127.0.0.1") -> AsyncIterator[int]:
        tasks = set()

        async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            tasks.add(asyncio.current_task())
            self.connections += 1
            try:
                await self.behaviour(Wire(reader, writer, self.connections))
            except (OSError, asyncio.CancelledError):
                pass  # the other side went away
            finally:
                writer.close()

        server = await asyncio.start_server(connected, host, self.port, limit=1024 * 1024)
        self.port = server.sockets[0].getsockname()[1]
        try:
            yield self.port
        finally:
            server.close()
            for task in tasks:
                task.cancel()


@dataclass
class RawClient:
    """A client that sends bytes and can let go at any moment."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    @classmethod
    async def to(cls, port: int) -> "RawClient":
        return cls(*await asyncio.open_connection("127.0.0.1", port))

    async def send(self, data: bytes) -> None:
        self.writer.write(data)
        await self.writer.drain()

    async def head(self) -> bytes:
        return await self.reader.readuntil(b"\r\n\r\n")

    async def answer(self) -> tuple[int, bytes]:
        """Status and body of an answer with a length."""
        head = await self.head()
        length = next(int(line[15:]) for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:"))
        return int(head[9:12]), await self.reader.readexactly(length)

    def let_go(self) -> None:
        self.writer.transport.abort()


async def eventually(condition: Callable[[], bool]) -> None:
    """Wait for what must come; a test that hangs here has failed."""
    async with asyncio.timeout(10):
        while not condition():
            await asyncio.sleep(0.01)
