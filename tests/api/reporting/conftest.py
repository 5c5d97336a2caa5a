"""The reporting service at work on a real database and a real log, beside an inventory that says what a test lets it say."""

import asyncio
import json
import random
import secrets
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest_asyncio
from sqlalchemy import URL, text
from starlette.requests import Request
from starlette.responses import JSONResponse

from baseyear.embedded import EmbeddedPostgres
from baseyear.provisioning import SCHEMAS, connect, create_database, provision
from contracts.topics import TOPICS
from ghg.rounding import kilograms
from kernel import outbox
from kernel.auth import TokenVerifier
from kernel.bus.log_table import LogTableBus, Wakeup
from kernel.database import Database
from kernel.files import Files
from kernel.keys import TokenSigner, load_or_create_key, public_keys
from kernel.outbox import Message
from kernel.pages import Cursors
from kernel.questions import Questions
from kernel.relay import Relay
from kernel.service import Ground, Service
from kernel.settings import Settings
from services.reporting.app import assemble
from services.reporting.handlers import FACTS, PROJECTIONS, SUBSCRIPTIONS
from tests.api.reporting import group
from tests.conftest import ISSUER, Client

SCHEMAS_HERE = [schema for schema in SCHEMAS if schema.name in ("inventory", "reporting")]
READER = ["reports:read", "reports:issue"]
TOPIC_OF = {topic.model: topic.name for topic in TOPICS}


@dataclass(slots=True)
class Teller:
    """An inventory service of which only two answers exist.

    figures      totals by entity: external id → (mg CO2e, mg biogenic CO2, records)
    inventories  id → (year, name)
    """

    figures: dict[str | None, tuple[int, int, int]] = field(default_factory=dict)
    inventories: dict[str, tuple[int, str]] = field(default_factory=dict)
    silent: bool = False
    asked: int = 0

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        request = Request(scope)
        self.asked += 1
        if self.silent:
            answer = JSONResponse({"code": "unavailable"}, 503)
        elif request.url.path == "/v1/inventories":
            wanted = (request.query_params["year"], request.query_params.get("name"))
            found = [id for id, (year, name) in self.inventories.items() if wanted in ((str(year), name), (str(year), None))]
            answer = JSONResponse({"items": [{"id": id} for id in found]})
        else:
            assert request.query_params["group_by"] == "entity"
            items = [
                {"entity": name, "emissions": {"co2e_kg": kilograms(co2e), "biogenic_co2_kg": kilograms(biogenic)}, "records": records}
                for name, (co2e, biogenic, records) in self.figures.items()
            ]
            answer = JSONResponse({"items": items})
        await answer(scope, receive, send)


@dataclass(slots=True)
class Stand:
    """The service, and ways to tell it things and to look at what it holds."""

    service: Service
    owner: Database
    wakeup: Wakeup
    inventory: Teller
    http: httpx.AsyncClient
    signer: TokenSigner

    def client(self, scopes: Sequence[str] = READER, **narrowing: Any) -> Client:
        client_id = f"client-{secrets.token_hex(4)}"
        return Client(self.http, client_id, "", self.signer.sign(client_id, "app", client_id, list(scopes), **narrowing))

    async def tell(self, *events: Any) -> None:
        """Publish events through an owner's outbox and relay, and wait until the service has applied them."""
        async with self.owner.unit_of_work() as session:
            await session.connection()  # the change that real events tell of would have opened the transaction
            for event in events:
                outbox.record(session, TOPIC_OF[type(event)], getattr(event, "id", "ehs-1"), event)
        while await Relay(self.owner, LogTableBus(self.owner, self.wakeup)).drain():
            pass
        await self.service.caught_up()

    async def apply(self, messages: list[Message], batches: random.Random | None = None) -> None:
        """Hand messages to the service's handlers in the order given, in batches of one or of random sizes, each a transaction."""
        waiting = list(messages)
        while waiting:
            size = batches.randint(1, 12) if batches else len(waiting)
            batch, waiting = waiting[:size], waiting[size:]
            async with self.service.ground.database.unit_of_work() as session:
                for subscription in SUBSCRIPTIONS:
                    own = [message for message in batch if message.topic == subscription.topic]
                    if own:
                        await subscription.apply(session, own)

    async def rows(self) -> dict[str, list[dict[str, Any]]]:
        """Every row of every projection and every fact, with all columns."""
        async with self.service.ground.database.unit_of_work() as session:
            return {
                table: sorted(
                    [json.loads(row) for row in await session.scalars(text(f'SELECT to_jsonb(t)::text FROM "{table}" t'))], key=str
                )
                for table in (*PROJECTIONS, *FACTS)
            }

    async def forget(self) -> None:
        async with self.service.ground.database.unit_of_work() as session:
            for table in (*PROJECTIONS, *FACTS):
                await session.execute(text(f'DELETE FROM "{table}"'))

    async def scalar(self, statement: str) -> Any:
        async with self.service.ground.database.unit_of_work() as session:
            return await session.scalar(text(statement))

    async def execute(self, statement: str, **values: Any) -> None:
        async with self.service.ground.database.unit_of_work() as session:
            await session.execute(text(statement), values)


async def until(condition: Callable[[], bool]) -> None:
    """Wait until something has come true, at most 20 seconds."""
    async with asyncio.timeout(20):
        while True:
            if condition():
                return
            await asyncio.sleep(0.05)


def as_messages(events: Sequence[Any]) -> list[Message]:
    """Events as they come from the log: in order, each with its place in its topic."""
    places: dict[str, int] = {}
    messages = []
    for number, event in enumerate(events):
        topic = TOPIC_OF[type(event)]
        places[topic] = places.get(topic, 0) + 1
        headers = {"ce_source": "/baseyear/inventory", "ce_id": f"event-{number}"}
        messages.append(Message(topic, getattr(event, "id", "ehs-1"), headers, event.model_dump_json(), places[topic]))
    return messages


@pytest_asyncio.fixture(scope="session")
async def reporting_template(postgres: EmbeddedPostgres, home: Path) -> str:
    admin = await create_database(postgres.url(), "template_of_reporting")
    await provision(admin, SCHEMAS_HERE, home)
    return "template_of_reporting"


@pytest_asyncio.fixture
async def reporting_databases(postgres: EmbeddedPostgres, home: Path, reporting_template: str) -> AsyncIterator[dict[str, URL]]:
    name = f"reporting_{secrets.token_hex(6)}"
    admin = await create_database(postgres.url(), name, reporting_template)
    passwords = json.loads((home / "database-roles.json").read_text())
    yield {schema.name: admin.set(username=schema.name, password=passwords[schema.name]) for schema in SCHEMAS_HERE}
    connection = await connect(postgres.url())
    await connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)')
    await connection.close()


@pytest_asyncio.fixture
async def stand(home: Path, reporting_databases: dict[str, URL]) -> AsyncIterator[Stand]:
    """The service running, having heard nothing yet."""
    key = load_or_create_key(home / "keys", "gateway")
    signer, verifier, wakeup, teller = TokenSigner(key, ISSUER), TokenVerifier(public_keys(key), ISSUER), Wakeup(), Teller()
    database, owner = Database(reporting_databases["reporting"], "reporting"), Database(reporting_databases["inventory"], "inventory")
    transport = httpx.ASGITransport(app=teller)
    async with httpx.AsyncClient(transport=transport, base_url="http://inventory") as asked:
        token = lambda: signer.sign("service:reporting", "service", "reporting", ["inventories:read"])  # noqa: E731
        ground = Ground(
            Settings(home=home),
            database,
            LogTableBus(database, wakeup),
            verifier,
            Cursors(b"a secret of tests"),
            Files(home / "files" / "reporting"),
            "0.0.test",
            {"inventory": Questions("reporting", "inventory", asked, token)},
        )
        service = assemble(ground)
        async with (
            service.running(),
            httpx.AsyncClient(transport=httpx.ASGITransport(app=service.app), base_url=ISSUER, timeout=60) as http,
        ):
            yield Stand(service, owner, wakeup, teller, http, signer)
        await owner.close()


@pytest_asyncio.fixture
async def told(stand: Stand) -> Stand:
    """The service after the small group has been told in full, and the inventory counting the same."""
    await stand.tell(*group.everything())
    stand.inventory.figures = dict(group.TOTALS)
    return stand
