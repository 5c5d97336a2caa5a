"""The composition root of one process: gateway and services over one database, with direct calls between them."""

from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass

import httpx
from sqlalchemy import URL
from starlette.types import ASGIApp

from baseyear.composition import Composition, assemble, create_keys, gateway_before
from baseyear.provisioning import SERVICES
from kernel.questions import Questions
from kernel.service import Service
from kernel.settings import Settings


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
    if settings.keys is None:
        create_keys(settings.keys_folder)
    composition = Composition(settings, issuer)
    async with AsyncExitStack() as stack:
        services: dict[str, Service] = {}
        for name in SERVICES:
            token = composition.own_token(name)
            questions = {other: await stack.enter_async_context(_questions(name, service, token)) for other, service in services.items()}
            services[name] = assemble(name, composition.ground(name, databases[name], questions))
        front = gateway_before(composition, databases["gateway"], {name: service.app for name, service in services.items()})
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
async def _questions(asker: str, service: Service, token: Callable[[], str]) -> AsyncIterator[Questions]:
    transport = httpx.ASGITransport(app=service.app)
    async with httpx.AsyncClient(transport=transport, base_url=f"http://{service.name}") as client:
        yield Questions(asker, service.name, client, token)
