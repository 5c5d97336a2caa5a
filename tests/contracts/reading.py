"""Reading a bus in its tests: all that comes, one at a time, from the beginning again."""

import asyncio

from kernel.bus import Bus
from kernel.database import Database
from kernel.outbox import Message
from tests.api.kernel.ground import TOPIC, notes
from tests.contracts.conftest import Stand

CONSUMER = "beta"
PATIENCE = 10.0  # for what must come
SILENCE = 0.3  # for what must not


def said(messages: list[Message], key: str | None = None) -> list[str]:
    return [message.document()["said"] for message in messages if key in (None, message.key)]


async def behind(bus: Bus, consumer: str = CONSUMER, topics: tuple[str, ...] = (TOPIC,)) -> int:
    return sum((await bus.lag(consumer, list(topics))).values())


async def fetch_one(bus: Bus, consumer: str = CONSUMER) -> list[Message]:
    return await bus.fetch(consumer, [TOPIC], 1, PATIENCE)


async def fetch_all(bus: Bus, consumer: str = CONSUMER) -> list[Message]:
    """The next messages, some; those of one key all, because they lie in one partition."""
    return await bus.fetch(consumer, [TOPIC], 100, PATIENCE)


async def read_all(bus: Bus, consumer: str = CONSUMER, topics: tuple[str, ...] = (TOPIC,), limit: int = 100) -> list[Message]:
    """Fetch and commit until nothing is left."""
    read = []
    async with asyncio.timeout(60):
        while await behind(bus, consumer, topics):
            messages = await bus.fetch(consumer, list(topics), limit, PATIENCE)
            read += messages
            await bus.commit(consumer, messages)
    return read


async def rewind(stand: Stand, consumer: str = CONSUMER) -> None:
    async with stand.installation.database("beta").unit_of_work() as session:
        await stand.reader.rewind(session, consumer)


async def have(database: Database, number: int) -> bool:
    return len(await notes(database)) == number
