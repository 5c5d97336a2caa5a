"""Services over Kafka, two replicas of inventory and of reporting, all of it killed and stopped while records are pushed.

The tests share one installation: each pushes records of its own, and the books are added up over everything that was pushed so far.
"""

import asyncio
import os
import random
import signal
import time
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

import httpx
import pytest
import pytest_asyncio

from tests.faults.books import assert_books_are_right
from tests.faults.conftest import folder
from tests.faults.group import NOTHING, SITES, Plan, plan_of
from tests.faults.pushing import Ehs, set_up_group, until
from tests.installations.forms import a_kafka_can_be_had
from tests.installations.processes import Process, Processes, processes_in

pytestmark = pytest.mark.kafka


@dataclass(slots=True)
class Group:
    """An installation with a group in it, and what was pushed into it so far."""

    installation: Processes
    ehs: Ehs
    pushed: Plan = NOTHING
    kills: Counter[str] = field(default_factory=Counter)

    def plan(self, count: int, seed: int) -> Plan:
        """Records that were not pushed yet."""
        return plan_of(count, random.Random(seed), first=len(self.pushed.final))

    async def push(self, plan: Plan) -> None:
        await self.ehs.push(plan)
        self.pushed = plan.after(self.pushed)

    async def assert_books_are_right(self) -> None:
        await assert_books_are_right(self.installation, self.ehs, self.pushed)

    async def kill(self, victim: str, chance: random.Random) -> None:
        """kill -9 of PostgreSQL, of Kafka or of one process of a service, and start it again after a moment."""
        self.kills[victim] += 1
        pause = chance.choice([0.0, chance.random() * 2])
        if victim == "postgresql":
            with suppress(ProcessLookupError):
                os.kill(self.installation.postmaster(), signal.SIGKILL)
            await asyncio.sleep(pause)
            await asyncio.to_thread(self.installation.postgres.start)
        elif victim == "kafka":
            self.installation.broker.kill()
            await asyncio.sleep(pause)
            await asyncio.to_thread(self.installation.broker.start)
        else:
            process = chance.choice(self.installation.replicas[victim])
            process.kill()
            await asyncio.sleep(pause)
            self.installation.start_one(process)


@pytest_asyncio.fixture(scope="module")
async def group() -> AsyncIterator[Group]:
    with folder() as place, a_kafka_can_be_had():
        async with processes_in(place, inventory=2, reporting=2) as installation:
            installation.start()
            await installation.ready()
            limits = httpx.Limits(max_connections=100)
            async with httpx.AsyncClient(base_url=installation.url, timeout=None, limits=limits) as http:
                ehs = Ehs(http, installation.operator)
                await set_up_group(ehs)
                yield Group(installation, ehs)


VICTIMS = ("gateway", "factors", "inventory", "reporting", "kafka", "postgresql")


async def kill_while_pushing(group: Group, records: int, kills: int, seed: int) -> None:
    """Spread kills over the pushing by the number of answered records; every victim has its turn, in random order."""
    chance = random.Random(seed)
    plan, begun, before = group.plan(records, seed), time.monotonic(), group.ehs.answered
    victims = [VICTIMS[place % len(VICTIMS)] for place in range(kills)]
    chance.shuffle(victims)

    async def work() -> None:
        for moment, victim in zip(sorted(chance.randrange(records) for _ in range(kills)), victims, strict=True):
            await until(lambda moment=moment: group.ehs.answered - before >= moment)
            await asyncio.sleep(chance.random() * 0.1)
            await group.kill(victim, chance)

    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(group.push(plan))
        tasks.create_task(work())
    print(f"seed {seed}: {records} records, {dict(group.kills)}, {time.monotonic() - begun:.0f} s; unheard {dict(group.ehs.unheard)}")
    await group.installation.ready()
    await group.assert_books_are_right()


async def test_no_kill_of_any_part_loses_or_doubles_a_record(group: Group) -> None:
    await kill_while_pushing(group, records=20_000, kills=20, seed=20_210_302)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(101, 106))
async def test_no_kill_of_many_of_any_part_loses_or_doubles_a_record(group: Group, seed: int) -> None:
    await kill_while_pushing(group, records=20_000, kills=42, seed=seed)


@contextmanager
def kafka_stopped(installation: Processes) -> Iterator[None]:
    installation.broker.kill()
    try:
        yield
    finally:
        installation.broker.start()


async def push_while_kafka_is_away(group: Group, records: int, seconds: float, seed: int) -> None:
    begun = time.monotonic()
    with kafka_stopped(group.installation):
        await group.push(group.plan(records, seed))  # everything is answered as counted, though no event gets through
        assert not group.installation.ended()
        unsent = await group.installation.rows("inventory", "SELECT count(*) FROM inventory.outbox WHERE published_at IS NULL")
        assert int(unsent[0]) > 0
        await asyncio.sleep(max(0.0, begun + seconds - time.monotonic()))
        await group.installation.ready()  # it is no reason to send no more requests
    await group.assert_books_are_right()


async def test_records_are_taken_while_kafka_is_stopped_and_reporting_catches_up(group: Group) -> None:
    await push_while_kafka_is_away(group, records=1_000, seconds=10, seed=3)


@pytest.mark.slow
async def test_records_are_taken_while_kafka_is_stopped_for_a_minute(group: Group) -> None:
    await push_while_kafka_is_away(group, records=20_000, seconds=60, seed=4)


async def test_known_combinations_go_on_without_the_factors_service_and_new_ones_are_calculated_when_it_returns(group: Group) -> None:
    (factors,) = group.installation.replicas["factors"]
    factors.kill()

    await group.push(group.plan(500, seed=5))
    new = await group.ehs.create("/v1/activities", _of_another_year())
    assert (new["outcome"], new["calculation_state"], new["emissions"]) == ("created", "awaiting_factor", None)

    group.installation.start_one(factors)
    await group.installation.ready()
    async with asyncio.timeout(60):
        while (await group.ehs.get(f"/v1/activities/{new['id']}"))["calculation_state"] != "calculated":
            await asyncio.sleep(0.2)
    await group.assert_books_are_right()


def _of_another_year() -> dict[str, object]:
    return {
        "source_system": "another",
        "external_id": "of 2022",
        "site_external_id": SITES[0],
        "activity_type": "electricity.grid",
        "period": {"start": "2022-03-01", "end": "2022-04-01"},
        "quantity": {"value": "1000", "unit": "kWh"},
        "data_quality": "measured",
    }


@pytest.mark.parametrize(("service", "seed"), [("inventory", 6), ("reporting", 7)])
async def test_a_replica_that_dies_is_taken_over_by_the_other(group: Group, service: str, seed: int) -> None:
    dead: Process = group.installation.replicas[service][0]
    dead.kill()
    try:
        await group.push(group.plan(500, seed))
        await group.assert_books_are_right()
    finally:
        group.installation.start_one(dead)
        await group.installation.ready()
