"""What benchmarks/gateway_forward.py puts before each other, each a process on one core: python -m benchmarks.forwarders ROLE PORT UPSTREAM

upstream  the least that uvicorn answers: 1 kB, or 10 MB under /v1/activities/stream
plain     the gateway's door before it, without quotas
full      the same with quotas that are never used up; requests bring a token and a trace
aiohttp   a forwarder over aiohttp's client, without anything else that the gateway does
"""

import sys
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import aiohttp
from starlette.types import ASGIApp, Receive, Scope, Send
from yarl import URL

from baseyear.listening import answering, listener, stop_asked, until
from baseyear.terminal import run_until_done
from gateway.door import Door
from gateway.limits import QUOTAS, Limits, Quota
from gateway.upstream import Upstream
from kernel.auth import TokenVerifier
from kernel.keys import TokenSigner, load_or_create_key, load_public_keys
from kernel.settings import Settings
from kernel.telemetry import configure_logging

ISSUER = "http://bench"
STREAM = "/v1/activities/stream"
SMALL = b'{"text":"' + b"x" * 1_000 + b'"}'
PIECE = b"x" * 65_536
PIECES = 160


async def upstream(scope: Scope, receive: Receive, send: Send) -> None:
    streamed = scope["path"] == STREAM
    length = PIECES * len(PIECE) if streamed else len(SMALL)
    headers = [(b"content-type", b"application/json"), (b"content-length", b"%d" % length)]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    for _ in range(PIECES if streamed else 0):
        await send({"type": "http.response.body", "body": PIECE, "more_body": True})
    await send({"type": "http.response.body", "body": b"" if streamed else SMALL})


@asynccontextmanager
async def door(url: str, keys: Path, quotas: dict[str, Quota]) -> AsyncIterator[ASGIApp]:
    async with Upstream("inventory", url) as inventory:
        yield Door({"/v1/activities": inventory}, {}, upstream, TokenVerifier(load_public_keys(keys), ISSUER), Limits(quotas))


@asynccontextmanager
async def over_aiohttp(url: str) -> AsyncIterator[ASGIApp]:
    nothing_of_its_own = ["User-Agent", "Accept", "Accept-Encoding", "Content-Type"]
    async with aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(limit=0),
        cookie_jar=aiohttp.DummyCookieJar(),
        auto_decompress=False,
        timeout=aiohttp.ClientTimeout(total=None),
        skip_auto_headers=nothing_of_its_own,
    ) as session:

        async def forward(scope: Scope, receive: Receive, send: Send) -> None:
            target = URL(url + scope["raw_path"].decode(), encoded=True)
            headers = [(name.decode("latin-1"), value.decode("latin-1")) for name, value in scope["headers"]]
            async with session.request(scope["method"], target, headers=headers, allow_redirects=False) as answer:
                start = {"status": answer.status, "headers": [(name.lower(), value) for name, value in answer.raw_headers]}
                await send({"type": "http.response.start", **start})
                async for piece in answer.content.iter_any():
                    await send({"type": "http.response.body", "body": piece, "more_body": True})
                await send({"type": "http.response.body", "body": b""})

        yield forward


def token(keys: Path) -> str:
    """An access token that the door takes, as a client's that pushes in bulk."""
    signer = TokenSigner(load_or_create_key(keys, "gateway"), ISSUER)
    return signer.sign("bench", "ehs", "the benchmark", ["activities:read", "activities:write"])


async def main(role: str, port: int, url: str, keys: Path) -> None:
    async with AsyncExitStack() as stack:
        apps = {
            "upstream": lambda: None,
            "plain": lambda: door(url, keys, {}),
            "full": lambda: door(url, keys, {name: Quota(10**9, 60) for name in QUOTAS}),
            "aiohttp": lambda: over_aiohttp(url),
        }
        opened = apps[role]()
        app = upstream if opened is None else await stack.enter_async_context(opened)
        bound = stack.enter_context(listener("127.0.0.1", port))
        server = await stack.enter_async_context(answering(app, bound, Settings()))
        await until(stop_asked(), server)


if __name__ == "__main__":
    configure_logging("json", "error")
    run_until_done(main(sys.argv[1], int(sys.argv[2]), sys.argv[3], Path(sys.argv[4])))
