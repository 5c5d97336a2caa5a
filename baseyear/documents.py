"""For developers: write the generated reference, `docs/reference/`. `python -m baseyear.documents`

The OpenAPI document of the whole API, the AsyncAPI document of all topics, the JSON Schema of each topic's events, and the page of the
factors' sources. Schemas that are no longer the contract of the released ones, `contracts/released/`, or of those last written, are not
written.

`python -m baseyear.documents release` is for whoever makes a release: it also keeps the schemas under the product's version, for good.
"""

import asyncio
import json
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import httpx
from sqlalchemy import URL

from baseyear import VERSION
from baseyear.factor_sources import factor_sources_page
from baseyear.one_process import Installation, composed
from baseyear.provisioning import ROOT, SCHEMAS
from contracts.asyncapi import asyncapi
from contracts.compatibility import incompatibilities
from contracts.schemas import event_schema
from contracts.topics import TOPICS
from kernel.settings import Settings

REFERENCE = ROOT / "docs" / "reference"
RELEASED = ROOT / "contracts" / "released"
NOWHERE = URL.create("postgresql", host="nowhere.invalid")


@asynccontextmanager
async def unconnected() -> AsyncIterator[Installation]:
    """The installation put together without a database, to look at."""
    with TemporaryDirectory() as home:
        async with composed(Settings(home=Path(home)), {schema.name: NOWHERE for schema in SCHEMAS}, "http://baseyear") as parts:
            yield parts


async def openapi() -> str:
    """The OpenAPI document as it is served."""
    async with (
        unconnected() as parts,
        httpx.AsyncClient(transport=httpx.ASGITransport(parts.door), base_url="http://baseyear") as client,
    ):
        answer = await client.get("/openapi.json")
    return _text(answer.raise_for_status().json())


def event_documents() -> dict[str, str]:
    """The schema of each topic's events as a file's content, by the file's name."""
    return {f"{topic.name}.json": _text(event_schema(topic)) for topic in TOPICS}


def asyncapi_document() -> str:
    return _text(asyncapi(TOPICS, VERSION))


def refusals(folder: Path, schemas: Mapping[str, str]) -> list[str]:
    """Why the schemas are not the contract that those in `folder` are: a topic that is gone, or a change that is not compatible."""
    reasons = []
    for path in sorted(folder.glob("*.json")):
        if path.name not in schemas:
            reasons.append(f"{path.stem}: the topic is gone")
        else:
            changes = incompatibilities(json.loads(path.read_text()), json.loads(schemas[path.name]))
            reasons += [f"{path.stem}: {reason}" for reason in changes]
    return reasons


def write(folder: Path, files: Mapping[str, str]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        (folder / name).write_text(content)


def release(folder: Path, version: str, schemas: Mapping[str, str]) -> None:
    """Keep the schemas of a release; exits where that release was kept otherwise."""
    kept = folder / version
    if kept.exists() and {path.name: path.read_text() for path in kept.iterdir()} != schemas:
        sys.exit(f"{version} is released with other schemas, which never change: raise the version in pyproject.toml.")
    write(kept, schemas)


def _text(document: dict[str, Any]) -> str:
    return json.dumps(document, indent=1, ensure_ascii=False) + "\n"


def main() -> None:
    schemas = event_documents()
    reasons = [reason for folder in (*RELEASED.iterdir(), REFERENCE / "events") for reason in refusals(folder, schemas)]
    if reasons:
        sys.exit("Make a new topic (.v2) instead; what is told and read under this one stays as it is:\n  " + "\n  ".join(reasons))
    write(
        REFERENCE,
        {"openapi.json": asyncio.run(openapi()), "asyncapi.json": asyncapi_document(), "factor-sources.md": factor_sources_page()},
    )
    write(REFERENCE / "events", schemas)
    if sys.argv[1:] == ["release"]:
        release(RELEASED, VERSION, schemas)


if __name__ == "__main__":
    main()
