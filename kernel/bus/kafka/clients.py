"""Clients of Kafka: how they reach it, and how they start and stop while it is away."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import structlog
from aiokafka import AIOKafkaConsumer
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.conn import create_conn
from aiokafka.errors import KafkaConnectionError, KafkaError
from aiokafka.helpers import create_ssl_context

from kernel.settings import Settings

log = structlog.get_logger()

ANSWER_SECONDS = 10
START_SECONDS = 30  # joining a group waits for the other members
STOP_SECONDS = 3

Options = dict[str, Any]
_STOPPING: set[asyncio.Task[None]] = set()


class BusUnavailable(Exception):
    """Kafka cannot be reached, or took nothing of what was to be published, which the outbox keeps; the message says why."""


def connection_options(settings: Settings) -> Options:
    """How the clients of this process reach and address Kafka."""
    options: Options = {
        "bootstrap_servers": settings.kafka_bootstrap,
        "security_protocol": settings.kafka_security.upper(),
        "request_timeout_ms": ANSWER_SECONDS * 1000,
    }
    if settings.kafka_security.endswith("ssl"):
        options["ssl_context"] = create_ssl_context(cafile=settings.kafka_ca, certfile=settings.kafka_cert, keyfile=settings.kafka_key)
    if settings.kafka_security.startswith("sasl") and settings.kafka_password is not None:
        options["sasl_mechanism"] = settings.kafka_sasl_mechanism
        options["sasl_plain_username"] = settings.kafka_username
        options["sasl_plain_password"] = settings.kafka_password.get_secret_value()
    return options


@asynccontextmanager
async def connected(kind: type[Any], options: Options, **own: Any) -> AsyncIterator[Any]:
    """A client with options of its own besides those that all have, connected as long as the context lasts; raises BusUnavailable."""
    client = kind(**options, **own)
    await start(client, options)
    try:
        yield client
    finally:
        await stop(client)


async def start(client: Any, options: Options) -> None:
    """Connect a client and have it ready; raises BusUnavailable."""
    try:
        async with asyncio.timeout(START_SECONDS):
            await client.start()
    except BaseException as error:
        await stop(client)
        if isinstance(error, KafkaConnectionError):
            raise BusUnavailable(await _why_unreachable(options)) from error
        if isinstance(error, TimeoutError):
            raise BusUnavailable(f"Kafka at {options['bootstrap_servers']} has not let us in within {START_SECONDS} s") from error
        raise


async def stop(client: Any) -> None:
    """Stop a client, which waits for a broker that is away (aio-libs/aiokafka#1101): then it goes on stopping by itself."""
    stopping = asyncio.create_task(_stop_all_of(client))
    _STOPPING.add(stopping)
    stopping.add_done_callback(_stopped)
    await asyncio.wait([stopping], timeout=STOP_SECONDS)


async def _stop_all_of(client: Any) -> None:
    if isinstance(client, AIOKafkaAdminClient):
        await client.close()
    elif isinstance(client, AIOKafkaConsumer):
        # While Kafka is away its stop() trips over the fetches that it has cancelled, and leaves its connections behind.
        with contextlib.suppress(asyncio.CancelledError):
            await client.stop()
        await client._client.close()
    else:
        await client.stop()


def _stopped(task: asyncio.Task[None]) -> None:
    _STOPPING.discard(task)
    if not task.cancelled() and task.exception() is not None:
        log.info("kafka_client_stopped", error=repr(task.exception()))


async def _why_unreachable(options: Options) -> str:
    """What the first broker answers: aiokafka tells its log only."""
    address = options["bootstrap_servers"].partition(",")[0]
    host, _, port = address.rpartition(":")
    try:
        connection = await create_conn(host, int(port), **{name: options[name] for name in options if name != "bootstrap_servers"})
    except (OSError, KafkaError) as error:
        return f"Kafka cannot be reached at {address}: {error}"
    connection.close()
    return f"Kafka could not be reached at {options['bootstrap_servers']}"
