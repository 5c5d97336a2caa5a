"""One address before several replicas, as a name with several addresses is in compose: a connection goes to one that takes it."""

import asyncio
import contextlib
import itertools
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager


@asynccontextmanager
async def balanced(port: int, behind: Sequence[int]) -> AsyncIterator[None]:
    """Pass connections to 127.0.0.1:`port` on to the ports `behind`, in turn."""
    turns = itertools.cycle(range(len(behind)))

    async def passed_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        first = next(turns)
        for place in range(len(behind)):
            with contextlib.suppress(OSError, asyncio.CancelledError):  # cancelled when the balancer ends
                upstream = await asyncio.open_connection("127.0.0.1", behind[(first + place) % len(behind)])
                await asyncio.gather(_copy(reader, upstream[1]), _copy(upstream[0], writer))
                return
        writer.close()

    server = await asyncio.start_server(passed_on, "127.0.0.1", port)
    try:
        yield
    finally:
        server.close()


async def _copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(OSError):
        while chunk := await reader.read(64 * 1024):
            writer.write(chunk)
            await writer.drain()
    with contextlib.suppress(OSError):
        writer.close()
