"""Deliveries: each event once, tried until it arrives, whatever the receiver answers and whoever dies."""

import asyncio
import base64
import hashlib
import hmac
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from ipaddress import ip_network
from typing import Any
from uuid import uuid4

import pytest
import pytest_asyncio
from sqlalchemy import text

from baseyear.one_process import Installation
from contracts import topics
from contracts.events import EntityChanged, IntakeRecorded
from gateway.webhooks import deliveries
from gateway.webhooks.courier import Courier
from gateway.webhooks.deliveries import AT_ONCE
from gateway.webhooks.schedule import PAUSES
from gateway.webhooks.sending import Sender
from gateway.webhooks.signatures import Seal
from kernel import outbox
from kernel.keys import load_key
from tests.api.gateway.receiver import SILENCE, Receiver, Reply, receiving
from tests.conftest import Client

Json = dict[str, Any]
LONG_AGO = timedelta(days=10)
HERE = (ip_network("127.0.0.0/8"),)


@pytest.fixture
def installation(reaching_installation: Installation) -> Installation:
    return reaching_installation


async def statement(installation: Installation, sql: str, **values: Any) -> Any:
    """Run a statement in the gateway's database."""
    async with installation.services["gateway"].ground.database.unit_of_work() as session:
        return await session.execute(text(sql), values)


async def publish(installation: Installation, *events: EntityChanged | IntakeRecorded) -> None:
    """Have events published as their services would, and wait until the gateway has read them."""
    async with installation.services["gateway"].ground.database.unit_of_work() as session:
        for event in events:
            if isinstance(event, IntakeRecorded):
                outbox.record(session, topics.INTAKE.name, event.source_system, event)
            else:
                outbox.record(session, topics.ENTITY.name, event.id, event)
    async with asyncio.timeout(30):
        await installation.services["gateway"].caught_up()


@pytest.fixture
def execute(installation: Installation) -> Callable[..., Awaitable[Any]]:
    return partial(statement, installation)


@pytest.fixture
def tell(installation: Installation) -> Callable[..., Awaitable[None]]:
    return partial(publish, installation)


def entity(version: int = 1, *, entity_id: str | None = None, recorded_at: datetime | None = None) -> EntityChanged:
    at = recorded_at or datetime.now(UTC)
    content: Json = {"external_id": "CN-01", "name": "A company", "country": "CN", "parent": None, "ownership": [], "control": []}
    return EntityChanged(id=entity_id or str(uuid4()), version=version, recorded_at=at, **content)


def intake(source_system: str) -> IntakeRecorded:
    counts = {"created": 2, "corrected": 0, "unchanged": 0, "stale": 0, "quarantined": 0, "refused": 0}
    return IntakeRecorded(source_system=source_system, recorded_at=datetime.now(UTC), principal="a client", **counts)


@pytest_asyncio.fixture
async def webhook_to(operator: Client, name: str) -> AsyncIterator[Callable[..., Awaitable[Json]]]:
    """Makes webhooks to receivers that are deleted after the test: `await webhook_to(receiver, "entity.created")`."""
    made: list[Json] = []

    async def make(receiver: Receiver, *types: str, client: Client = operator) -> Json:
        wanted = list(types) or ["entity.created", "entity.changed"]
        answer = await client.post("/v1/webhooks", {"name": f"{name} {receiver.port}", "url": receiver.url, "types": wanted})
        assert answer.status == 201, answer.content
        made.append(answer.body)
        return answer.body

    yield make
    for webhook in made:
        await operator.delete(f"/v1/webhooks/{webhook['id']}")


@pytest.fixture
def ended(operator: Client) -> Callable[..., Awaitable[Json]]:
    """Waits until a webhook's only delivery has had so many attempts, and gives it with them."""

    async def wait(webhook: Json, attempts: int = 1) -> Json:
        path = f"/v1/webhooks/{webhook['id']}/deliveries"
        async with asyncio.timeout(30):
            while True:
                items = (await operator.get(path)).body["items"]
                if items:
                    delivery = (await operator.get(f"{path}/{items[-1]['id']}")).body
                    if len(delivery["attempt_log"]) >= attempts:
                        return delivery
                await asyncio.sleep(0.02)

    return wait


@pytest.fixture
def due_now(execute) -> Callable[[Json], Awaitable[None]]:
    """Lets the time pass until a webhook's next attempt."""

    async def hurry(webhook: Json) -> None:
        await execute("UPDATE webhook SET resting_until = NULL WHERE id = :id", id=webhook["id"])
        await execute("UPDATE webhook_delivery SET due_at = clock_timestamp() WHERE webhook_id = :id", id=webhook["id"])

    return hurry


def signed_by(secret: str, received: Any) -> bool:
    """Whether a message bears a signature of the secret, reckoned as a receiver would."""
    content = f"{received.message_id}.{received.headers['webhook-timestamp']}.".encode() + received.content
    mac = hmac.new(base64.b64decode(secret.removeprefix("whsec_")), content, hashlib.sha256).digest()
    return f"v1,{base64.b64encode(mac).decode()}" in received.headers["webhook-signature"].split(" ")


async def test_an_event_arrives_signed_and_thin(operator, receiver, webhook_to, tell, ended):
    webhook = await webhook_to(receiver)
    event = entity()
    await tell(event)

    (received,) = await receiver.got(1)
    delivery = await ended(webhook)

    assert signed_by(webhook["secret"], received)
    assert abs(int(received.headers["webhook-timestamp"]) - datetime.now(UTC).timestamp()) < 60
    assert (received.path, received.headers["content-type"]) == ("/hooks", "application/json")
    assert received.body == {
        "type": "entity.created",
        "timestamp": event.recorded_at.isoformat().replace("+00:00", "Z"),
        "data": {"id": event.id, "version": 1, "external_id": "CN-01", "href": f"/v1/entities/{event.id}"},
    }
    assert (delivery["id"], delivery["state"], delivery["attempts"], delivery["next_attempt_at"]) == (
        received.message_id,
        "delivered",
        1,
        None,
    )
    assert (delivery["body"], delivery["attempt_log"][0]["status"]) == (received.body, 204)


async def test_events_of_other_types_are_not_delivered(operator, receiver, webhook_to, tell):
    webhook = await webhook_to(receiver, "entity.changed")
    await tell(entity(), wanted := entity(2))

    (received,) = await receiver.got(1)

    assert received.body["data"]["id"] == wanted.id
    assert len((await operator.get(f"/v1/webhooks/{webhook['id']}/deliveries")).body["items"]) == 1


async def test_an_event_that_comes_again_is_delivered_once(operator, installation, receiver, webhook_to, tell, settled):
    webhook = await webhook_to(receiver, "entity.created", "intake.completed")
    event, fact = entity(), intake("ehs-1")
    await tell(event, fact)
    await tell(event)  # its owner says its state again: another event id, the same version
    gateway = installation.services["gateway"]
    async with gateway.ground.database.unit_of_work() as session:
        await gateway.ground.bus.rewind(session, gateway.consumer.name)  # and everything is read again
    await settled()
    await receiver.got(2)
    delivered = (await operator.get(f"/v1/webhooks/{webhook['id']}/deliveries")).body["items"]

    assert sorted(item["type"] for item in delivered) == ["entity.created", "intake.completed"]
    assert len({received.message_id for received in receiver.received}) == len(receiver.received) == 2


async def test_a_new_webhook_is_told_neither_of_the_past_nor_of_old_news(operator, execute, receiver, webhook_to, tell):
    before = entity(recorded_at=datetime.now(UTC) - timedelta(minutes=5))
    webhook = await webhook_to(receiver)
    await tell(before)
    await execute("UPDATE webhook SET active_since = active_since - interval '30 days' WHERE id = :id", id=webhook["id"])
    await tell(entity(recorded_at=datetime.now(UTC) - LONG_AGO))
    await tell(news := entity())

    (received,) = await receiver.got(1)

    assert received.body["data"]["id"] == news.id
    assert len((await operator.get(f"/v1/webhooks/{webhook['id']}/deliveries")).body["items"]) == 1


async def test_a_webhook_of_a_narrowed_client_is_told_of_its_source_systems_only(operator, client_with, receiver, webhook_to, tell):
    manager = await client_with(kind="app", scopes=["webhooks:manage", "activities:read"], source_systems=["ehs-1"])
    webhook = await webhook_to(receiver, "intake.completed", client=manager)
    await tell(intake("ehs-2"), intake("ehs-1"))

    (received,) = await receiver.got(1)

    assert received.body["data"]["source_system"] == "ehs-1"
    assert len((await operator.get(f"/v1/webhooks/{webhook['id']}/deliveries")).body["items"]) == 1


async def test_a_failed_attempt_is_shown_and_made_again_under_the_same_id(receiver, webhook_to, tell, ended, due_now):
    receiver.replies = [Reply(500, body="no room\x00"), Reply(302, {"Location": "http://169.254.169.254/"})]
    webhook = await webhook_to(receiver)
    await tell(entity())

    first = await ended(webhook)
    await due_now(webhook)
    second = await ended(webhook, attempts=2)
    await due_now(webhook)
    third = await ended(webhook, attempts=3)

    assert (first["state"], first["failure"]) == ("waiting", "The receiver answered 500.")
    assert first["next_attempt_at"] is not None
    assert first["attempt_log"][0]["answer"] == "no room\N{REPLACEMENT CHARACTER}"
    assert second["failure"] == "The receiver answered 302."
    assert [attempt["status"] for attempt in third["attempt_log"]] == [500, 302, 204]
    assert (third["state"], third["failure"], third["attempts"]) == ("delivered", None, 3)
    assert len(receiver.received) == 3
    assert len({(received.message_id, received.content) for received in receiver.received}) == 1


async def test_a_long_answer_is_cut(receiver, webhook_to, tell, ended):
    receiver.replies = [Reply(500, body="no " * 100_000)]
    webhook = await webhook_to(receiver)
    await tell(entity())

    assert (await ended(webhook))["attempt_log"][0]["answer"] == ("no " * 200)[:500]


async def test_a_receiver_that_is_gone_is_sent_nothing_more(operator, receiver, webhook_to, tell, ended):
    receiver.replies = [Reply(410)]
    webhook = await webhook_to(receiver)
    await tell(entity())
    delivery = await ended(webhook)
    await tell(entity())

    disabled = (await operator.get(f"/v1/webhooks/{webhook['id']}")).body
    path = f"/v1/webhooks/{webhook['id']}/deliveries"

    assert (disabled["state"], disabled["disabled_because"]) == ("disabled", "The receiver answered 410 Gone.")
    assert delivery["state"] == "failed"
    assert len((await operator.get(path)).body["items"]) == 1
    assert (await operator.post(f"{path}/{delivery['id']}/replays")).problem.code == "conflict"
    assert (await operator.post(f"/v1/webhooks/{webhook['id']}/tests")).problem.code == "conflict"


@pytest.mark.parametrize("reply", [Reply(429), Reply(502), Reply(504), Reply(503, {"Retry-After": "90"})], ids=lambda reply: reply.status)
async def test_an_overloaded_receiver_is_left_alone_for_a_while(operator, receiver, webhook_to, tell, ended, due_now, reply):
    receiver.replies = [reply]
    webhook = await webhook_to(receiver)
    await tell(entity())
    delivery = await ended(webhook)
    resting = (await operator.get(f"/v1/webhooks/{webhook['id']}")).body["resting_until"]
    now = datetime.now(UTC)
    await tell(entity())  # it waits, too
    path = f"/v1/webhooks/{webhook['id']}/deliveries"
    waiting = (await operator.get(path, state="waiting")).body["items"]
    await due_now(webhook)
    await receiver.got(3)

    assert timedelta(seconds=50) < datetime.fromisoformat(resting) - now < timedelta(seconds=100)
    assert datetime.fromisoformat(delivery["next_attempt_at"]) > now + timedelta(seconds=50)
    assert len(waiting) == 2


async def exhausted(execute, webhook: Json) -> None:
    """Let all attempts but the last have failed."""
    await execute("UPDATE webhook_delivery SET attempts = :made WHERE webhook_id = :id", made=len(PAUSES) - 1, id=webhook["id"])


async def test_a_webhook_that_takes_nothing_is_disabled_after_the_last_attempt(
    operator, execute, receiver, webhook_to, tell, ended, due_now
):
    receiver.replies = [Reply(500)] * 3
    webhook = await webhook_to(receiver)
    await tell(entity())
    await ended(webhook)
    await execute("UPDATE webhook SET resting_until = clock_timestamp() + interval '1 hour' WHERE id = :id", id=webhook["id"])
    await tell(entity())
    await exhausted(execute, webhook)
    await due_now(webhook)
    await ended(webhook, attempts=2)
    path = f"/v1/webhooks/{webhook['id']}"

    async with asyncio.timeout(30):
        while (disabled := (await operator.get(path)).body)["state"] == "active":
            await asyncio.sleep(0.02)
    lines = (
        await execute(
            "SELECT action, principal, reason FROM audit WHERE subject = :subject ORDER BY id", subject=f"webhook {webhook['id']}"
        )
    ).all()
    items = (await operator.get(f"{path}/deliveries")).body["items"]

    assert disabled["disabled_because"].startswith("A delivery failed 10 times")
    assert [tuple(line)[:2] for line in lines] == [("create_webhook", operator.client_id), ("disable_webhook", "system")]
    assert lines[-1].reason == disabled["disabled_because"]
    assert [item["state"] for item in items] == ["failed", "failed"]


async def test_one_message_that_a_receiver_cannot_take_does_not_disable_it(operator, execute, receiver, webhook_to, tell, ended, due_now):
    receiver.replies = [Reply(500)]
    webhook = await webhook_to(receiver)
    await tell(entity())
    await ended(webhook)
    await tell(entity())
    await receiver.got(2)  # the second one arrived
    receiver.replies = [Reply(500)]
    await execute("UPDATE webhook_delivery SET attempts = 9, due_at = now() WHERE webhook_id = :id AND state = 'waiting'", id=webhook["id"])
    failed = await ended(webhook, attempts=2)

    assert failed["state"] == "failed"
    assert (await operator.get(f"/v1/webhooks/{webhook['id']}")).body["state"] == "active"


async def test_a_replay_brings_the_same_message_again(operator, receiver, webhook_to, tell, ended):
    webhook = await webhook_to(receiver)
    await tell(entity())
    delivery = await ended(webhook)
    path = f"/v1/webhooks/{webhook['id']}/deliveries/{delivery['id']}"

    replayed = await operator.post(f"{path}/replays")
    first, second = await receiver.got(2)
    again = await ended(webhook, attempts=2)

    assert (replayed.status, replayed.body["state"], replayed.body["id"]) == (202, "waiting", delivery["id"])
    assert (first.message_id, first.content) == (second.message_id, second.content)
    assert signed_by(webhook["secret"], second)
    assert (again["state"], again["attempts"]) == ("delivered", 1)


async def test_a_rotation_signs_with_both_secrets_and_the_eldest_makes_way(operator, receiver, webhook_to, tell):
    webhook = await webhook_to(receiver)
    path = f"/v1/webhooks/{webhook['id']}/secrets"

    second = (await operator.post(path)).body["secret"]
    await tell(entity())
    during = (await receiver.got(1))[0]
    third = (await operator.post(path)).body["secret"]
    await tell(entity())
    after = (await receiver.got(2))[1]

    assert [signed_by(secret, during) for secret in (webhook["secret"], second, third)] == [True, True, False]
    assert [signed_by(secret, after) for secret in (webhook["secret"], second, third)] == [False, True, True]


async def test_a_test_message_is_sent_whatever_the_webhook_subscribed_to_and_only_once(operator, receiver, webhook_to, ended):
    receiver.replies = [Reply(500)]
    webhook = await webhook_to(receiver, "dataset.published")

    answer = await operator.post(f"/v1/webhooks/{webhook['id']}/tests")
    (received,) = await receiver.got(1)
    delivery = await ended(webhook)

    assert (answer.status, answer.body["type"], answer.body["state"]) == (202, "webhook.test", "waiting")
    assert answer.headers["location"] == f"/v1/webhooks/{webhook['id']}/deliveries/{received.message_id}"
    assert received.body["data"] == {"webhook": webhook["id"]}
    assert (delivery["state"], delivery["attempts"]) == ("failed", 1)
    assert (await operator.get(f"/v1/webhooks/{webhook['id']}")).body["state"] == "active"


async def test_a_disabled_webhook_is_told_nothing_until_it_may_go_on(operator, execute, receiver, webhook_to, tell):
    webhook = await webhook_to(receiver)
    path = f"/v1/webhooks/{webhook['id']}"
    await execute("UPDATE webhook SET resting_until = clock_timestamp() + interval '1 hour' WHERE id = :id", id=webhook["id"])
    await tell(entity())
    await operator.patch(path, {"state": "disabled"})
    await tell(missed := entity())
    await operator.patch(path, {"state": "active"})
    await tell(missed, news := entity())

    (received,) = await receiver.got(1)
    items = (await operator.get(f"{path}/deliveries")).body["items"]

    assert received.body["data"]["id"] == news.id
    assert [item["state"] for item in items[1:]] == ["failed"]
    assert items[1]["failure"] == "The webhook was disabled: A client disabled it."


async def test_deliveries_are_listed_newest_first_page_by_page_and_by_state(operator, receiver, webhook_to, tell):
    receiver.replies = [Reply(500)]
    webhook = await webhook_to(receiver)
    for _ in range(5):
        await tell(entity())
        await receiver.got(len(receiver.received))
    await receiver.got(5)
    path = f"/v1/webhooks/{webhook['id']}/deliveries"

    ids, following = [], f"{path}?limit=2"
    while following:
        page = (await operator.get(following)).body
        ids += [(item["recorded_at"], item["id"]) for item in page["items"]]
        following = f"{path}?limit=2&cursor={page['next']}" if page["next"] else ""

    assert len(ids) == len(set(ids)) == 5
    assert ids == sorted(ids, reverse=True)
    assert len((await operator.get(path, state="failed")).body["items"]) == 0
    assert (await operator.get(path, state="lost")).status == 422
    assert (await operator.get(f"{path}/msg_unknown")).status == 404


async def test_what_a_stopped_process_was_sending_is_taken_up_when_its_lease_runs_out(run_gateway, place, settings, operator_of, receiver):
    receiver.replies = [Reply(SILENCE)]
    settings = settings.model_copy(update={"home": place.home, "webhook_private_networks": HERE})
    async with run_gateway(settings) as first:
        operator = await operator_of(first)
        webhook = (await operator.post("/v1/webhooks", {"name": "one", "url": receiver.url, "types": ["entity.created"]})).body
        path = f"/v1/webhooks/{webhook['id']}/deliveries"
        await publish(first, entity())
        await receiver.got(1)
        (held,) = (await operator.get(path)).body["items"]

    async with run_gateway(settings) as second:
        await statement(second, "UPDATE webhook_delivery SET due_at = now()")  # the minute of the lease is over
        await receiver.got(2)
        operator = await operator_of(second)
        async with asyncio.timeout(30):
            while (delivery := (await operator.get(path)).body["items"][0])["state"] == "waiting":
                await asyncio.sleep(0.02)

    assert (held["state"], held["attempts"]) == ("waiting", 1)
    assert datetime.fromisoformat(held["next_attempt_at"]) > datetime.now(UTC) + timedelta(seconds=30)
    assert (delivery["state"], delivery["attempts"]) == ("delivered", 2)
    assert {received.message_id for received in receiver.received} == {delivery["id"]}


async def test_several_processes_share_the_deliveries_and_send_each_once(operator, installation, receiver, webhook_to, tell):
    webhook = await webhook_to(receiver)
    ground = installation.services["gateway"].ground
    sender = Sender(Seal(load_key(ground.settings.keys_folder, "gateway")), HERE, "0")
    others = [asyncio.create_task(Courier(ground.database, sender).run()) for _ in range(2)]
    await tell(*(entity() for _ in range(60)))
    await receiver.got(60)
    async with asyncio.timeout(30):
        while (await operator.get(f"/v1/webhooks/{webhook['id']}/deliveries", state="waiting")).body["items"]:
            await asyncio.sleep(0.02)
    for other in others:
        other.cancel()
    await asyncio.gather(*others, return_exceptions=True)

    assert len(receiver.received) == len({received.message_id for received in receiver.received}) == 60


async def test_a_receiver_that_does_not_answer_holds_up_no_other(operator, receiver, webhook_to, tell):
    async with receiving() as silent:
        silent.replies = [Reply(SILENCE)] * 40
        await webhook_to(silent)
        await webhook_to(receiver)
        await tell(*(entity() for _ in range(40)))

        await receiver.got(40, seconds=10)

        assert len(silent.received) == AT_ONCE


async def test_deliveries_that_ended_long_ago_are_forgotten(operator, installation, execute, receiver, webhook_to, tell, ended):
    webhook = await webhook_to(receiver)
    await tell(entity())
    old = await ended(webhook)
    await execute("UPDATE webhook_delivery SET finished_at = finished_at - interval '31 days' WHERE id = :id", id=old["id"])
    await tell(entity())
    await receiver.got(2)
    async with installation.services["gateway"].ground.database.unit_of_work() as session:
        await deliveries.forget_old(session)

    items = (await operator.get(f"/v1/webhooks/{webhook['id']}/deliveries")).body["items"]

    assert len(items) == 1
    assert items[0]["id"] != old["id"]
