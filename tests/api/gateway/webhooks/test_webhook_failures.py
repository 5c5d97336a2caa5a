"""What fails: it is shown, tried again by the schedule, and given up at last; a process that stops loses nothing."""

import asyncio
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from gateway.webhooks import courier
from gateway.webhooks.deliveries import AT_ONCE, Leased, settle
from gateway.webhooks.schedule import PAUSES, Attempt
from gateway.webhooks.sending import Outgoing
from tests.api.gateway.webhooks.conftest import HERE
from tests.api.gateway.webhooks.receiver import SILENCE, Reply, receiving
from tests.api.gateway.webhooks.told import entity, publish, statement


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


async def exhausted(execute, webhook) -> None:
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
    async with asyncio.timeout(30):
        while not (await operator.get(f"/v1/webhooks/{webhook['id']}/deliveries", state="delivered")).body["items"]:
            await asyncio.sleep(0.02)
    receiver.replies = [Reply(500)]
    await execute("UPDATE webhook_delivery SET attempts = 9, due_at = now() WHERE webhook_id = :id AND state = 'waiting'", id=webhook["id"])
    failed = await ended(webhook, attempts=2)

    assert failed["state"] == "failed"
    assert (await operator.get(f"/v1/webhooks/{webhook['id']}")).body["state"] == "active"


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


async def test_a_receiver_that_does_not_answer_holds_up_no_other(operator, receiver, webhook_to, tell):
    async with receiving() as silent:
        silent.replies = [Reply(SILENCE)] * 40
        await webhook_to(silent)
        await webhook_to(receiver)
        await tell(*(entity() for _ in range(40)))

        await receiver.got(40, seconds=10)

        assert len(silent.received) == AT_ONCE


async def test_no_more_messages_are_under_way_than_there_is_room_for(run_gateway, place, settings, operator_of, monkeypatch):
    monkeypatch.setattr(courier, "MOST_UNDER_WAY", 10)
    settings = settings.model_copy(update={"home": place.home, "webhook_private_networks": HERE})
    async with receiving() as one, receiving() as other, run_gateway(settings) as running:
        operator = await operator_of(running)
        for silent in (one, other):
            silent.replies = [Reply(SILENCE)] * 20
            await operator.post("/v1/webhooks", {"name": silent.url, "url": silent.url, "types": ["entity.created"]})
        await publish(running, *(entity() for _ in range(AT_ONCE)))
        async with asyncio.timeout(30):
            while len(one.received) + len(other.received) < 10:
                await asyncio.sleep(0.02)
        await asyncio.sleep(2 * courier.POLL_SECONDS)

        assert len(one.received) + len(other.received) == 10


async def test_who_reports_after_the_lease_ran_out_changes_nothing(operator, installation, receiver, webhook_to, tell, ended):
    receiver.replies = [Reply(500)]
    webhook = await webhook_to(receiver)
    await tell(entity())
    tried = await ended(webhook)
    now = datetime.now(UTC)
    outgoing = Outgoing(tried["id"], receiver.url, "{}", ())
    late = Leased(outgoing, UUID(webhook["id"]), "entity.created", 1, now - timedelta(minutes=1))
    async with installation.services["gateway"].ground.database.unit_of_work() as session:
        await settle(session, late, Attempt(now, 15_000, 410, "", "The receiver answered 410."))

    delivery = await ended(webhook, attempts=2)

    assert (delivery["state"], delivery["failure"]) == ("waiting", "The receiver answered 500.")
    assert (await operator.get(f"/v1/webhooks/{webhook['id']}")).body["state"] == "active"
