"""Events that come twice, out of order, or all over again while more are being told: the read model ends up the same."""

import asyncio
import json
import random
from collections.abc import Awaitable, Callable
from typing import Any

import httpx
import pytest_asyncio
from sqlalchemy import text

from baseyear.one_process import Installation
from kernel.consumer import apply_in
from kernel.service import Service
from services.reporting.handlers import FACTS, PROJECTIONS, SUBSCRIPTIONS
from tests.conftest import OPERATOR_ID, OPERATOR_SECRET
from tests.faults.books import assert_answers_are_right
from tests.faults.group import plan_of
from tests.faults.pushing import Ehs, set_up_group, until

Settled = Callable[[], Awaitable[None]]


@pytest_asyncio.fixture
async def ehs(http: httpx.AsyncClient) -> Ehs:
    """A client of an installation in this process, which has a group."""
    ehs = Ehs(http, lambda: (OPERATOR_ID, OPERATOR_SECRET))
    await set_up_group(ehs)
    return ehs


@pytest_asyncio.fixture
async def reporting(installation: Installation) -> Service:
    return installation.services["reporting"]


async def rows_of(reporting: Service) -> dict[str, list[Any]]:
    """Every row of every projection, with all columns."""
    async with reporting.ground.database.unit_of_work() as session:
        return {
            table: sorted((json.loads(row) for row in await session.scalars(text(f'SELECT to_jsonb(t)::text FROM "{table}" t'))), key=str)
            for table in [*PROJECTIONS, *FACTS]
        }


async def test_deliveries_that_come_again_and_out_of_order_change_nothing(ehs: Ehs, reporting: Service, settled: Settled) -> None:
    await ehs.push(plan_of(600, random.Random(7)))
    await settled()
    before, chance = await rows_of(reporting), random.Random(8)
    messages = await reporting.ground.bus.fetch("a second reader", [each.topic for each in SUBSCRIPTIONS], 10**6)
    deliveries = [*messages, *chance.choices(messages, k=len(messages) // 2)]
    chance.shuffle(deliveries)

    while deliveries:
        size = chance.randint(1, 200)
        batch, deliveries = deliveries[:size], deliveries[size:]
        for subscription in SUBSCRIPTIONS:
            of_topic = [message for message in batch if message.topic == subscription.topic]
            if of_topic:
                async with reporting.ground.database.unit_of_work() as session:
                    await apply_in(session, "reporting", subscription, of_topic)

    assert {message.topic for message in messages} >= {"baseyear.inventory.cell.v1", "baseyear.inventory.intake.v1"}
    assert await rows_of(reporting) == before


async def test_a_rebuild_while_records_are_pushed_gives_the_same_rows_in_the_end(ehs: Ehs, reporting: Service, settled: Settled) -> None:
    plan = plan_of(3_000, random.Random(9))

    async def rebuild_now_and_then() -> None:
        for part in (0.1, 0.3, 0.5, 0.8):
            await until(lambda part=part: ehs.answered >= part * len(plan.final))
            await reporting.rebuild()

    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(ehs.push(plan))
        tasks.create_task(rebuild_now_and_then())
    await settled()
    while_pushing = await rows_of(reporting)
    await assert_answers_are_right(ehs, plan)

    await reporting.rebuild()
    await settled()
    assert await rows_of(reporting) == while_pushing
    assert sum(row["created"] for row in while_pushing["intake"]) == 3_000
