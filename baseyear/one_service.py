"""The composition root of one service among several processes: events over Kafka, questions and requests over the network."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

import httpx
from sqlalchemy import URL, make_url
from starlette.types import ASGIApp

from baseyear.composition import Composition, assemble, gateway_before
from baseyear.listening import address_of, answering, listener
from baseyear.provisioning import SERVICES
from gateway.upstream import Upstream
from kernel.questions import DEADLINE_SECONDS, Questions
from kernel.service import Service
from kernel.settings import Settings, SettingsRefused, variable_of

NAMES = ("gateway", *SERVICES)


@asynccontextmanager
async def serving_one(settings: Settings, name: str) -> AsyncIterator[tuple[str, asyncio.Task[None]]]:
    """One service at work and its port open; yields its address, and the task that ends when the server does.

    raises  SettingsRefused where a setting is missing that a process of its own needs
    """
    async with AsyncExitStack() as stack:
        service, app = await _composed(settings, name, stack)
        stack.push_async_callback(service.ground.database.close)
        await stack.enter_async_context(service.running())
        bound = stack.enter_context(listener(settings.host, settings.port))
        server = await stack.enter_async_context(answering(app, bound, settings))
        yield address_of(settings, bound), server


async def _composed(settings: Settings, name: str, stack: AsyncExitStack) -> tuple[Service, ASGIApp]:
    """The service, and the app that answers for it."""
    database, issuer = _needed(settings, name)
    composition = Composition(settings, issuer)
    if name == "gateway":
        upstreams = {other: await stack.enter_async_context(Upstream(other, _url_of(settings, other))) for other in SERVICES}
        front = gateway_before(composition, database, upstreams)
        return front, front.door
    questions = {}
    for other in SERVICES[: SERVICES.index(name)]:
        client = await stack.enter_async_context(httpx.AsyncClient(base_url=_url_of(settings, other), timeout=DEADLINE_SECONDS))
        questions[other] = Questions(name, other, client, composition.own_token(name))
    service = assemble(name, composition.ground(name, database, questions))
    return service, service.app


def _needed(settings: Settings, name: str) -> tuple[URL, str]:
    """The database and the issuer of a process of its own."""
    if name not in NAMES:
        raise SettingsRefused(f"There is no service {name}; there are {', '.join(NAMES)}.")
    missing = [field for field in ("database_url", "public_url", "kafka_bootstrap") if getattr(settings, field) is None]
    if missing or settings.database_url is None or settings.public_url is None:
        raise SettingsRefused(
            f"`baseyear serve {name}` needs {', '.join(map(variable_of, missing))}. To run everything in one process: `baseyear up`."
        )
    return make_url(settings.database_url.get_secret_value()), settings.public_url


def _url_of(settings: Settings, other: str) -> str:
    if other not in settings.service_urls:
        raise SettingsRefused(f"Set BASEYEAR_{other.upper()}_URL to the address at which this process reaches {other}.")
    return settings.service_urls[other]
