"""A consumer of `beta` in a process of its own, until it is killed. `python -m tests.api.kernel.consuming ADDRESS SECONDS_PER_EVENT`"""

import asyncio
import sys

from sqlalchemy import text

from kernel.bus.log_table import LogTableBus, Wakeup
from kernel.consumer import Consumer, Subscription
from kernel.database import Database, Session
from kernel.outbox import Message
from tests.api.kernel.ground import TOPIC, note


async def note_slowly(session: Session, messages: list[Message]) -> None:
    for message in messages:
        await note(session, [message])
        await asyncio.sleep(float(sys.argv[2]))
    # What no inbox and no version guards: doubled work would show.
    counted = text("INSERT INTO counter VALUES ('events', :many) ON CONFLICT (name) DO UPDATE SET value = counter.value + :many")
    await session.execute(counted, {"many": len(messages)})


async def main() -> None:
    database = Database(sys.argv[1], "beta")
    print("ready", flush=True)
    await Consumer("beta", database, LogTableBus(database, Wakeup()), [Subscription(TOPIC, "fact", note_slowly)]).run()


if __name__ == "__main__":
    asyncio.run(main())
