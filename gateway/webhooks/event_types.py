"""What a webhook can speak of: dotted types, the events of the bus that they come from, and who may subscribe to them.

A webhook says that something happened and where to read it, not what it is: figures and names are read with a token of the receiver's.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import quote

from contracts import topics
from contracts.events import DatasetPublished, EntityChanged, IntakeRecorded, InventoryChanged, OrganisationChanged, SiteChanged, StateEvent
from contracts.topics import Topic
from kernel.auth import Principal
from kernel.outbox import Message
from kernel.problems import FORBIDDEN, FieldError, Problem

TEST = "webhook.test"  # sent when it is asked for, whatever the receiver subscribed to


@dataclass(frozen=True, slots=True)
class EventType:
    """A type that receivers may subscribe to.

    scope      what a client needs to read what the type speaks of
    narrowing  how a client may be narrowed and have it all the same: the type speaks of nothing foreign to such a client
    """

    name: str
    description: str
    scope: str
    narrowing: frozenset[str]


@dataclass(frozen=True, slots=True)
class Notice:
    """What webhooks are told of one event.

    event          identifies the event: said again by its owner, or read again, it is the same
    source_system  of whose records it speaks; None for what is no source system's own
    """

    type: str
    event: str
    recorded_at: datetime
    data: dict[str, object]
    source_system: str | None = None


_WHOLE_GROUP = frozenset({"entity_ids", "source_systems"})
_BY_SOURCE = frozenset({"source_systems"})
_PUBLIC = frozenset({"entity_ids", "source_systems", "supplier_id"})

_ALL = (
    EventType("inventory.created", "An inventory year was opened.", "inventories:read", _WHOLE_GROUP),
    EventType(
        "inventory.changed", "An open inventory counts otherwise than before, or was opened again.", "inventories:read", _WHOLE_GROUP
    ),
    EventType("inventory.submitted", "An inventory is in review.", "inventories:read", _WHOLE_GROUP),
    EventType("inventory.approved", "An inventory was approved: its figures are fixed.", "inventories:read", _WHOLE_GROUP),
    EventType("inventory.verified", "An inventory was verified.", "inventories:read", _WHOLE_GROUP),
    EventType("inventory.locked", "An inventory was locked.", "inventories:read", _WHOLE_GROUP),
    EventType("intake.completed", "A request brought activity records, and none was held up.", "activities:read", _BY_SOURCE),
    EventType("intake.incomplete", "A request brought activity records that were quarantined or refused.", "activities:read", _BY_SOURCE),
    EventType("entity.created", "A company was added to the group.", "entities:read", _BY_SOURCE),
    EventType("entity.changed", "A company of the group changed.", "entities:read", _BY_SOURCE),
    EventType("site.created", "A site was added.", "entities:read", _BY_SOURCE),
    EventType("site.changed", "A site changed.", "entities:read", _BY_SOURCE),
    EventType("dataset.published", "A dataset of emission factors is there, or there anew.", "factors:read", _PUBLIC),
    EventType("organisation.changed", "The organisation's name, time zone, GWP set or languages changed.", "entities:read", _WHOLE_GROUP),
)
EVENT_TYPES: dict[str, EventType] = {kind.name: kind for kind in _ALL}

_OF_STATE = {
    "in_review": "inventory.submitted",
    "approved": "inventory.approved",
    "verified": "inventory.verified",
    "locked": "inventory.locked",
}


def refusal(actor: Principal, kind: EventType) -> str | None:
    """Why a client may not subscribe to a type; None where it may."""
    if kind.scope not in actor.scopes:
        return f"{kind.name} needs the scope {kind.scope}, which this client does not have."
    narrowed = {"entity_ids": actor.entity_ids, "source_systems": actor.source_systems, "supplier_id": actor.supplier_id}
    beyond = [name for name, own in narrowed.items() if own and name not in kind.narrowing]
    return f"{kind.name} tells of more than a client that is narrowed by {beyond[0]} sees." if beyond else None


def allowed_types(actor: Principal) -> list[str]:
    """The types that a client may subscribe to."""
    return [kind.name for kind in EVENT_TYPES.values() if refusal(actor, kind) is None]


def require_allowed(actor: Principal, types: Sequence[str]) -> None:
    """Refuse (403) types that tell of more than the actor may see."""
    reasons = [(place, refusal(actor, EVENT_TYPES[name])) for place, name in enumerate(types)]
    errors = [FieldError(f"/types/{place}", "beyond_own", reason) for place, reason in reasons if reason is not None]
    if errors:
        raise Problem(FORBIDDEN, " ".join(error.detail for error in errors), errors)


def _inventory(message: Message) -> Notice:
    event = InventoryChanged.model_validate_json(message.value)
    kind = _OF_STATE.get(event.state, "inventory.created" if event.version == 1 else "inventory.changed")
    known: dict[str, object] = {"year": event.year, "name": event.name, "state": event.state}
    return _of_state(message, event, kind, known, f"/v1/inventories/{event.id}")


def _entity(message: Message) -> Notice:
    event = EntityChanged.model_validate_json(message.value)
    kind = "entity.created" if event.version == 1 else "entity.changed"
    return _of_state(message, event, kind, {"external_id": event.external_id}, f"/v1/entities/{event.id}")


def _site(message: Message) -> Notice:
    event = SiteChanged.model_validate_json(message.value)
    kind = "site.created" if event.version == 1 else "site.changed"
    return _of_state(message, event, kind, {"external_id": event.external_id}, f"/v1/sites/{event.id}")


def _dataset(message: Message) -> Notice:
    event = DatasetPublished.model_validate_json(message.value)
    return _of_state(message, event, "dataset.published", {}, f"/v1/datasets/{quote(event.id, safe='')}")


def _organisation(message: Message) -> Notice:
    event = OrganisationChanged.model_validate_json(message.value)
    return _of_state(message, event, "organisation.changed", {}, "/v1/organisation")


def _intake(message: Message) -> Notice:
    event = IntakeRecorded.model_validate_json(message.value)
    held_up = event.quarantined + event.refused
    data = event.model_dump(include={"source_system", "created", "corrected", "unchanged", "stale", "quarantined", "refused"})
    data["href"] = f"/v1/activities?source_system={quote(event.source_system, safe='')}" + ("&outcome=quarantined" if held_up else "")
    kind = "intake.incomplete" if held_up else "intake.completed"
    return Notice(kind, f"{message.source} {message.event_id}", event.recorded_at, data, event.source_system)


def _of_state(message: Message, event: StateEvent, kind: str, known: dict[str, object], href: str) -> Notice:
    """A state is the same event whenever its owner says it again: it is known by its version, and by when it was
    recorded, because after a restore a version is used a second time."""
    data = {"id": event.id, "version": event.version, **known, "href": href}
    return Notice(kind, f"{message.topic} {event.id} {event.version} {event.recorded_at.isoformat()}", event.recorded_at, data)


TOLD: dict[Topic, Callable[[Message], Notice]] = {
    topics.INVENTORY: _inventory,
    topics.INTAKE: _intake,
    topics.ENTITY: _entity,
    topics.SITE: _site,
    topics.DATASET: _dataset,
    topics.ORGANISATION: _organisation,
}
