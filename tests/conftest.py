"""What every test stands on: a real PostgreSQL, one installation per test from a template database, and clients that speak HTTP."""

import asyncio
import json
import secrets
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx
import pytest
import pytest_asyncio

from kernel.telemetry import configure_logging

if TYPE_CHECKING:  # imported where they are needed, so that unit tests start at once
    from baseyear.embedded import EmbeddedPostgres
    from baseyear.one_process import Installation
    from kernel.settings import Settings

pytest_plugins = ["tests.brokers.plugin"]

ISSUER = "http://baseyear.test"
OPERATOR_ID = "operator"
OPERATOR_SECRET = "a-secret-of-the-tests-only-0123456789"
UNDURABLE = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}

configure_logging("json", "error")


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    headers: httpx.Headers
    content: bytes

    @property
    def body(self) -> Any:
        return json.loads(self.content)

    @property
    def problem(self) -> "ReceivedProblem":
        assert self.headers["content-type"] == "application/problem+json", self.content
        body = self.body
        return ReceivedProblem(body["code"], body["detail"], body.get("errors", []), body)


@dataclass(frozen=True, slots=True)
class ReceivedProblem:
    code: str
    detail: str
    errors: list[dict[str, Any]]
    document: dict[str, Any]

    @property
    def pointers(self) -> list[str]:
        return [error["pointer"] for error in self.errors]


@dataclass(slots=True)
class Client:
    """A client of the API with a token of its own."""

    http: httpx.AsyncClient
    client_id: str
    secret: str
    token: str = ""

    async def sign_in(self) -> "Client":
        answer = await self.http.post("/oauth2/token", data={"grant_type": "client_credentials"}, auth=(self.client_id, self.secret))
        assert answer.status_code == 200, answer.text
        self.token = answer.json()["access_token"]
        return self

    async def request(self, method: str, path: str, headers: dict[str, str] | None = None, **content: Any) -> Answer:
        authorised = {"Authorization": f"Bearer {self.token}"} | (headers or {})
        answer = await self.http.request(method, path, headers=authorised, **content)
        return Answer(answer.status_code, answer.headers, answer.content)

    async def get(self, path: str, **params: Any) -> Answer:
        return await self.request("GET", path, params=params or None)

    async def post(self, path: str, body: Any = None, headers: dict[str, str] | None = None) -> Answer:
        return await self.request("POST", path, headers=headers, json=body)

    async def put(self, path: str, body: Any, headers: dict[str, str] | None = None) -> Answer:
        return await self.request("PUT", path, headers=headers, json=body)

    async def patch(self, path: str, body: Any, if_match: str | None = "*") -> Answer:
        return await self.request("PATCH", path, headers={"If-Match": if_match} if if_match else None, json=body)

    async def delete(self, path: str) -> Answer:
        return await self.request("DELETE", path)


@pytest.fixture(scope="session")
def home() -> Iterator[Path]:
    """BASEYEAR_HOME of the run; not under pytest's own folder, which another run would close to PostgreSQL's user."""
    with tempfile.TemporaryDirectory(prefix="baseyear-tests-", ignore_cleanup_errors=True) as folder:
        yield Path(folder)


@pytest.fixture(scope="session")
def postgres(home: Path) -> Iterator["EmbeddedPostgres"]:
    """One cluster for the whole run; what it holds need not survive a power cut."""
    from baseyear.embedded import EmbeddedPostgres

    server = EmbeddedPostgres(home, UNDURABLE)
    server.start()
    yield server
    server.stop()


@pytest.fixture(scope="session")
def settings(home: Path) -> "Settings":
    from tests.small_pack import small_pack

    return settings_of_tests(home, small_pack())


def settings_of_tests(home: Path, factor_pack: Path | None) -> "Settings":
    """Settings with a known operator; a pack of a few publishers will do for all but tests of the catalogue itself."""
    from kernel.settings import Settings

    return Settings(
        home=home,
        operator_client_id=OPERATOR_ID,
        operator_client_secret=OPERATOR_SECRET,  # type: ignore[arg-type]
        factor_pack=factor_pack,
    )


@pytest.fixture(scope="session")
def patience() -> Iterator[None]:
    """Services of this process wait longer for each other than an installation's, because tests share the machine with anything."""
    from kernel import questions

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(questions, "DEADLINE_SECONDS", 20.0)
        yield


@pytest_asyncio.fixture(scope="session")
async def template(postgres: "EmbeddedPostgres", settings: "Settings", patience: None) -> str:
    """A database that was started once; tests copy it."""
    return await started_once(postgres, settings, "template_of_tests")


async def started_once(postgres: "EmbeddedPostgres", settings: "Settings", name: str) -> str:
    """A database that was migrated and started once, with the factor pack loaded and everything published; returns its name."""
    from baseyear.one_process import installation as run_installation
    from baseyear.provisioning import SCHEMAS, connect, create_database, provision

    admin = await create_database(postgres.url(), name)
    databases = await provision(admin, SCHEMAS, settings.home)
    async with run_installation(settings, databases, ISSUER) as running:
        await _until_settled(running)
    connection = await connect(admin)
    await connection.execute("DELETE FROM factors.outbox")  # published long since; every copy would carry it along
    await connection.execute("VACUUM FULL factors.outbox")
    await connection.close()
    return name


@asynccontextmanager
async def own_database(postgres: "EmbeddedPostgres", settings: "Settings", template: str) -> AsyncIterator[dict[str, Any]]:
    """The services' addresses of a copy of the template that lasts as long as the context."""
    from baseyear.provisioning import SCHEMAS, connect, create_database, runtime_addresses

    name = f"test_{secrets.token_hex(6)}"
    admin = await create_database(postgres.url(), name, template)
    yield runtime_addresses(admin, SCHEMAS, settings.home)
    connection = await connect(postgres.url())
    await connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)')
    await connection.close()


@pytest_asyncio.fixture
async def databases(postgres: "EmbeddedPostgres", settings: "Settings", template: str) -> AsyncIterator[dict[str, Any]]:
    """The services' addresses of a database of this test's own."""
    async with own_database(postgres, settings, template) as addresses:
        yield addresses


@pytest_asyncio.fixture
async def installation(settings: "Settings", databases: dict[str, Any]) -> AsyncIterator["Installation"]:
    """Gateway and services in this process, at work."""
    from baseyear.one_process import installation as run_installation

    async with run_installation(settings, databases, ISSUER) as running:
        yield running


@pytest_asyncio.fixture
async def http(installation: "Installation") -> AsyncIterator[httpx.AsyncClient]:
    """Plain HTTP to the gateway's door, without a token."""
    transport = httpx.ASGITransport(app=installation.door)
    async with httpx.AsyncClient(transport=transport, base_url=ISSUER, timeout=60) as client:
        yield client


@pytest_asyncio.fixture
async def operator(http: httpx.AsyncClient) -> Client:
    """The first operator, signed in."""
    return await Client(http, OPERATOR_ID, OPERATOR_SECRET).sign_in()


@pytest_asyncio.fixture
async def client_with(operator: Client) -> Callable[..., Awaitable[Client]]:
    """Makes clients: `await client_with(kind="ehs", source_systems=["ehs-1"])`."""
    return partial(new_client, operator)


async def new_client(operator: Client, kind: str, **narrowing: Any) -> Client:
    """A client of its own kind and narrowing, signed in."""
    answer = await operator.post("/v1/clients", {"name": f"{kind} {secrets.token_hex(4)}", "kind": kind, **narrowing})
    assert answer.status == 201, answer.content
    return await Client(operator.http, answer.body["client_id"], answer.body["client_secret"]).sign_in()


async def _until_settled(running: "Installation", seconds: float = 180) -> None:
    """Wait until every service has published its events and read those of the others."""
    async with asyncio.timeout(seconds):
        for service in running.services.values():
            await service.caught_up()


@pytest_asyncio.fixture
async def settled(installation: "Installation") -> Callable[[], Awaitable[None]]:
    """Waits until every service has published its events and read those of the others."""

    async def wait() -> None:
        await _until_settled(installation)

    return wait
