"""A small HTTP load: keep-alive connections that send prepared requests one after the other; run as a process of its own."""

import asyncio
import sys
import time
from dataclasses import dataclass
from multiprocessing import get_context

import uvloop


@dataclass(frozen=True, slots=True)
class Load:
    """What came of a load: requests a second, the 50th and 99th percentile in milliseconds, and the answers that were no success."""

    rate: float
    median_ms: float
    p99_ms: float
    failures: int


async def _connection(host: str, port: int, requests: list[bytes], times: list[float], failures: list[bytes]) -> None:
    reader, writer = await asyncio.open_connection(host, port)
    for request in requests:
        begun = time.perf_counter()
        writer.write(request)
        head = await reader.readuntil(b"\r\n\r\n")
        length = int(head.lower().split(b"content-length:")[1].split(b"\r\n")[0])
        body = await reader.readexactly(length)
        times.append(time.perf_counter() - begun)
        if not head.startswith(b"HTTP/1.1 2"):
            failures.append(head + body)
    writer.close()


async def _run(host: str, port: int, per_connection: list[list[bytes]]) -> Load:
    times: list[float] = []
    failures: list[bytes] = []
    begun = time.perf_counter()
    await asyncio.gather(*(_connection(host, port, requests, times, failures) for requests in per_connection))
    seconds = time.perf_counter() - begun
    if failures:
        print(failures[0].decode(errors="replace")[:1_000], file=sys.stderr)
    times.sort()
    return Load(len(times) / seconds, times[len(times) // 2] * 1000, times[len(times) * 99 // 100] * 1000, len(failures))


def _in_process(host: str, port: int, per_connection: list[list[bytes]]) -> Load:
    return uvloop.run(_run(host, port, per_connection))


def send(host: str, port: int, per_connection: list[list[bytes]]) -> Load:
    """Send each connection's requests, all connections at once, from a process of their own."""
    with get_context("spawn").Pool(1) as pool:
        return pool.apply(_in_process, (host, port, per_connection))


def post(path: str, body: bytes, token: str = "") -> bytes:
    """The bytes of a POST of JSON."""
    authorization = f"Authorization: Bearer {token}\r\n" if token else ""
    head = f"POST {path} HTTP/1.1\r\nHost: bench\r\n{authorization}Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    return head.encode() + body
