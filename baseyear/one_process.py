"""The composition root of one process: gateway and services over one database, the log table and direct calls."""

import hashlib
import importlib
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass

import httpx
from sqlalchemy import URL
from starlette.types import ASGIApp

import gateway.app
from baseyear import VERSION
from baseyear.provisioning import SERVICES
from kernel.auth import TokenVerifier
from kernel.bus.log_table import LogTableBus, Wakeup
from kernel.database import Database
from kernel.files import Files
from kernel.keys import TokenSigner, load_or_create_key, public_keys
from kernel.pages import Cursors
from kernel.questions import Questions
from kernel.service import Ground, Service
from kernel.settings import Settings

QUESTION_SCOPES = ["factors:read", "activities:read", "inventories:read", "entities:read", "reports:read"]


@dataclass(frozen=True, slots=True)
class Installation:
    """Everything in one process: `door` is the ASGI app that the world talks to."""

    door: ASGIApp
    services: dict[str, Service]


@asynccontextmanager
async def composed(settings: Settings, databases: dict[str, URL], issuer: str) -> AsyncIterator[Installation]:
    """The installation put together, with nothing of it at work yet.

    databases  the runtime address of each service's database, as `provision` returns them
    issuer     the address that access tokens name
    """
    key = load_or_create_key(settings.home)
    signer = TokenSigner(key, issuer)
    verifier = TokenVerifier(public_keys(key), issuer)
    cursors = Cursors(hashlib.sha256(b"cursors" + key.as_bytes(private=True)).digest())
    files = Files(settings.home / "files")
    wakeup = Wakeup()

    def ground(name: str, questions: dict[str, Questions]) -> Ground:
        database = Database(databases[name], name)
        return Ground(settings, database, LogTableBus(database, wakeup), verifier, cursors, files, VERSION, questions)

    async with AsyncExitStack() as stack:
        services: dict[str, Service] = {}
        for name in SERVICES:
            questions = {other: await stack.enter_async_context(_questions(name, service, signer)) for other, service in services.items()}
            assemble: Callable[[Ground], Service] = importlib.import_module(f"services.{name}.app").assemble
            services[name] = assemble(ground(name, questions))
        front = gateway.app.assemble(ground("gateway", {}), signer, key, {name: service.app for name, service in services.items()})
        services = {"gateway": front, **services}
        for service in services.values():
            stack.push_async_callback(service.ground.database.close)
        yield Installation(front.door, services)


@asynccontextmanager
async def installation(settings: Settings, databases: dict[str, URL], issuer: str) -> AsyncIterator[Installation]:
    """The installation at work; leaving stops every service."""
    async with composed(settings, databases, issuer) as parts, AsyncExitStack() as stack:
        for service in parts.services.values():
            await stack.enter_async_context(service.running())
        yield parts


@asynccontextmanager
async def _questions(asker: str, service: Service, signer: TokenSigner) -> AsyncIterator[Questions]:
    transport = httpx.ASGITransport(app=service.app)
    async with httpx.AsyncClient(transport=transport, base_url=f"http://{service.name}") as client:
        yield Questions(service.name, client, lambda: signer.sign(f"service:{asker}", "service", asker, QUESTION_SCOPES))
