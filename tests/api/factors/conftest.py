"""One installation for all tests that only read, and what the service has told."""

import json
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
import pytest_asyncio
from sqlalchemy import text

from baseyear.embedded import EmbeddedPostgres
from baseyear.one_process import Installation
from baseyear.one_process import installation as run_installation
from baseyear.provisioning import SCHEMAS, create_database, provision
from contracts.topics import FACTOR
from kernel.settings import Settings
from tests.conftest import ISSUER, OPERATOR_ID, OPERATOR_SECRET, Client, settings_of_tests, started_once


@pytest.fixture(scope="session")
def settings(home: Path) -> Settings:
    """With the pack that ships, whole."""
    return settings_of_tests(home, None)


@pytest_asyncio.fixture(scope="session")
async def template(postgres: EmbeddedPostgres, settings: Settings, patience: None) -> str:
    return await started_once(postgres, settings, "template_of_the_whole_catalogue")


@pytest_asyncio.fixture(scope="session")
async def reader(postgres: EmbeddedPostgres, settings: Settings, template: str) -> AsyncIterator[Client]:
    """The operator of an installation that nobody changes."""
    admin = await create_database(postgres.url(), "read_by_tests_of_factors", template)
    databases = await provision(admin, SCHEMAS, settings.home)
    async with run_installation(settings, databases, ISSUER) as running:
        transport = httpx.ASGITransport(app=running.door)
        async with httpx.AsyncClient(transport=transport, base_url=ISSUER, timeout=60) as client:
            yield await Client(client, OPERATOR_ID, OPERATOR_SECRET).sign_in()


@pytest_asyncio.fixture
async def told_of_factors(installation: Installation) -> Callable[[], Awaitable[list[dict[str, Any]]]]:
    """The events about factors so far, in the order in which they were recorded."""

    async def read() -> list[dict[str, Any]]:
        async with installation.services["factors"].ground.database.unit_of_work() as session:
            rows = await session.execute(text("SELECT value FROM outbox WHERE topic = :topic ORDER BY id"), {"topic": FACTOR.name})
            return [json.loads(row.value) for row in rows]

    return read
