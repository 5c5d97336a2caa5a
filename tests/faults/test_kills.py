"""kill -9 at random moments while records are pushed: nothing is lost, nothing is doubled, and it starts again by itself."""

import asyncio
import random
import time
from dataclasses import dataclass

import pytest

from tests.faults.books import assert_books_are_right
from tests.faults.group import Plan, plan_of
from tests.faults.pushing import Ehs, until
from tests.faults.served import Served


@dataclass(slots=True)
class Killer:
    """Kills and starts again; in half of the cases PostgreSQL is killed too, before the process, after it, or at the same moment.

    slowest  seconds from a start to ready
    """

    served: Served
    chance: random.Random
    kills: int = 0
    of_the_database: int = 0
    slowest: float = 0.0

    async def work(self, ehs: Ehs, plan: Plan, kills: int) -> None:
        """Spread `kills` over the pushing by the number of answered records; some of them come while it still starts."""
        for moment in sorted(self.chance.randrange(len(plan.final)) for _ in range(kills)):
            await until(lambda moment=moment: ehs.answered >= moment)
            await asyncio.sleep(self.chance.random() * 0.1)
            await self._kill_and_start()
            while self.kills < kills and self.chance.random() < 0.25:
                await asyncio.sleep(self.chance.random() * 4)  # while it still starts
                await self._kill_and_start()
            self.slowest = max(self.slowest, await self.served.ready())
            if self.kills == kills:
                return

    async def _kill_and_start(self) -> None:
        with_database = 2 * self.of_the_database <= self.kills  # half of them, although none runs at some moments
        gap = self.chance.choice([0.0, self.chance.random() * 1.5])
        if with_database and self.chance.random() < 0.5:
            self.of_the_database += self.served.kill_database()
            await asyncio.sleep(gap)  # meanwhile the process may be reviving it
            with_database = False
        self.served.kill()
        if with_database:
            self.of_the_database += self.served.kill_database()
        self.kills += 1
        self.served.start()


async def kill_while_pushing(served: Served, ehs: Ehs, records: int, kills: int, seed: int) -> Killer:
    chance = random.Random(seed)
    plan, killer = plan_of(records, chance), Killer(served, chance)
    begun = time.monotonic()
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(ehs.push(plan))
        tasks.create_task(killer.work(ehs, plan, kills))
    print(
        f"seed {seed}: {len(plan.final)} records, {ehs.answered} answers, {killer.kills} kills, {killer.of_the_database} of them with"
        f" PostgreSQL, ready again after at most {killer.slowest:.1f} s, {time.monotonic() - begun:.0f} s in all; {dict(ehs.unheard)}"
    )
    await assert_books_are_right(served, ehs, plan)
    return killer


async def test_no_kill_loses_or_doubles_a_record(served: Served, ehs: Ehs) -> None:
    killer = await kill_while_pushing(served, ehs, records=20_000, kills=8, seed=20_210_301)

    assert killer.kills == 8


@pytest.mark.slow
@pytest.mark.parametrize("seed", [1])
async def test_no_kill_of_many_loses_or_doubles_a_record(served: Served, ehs: Ehs, seed: int) -> None:
    killer = await kill_while_pushing(served, ehs, records=30_000, kills=64, seed=seed)

    assert killer.kills == 64
