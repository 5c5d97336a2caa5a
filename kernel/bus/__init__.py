"""The bus: what a service needs of an event log, whichever log it is.

An implementation keeps, per topic, the order in which the owner's relay published; gives every consumer its own progress;
delivers at least once. One contract suite (tests/contracts) holds for all implementations.
"""

from typing import Protocol

from kernel.database import Session
from kernel.outbox import Message


class Bus(Protocol):
    async def publish(self, session: Session, messages: list[Message]) -> None:
        """Append messages in order; a log in the same database does so in the session's transaction."""

    def published(self) -> None:
        """Called after the relay's commit, so that consumers in this process need not wait for their next poll."""

    async def fetch(self, consumer: str, topics: list[str], limit: int) -> list[Message]:
        """The next messages that `consumer` has not committed, per topic in order, at most `limit`; empty when there are none."""

    async def commit(self, consumer: str, positions: dict[str, int]) -> None:
        """Remember, per topic, the position up to which `consumer` is done.

        Where `consumer` was rewound since it fetched, or another process has committed in its name, nothing moves.
        """

    async def wait(self, seconds: float) -> None:
        """Sleep until something may have been published, at most `seconds`."""

    async def rewind(self, session: Session, consumer: str) -> None:
        """Let `consumer` begin every topic anew; a log in the same database does so in the session's transaction."""


__all__ = ["Bus", "Message"]
