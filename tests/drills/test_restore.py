"""The drill: push, back up while pushing, push on, put back to the earlier point, push again, and count the books."""

import asyncio
import random
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from tests.drills.installations import FORMS, Drilled, Form, done, ehs_of
from tests.faults.books import SCHEMAS, assert_answers_are_right, assert_services_are_consistent
from tests.faults.group import NOTHING, SYSTEM, Plan, plan_of
from tests.faults.pushing import Ehs, set_up_group

AFTER, FEW = 40, 9  # so many parcels of so few records, of which none is corrected: pushed again each is what it was


def before_and_after() -> tuple[Plan, Plan]:
    """What is there before the backup, and what is pushed while it is made and after it."""
    chance = random.Random("a drill")
    after = NOTHING
    for number in range(AFTER):
        after = plan_of(FEW, chance, first=10_000 + number * FEW).after(after)
    assert not after.corrected
    return plan_of(1_000, chance), after


async def assert_right(installation: Drilled, ehs: Ehs, plan: Plan) -> None:
    """Every record once, inventory and reporting exact and equal, every event told, every request's count heard of once."""
    await until_reporting_knows_the_year(ehs)
    await assert_answers_are_right(ehs, plan)
    async with AsyncExitStack() as stack:
        connections = {}
        for schema in SCHEMAS:
            connections[schema] = await installation.database(schema)
            stack.push_async_callback(connections[schema].close)
            await connections[schema].execute(f"SET search_path = {schema}")
        await assert_services_are_consistent(connections)
        heard = await connections["reporting"].fetchrow("SELECT sum(created), sum(corrected) FROM intake WHERE source_system = $1", SYSTEM)
        assert tuple(heard) == (len(plan.final), len(plan.corrected))


async def until_reporting_knows_the_year(ehs: Ehs) -> None:
    """After a beginning reporting knows nothing, not even that there is an inventory, until it is told."""
    async with asyncio.timeout(60):
        while (await ehs.until_answered("GET", "/v1/emissions", query={"year": 2021})).status_code == 404:
            await asyncio.sleep(0.1)


async def restored(installation: Drilled, backup: Path, *options: str) -> None:
    await installation.stop()
    done(await asyncio.to_thread(installation.command, "restore", str(backup), "--replace", *options))
    await installation.start()


@pytest.mark.parametrize("form", FORMS)
async def test_after_a_restore_and_pushing_again_every_record_is_there_once(form: Form, tmp_path: Path) -> None:
    before, after = before_and_after()
    backup = tmp_path / "backup"
    async with form() as installation:
        await installation.start()
        async with ehs_of(installation) as ehs:
            await set_up_group(ehs)
            app = await ehs.create("/v1/clients", {"name": "console", "kind": "app"})
            await ehs.push(before)

            pushing = asyncio.create_task(ehs.push(after))
            await asyncio.sleep(0.5)
            done(await asyncio.to_thread(installation.command, "backup", str(backup)))
            await pushing
            assert (await ehs.until_answered("DELETE", f"/v1/clients/{app['id']}")).status_code == 204
            await assert_right(installation, ehs, after.after(before))

            await restored(installation, backup, "--service", "inventory")
            await ehs.push(after)
            await assert_right(installation, ehs, after.after(before))

            await restored(installation, backup)
            await ehs.push(after)
            await assert_right(installation, ehs, after.after(before))
            await assert_client_is_back(ehs, app)

            await installation.stop()  # as after the loss of every topic
            done(await asyncio.to_thread(installation.command, "events", "begin-anew", "--reason", "a drill"))
            await installation.start()
            await assert_right(installation, ehs, after.after(before))
            done(await asyncio.to_thread(installation.command, "check"))


async def assert_client_is_back(ehs: Ehs, app: dict[str, str]) -> None:
    """A client that was deleted after the backup may sign in again, and no service refuses it for what has not happened."""
    credentials = app["client_id"], app["client_secret"]
    signed_in = await ehs.http.post("/oauth2/token", data={"grant_type": "client_credentials"}, auth=credentials)
    assert signed_in.status_code == 200, signed_in.text
    headers = {"Authorization": f"Bearer {signed_in.json()['access_token']}"}
    for path in ("/v1/activities?limit=1", "/v1/emissions?year=2021", "/v1/datasets"):
        assert (await ehs.http.get(path, headers=headers)).status_code == 200, path
