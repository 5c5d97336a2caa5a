"""All topics begun anew, over whichever bus: emptied, and every service made to say and to hear everything again."""

import tempfile
from collections.abc import AsyncIterator, Collection, Mapping
from contextlib import asynccontextmanager
from datetime import datetime
from pathlib import Path

from sqlalchemy import URL

from baseyear.composition import create_keys
from baseyear.one_process import Installation, composed
from baseyear.provisioning import connect, mark_services, marks_of
from contracts.topics import TOPICS
from kernel.beginning_anew import begin_anew, facts_told, forget_facts
from kernel.retention import PUBLISHED_EVENTS
from kernel.settings import Settings
from kernel.unfinished import BEGIN_ANEW, PUT_BACK, Unfinished


class AtWork(Exception):
    """A service is running that must not; the message says which."""


async def refuse_while_at_work(admin: URL, addresses: Mapping[str, URL]) -> None:
    """Raises AtWork where a process of a service is connected to its database."""
    for name, address in addresses.items():
        connection = await connect(admin)
        try:
            working = await connection.fetchval(
                "SELECT true FROM pg_stat_activity WHERE datname = $1 AND application_name = $2", address.database, f"baseyear {name}"
            )
        finally:
            await connection.close()
        if working:
            raise AtWork(f"The service {name} is at work in its database: stop Baseyear, all its processes, and try again.")


async def refuse_half_restored(admin: URL, addresses: Mapping[str, URL], but: Collection[str]) -> None:
    """Raises Unfinished where the restore of a service was interrupted and it is not among those that are put back now."""
    for name, mark in (await marks_of(admin, addresses)).items():
        if mark == PUT_BACK and name not in but:
            raise Unfinished(f"{name} holds only a part of what it should. {mark}")


@asynccontextmanager
async def services_at_rest(settings: Settings, addresses: Mapping[str, URL]) -> AsyncIterator[Installation]:
    """All services put together, none of them running, with keys of the moment: those of a distributed installation are in many places."""
    with tempfile.TemporaryDirectory() as keys:
        create_keys(Path(keys))
        async with composed(settings.model_copy(update={"keys": Path(keys)}), dict(addresses), settings.public_url or "") as parts:
            yield parts


async def begin_all_anew(settings: Settings, admin: URL, parts: Installation, because: str) -> None:
    """Empty every topic and begin anew in every service, none of which is running, or starts before all have.

    raises  Unfinished, and nothing is changed
    """
    addresses = _addresses(parts)
    await refuse_half_restored(admin, addresses, but=())
    await mark_services(admin, addresses, BEGIN_ANEW)
    await empty_topics(settings, admin)
    await hear_all_anew(admin, parts, because, restored={})


async def hear_all_anew(admin: URL, parts: Installation, because: str, restored: Mapping[str, datetime]) -> None:
    """Begin anew in every service, now that the topics are empty; then they may start.

    restored  services whose databases were put back, each to what it was at that instant: facts that they told since have not happened
    """
    for service in parts.services.values():
        await begin_anew(service, because)
    for name, taken_at in restored.items():
        owner = parts.services[name]
        async with owner.ground.database.unit_of_work() as session:
            told = await facts_told(session, owner.state_topics)
        for reader in parts.services.values():
            async with reader.ground.database.unit_of_work() as session:
                await forget_facts(session, reader.facts, f"/baseyear/{name}", taken_at - PUBLISHED_EVENTS, told)
    await mark_services(admin, _addresses(parts), None)


def _addresses(parts: Installation) -> dict[str, URL]:
    return {name: service.ground.database.engine.url for name, service in parts.services.items()}


async def empty_topics(settings: Settings, admin: URL) -> None:
    if settings.kafka_bootstrap is not None:
        from kernel.bus.kafka import connection_options, create_topics, delete_topics  # noqa: PLC0415 - the extra `kafka`

        options = connection_options(settings)
        await delete_topics(options, TOPICS)
        await create_topics(options, TOPICS, settings.kafka_replication)
        return
    connection = await connect(admin)
    try:
        await connection.execute("TRUNCATE bus.log, bus.cursor")
    finally:
        await connection.close()
