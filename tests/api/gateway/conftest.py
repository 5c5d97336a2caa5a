"""The gateway before three tiny services, so that its tests need nothing of the real ones."""

import secrets
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from fastapi import FastAPI
from starlette.responses import JSONResponse

import gateway.app
from baseyear import VERSION
from baseyear.embedded import EmbeddedPostgres
from baseyear.one_process import Installation
from baseyear.provisioning import SCHEMAS, connect, create_database, provision
from kernel.auth import TokenVerifier
from kernel.bus.log_table import LogTableBus, Wakeup
from kernel.database import Database
from kernel.files import Files
from kernel.keys import TokenSigner, load_or_create_key, public_keys
from kernel.pages import Cursors
from kernel.service import Ground
from kernel.settings import Settings

ISSUER = "http://baseyear.test"
GATEWAY = [schema for schema in SCHEMAS if schema.name == "gateway"]

Run = Callable[[Settings], AbstractAsyncContextManager[Installation]]


def tiny_service(name: str) -> FastAPI:
    """A service that says who it is."""
    app = FastAPI(title=name, docs_url=None, redoc_url=None)

    @app.get("/health/ready", include_in_schema=False)
    async def ready() -> JSONResponse:
        return JSONResponse({"status": "ready"}, app.state.ready)

    @app.get(f"/v1/{ {'factors': 'factors', 'inventory': 'activities', 'reporting': 'emissions'}[name] }", name=f"list_{name}")
    async def list_things() -> dict[str, str]:
        return {"service": name}

    app.state.ready = 200
    return app


@dataclass(frozen=True, slots=True)
class Place:
    """A database of a test's own, and a home folder to go with it."""

    database: Any
    home: Path


@pytest_asyncio.fixture(scope="session")
async def gateway_template(postgres: EmbeddedPostgres, home: Path) -> tuple[Any, str]:
    admin = await create_database(postgres.url(), "template_of_gateway_tests")
    databases = await provision(admin, GATEWAY, home)  # roles are of the whole cluster, so all tests share their passwords
    return databases["gateway"], "template_of_gateway_tests"


@asynccontextmanager
async def new_place(postgres: EmbeddedPostgres, gateway_template: tuple[Any, str], home: Path) -> AsyncIterator[Place]:
    runtime, template = gateway_template
    name = f"gateway_{secrets.token_hex(6)}"
    await create_database(postgres.url(), name, template)
    yield Place(runtime.set(database=name), home)
    connection = await connect(postgres.url())
    await connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)')
    await connection.close()


@pytest_asyncio.fixture
async def place(postgres: EmbeddedPostgres, gateway_template: tuple[Any, str], tmp_path: Path) -> AsyncIterator[Place]:
    async with new_place(postgres, gateway_template, tmp_path) as fresh:
        yield fresh


@pytest.fixture(scope="session")
def tiny_services() -> dict[str, FastAPI]:
    return {name: tiny_service(name) for name in ("factors", "inventory", "reporting")}


@asynccontextmanager
async def running_gateway(place: Place, services: dict[str, FastAPI], settings: Settings) -> AsyncIterator[Installation]:
    key = load_or_create_key(settings.keys_folder, "gateway")
    signer, verifier = TokenSigner(key, ISSUER), TokenVerifier(public_keys(key), ISSUER)
    database = Database(place.database, "gateway")
    bus, cursors, files = LogTableBus(database, Wakeup()), Cursors(b"a secret of the tests"), Files(settings.home / "files" / "gateway")
    front = gateway.app.assemble(Ground(settings, database, bus, verifier, cursors, files, VERSION), signer, key, services)
    async with front.running():
        yield Installation(front.door, {"gateway": front})


@pytest.fixture
def run_gateway(place: Place, tiny_services: dict[str, FastAPI]) -> Run:
    """Runs the gateway on the test's own database with given settings; can be done again, as a restart."""
    return lambda settings: running_gateway(place, tiny_services, settings)


@pytest_asyncio.fixture
async def fresh_installation(run_gateway: Run, place: Place, settings: Settings) -> AsyncIterator[Installation]:
    """A gateway in which nothing has happened yet."""
    async with run_gateway(settings.model_copy(update={"home": place.home})) as running:
        yield running


@pytest_asyncio.fixture(scope="session")
async def shared_installation(
    postgres: EmbeddedPostgres,
    gateway_template: tuple[Any, str],
    tiny_services: dict[str, FastAPI],
    settings: Settings,
    tmp_path_factory: pytest.TempPathFactory,
) -> AsyncIterator[Installation]:
    """A gateway for all tests that do not mind what others do."""
    home = tmp_path_factory.mktemp("gateway")
    async with (
        new_place(postgres, gateway_template, home) as place,
        running_gateway(place, tiny_services, settings.model_copy(update={"home": home})) as running,
    ):
        yield running


@pytest.fixture
def installation(shared_installation: Installation) -> Installation:
    """What the fixtures `http`, `operator` and `client_with` stand on here, unless a module says otherwise."""
    return shared_installation


@pytest.fixture
def name() -> str:
    """A name that no other test uses."""
    return f"client {secrets.token_hex(6)}"
