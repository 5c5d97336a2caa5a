"""The bus: what a service needs of an event log, whichever log it is.

An implementation keeps, per partition of a topic, the order in which the owner's relay published, with all events of a key in one
partition; gives every consumer its own progress, which the replicas of a service share; delivers at least once. One contract suite
(tests/contracts) holds for all implementations.
"""

from typing import Protocol

from kernel.database import Session
from kernel.outbox import Message


class Bus(Protocol):
    async def publish(self, session: Session, messages: list[Message]) -> list[int]:
        """Append messages in order; a log in the same database does so in the session's transaction.

        Returns the places in `messages` of those that it took: of a key never one behind one that it did not take.
        """

    def published(self) -> None:
        """Called after the relay's commit, so that consumers in this process need not wait for their next poll."""

    async def fetch(self, consumer: str, topics: list[str], limit: int, patience: float = 0) -> list[Message]:
        """The next messages that `consumer` has not committed, per partition in order, at most `limit`.

        patience  seconds to wait where there are none; then the answer is empty
        """

    async def commit(self, consumer: str, done: list[Message]) -> None:
        """Remember that `consumer` is done with these messages and with what came before them in their partitions.

        Where `consumer` was rewound since it fetched, or another process has committed in its name, nothing moves.
        """

    async def lag(self, consumer: str, topics: list[str]) -> dict[str, int]:
        """How many messages of each topic are published and not committed by `consumer`, in whatever process."""

    async def rewind(self, session: Session, consumer: str) -> None:
        """Let `consumer` begin every topic anew from when the session's transaction commits."""

    async def leave(self, consumer: str) -> None:
        """Let other replicas have what this process would have read in `consumer`'s name, until it fetches again."""

    async def expire(self) -> int:
        """Let go of facts that their topics keep no longer; returns how many. A broker does so by itself."""

    async def close(self) -> None:
        """Let go of what the bus holds open; what was fetched and not committed comes again, to this process or another."""


__all__ = ["Bus", "Message"]
