"""Dead letters over the API: seen, driven again and dropped, by operators who see everything; each audited."""

import asyncio
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
import pytest_asyncio
from joserfc.jwk import OKPKey
from sqlalchemy import text

from kernel import consumer as kernel_consumer
from kernel.auth import TokenVerifier
from kernel.consumer import Subscription
from kernel.database import Database, Session
from kernel.files import Files
from kernel.keys import TokenSigner, public_keys
from kernel.outbox import Message
from kernel.pages import Cursors
from kernel.postgres import driver
from kernel.service import Ground, Service, create_service
from kernel.settings import Settings
from tests.api.kernel.ground import OTHER_TOPIC, TOPIC, SampleServices, note, notes, record, scalar
from tests.conftest import ISSUER, Client

LETTERS = "/v1/services/beta/dead-letters"
SCOPES = ["operations:read", "operations:write"]


class Handler:
    """Notes what events say; `poison` cannot be noted until it is `mended`."""

    def __init__(self) -> None:
        self.mended = False
        self.go_on = asyncio.Event()
        self.go_on.set()
        self.applying = asyncio.Event()

    async def __call__(self, session: Session, messages: list[Message]) -> None:
        if not self.mended:
            await note(session, messages)
            return
        for message in messages:
            said = {"key": message.key, "said": message.document()["said"]}
            await session.execute(text("INSERT INTO note (key, said) VALUES (:key, :said)"), said)
        self.applying.set()
        await self.go_on.wait()


@pytest.fixture(autouse=True)
def no_backoff(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kernel_consumer, "BACKOFF_SECONDS", (0.0,))


@pytest.fixture
def handler() -> Handler:
    return Handler()


@pytest.fixture
def replica(sample: SampleServices, key: OKPKey, tmp_path: Path, handler: Handler) -> Callable[[], Service]:
    """Makes replicas of `beta`, each with a pool of its own and nothing but its HTTP at work."""

    def assemble() -> Service:
        database = sample.database("beta")
        verifier = TokenVerifier(public_keys(key), ISSUER)
        files = Files(tmp_path / "files")
        ground = Ground(Settings(home=tmp_path), database, sample.bus(database), verifier, Cursors(b"a secret of tests"), files, "1.2.3")
        subscriptions = [Subscription(TOPIC, "state", handler), Subscription(OTHER_TOPIC, "fact", handler)]
        return create_service("beta", ground, [], subscriptions=subscriptions)

    return assemble


@pytest.fixture
def service(replica: Callable[[], Service]) -> Service:
    return replica()


@pytest_asyncio.fixture
async def http(service: Service) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(transport=httpx.ASGITransport(service.app), base_url="http://beta", timeout=30) as client:
        yield client


@pytest.fixture
def operator_with(http: httpx.AsyncClient, signer: TokenSigner) -> Callable[..., Client]:
    def client(scopes: list[str] = SCOPES, **narrowing: Any) -> Client:
        return Client(http, "op", "", signer.sign("op", "operator", "Operator", scopes, **narrowing))

    return client


@pytest.fixture
def operator(operator_with: Callable[..., Client]) -> Client:
    return operator_with()


async def published(sample: SampleServices, *events: tuple[str, str], topic: str = TOPIC) -> None:
    owner = sample.database("alpha")
    await record(owner, *events, topic=topic)
    await sample.relay(owner).drain()


@pytest_asyncio.fixture
async def parked(sample: SampleServices, service: Service) -> None:
    """1 is a poisoned event of key k, 2 waits behind it; 3 is another poisoned one of key j, 4 of another topic."""
    await published(sample, ("k", "poison"), ("k", "second"))
    await service.consumer.consume()
    await published(sample, ("j", "poison"))
    await service.consumer.consume()
    await published(sample, ("k", "poison"), topic=OTHER_TOPIC)
    await service.consumer.consume()


async def listed(operator: Client, **query: Any) -> list[str]:
    answer = await operator.get(LETTERS, **query)
    assert answer.status == 200, answer.content
    return [item["id"] for item in answer.body["items"]]


async def audited(database: Database) -> list[tuple[str, str, str, str | None]]:
    async with database.unit_of_work() as session:
        rows = await session.execute(text("SELECT action, subject, outcome, reason FROM audit ORDER BY id"))
        return [tuple(row) for row in rows]


@pytest.mark.usefixtures("parked")
async def test_parked_events_are_listed_and_filtered(operator: Client) -> None:
    assert await listed(operator) == ["1", "2", "3", "4"]
    assert await listed(operator, key="k") == ["1", "2", "4"]
    assert await listed(operator, topic=TOPIC, key="k") == ["1", "2"]
    assert await listed(operator, state="parked") == ["1", "2", "3", "4"]
    assert await listed(operator, state="dropped") == []
    assert (await operator.get(LETTERS, state="lost")).problem.pointers == ["/state"]


@pytest.mark.usefixtures("parked")
async def test_parked_events_are_listed_in_pages(operator: Client) -> None:
    first = await operator.get(LETTERS, limit=3)
    second = await operator.get(LETTERS, limit=3, cursor=first.body["next"])

    assert [item["id"] for page in (first, second) for item in page.body["items"]] == ["1", "2", "3", "4"]
    assert second.body["next"] is None


@pytest.mark.usefixtures("parked")
async def test_a_parked_event_is_shown_whole_with_what_waits_behind_it(operator: Client) -> None:
    shown = (await operator.get(f"{LETTERS}/1")).body

    assert (shown["topic"], shown["key"], shown["state"], shown["resolution"]) == (TOPIC, "k", "parked", None)
    assert "this one cannot be applied" in shown["reason"]
    assert (shown["event"], shown["headers"]["ce_type"], shown["event_id"]) == ({"said": "poison"}, TOPIC, shown["headers"]["ce_id"])
    assert (shown["value"], shown["behind"]) == ('{"said":"poison"}', ["2"])
    assert (await operator.get(f"{LETTERS}/2")).body["behind"] == []


async def test_an_event_that_is_no_json_is_shown_to_the_letter(sample: SampleServices, service: Service, operator: Client) -> None:
    broken = Message(TOPIC, "k", {"ce_source": "/baseyear/alpha", "ce_id": "e"}, "{no json")
    async with sample.database("alpha").unit_of_work() as session:
        await service.ground.bus.publish(session, [broken])
    await service.consumer.consume()

    shown = (await operator.get(f"{LETTERS}/1")).body
    assert (shown["event"], shown["value"]) == (None, "{no json")


@pytest.mark.usefixtures("parked")
async def test_a_redrive_applies_what_is_parked_under_the_key_and_says_who_did_and_why(
    operator: Client, handler: Handler, service: Service
) -> None:
    handler.mended = True
    answer = await operator.post(f"{LETTERS}/1/redrives", {"reason": "The handler was mended."})

    assert (answer.status, answer.body) == (201, {"applied": ["1", "2"]})
    assert await notes(service.ground.database) == ["poison", "second"]
    assert await listed(operator, state="parked") == ["3", "4"]
    assert (await operator.get(answer.headers["location"])).body["resolution"] == "The handler was mended."
    assert await audited(service.ground.database) == [("redrive_dead_letter", "dead letter 1", "done", "The handler was mended.")]


@pytest.mark.usefixtures("parked")
async def test_a_redrive_that_fails_again_says_why_and_changes_nothing(operator: Client, service: Service) -> None:
    answer = await operator.post(f"{LETTERS}/2/redrives", {"reason": "hoping"})

    assert (answer.status, answer.problem.code) == (409, "still_not_applicable")
    assert "this one cannot be applied" in answer.problem.detail
    assert await listed(operator, state="parked") == ["1", "2", "3", "4"]
    assert [outcome for _, _, outcome, _ in await audited(service.ground.database)] == ["refused"]


@pytest.mark.usefixtures("parked")
async def test_a_dropped_event_is_never_applied_and_names_what_still_waits(operator: Client, service: Service) -> None:
    answer = await operator.post(f"{LETTERS}/1/drops", {"reason": "Of a client that is gone."})
    redriven = await operator.post(f"{LETTERS}/2/redrives", {"reason": "Its predecessor was dropped."})

    assert (answer.status, answer.body) == (201, {"still_parked": ["2"]})
    assert redriven.body == {"applied": ["2"]}
    assert await notes(service.ground.database) == ["second"]
    assert [line[:3] for line in await audited(service.ground.database)] == [
        ("drop_dead_letter", "dead letter 1", "done"),
        ("redrive_dead_letter", "dead letter 2", "done"),
    ]


@pytest.mark.usefixtures("parked")
async def test_what_is_not_parked_is_not_found_and_a_reason_is_needed(operator: Client) -> None:
    await operator.post(f"{LETTERS}/3/drops", {"reason": "x"})

    for verb in ("redrives", "drops"):
        assert (await operator.post(f"{LETTERS}/3/{verb}", {"reason": "again"})).problem.code == "not_found"
        assert (await operator.post(f"{LETTERS}/9/{verb}", {"reason": "x"})).problem.code == "not_found"
        assert (await operator.post(f"{LETTERS}/1/{verb}", {})).problem.pointers == ["/reason"]
        assert (await operator.post(f"{LETTERS}/1/{verb}", {"reason": ""})).problem.pointers == ["/reason"]
    assert (await operator.get(f"{LETTERS}/9")).problem.code == "not_found"
    assert (await operator.get(f"{LETTERS}/{'9' * 18}")).problem.code == "not_found"
    assert (await operator.get(f"{LETTERS}/first")).problem.pointers == ["/letter_id"]


@pytest.mark.usefixtures("parked")
@pytest.mark.parametrize("narrowing", [{"entity_ids": ["e"]}, {"source_systems": ["ehs"]}, {"supplier_id": "s"}])
async def test_a_client_that_is_narrowed_sees_and_changes_no_event(
    operator: Client, operator_with: Callable[..., Client], narrowing: dict[str, Any]
) -> None:
    narrowed = operator_with(**narrowing)
    answers = [await narrowed.get(path) for path in (LETTERS, f"{LETTERS}/1")]
    answers += [await narrowed.post(f"{LETTERS}/1/{verb}", {"reason": "x"}) for verb in ("redrives", "drops")]

    assert [answer.problem.code for answer in answers] == ["forbidden"] * 4
    assert (await narrowed.get("/v1/services/beta")).body["parked_events"] is None
    assert await listed(operator, state="parked") == ["1", "2", "3", "4"]


@pytest.mark.usefixtures("parked")
async def test_reading_and_changing_need_scopes_of_their_own(operator_with: Callable[..., Client]) -> None:
    reader, writer = operator_with(["operations:read"]), operator_with(["operations:write"])

    assert (await writer.get(LETTERS)).problem.code == "missing_scope"
    assert (await writer.get("/v1/services/beta")).problem.code == "missing_scope"
    assert (await reader.post(f"{LETTERS}/1/drops", {"reason": "x"})).problem.code == "missing_scope"
    assert (await reader.post(f"{LETTERS}/1/redrives", {"reason": "x"})).problem.code == "missing_scope"


@pytest.mark.usefixtures("parked")
async def test_a_service_says_how_it_is(operator: Client, service: Service) -> None:
    state = {"name": "beta", "version": "1.2.3", "ready": True, "not_ready_because": None, "parked_events": 4}
    assert (await operator.get("/v1/services/beta")).body == state

    service.consumer.stopped_because = "50 events in a row could not be applied"
    stopped = (await operator.get("/v1/services/beta")).body

    assert (stopped["ready"], stopped["parked_events"]) == (False, None)
    assert "50 events in a row" in stopped["not_ready_because"]


@pytest.mark.usefixtures("parked")
async def test_of_two_redrives_at_the_same_moment_one_applies(operator: Client, handler: Handler, service: Service) -> None:
    handler.mended = True

    answers = await asyncio.gather(*(operator.post(f"{LETTERS}/{number}/redrives", {"reason": "mended"}) for number in (1, 2, 1)))

    assert sorted(answer.status for answer in answers) == [201, 404, 404]
    assert await notes(service.ground.database) == ["poison", "second"]


@pytest.mark.usefixtures("parked")
async def test_an_event_that_another_replica_gets_during_a_redrive_is_applied_behind_it(
    sample: SampleServices, operator: Client, handler: Handler, replica: Callable[[], Service]
) -> None:
    other = replica()
    handler.mended = True
    handler.go_on.clear()
    await published(sample, ("k", "third"))

    redrive = asyncio.create_task(operator.post(f"{LETTERS}/1/redrives", {"reason": "mended"}))
    await handler.applying.wait()
    consuming = asyncio.create_task(other.consumer.consume())
    await asyncio.sleep(0.2)
    handler.go_on.set()
    await asyncio.gather(redrive, consuming)

    assert await notes(other.ground.database) == ["poison", "second", "third"]
    assert await listed(operator, state="parked") == ["3", "4"]


@pytest.mark.usefixtures("parked")
async def test_an_event_that_another_replica_parks_just_before_a_redrive_is_applied_with_it(
    sample: SampleServices, operator: Client, handler: Handler, service: Service
) -> None:
    handler.mended = True
    beta = sample.database("beta")
    async with beta.unit_of_work() as session:  # another replica, about to commit that a third event waits behind the others
        third = Message(TOPIC, "k", {"ce_source": "/baseyear/alpha", "ce_id": "third"}, '{"said": "third"}', 0, 1_000)
        assert await kernel_consumer.dead_letters.park_held_back(session, "beta", [third]) == []
        redrive = asyncio.create_task(operator.post(f"{LETTERS}/1/redrives", {"reason": "mended"}))
        await asyncio.sleep(0.2)
    answer = await redrive

    assert len(answer.body["applied"]) == 3
    assert await notes(service.ground.database) == ["poison", "second", "third"]


async def test_an_event_whose_handler_makes_a_wrong_statement_is_parked_and_not_waited_for(sample: SampleServices, beta: Database) -> None:
    async def wrong(session: Session, messages: list[Message]) -> None:
        await (await driver(session)).execute("INSERT INTO note (said) VALUES ($1)", "one", "too many")

    await published(sample, ("k", "x"))
    await sample.consumer(beta, Subscription(TOPIC, "state", wrong)).consume()

    assert "expects 1 argument" in await scalar(beta, "SELECT reason FROM dead_letter WHERE state = 'parked'")
