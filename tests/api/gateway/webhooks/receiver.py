"""A receiver of webhooks: a real HTTP server on this machine that keeps what it gets and answers as it is told."""

import asyncio
import json
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

SILENCE = 0  # in place of a status: the request is read and never answered


@dataclass(frozen=True, slots=True)
class Reply:
    status: int
    headers: dict[str, str] = field(default_factory=dict)
    body: str = ""


@dataclass(frozen=True, slots=True)
class Received:
    path: str
    headers: dict[str, str]
    content: bytes

    @property
    def message_id(self) -> str:
        return self.headers["webhook-id"]

    @property
    def body(self) -> Any:
        return json.loads(self.content)


@dataclass(slots=True)
class Receiver:
    """`replies` are given one by one, then 204 for ever."""

    port: int = 0
    received: list[Received] = field(default_factory=list)
    replies: list[Reply] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/hooks"

    async def got(self, number: int, seconds: float = 30) -> list[Received]:
        """What it has received, once that is at least `number` requests."""
        async with asyncio.timeout(seconds):
            while len(self.received) < number:
                await asyncio.sleep(0.02)
        return self.received

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            head = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
            headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in head[1:] if line)}
            content = await reader.readexactly(int(headers.get("content-length", 0)))
            self.received.append(Received(head[0].split(" ")[1], headers, content))
            reply = self.replies.pop(0) if self.replies else Reply(204)
            if reply.status == SILENCE:
                await reader.read()  # until the sender gives up
                return
            lines = [f"HTTP/1.1 {reply.status} As it was told", *(f"{name}: {value}" for name, value in reply.headers.items())]
            lines += [f"Content-Length: {len(reply.body.encode())}"] if reply.status != 204 else []
            writer.write(("\r\n".join([*lines, "Connection: close", "", ""]) + reply.body).encode())
            await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            pass  # a connection that was opened and not used
        finally:
            writer.close()


@asynccontextmanager
async def receiving(context: ssl.SSLContext | None = None) -> AsyncIterator[Receiver]:
    receiver = Receiver()
    server = await asyncio.start_server(receiver.answer, "127.0.0.1", 0, ssl=context)
    receiver.port = server.sockets[0].getsockname()[1]
    try:
        yield receiver
    finally:
        server.close()
