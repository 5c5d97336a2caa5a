"""A consumer that begins today has the whole state of the catalogue from its topics alone."""

from collections.abc import Awaitable, Callable
from typing import Any

from sqlalchemy import text

from baseyear.one_process import Installation
from contracts.topics import ACTIVITY_TYPE, DATASET, FACTOR, Topic
from services.factors.usecases.republish import REPUBLICATIONS
from tests.api.factors.test_own_factors import STEAM, approved
from tests.conftest import Client


async def state_from_topic(installation: Installation, topic: Topic) -> dict[str, dict[str, Any]]:
    """What a projection of the present holds after it has read the topic from its beginning."""
    state: dict[str, Any] = {}
    async with installation.services["gateway"].ground.database.unit_of_work() as session:
        read = text("SELECT key, value FROM bus.log WHERE topic = :topic ORDER BY position")
        for row in await session.execute(read, {"topic": topic.name}):
            event: Any = topic.model.model_validate_json(row.value)
            if row.key not in state or state[row.key].version < event.version:
                state[row.key] = event
    return {key: event.model_dump(mode="json") for key, event in state.items()}


async def state_of_owner(installation: Installation, topic: Topic) -> dict[str, dict[str, Any]]:
    """What the factors service would say of each of its things now."""
    (republication,) = [one for one in REPUBLICATIONS if one.topic == topic.name]
    state: dict[str, Any] = {}
    async with installation.services["factors"].ground.database.unit_of_work() as session:
        after = None
        while page := await republication.page(session, after, 5_000):
            state |= {key: event.model_dump(mode="json") for key, event in page}
            after = page[-1][0]
    return state


async def test_the_topics_hold_the_state_of_every_data_set_activity_type_and_factor(
    installation: Installation,
    operator: Client,
    client_with: Any,
    settled: Callable[[], Awaitable[None]],
) -> None:
    proposer = await client_with("app", scopes=["factors:read", "factors:propose"])
    old = await approved(proposer, operator)
    new = await approved(proposer, operator, gases=[{"gas": "CO2", "kg_per_unit": "97"}], supersedes=old)
    await proposer.post("/v1/factors", {**STEAM, "year": 2023})  # only proposed: nobody else's concern
    preference = {"activity_types": "fuel.*", "rank": 3}
    await operator.put("/v1/datasets/cn-mee-fuels/preferences", {"preferences": [preference], "reason": "Guideline 7."})
    await settled()

    for topic in (DATASET, ACTIVITY_TYPE, FACTOR):
        heard = await state_from_topic(installation, topic)
        assert heard == await state_of_owner(installation, topic)
    assert (heard[old]["state"], heard[old]["superseded_by"], heard[new]["quality_scores"]["reliability"]) == ("superseded", new, 2)
