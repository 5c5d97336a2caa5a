"""The topic table: facts flow one way, readers read what it says, and only an owner tells."""

import ast
from collections.abc import AsyncIterator, Iterable, Iterator
from pathlib import Path

import pytest
import pytest_asyncio

from baseyear.documents import unconnected
from baseyear.one_process import Installation
from baseyear.provisioning import ROOT, SERVICES
from contracts import topics
from contracts.events import StateEvent
from contracts.topics import TOPICS, Topic

OUTSIDE = "gateway"  # it stands outside the row: every service reads it, and it may read everything


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def parts() -> AsyncIterator[Installation]:
    async with unconnected() as parts:
        yield parts


def flows_backwards(topic: Topic) -> list[str]:
    """The readers that stand left of a topic's owner, or are the owner itself."""
    if topic.owner == OUTSIDE:
        return []
    return [reader for reader in topic.readers if reader != OUTSIDE and SERVICES.index(reader) <= SERVICES.index(topic.owner)]


def test_facts_flow_one_way() -> None:
    assert SERVICES == ("factors", "inventory", "reporting")
    assert {topic.name: flows_backwards(topic) for topic in TOPICS if flows_backwards(topic)} == {}


def test_a_topic_read_on_the_left_of_its_owner_would_be_found() -> None:
    backwards = Topic("baseyear.inventory.x.v1", "inventory", "x", "state", StateEvent, ("factors", "inventory", "reporting", "gateway"))

    assert flows_backwards(backwards) == ["factors", "inventory"]


def test_a_topic_has_the_name_of_its_owner_and_a_version() -> None:
    for topic in TOPICS:
        assert topic.name.startswith(f"baseyear.{topic.owner}.")
        assert topic.name.rpartition(".v")[2].isdecimal()
    assert len({topic.name for topic in TOPICS}) == len(TOPICS)


def test_a_state_says_its_version_and_is_kept_for_ever() -> None:
    for topic in TOPICS:
        if topic.kind == "state":
            assert issubclass(topic.model, StateEvent), topic.name
            assert topic.retention_days is None, topic.name


def test_no_topic_is_told_to_nobody() -> None:
    assert [topic.name for topic in TOPICS if not topic.readers] == []


@pytest.mark.parametrize("service", SERVICES)
async def test_a_service_reads_what_the_table_says(parts: Installation, service: str) -> None:
    subscribed = set(parts.services[service].consumer.topics)

    assert subscribed == {topic.name for topic in TOPICS if service in topic.readers}


async def test_the_gateway_reads_of_its_deleted_clients(parts: Installation) -> None:
    assert topics.CLIENT.name in parts.services[OUTSIDE].consumer.topics


@pytest.mark.parametrize("service", [OUTSIDE, *SERVICES])
async def test_a_subscription_treats_a_topic_as_the_kind_that_it_is(parts: Installation, service: str) -> None:
    kinds = {topic.name: topic.kind for topic in TOPICS}

    for name, subscription in parts.services[service].consumer._subscriptions.items():
        assert subscription.kind == kinds[name]


def recorded_topics(source: str) -> Iterator[str]:
    """The topic constants whose events a module records: X of `outbox.record(session, X.name, …)`, or of `record_rows`."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and ast.unparse(node.func) in ("outbox.record", "outbox.record_rows"):
            named = ast.unparse(node.args[1])
            assert named.endswith(".name"), f"a topic is named by its constant, not by {named}"
            yield named.removesuffix(".name").removeprefix("topics.")


def tellers(root: Path, packages: Iterable[str]) -> dict[str, set[str]]:
    """Which services record to which topic constant."""
    told: dict[str, set[str]] = {}
    for package in packages:
        for path in (root / package).rglob("*.py"):
            for constant in recorded_topics(path.read_text()):
                told.setdefault(constant, set()).add(package.rpartition("/")[2])
    return told


def test_only_its_owner_tells_a_topic_and_every_topic_is_told() -> None:
    told = tellers(ROOT, [OUTSIDE, *(f"services/{name}" for name in SERVICES)])

    assert {getattr(topics, constant).name: services for constant, services in told.items()} == {
        topic.name: {topic.owner} for topic in TOPICS
    }


def test_a_stranger_who_tells_a_topic_would_be_found(tmp_path: Path) -> None:
    (tmp_path / "gateway").mkdir()
    (tmp_path / "gateway" / "clients.py").write_text("outbox.record(session, topics.CELL.name, key, event)")

    assert tellers(tmp_path, ["gateway"]) == {"CELL": {"gateway"}}
