"""Traces over every bus: an event brings its request's trace to whoever applies it."""

from kernel.consumer import Consumer, Subscription
from kernel.database import Session
from kernel.outbox import Message
from kernel.telemetry import current_trace_id, in_trace
from tests.api.kernel.ground import TOPIC, record
from tests.contracts.conftest import Stand

TRACE = "1" * 32


async def test_an_event_is_applied_in_the_trace_of_its_request(stand: Stand) -> None:
    with in_trace(f"00-{TRACE}-{'a' * 16}-01"):
        await record(stand.owner, ("k", "1"))
    await stand.relay.drain()
    heard: list[str | None] = []

    async def apply(session: Session, messages: list[Message]) -> None:
        heard.append(current_trace_id())

    reader = Consumer("beta", stand.installation.database("beta"), stand.reader, [Subscription(TOPIC, "state", apply)])
    while not await reader.consume(10):
        pass

    assert heard == [TRACE]
