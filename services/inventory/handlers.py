"""Events in: activity types, factors and the organisation, kept as far as the inventory needs them."""

import json

from contracts.events import ActivityTypePublished, FactorPublished, OrganisationChanged
from contracts.topics import ACTIVITY_TYPE, DATASET, FACTOR, ORGANISATION
from kernel import jobs
from kernel.consumer import Subscription
from kernel.database import Session
from kernel.outbox import Message
from kernel.postgres import driver
from services.inventory.usecases.propose_factor_updates import PROPOSE_UPDATES, QUIET_SECONDS
from services.inventory.usecases.recount import ASK_AGAIN

_KEEP_ACTIVITY_TYPES = """
INSERT INTO activity_type AS kept (id, scope, category, method, unit_dimensions, version)
SELECT DISTINCT ON (given.id) * FROM unnest($1::text[], $2::int[], $3::text[], $4::text[], $5::jsonb[], $6::int[])
    AS given(id, scope, category, method, unit_dimensions, version) ORDER BY given.id, given.version DESC
ON CONFLICT (id) DO UPDATE SET scope = excluded.scope, category = excluded.category, method = excluded.method,
    unit_dimensions = excluded.unit_dimensions, version = excluded.version
WHERE kept.version < excluded.version
"""

_KEEP_ORGANISATION = """
INSERT INTO organisation AS kept (id, time_zone, gwp_set, version) VALUES ($1, $2, $3, $4)
ON CONFLICT (id) DO UPDATE SET time_zone = excluded.time_zone, gwp_set = excluded.gwp_set, version = excluded.version
WHERE kept.version < excluded.version
"""


async def keep_activity_types(session: Session, messages: list[Message]) -> None:
    events = [ActivityTypePublished.model_validate_json(message.value) for message in messages]
    connection = await driver(session)
    await connection.execute(
        _KEEP_ACTIVITY_TYPES,
        [event.id for event in events],
        [event.scope for event in events],
        [event.category for event in events],
        [event.method for event in events],
        [json.dumps(event.unit_dimensions) for event in events],
        [event.version for event in events],
    )


async def keep_organisation(session: Session, messages: list[Message]) -> None:
    connection = await driver(session)
    for message in messages:
        event = OrganisationChanged.model_validate_json(message.value)
        await connection.execute(_KEEP_ORGANISATION, event.id, event.time_zone, event.gwp_set, event.version)


async def notice_factors(session: Session, messages: list[Message]) -> None:
    """A factor that is new, superseded or withdrawn: what had none is asked for again, and what has one may become a proposal."""
    published = {event.activity_type for event in (FactorPublished.model_validate_json(message.value) for message in messages)}
    await _look_again(session, sorted(published))


async def notice_datasets(session: Session, messages: list[Message]) -> None:
    """A data set that is new, or that the organisation prefers otherwise now, may serve what others served, by its properties too."""
    await _look_again(session, None)


async def _look_again(session: Session, activity_types: list[str] | None) -> None:
    """Have the bindings of these activity types, or of all, held against the catalogue; costs one query where there are none."""
    connection = await driver(session)
    bound = await connection.fetch(
        "SELECT DISTINCT state, activity_type FROM factor_binding"
        " WHERE is_current AND ($1::text[] IS NULL OR activity_type = ANY($1::text[]))",
        activity_types,
    )
    lacking = sorted(row["activity_type"] for row in bound if row["state"] == "no_factor")
    if lacking:
        await jobs.enqueue(session, ASK_AGAIN, {"activity_types": lacking})
    if any(row["state"] == "resolved" for row in bound):
        await jobs.enqueue_when_quiet(session, PROPOSE_UPDATES, QUIET_SECONDS)


SUBSCRIPTIONS = [
    Subscription(ORGANISATION.name, ORGANISATION.kind, keep_organisation),
    Subscription(ACTIVITY_TYPE.name, ACTIVITY_TYPE.kind, keep_activity_types),
    Subscription(DATASET.name, DATASET.kind, notice_datasets),
    Subscription(FACTOR.name, FACTOR.kind, notice_factors),
]
