"""For developers: write the generated reference, `docs/reference/`. `python -m baseyear.documents`

The OpenAPI document of the whole API, and the JSON Schema of each topic's events. A schema that would no longer read what the
committed one allowed is not written: contracts only grow.
"""

import asyncio
import json
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import httpx
from sqlalchemy import URL

from baseyear.one_process import Installation, composed
from baseyear.provisioning import ROOT, SCHEMAS
from contracts.schemas import event_schema, incompatibilities
from contracts.topics import TOPICS
from kernel.settings import Settings

REFERENCE = ROOT / "docs" / "reference"
NOWHERE = URL.create("postgresql", host="nowhere.invalid")


@asynccontextmanager
async def unconnected() -> AsyncIterator[Installation]:
    """The installation put together without a database, to look at."""
    with TemporaryDirectory() as home:
        async with composed(Settings(home=Path(home)), {schema.name: NOWHERE for schema in SCHEMAS}, "http://baseyear") as parts:
            yield parts


async def documents() -> dict[str, str]:
    """The content of every generated file, by its path under docs/reference."""
    async with (
        unconnected() as parts,
        httpx.AsyncClient(transport=httpx.ASGITransport(parts.door), base_url="http://baseyear") as client,
    ):
        answer = await client.get("/openapi.json")
    schemas = {f"events/{topic.name}.json": _text(event_schema(topic)) for topic in TOPICS}
    return {"openapi.json": _text(answer.raise_for_status().json()), **schemas}


def refusals(folder: Path, written: dict[str, str]) -> list[str]:
    """Why the files may not be replaced: what readers of the event schemas in `folder` would miss."""
    reasons = []
    for path in sorted((folder / "events").glob("*.json")):
        name = f"events/{path.name}"
        if name not in written:
            reasons.append(f"{name}: the topic is gone")
        else:
            reasons += [f"{name}: {reason}" for reason in incompatibilities(json.loads(path.read_text()), json.loads(written[name]))]
    return reasons


def _text(document: dict[str, Any]) -> str:
    return json.dumps(document, indent=1, ensure_ascii=False) + "\n"


def main() -> None:
    written = asyncio.run(documents())
    reasons = refusals(REFERENCE, written)
    if reasons:
        sys.exit("Events already written must stay readable. Make a new topic (.v2) instead:\n  " + "\n  ".join(reasons))
    for name, content in written.items():
        (REFERENCE / name).parent.mkdir(parents=True, exist_ok=True)
        (REFERENCE / name).write_text(content)


if __name__ == "__main__":
    main()
