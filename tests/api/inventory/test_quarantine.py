"""Quarantine holds a revision: what is not mapped yet, and what would move a closed period, waits without being counted."""

import asyncio

import pytest

from kernel.auth import Principal
from services.inventory.api.activity_shapes import ActivityIn, record_of
from services.inventory.usecases.push_activities import push_activities
from tests.api.inventory.intake import Intake, until

PER_KWH = 471_500  # mg CO2 per kWh in Guangdong in 2021
DIESEL_MG = 2_621_340_922  # of 1,000 L in China, in any year
EHS = Principal("an-ehs", "ehs", "An EHS", frozenset({"activities:write"}))
CODED = {"activity_type": None, "quantity": {"value": "1000"}}


def diesel(year: int, month: int = 3, litres: str = "1000") -> dict:
    period = {"start": f"{year}-{month:02}-01", "end": f"{year}-{month + 1:02}-01"}
    return {"activity_type": "fuel.diesel", "period": period, "quantity": {"value": litres, "unit": "L"}}


# An item code that nobody mapped


async def test_a_record_of_an_unmapped_item_is_kept_and_not_counted(intake: Intake):
    site = await intake.site()
    record = intake.record(site, **CODED, item_code=intake.name("E"))

    answer = await intake.push(record)

    assert (answer.status, answer.body["outcome"], answer.body["quarantine"]) == (202, "quarantined", "unmapped_item")
    assert (answer.body["counted_revision"], answer.body["calculation_state"], answer.body["emissions"]) == (None, None, None)
    assert await intake.of_site(site) == {}
    assert (await intake.operator.get(f"/v1/activities/{answer.body['id']}/calculation")).status == 409


async def test_quarantined_records_are_counted_as_lacking(intake: Intake):
    entity = await intake.entity()
    viewer = await intake.make_client(kind="app", entity_ids=[entity["id"]])
    site = await intake.site(entity=entity["external_id"])
    before = await intake.incomplete(viewer)

    await intake.pushed(intake.record(site, **CODED, item_code=intake.name("E")), "quarantined")

    assert before == {"awaiting_factor": 0, "no_factor": 0, "quarantined": 0}
    assert await intake.incomplete(viewer) == before | {"quarantined": 1}


async def test_pushed_again_unchanged_it_is_quarantined_again_without_a_new_revision(intake: Intake):
    record = intake.record(await intake.site(), **CODED, item_code=intake.name("E"))
    await intake.pushed(record, "quarantined")

    again = await intake.push(record)

    assert (again.status, again.body["outcome"], again.body["revision"]) == (202, "quarantined", 1)


async def test_pushed_again_with_other_content_it_is_a_further_revision_in_quarantine(intake: Intake):
    record = intake.record(await intake.site(), **CODED, item_code=intake.name("E"))
    await intake.pushed(record, "quarantined")

    again = await intake.pushed(record | {"quantity": {"value": "5"}}, "quarantined")

    assert (again["revision"], again["quantity"]["value"]) == (2, "5")


async def test_the_job_of_its_mapping_releases_it(intake: Intake):
    site, code = await intake.site(), intake.name("E")
    records = [intake.record(site, **CODED, item_code=code) for _ in range(3)]
    await intake.batch(records)

    mapped = await intake.map_item("ehs", code)

    assert mapped["release"] == {"state": "done", "released": 3, "quarantined": 0, "refused": 0}
    assert await intake.total_of(site) == 3_000 * PER_KWH
    released = await intake.activity(records[0])
    assert (released["outcome"], released["revision"], released["counted_revision"]) == ("counted", 2, 2)
    assert (released["activity_type"], released["quantity"]) == ("electricity.grid", {"value": "1000", "unit": "kWh"})
    history = (await intake.get(f"/v1/activities/{released['id']}/history"))["items"]
    assert [each["outcome"] for each in history] == ["quarantined", "released"]


async def test_a_push_that_began_before_the_mapping_is_released_as_well(intake: Intake):
    """The job that releases waits for pushes that do not know the mapping yet and have not committed what they keep."""
    site, code = await intake.site(), intake.name("E")
    record = intake.record(site, **CODED, item_code=code)
    inventory = intake.installation.services["inventory"]

    async with inventory.ground.database.unit_of_work() as session:
        await push_activities(session, EHS, [record_of(ActivityIn.model_validate(record))], inventory.app.state.bindings)
        await intake.operator.put(f"/v1/source-systems/ehs/items/{code}", {"activity_type": "electricity.grid", "unit": "kWh"})
        await asyncio.sleep(0.6)  # long enough for a job that does not wait to have ended

    async def counted() -> bool:
        return (await intake.activity(record))["outcome"] == "counted"

    await until(counted)


async def test_after_its_release_the_same_content_is_unchanged(intake: Intake):
    site, code = await intake.site(), intake.name("E")
    record = intake.record(site, **CODED, item_code=code)
    await intake.pushed(record, "quarantined")
    await intake.map_item("ehs", code)

    await intake.pushed(record, "unchanged")

    assert await intake.total_of(site) == 1_000 * PER_KWH


async def test_what_the_mapping_makes_wrong_is_not_released_and_stays(intake: Intake):
    site, code = await intake.site(), intake.name("E")
    good = intake.record(site, **CODED, item_code=code)
    in_kilograms = intake.record(site, **CODED | {"quantity": {"value": "5", "unit": "kg"}}, item_code=code)
    without_site = intake.record(None, **CODED, item_code=code)
    await intake.batch([good, in_kilograms, without_site])

    mapped = await intake.map_item("ehs", code)

    assert mapped["release"] == {"state": "done", "released": 1, "quarantined": 0, "refused": 2}
    for record in (in_kilograms, without_site):
        kept = await intake.activity(record)
        assert (kept["outcome"], kept["quarantine"], kept["revision"]) == ("quarantined", "unmapped_item", 1)
    assert (await intake.push(in_kilograms)).problem.errors[0]["code"] == "dimension_mismatch"


async def test_a_refused_one_is_released_by_a_better_mapping(intake: Intake):
    site, code = await intake.site(), intake.name("E")
    record = intake.record(None, **CODED, item_code=code)
    await intake.pushed(record, "quarantined")
    await intake.map_item("ehs", code)

    mapped = await intake.map_item("ehs", code, site_external_id=site)

    assert mapped["release"]["released"] == 1
    assert await intake.total_of(site) == 1_000 * PER_KWH


async def test_a_counted_revision_keeps_counting_while_its_successor_waits(intake: Intake):
    site, code = await intake.site(), intake.name("E")
    record = intake.record(site)
    first = await intake.pushed(record)
    coded = {name: value for name, value in (record | CODED | {"item_code": code, "quantity": {"value": "7"}}).items() if value}

    waiting = await intake.pushed(coded, "quarantined")

    assert (waiting["revision"], waiting["counted_revision"]) == (2, 1)
    assert (waiting["quantity"], waiting["emissions"]) == (first["quantity"], first["emissions"])
    assert waiting["content"]["quantity"] == {"value": "7"}
    assert await intake.total_of(site) == 1_000 * PER_KWH
    await intake.map_item("ehs", code)
    assert await intake.total_of(site) == 7 * PER_KWH


async def test_the_trace_is_of_the_counted_revision_not_of_the_waiting_one(intake: Intake):
    record = intake.record(await intake.site())
    first = await intake.pushed(record)
    coded = {name: value for name, value in (record | CODED | {"item_code": "nobody's", "quantity": {"value": "7"}}).items() if value}
    await intake.pushed(coded, "quarantined")

    trace = await intake.get(f"/v1/activities/{first['id']}/calculation")

    assert trace["revision"] == 1
    assert trace["steps"][0]["text"].startswith("CO2: 1000 kWh")
    assert trace["steps"][-1]["result"] == f"{first['emissions']['co2e_kg']} kg CO2e"


async def test_releasing_by_hand_needs_the_cause_to_be_gone(intake: Intake):
    waiting = await intake.pushed(intake.record(await intake.site(), **CODED, item_code=intake.name("E")), "quarantined")
    counted = await intake.pushed(intake.record(await intake.site()))

    still = await intake.operator.post(f"/v1/activities/{waiting['id']}/releases")
    needless = await intake.operator.post(f"/v1/activities/{counted['id']}/releases")

    assert (still.status, still.problem.code) == (409, "conflict")
    assert (needless.status, needless.problem.code) == (409, "conflict")


async def test_a_quarantined_record_can_be_mended_by_hand(intake: Intake):
    site = await intake.site()
    record = intake.record(site, **CODED, item_code=intake.name("E"))
    waiting = await intake.pushed(record, "quarantined")

    patch = {"item_code": None, "activity_type": "electricity.grid", "quantity": {"unit": "kWh"}}
    mended = await intake.operator.patch(f"/v1/activities/{waiting['id']}", patch)

    assert (mended.status, mended.body["quarantine"]) == (200, None)
    await intake.pushed(record, "unchanged")
    assert await intake.total_of(site) == 1_000 * PER_KWH


async def test_a_quarantined_record_can_be_voided(intake: Intake):
    record = intake.record(await intake.site(), **CODED, item_code=intake.name("E"))
    waiting = await intake.pushed(record, "quarantined")

    await intake.operator.post(f"/v1/activities/{waiting['id']}/voids", {"reason": "a test"})

    again = await intake.pushed(record, "unchanged")
    assert (again["voided"], again["quarantine"]) == (True, None)


# A closed period


@pytest.fixture
async def closed(intake: Intake):
    """A site, a counted record of it, and the year's inventory, approved."""
    year = next(intake.years)
    site = await intake.site()
    record = intake.record(site, **diesel(year))
    counted = await intake.pushed(record)
    inventory = await intake.inventory(year)
    await intake.approve(inventory)
    return year, site, record, counted, inventory


async def test_a_new_record_of_a_closed_period_waits_until_it_is_open_again(intake: Intake, closed):
    year, site, _, _, inventory = closed
    record = intake.record(site, **diesel(year, month=5))

    waiting = await intake.push(record)

    assert (waiting.status, waiting.body["outcome"], waiting.body["quarantine"]) == (202, "quarantined", "closed_period")
    assert await intake.total_of(site, year) == DIESEL_MG
    refused = await intake.operator.post(f"/v1/activities/{waiting.body['id']}/releases")
    assert (refused.status, refused.problem.code) == (409, "closed_period")
    await intake.transition(inventory, "open")
    released = await intake.operator.post(f"/v1/activities/{waiting.body['id']}/releases")
    assert (released.status, released.body["outcome"], released.body["quarantine"]) == (201, "released", None)
    assert await intake.total_of(site, year) == 2 * DIESEL_MG
    await intake.pushed(record, "unchanged")


async def test_pushing_again_after_the_reopening_counts_it_as_well(intake: Intake, closed):
    year, site, _, _, inventory = closed
    record = intake.record(site, **diesel(year, month=5))
    await intake.pushed(record, "quarantined")
    await intake.transition(inventory, "open")

    await intake.pushed(record, "corrected")

    assert await intake.total_of(site, year) == 2 * DIESEL_MG


async def test_a_correction_in_a_closed_period_waits_and_the_earlier_revision_keeps_counting(intake: Intake, closed):
    year, site, record, counted, inventory = closed
    changed = record | diesel(year, litres="2000")

    waiting = await intake.pushed(changed, "quarantined")
    again = await intake.pushed(changed, "quarantined")

    assert (waiting["quarantine"], waiting["revision"], waiting["counted_revision"]) == ("closed_period", 2, 1)
    assert waiting["emissions"] == counted["emissions"]
    assert again["revision"] == 2
    await intake.transition(inventory, "open")
    assert await intake.total_of(site, year) == DIESEL_MG
    await intake.operator.post(f"/v1/activities/{counted['id']}/releases")
    assert await intake.total_of(site, year) == 2 * DIESEL_MG


async def test_the_same_content_in_a_closed_period_is_unchanged(intake: Intake, closed):
    _, _, record, _, _ = closed

    await intake.pushed(record, "unchanged")


@pytest.mark.parametrize("days", [("{year}-12-15", "{next}-01-15"), ("{before}-12-01", "{year}-01-02")])
async def test_one_day_in_the_closed_period_is_enough(intake: Intake, closed, days: tuple[str, str]):
    year, site, *_ = closed
    start, end = (day.format(year=year, next=year + 1, before=year - 1) for day in days)

    waiting = await intake.pushed(intake.record(site, **diesel(year) | {"period": {"start": start, "end": end}}), "quarantined")

    assert waiting["quarantine"] == "closed_period"


async def test_a_record_beside_the_closed_period_counts(intake: Intake, closed):
    year, site, *_ = closed

    await intake.pushed(intake.record(site, **diesel(year - 1, month=11)))


async def test_moving_a_record_out_of_a_closed_period_waits_however_often_it_is_tried(intake: Intake, closed):
    year, site, record, counted, inventory = closed
    moved = record | diesel(year - 1, month=11)

    first = await intake.pushed(moved, "quarantined")
    again = await intake.pushed(moved, "quarantined")
    release = await intake.operator.post(f"/v1/activities/{counted['id']}/releases")

    assert (first["quarantine"], first["revision"], again["revision"]) == ("closed_period", 2, 2)
    assert (release.status, release.problem.code) == (409, "closed_period")
    assert await intake.total_of(site, year) == DIESEL_MG
    assert await intake.total_of(site, year - 1) == 0
    await intake.transition(inventory, "open")
    await intake.operator.post(f"/v1/activities/{counted['id']}/releases")
    assert await intake.total_of(site, year) == 0
    assert await intake.total_of(site, year - 1) == DIESEL_MG


async def test_a_mapping_does_not_release_what_would_move_a_closed_period(intake: Intake, closed):
    year, site, record, _, inventory = closed
    code = intake.name("O")
    coded = {
        name: value for name, value in (record | diesel(year - 1, month=11) | {"item_code": code, "activity_type": None}).items() if value
    }
    await intake.pushed(coded, "quarantined")

    mapped = await intake.map_item("ehs", code, activity_type="fuel.diesel", unit="L")

    assert mapped["release"] == {"state": "done", "released": 0, "quarantined": 1, "refused": 0}
    kept = await intake.activity(record)
    assert (kept["quarantine"], kept["counted_revision"]) == ("closed_period", 1)
    await intake.transition(inventory, "open")
    assert await intake.total_of(site, year) == DIESEL_MG


async def test_by_hand_nothing_moves_a_closed_period(intake: Intake, closed):
    year, site, record, counted, _ = closed
    path = f"/v1/activities/{counted['id']}"
    other = await intake.pushed(intake.record(site, **diesel(year - 1, month=11)))

    refusals = [
        await intake.operator.patch(path, {"quantity": {"value": "5"}}),
        await intake.operator.patch(path, {"period": diesel(year - 1)["period"]}),
        await intake.operator.patch(f"/v1/activities/{other['id']}", {"period": record["period"]}),
        await intake.operator.post(f"{path}/voids", {"reason": "a test"}),
    ]

    assert [(answer.status, answer.problem.code) for answer in refusals] == [(409, "closed_period")] * 4
    assert (await intake.get(path))["revision"] == 1


async def test_an_inventory_that_is_only_in_review_closes_nothing(intake: Intake):
    year = next(intake.years)
    inventory = await intake.inventory(year)
    await intake.transition(inventory, "in_review")

    await intake.pushed(intake.record(await intake.site(), **diesel(year)))


async def test_any_approved_inventory_closes_its_days_whatever_its_name(intake: Intake):
    year = next(intake.years)
    await intake.inventory(year)
    await intake.approve(await intake.inventory(year, "for the bank", consolidation_approach="equity_share"))

    waiting = await intake.pushed(intake.record(await intake.site(), **diesel(year)), "quarantined")

    assert waiting["quarantine"] == "closed_period"
