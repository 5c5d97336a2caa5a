"""What webhooks are told of each event, and who may have them told."""

import json
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from contracts import topics
from contracts.events import DatasetPublished, EntityChanged, IntakeRecorded, InventoryChanged, OrganisationChanged, SiteChanged
from contracts.topics import Topic
from gateway.scopes import SCOPES
from gateway.tables import Webhook
from gateway.webhooks.deliveries import OLDEST_EVENT, body_of, message_id, wants
from gateway.webhooks.event_types import EVENT_TYPES, TOLD, Notice, allowed_types
from kernel.auth import Principal
from kernel.outbox import Message

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
STATE: dict[str, Any] = {"id": "018f", "version": 1, "recorded_at": NOW}
INVENTORY = InventoryChanged(
    **STATE,
    year=2021,
    name="primary",
    period_start=date(2021, 1, 1),
    period_end=date(2022, 1, 1),
    consolidation_approach="operational_control",
    gwp_set="AR6",
    is_base_year=False,
    state="open",
    effective_on=date(2026, 3, 1),
)
ENTITY = EntityChanged(**STATE, external_id="CN-01", name="A company", country="CN", parent=None, ownership=[], control=[])
SITE = SiteChanged(
    **STATE, external_id="GZ", entity="018e", name="A plant", region="CN-GD", grid_region=None, timezone="UTC", tenure="owned"
)
DATASET = DatasetPublished(
    **STATE | {"id": "a dataset/2025"},
    name="A dataset",
    publisher="A publisher",
    edition="2025",
    year=2025,
    licence="CC",
    attribution="theirs",
    has_vintage=True,
    is_global=False,
    source_files=[],
)
ORGANISATION = OrganisationChanged(
    **STATE | {"id": "organisation"}, name="A group", responsible=None, time_zone="UTC", gwp_set="AR6", languages=["en"]
)
INTAKE = IntakeRecorded(
    source_system="ehs 1", recorded_at=NOW, principal="c", created=3, corrected=0, unchanged=1, stale=0, quarantined=0, refused=0
)


def notice_of(topic: Topic, event: Any, event_id: str = "e-1") -> Notice:
    headers = {"ce_id": event_id, "ce_source": f"/baseyear/{topic.owner}"}
    return TOLD[topic](Message(topic.name, "a key", headers, event.model_dump_json()))


@pytest.mark.parametrize(
    ("topic", "event", "changes", "kind", "href"),
    [
        (topics.INVENTORY, INVENTORY, {}, "inventory.created", "/v1/inventories/018f"),
        (topics.INVENTORY, INVENTORY, {"version": 2}, "inventory.changed", "/v1/inventories/018f"),
        (topics.INVENTORY, INVENTORY, {"version": 3, "state": "in_review"}, "inventory.submitted", "/v1/inventories/018f"),
        (topics.INVENTORY, INVENTORY, {"version": 4, "state": "approved"}, "inventory.approved", "/v1/inventories/018f"),
        (topics.INVENTORY, INVENTORY, {"version": 5, "state": "verified"}, "inventory.verified", "/v1/inventories/018f"),
        (topics.INVENTORY, INVENTORY, {"version": 6, "state": "locked"}, "inventory.locked", "/v1/inventories/018f"),
        (topics.ENTITY, ENTITY, {}, "entity.created", "/v1/entities/018f"),
        (topics.ENTITY, ENTITY, {"version": 2}, "entity.changed", "/v1/entities/018f"),
        (topics.SITE, SITE, {}, "site.created", "/v1/sites/018f"),
        (topics.SITE, SITE, {"version": 9}, "site.changed", "/v1/sites/018f"),
        (topics.DATASET, DATASET, {}, "dataset.published", "/v1/datasets/a%20dataset%2F2025"),
        (topics.ORGANISATION, ORGANISATION, {"version": 2}, "organisation.changed", "/v1/organisation"),
        (topics.INTAKE, INTAKE, {}, "intake.completed", "/v1/activities?source_system=ehs%201"),
        (topics.INTAKE, INTAKE, {"stale": 2}, "intake.completed", "/v1/activities?source_system=ehs%201"),
        (topics.INTAKE, INTAKE, {"refused": 1}, "intake.incomplete", "/v1/activities?source_system=ehs%201&outcome=quarantined"),
        (topics.INTAKE, INTAKE, {"quarantined": 1}, "intake.incomplete", "/v1/activities?source_system=ehs%201&outcome=quarantined"),
    ],
)
def test_an_event_is_told_under_its_type_with_a_link(topic: Topic, event: Any, changes: dict[str, Any], kind: str, href: str) -> None:
    notice = notice_of(topic, event.model_copy(update=changes))

    assert (notice.type, notice.data["href"], notice.recorded_at) == (kind, href, NOW)
    assert notice.type in EVENT_TYPES


def test_a_message_tells_ids_and_links_and_no_names_of_places_or_people() -> None:
    told = json.dumps([notice_of(topic, event).data for topic, event in ((topics.ENTITY, ENTITY), (topics.SITE, SITE))])

    assert "A company" not in told
    assert "A plant" not in told
    assert "principal" not in notice_of(topics.INTAKE, INTAKE).data


def test_a_state_that_its_owner_says_again_is_the_same_event_and_a_new_version_is_another() -> None:
    first, again = notice_of(topics.ENTITY, ENTITY, "e-1"), notice_of(topics.ENTITY, ENTITY, "e-2")
    changed = notice_of(topics.ENTITY, ENTITY.model_copy(update={"version": 2}), "e-3")

    assert first.event == again.event != changed.event


def test_a_version_that_is_used_again_after_a_restore_is_another_event() -> None:
    later = ENTITY.model_copy(update={"recorded_at": NOW + timedelta(days=1)})

    assert notice_of(topics.ENTITY, later).event != notice_of(topics.ENTITY, ENTITY).event


def test_facts_are_told_apart_by_their_ids() -> None:
    assert notice_of(topics.INTAKE, INTAKE, "e-1").event != notice_of(topics.INTAKE, INTAKE, "e-2").event


def test_the_largest_message_is_thin() -> None:
    intake = INTAKE.model_copy(update={"source_system": "电" * 200, "quarantined": 10_000})
    notice = notice_of(topics.INTAKE, intake)

    assert len(body_of(notice.type, notice.recorded_at, notice.data)) < 20_000


def test_a_body_says_type_timestamp_and_data() -> None:
    assert json.loads(body_of("site.created", NOW, {"id": "018f"})) == {
        "type": "site.created",
        "timestamp": "2026-03-01T12:00:00Z",
        "data": {"id": "018f"},
    }


def test_the_topics_that_are_told_name_the_gateway_as_a_reader() -> None:
    assert {topic.name for topic in TOLD} == {topic.name for topic in topics.TOPICS if "gateway" in topic.readers}


def test_every_type_needs_a_scope_of_the_closed_list() -> None:
    assert {kind.scope for kind in EVENT_TYPES.values()} <= set(SCOPES)


def principal(scopes: frozenset[str] = frozenset(SCOPES), **narrowing: Any) -> Principal:
    return Principal("c", "app", "a client", scopes, **narrowing)


def test_who_may_read_everything_may_have_everything_told() -> None:
    assert allowed_types(principal()) == list(EVENT_TYPES)


def test_a_type_is_for_those_only_who_may_read_what_it_speaks_of() -> None:
    assert allowed_types(principal(frozenset({"webhooks:manage", "factors:read"}))) == ["dataset.published"]


@pytest.mark.parametrize(
    ("narrowing", "families"),
    [
        ({"entity_ids": ("018f",)}, {"inventory", "dataset", "organisation"}),
        ({"source_systems": ("ehs-1",)}, {"inventory", "intake", "entity", "site", "dataset", "organisation"}),
        ({"entity_ids": ("018f",), "source_systems": ("ehs-1",)}, {"inventory", "dataset", "organisation"}),
        ({"supplier_id": "S-1"}, {"dataset"}),
    ],
)
def test_a_narrowed_client_has_nothing_told_that_might_be_foreign(narrowing: dict[str, Any], families: set[str]) -> None:
    assert {name.partition(".")[0] for name in allowed_types(principal(**narrowing))} == families


def webhook(**content: Any) -> Webhook:
    plain = {"id": UUID(int=1), "types": ["intake.completed"], "source_systems": [], "active_since": NOW - timedelta(hours=1)}
    return Webhook(**plain | content)


def intake(at: datetime = NOW, source_system: str = "ehs-1") -> Notice:
    return Notice("intake.completed", "e", at, {}, source_system)


def test_a_webhook_is_told_of_what_it_subscribed_to() -> None:
    assert wants(webhook(), intake(), NOW)
    assert not wants(webhook(types=["intake.incomplete"]), intake(), NOW)


def test_a_narrowed_webhook_is_told_of_its_own_source_systems_only() -> None:
    narrowed = webhook(source_systems=["ehs-1", "ehs-2"])

    assert wants(narrowed, intake(source_system="ehs-2"), NOW)
    assert not wants(narrowed, intake(source_system="ehs-3"), NOW)


def test_a_webhook_is_told_nothing_of_before_it_was_active() -> None:
    assert wants(webhook(), intake(NOW - timedelta(minutes=59)), NOW)
    assert not wants(webhook(), intake(NOW - timedelta(minutes=61)), NOW)


def test_what_is_no_news_any_more_is_not_told() -> None:
    old = webhook(active_since=NOW - timedelta(days=300))

    assert wants(old, intake(NOW - OLDEST_EVENT), NOW)
    assert not wants(old, intake(NOW - OLDEST_EVENT - timedelta(seconds=1)), NOW)


def test_an_event_has_one_message_id_for_each_webhook_whenever_it_is_made() -> None:
    one, other = webhook(), webhook(id=UUID(int=2))

    assert message_id(one, "e") == message_id(webhook(), "e")
    assert len({message_id(one, "e"), message_id(one, "f"), message_id(other, "e")}) == 3
