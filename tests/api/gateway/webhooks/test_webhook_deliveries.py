"""Deliveries: each event once, signed, narrowed; to be listed, replayed and forgotten."""

import asyncio
from collections import Counter
from datetime import UTC, datetime, timedelta
from uuid import uuid4

from sqlalchemy import text

from gateway.webhooks import deliveries
from gateway.webhooks.courier import Courier
from gateway.webhooks.sending import Sender
from gateway.webhooks.signatures import Seal
from kernel.keys import load_key
from tests.api.gateway.webhooks.conftest import HERE
from tests.api.gateway.webhooks.receiver import Reply
from tests.api.gateway.webhooks.told import entity, intake, signed_by


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
    await tell(entity(recorded_at=datetime.now(UTC) - timedelta(days=10)))
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


async def test_what_a_webhook_was_told_under_types_that_it_had_is_kept_from_whoever_may_not_read_it(
    operator, client_with, receiver, webhook_to, tell, ended
):
    reader = await client_with(kind="app", scopes=["webhooks:manage", "factors:read"])
    webhook = await webhook_to(receiver, "entity.created", "dataset.published")
    await tell(entity())
    delivery = await ended(webhook)
    path = f"/v1/webhooks/{webhook['id']}"
    await operator.patch(path, {"types": ["dataset.published"]})
    test = (await operator.post(f"{path}/tests")).body["id"]

    listed = [item["id"] for item in (await reader.get(f"{path}/deliveries")).body["items"]]
    answers = [
        await reader.get(f"{path}/deliveries/{delivery['id']}"),
        await reader.post(f"{path}/deliveries/{delivery['id']}/replays"),
    ]

    assert listed == [test]
    assert [answer.status for answer in answers] == [404, 404]
    assert (await operator.get(f"{path}/deliveries/{delivery['id']}")).status == 200


async def test_a_delivery_is_replayed_once_it_has_ended_and_not_before(operator, receiver, webhook_to, tell, ended):
    receiver.replies = [Reply(500)]
    webhook = await webhook_to(receiver)
    await tell(entity())
    delivery = await ended(webhook)
    replays = f"/v1/webhooks/{webhook['id']}/deliveries/{delivery['id']}/replays"

    refusal = await operator.post(replays)

    assert (delivery["state"], refusal.status, refusal.problem.code) == ("waiting", 409, "conflict")
    assert len((await operator.get(replays.removesuffix("/replays"))).body["attempt_log"]) == 1


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


async def test_a_webhook_is_tested_once_at_a_time(operator, receiver, webhook_to, execute):
    webhook = await webhook_to(receiver)
    tests = f"/v1/webhooks/{webhook['id']}/tests"
    await execute("UPDATE webhook SET resting_until = clock_timestamp() + interval '1 hour' WHERE id = :id", id=webhook["id"])
    first = await operator.post(tests)

    refusal = await operator.post(tests)
    await execute("UPDATE webhook SET resting_until = NULL WHERE id = :id", id=webhook["id"])
    await receiver.got(1)
    async with asyncio.timeout(30):
        while (await operator.post(tests)).status != 202:
            await asyncio.sleep(0.02)
    await receiver.got(2)

    assert (first.status, refusal.status, refusal.problem.code) == (202, 409, "conflict")
    assert first.body["id"] in refusal.problem.detail


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


WEBHOOK = """
    INSERT INTO webhook (id, name, url, types, client_id, entity_ids, source_systems, state, version)
    VALUES (:id, :name, 'http://127.0.0.1:64909/', '{}', :client, '{}', '{}', 'active', 1)
"""
FIVE_DELIVERIES = """
    INSERT INTO webhook_delivery (id, webhook_id, type, body, due_at)
    SELECT cast(:name AS text) || n, :id, 'entity.created', '{}', now() FROM generate_series(1, 5) n
"""


async def test_where_room_is_short_every_webhook_gets_its_first_message_before_any_gets_its_second(operator, installation):
    hooks = [uuid4() for _ in range(3)]
    async with installation.services["gateway"].ground.database.unit_of_work() as session:
        others = list(await session.scalars(text("SELECT id FROM webhook")))
        for hook in hooks:
            values = {"id": hook, "name": f"hook {hook}", "client": operator.client_id}
            await session.execute(text(WEBHOOK), values)
            await session.execute(text(FIVE_DELIVERIES), {"id": hook, "name": f"msg_{hook}_"})
        leased = await deliveries.lease(session, others, 4)
        await session.rollback()

    assert sorted(Counter(one.webhook_id for one in leased).values()) == [1, 1, 2]


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
