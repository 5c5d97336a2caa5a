"""A record whose factor cannot be had is kept, counted as lacking, and calculated by itself as soon as there is one."""

import asyncio
import json
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any

import httpx
import pytest

from contracts.topics import FACTOR
from kernel.outbox import Message
from services.inventory.handlers import notice_factors
from tests.api.inventory.intake import Intake, until

Answering = Callable[[httpx.Request], httpx.Response]


def silent(request: httpx.Request) -> httpx.Response:
    raise httpx.ConnectError("nobody listens", request=request)


def knowing_none(request: httpx.Request) -> httpx.Response:
    """A catalogue into which no factor was published yet."""
    asked = len(json.loads(request.content)["items"])
    answer = {"outcome": "no_factor", "detail": "There is none.", "factor": None, "candidates": []}
    return httpx.Response(200, json={"items": [answer] * asked})


@pytest.fixture
def factors(intake: Intake) -> Callable[[Answering], AbstractContextManager[None]]:
    """Puts something else in the place of the factors service, for a while."""
    questions: Any = intake.installation.services["inventory"].ground.questions["factors"]

    @contextmanager
    def replaced(answer: Answering) -> Iterator[None]:
        real = questions._client
        questions._client = httpx.AsyncClient(transport=httpx.MockTransport(answer), base_url="http://factors")
        try:
            yield
        finally:
            questions._client = real

    return replaced


async def calculated(intake: Intake, activity_id: str) -> Any:
    async def done() -> Any:
        now = await intake.get(f"/v1/activities/{activity_id}")
        return now if now["calculation_state"] == "calculated" else None

    return await until(done)


async def test_while_factors_is_silent_a_record_of_a_new_combination_waits(intake: Intake, factors):
    entity = await intake.entity()
    viewer = await intake.make_client(kind="app", entity_ids=[entity["id"]])
    site = await intake.site("CN-BJ", entity=entity["external_id"])
    record = intake.record(site)

    with factors(silent):
        answer = await intake.push(record)
        assert (answer.status, answer.body["outcome"]) == (201, "created")
        assert (answer.body["calculation_state"], answer.body["emissions"]) == ("awaiting_factor", None)
        assert await intake.incomplete(viewer) == {"awaiting_factor": 1, "no_factor": 0, "quarantined": 0}
        assert await intake.of_site(site) == {}
        trace = await intake.operator.get(f"/v1/activities/{answer.body['id']}/calculation")
        assert (trace.status, trace.problem.code) == (409, "record_awaits_factor")
        assert trace.headers["retry-after"]

    now = await calculated(intake, answer.body["id"])
    assert now["revision"] == 1
    kept = {"If-None-Match": answer.headers["etag"]}
    assert (await intake.operator.request("GET", answer.headers["location"], kept)).status == 200, "it has a figure now"
    assert await intake.incomplete(viewer) == {"awaiting_factor": 0, "no_factor": 0, "quarantined": 0}
    assert await intake.total_of(site) > 0
    await intake.pushed(record, "unchanged")


async def test_while_factors_is_silent_known_combinations_go_on(intake: Intake, factors):
    site = await intake.site()
    await intake.pushed(intake.record(site))

    with factors(silent):
        pushed = await intake.pushed(intake.record(await intake.site()))

    assert pushed["calculation_state"] == "calculated"


async def test_a_waiting_record_can_be_corrected_and_voided_meanwhile(intake: Intake, factors):
    site = await intake.site("CN-TJ")
    kept, voided = intake.record(site), intake.record(site)

    with factors(silent):
        first, second = await intake.batch([kept, voided])
        corrected = await intake.pushed(kept | {"quantity": {"value": "2000", "unit": "kWh"}}, "corrected")
        await intake.operator.post(f"/v1/activities/{second['id']}/voids", {"reason": "a test"})
        assert corrected["calculation_state"] == "awaiting_factor"

    now = await calculated(intake, first["id"])
    assert await intake.total_of(site) == int(now["emissions"]["co2e_kg"].replace(".", ""))
    assert now["quantity"]["value"] == "2000"


async def test_what_waits_in_quarantine_behind_a_waiting_record_is_not_calculated(intake: Intake, factors):
    """The figure that comes at last is that of the revision that counts."""
    year, site = next(intake.years), await intake.site()
    kerosene = {"activity_type": "fuel.kerosene", "quantity": {"value": "1000", "unit": "kg"}}
    record = intake.record(site, period={"start": f"{year}-03-01", "end": f"{year}-04-01"}, **kerosene)

    with factors(silent):
        waiting = await intake.pushed(record)
        await intake.approve(await intake.inventory(year))
        on_top = await intake.pushed(record | {"quantity": {"value": "9000", "unit": "kg"}}, "quarantined")
        assert (on_top["revision"], on_top["counted_revision"]) == (2, 1)
    other = await intake.pushed(intake.record(site, **kerosene))
    assert other["calculation_state"] == "calculated"

    now = await calculated(intake, waiting["id"])
    assert now["emissions"] == other["emissions"]


async def test_a_record_for_which_there_is_no_factor_is_kept_with_the_nearest_alternatives(intake: Intake):
    entity = await intake.entity()
    viewer = await intake.make_client(kind="app", entity_ids=[entity["id"]])
    site = await intake.site("JP", entity=entity["external_id"])

    answer = await intake.push(intake.record(site))

    assert (answer.status, answer.body["outcome"]) == (201, "created")
    assert (answer.body["calculation_state"], answer.body["emissions"]) == ("no_factor", None)
    assert await intake.incomplete(viewer) == {"awaiting_factor": 0, "no_factor": 1, "quarantined": 0}
    assert await intake.of_site(site) == {}
    trace = await intake.operator.get(f"/v1/activities/{answer.body['id']}/calculation")
    assert (trace.status, trace.problem.code) == (409, "record_without_factor")
    nearest = trace.problem.document["alternatives"]
    assert nearest[0]["activity_type"] == "electricity.grid"
    assert all(not alternative["chosen"] and alternative["reasons"] for alternative in nearest)


async def test_a_published_factor_lets_records_without_one_be_asked_for_again(intake: Intake, factors):
    site = await intake.site("CN-SH")
    with factors(knowing_none):
        without = await intake.pushed(intake.record(site))
        assert without["calculation_state"] == "no_factor"
        again = await intake.pushed(intake.record(site))
        assert again["calculation_state"] == "no_factor"

    async with intake.installation.services["inventory"].ground.database.unit_of_work() as session:
        await notice_factors(session, [await a_published_factor(intake, "electricity.grid")])

    for activity in (without, again):
        now = await calculated(intake, activity["id"])
        assert now["revision"] == 1
    assert await intake.total_of(site) == 2 * int(now["emissions"]["co2e_kg"].replace(".", ""))


async def test_what_was_published_while_factors_was_silent_is_asked_for_later(intake: Intake, factors):
    with factors(knowing_none):
        without = await intake.pushed(intake.record(await intake.site("CN-HE")))
    with factors(silent):
        async with intake.installation.services["inventory"].ground.database.unit_of_work() as session:
            await notice_factors(session, [await a_published_factor(intake, "electricity.grid")])
        await asyncio.sleep(1)  # the job has tried
        assert (await intake.get(f"/v1/activities/{without['id']}"))["calculation_state"] == "no_factor"

    await calculated(intake, without["id"])


async def test_a_published_factor_moves_a_closed_period_only_after_it_was_opened_again(intake: Intake, factors):
    year, site = next(intake.years), await intake.site()
    record = intake.record(site, activity_type="fuel.naphtha", quantity={"value": "1", "unit": "t"})
    closed = record | {"external_id": intake.name("closed"), "period": {"start": f"{year}-03-01", "end": f"{year}-04-01"}}
    with factors(knowing_none):
        in_open, in_closed = await intake.batch([record, closed])
    inventory = await intake.inventory(year)
    await intake.approve(inventory)

    async with intake.installation.services["inventory"].ground.database.unit_of_work() as session:
        await notice_factors(session, [await a_published_factor(intake, "fuel.naphtha")])

    await calculated(intake, in_open["id"])
    assert (await intake.get(f"/v1/activities/{in_closed['id']}"))["calculation_state"] == "no_factor"
    await intake.transition(inventory, "open")
    await calculated(intake, in_closed["id"])


async def a_published_factor(intake: Intake, activity_type: str) -> Message:
    """A factor's event, as it stands in the log."""
    from sqlalchemy import text

    async with intake.installation.services["inventory"].ground.database.unit_of_work() as session:
        found = await session.execute(
            text("SELECT value FROM bus.log WHERE topic = :topic AND value LIKE :type LIMIT 1"),
            {"topic": FACTOR.name, "type": f'%"{activity_type}"%'},
        )
        return Message(FACTOR.name, "", {}, found.scalar_one())


async def test_a_record_over_two_years_needs_the_factor_of_both(intake: Intake, factors):
    site = await intake.site("CN-CQ")
    await intake.pushed(intake.record(site))  # 2021 is known from here on
    period = {"start": "2021-12-01", "end": "2022-02-01"}

    with factors(silent):
        waiting = await intake.pushed(intake.record(site, period=period))
        assert waiting["calculation_state"] == "awaiting_factor"

    now = await calculated(intake, waiting["id"])
    trace = await intake.get(f"/v1/activities/{now['id']}/calculation")
    assert [part["year"] for part in trace["parts"]] == [2021, 2022]


async def test_one_record_that_ends_with_the_year_does_not_hide_what_the_other_needs(intake: Intake):
    site = await intake.site("CN-SD")
    across, within = ({"start": "2021-12-01", "end": end} for end in ("2022-02-01", "2022-01-01"))

    items = await intake.batch([intake.record(site, period=period) for period in (across, within)])

    assert [item["calculation_state"] for item in items] == ["calculated", "calculated"]


async def test_records_are_found_by_the_state_of_their_calculation(intake: Intake):
    site = await intake.site("JP")
    without = await intake.pushed(intake.record(site))
    calculated_one = await intake.pushed(intake.record(site, activity_type="refrigerant.R-410A", quantity={"value": "1", "unit": "kg"}))
    voided = await intake.pushed(intake.record(site))
    await intake.operator.post(f"/v1/activities/{voided['id']}/voids", {"reason": "a test"})
    await intake.pushed(intake.record(site, item_code=intake.name("E"), quantity={"value": "1"}), "quarantined")

    async def found(state: str) -> list[str]:
        return [item["id"] for item in (await intake.get("/v1/activities", site=site, calculation_state=state))["items"]]

    assert await found("no_factor") == [without["id"]]
    assert await found("calculated") == [calculated_one["id"]]
    assert await found("awaiting_factor") == []
