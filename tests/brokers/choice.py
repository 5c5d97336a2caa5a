"""Which Kafka the tests run on: the one that they are given, a real one of their own, or, outside CI, a mock.

BASEYEAR_TEST_KAFKA  the address of a Kafka to use
CI                   set where only a real Kafka counts
"""

import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from tests.brokers.container import KafkaContainer
from tests.brokers.jars import NoKafka
from tests.brokers.jvm import KafkaBroker
from tests.brokers.mock import MockKafka


class Kafka(Protocol):
    """What answers at `bootstrap`."""

    @property
    def bootstrap(self) -> str: ...
    @property
    def description(self) -> str: ...
    @property
    def one_member_per_group(self) -> bool: ...


class Broker(Kafka, Protocol):
    """A real Kafka that its user starts and ends."""

    @property
    def runs(self) -> bool: ...
    def start(self) -> None:
        """Start it, also again on what it held when it was stopped or killed, and wait until it serves."""

    def stop(self) -> None: ...
    def kill(self) -> None: ...
    def pause(self) -> None: ...
    def resume(self) -> None: ...
    def remove(self) -> None: ...


@dataclass(frozen=True, slots=True)
class GivenKafka:
    """A Kafka that somebody else runs."""

    bootstrap: str
    one_member_per_group: bool = False

    @property
    def description(self) -> str:
        return f"the Kafka at {self.bootstrap} that BASEYEAR_TEST_KAFKA names (the protocol does not tell its version)"


def new_broker(folder: Path) -> Broker:
    """A real Kafka of the caller's own, not yet started; raises NoKafka where there is neither Java with Maven nor Docker."""
    try:
        return KafkaBroker(folder)
    except NoKafka as without_java:
        try:
            return KafkaContainer()
        except NoKafka as without_docker:
            raise NoKafka(f"{without_java}, and {without_docker}") from without_docker


@contextmanager
def running_broker(folder: Path) -> Iterator[Broker]:
    """A real Kafka of the caller's own, started; raises NoKafka as `new_broker` does."""
    broker = new_broker(folder)
    try:
        broker.start()
        yield broker
    finally:
        broker.remove()


@contextmanager
def running_kafka(folder: Path) -> Iterator[Kafka]:
    """The Kafka of this run; raises NoKafka where only a mock is left and `CI` asks for a real one."""
    if "BASEYEAR_TEST_KAFKA" in os.environ:
        yield GivenKafka(os.environ["BASEYEAR_TEST_KAFKA"])
        return
    with ExitStack() as stack:
        kafka: Kafka
        try:
            kafka = stack.enter_context(running_broker(folder))
        except NoKafka as reason:
            if "CI" in os.environ:
                raise NoKafka(f"CI is set, so that only a real Kafka counts, but {reason}") from reason
            kafka = MockKafka(str(reason))
        yield kafka
