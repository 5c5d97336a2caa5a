"""Gives tests a Kafka, marks those that use one (`-m 'not kafka'` leaves them out), and tells at the end which Kafka it was."""

import os
import tempfile
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.brokers.certificates import make_certificates
from tests.brokers.choice import Broker, Kafka, running_broker, running_kafka
from tests.brokers.container import KafkaContainer
from tests.brokers.jars import NoKafka
from tests.brokers.jvm import KafkaBroker, cluster

_FIXTURES = {"kafka", "broker", "secured_broker", "three_brokers"}
_KAFKA = pytest.StashKey[Kafka]()
_USED = "kafka of this test"


@contextmanager
def a_folder() -> Iterator[Path]:
    """A folder that is gone afterwards, unlike pytest's own, of which the last three stay."""
    with tempfile.TemporaryDirectory(prefix="baseyear-kafka-", ignore_cleanup_errors=True) as folder:
        yield Path(folder)


@pytest.fixture(scope="session")
def kafka(pytestconfig: pytest.Config) -> Iterator[Kafka]:
    """The Kafka of this run; where it is a mock, a group can have one member only."""
    with (
        tempfile.TemporaryDirectory(prefix="baseyear-kafka-", ignore_cleanup_errors=True) as folder,
        running_kafka(Path(folder)) as running,
    ):
        pytestconfig.stash[_KAFKA] = running
        yield running


@pytest.fixture(scope="session")
def _stoppable(kafka: Kafka) -> Iterator[Broker]:
    if isinstance(kafka, KafkaBroker | KafkaContainer):
        yield kafka
        return
    with (
        tempfile.TemporaryDirectory(prefix="baseyear-kafka-", ignore_cleanup_errors=True) as folder,
        running_broker(Path(folder)) as broker,
    ):
        yield broker


@pytest.fixture
def broker(request: pytest.FixtureRequest) -> Iterator[Broker]:
    """A real Kafka that the test may stop, kill and pause; it runs when the test begins and when it has ended."""
    broker: Broker = _or_skip(request, "_stoppable")
    yield broker
    broker.resume()
    if not broker.runs:
        broker.start()


@pytest.fixture(scope="session")
def _secured() -> Iterator[KafkaBroker]:
    with a_folder() as folder:
        broker = KafkaBroker(folder / "broker", make_certificates(folder / "certificates"))
        broker.start()
        yield broker
        broker.remove()


@pytest.fixture
def secured_broker(request: pytest.FixtureRequest) -> KafkaBroker:
    """A real Kafka that listens also with TLS and SASL."""
    secured: KafkaBroker = _or_skip(request, "_secured")
    return secured


@pytest.fixture
def _cluster() -> Iterator[list[KafkaBroker]]:
    with a_folder() as folder, cluster(folder) as brokers:
        yield brokers


@pytest.fixture
def three_brokers(request: pytest.FixtureRequest) -> list[KafkaBroker]:
    """A real Kafka of three brokers, of which any one may be lost."""
    brokers: list[KafkaBroker] = _or_skip(request, "_cluster")
    return brokers


def _or_skip(request: pytest.FixtureRequest, fixture: str) -> Any:
    """What only a real Kafka can show is left out where there is none, but not in CI."""
    try:
        return request.getfixturevalue(fixture)
    except NoKafka as reason:
        if "CI" in os.environ:
            raise
        pytest.skip(f"needs a Kafka of its own, but {reason}")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if _FIXTURES & set(getattr(item, "fixturenames", ())):
            item.add_marker("kafka")


def pytest_runtest_call(item: pytest.Item) -> None:
    if item.get_closest_marker("kafka") is not None and _KAFKA in item.config.stash:
        item.user_properties.append((_USED, item.config.stash[_KAFKA].description))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Which Kafka the tests ran on: a run on a mock must not pass for one on the real thing."""
    reports = [report for outcome in ("passed", "failed") for report in terminalreporter.stats.get(outcome, []) if report.when == "call"]
    used = Counter(value for report in reports for name, value in report.user_properties if name == _USED)
    for description, tests in used.items():
        terminalreporter.write_sep("=", f"{tests} tests ran on {description}")
