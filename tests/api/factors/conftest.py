"""One installation for all tests that only read."""

from collections.abc import AsyncIterator

import httpx
import pytest_asyncio

from baseyear.embedded import EmbeddedPostgres
from baseyear.one_process import installation as run_installation
from baseyear.provisioning import SCHEMAS, create_database, provision
from kernel.settings import Settings
from tests.conftest import ISSUER, OPERATOR_ID, OPERATOR_SECRET, Client


@pytest_asyncio.fixture(scope="session")
async def reader(postgres: EmbeddedPostgres, settings: Settings, template: str) -> AsyncIterator[Client]:
    """The operator of an installation that nobody changes."""
    admin = await create_database(postgres.url(), "read_by_tests_of_factors", template)
    databases = await provision(admin, SCHEMAS, settings.home)
    async with run_installation(settings, databases, ISSUER) as running:
        transport = httpx.ASGITransport(app=running.door)
        async with httpx.AsyncClient(transport=transport, base_url=ISSUER, timeout=60) as client:
            yield await Client(client, OPERATOR_ID, OPERATOR_SECRET).sign_in()
