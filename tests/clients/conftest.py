"""An installation for the clients of a language, and the document that it serves."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest_asyncio

from tests.installations.forms import one_process


@dataclass(frozen=True, slots=True)
class Serving:
    """What the author of a client is given: an address, the OpenAPI document behind it, and an id with its secret."""

    url: str
    document: Path
    credentials: dict[str, str]


@pytest_asyncio.fixture(scope="module")
async def serving(tmp_path_factory) -> AsyncIterator[Serving]:
    async with one_process() as installation:
        async with httpx.AsyncClient(base_url=installation.url, timeout=30) as http:
            answer = await http.get("/openapi.json")
        document = tmp_path_factory.mktemp("openapi") / "openapi.json"
        document.write_bytes(answer.raise_for_status().content)
        client_id, secret = installation.operator()
        yield Serving(installation.url, document, {"CLIENT_ID": client_id, "CLIENT_SECRET": secret})
