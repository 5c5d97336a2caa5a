"""Batches: one outcome per record in the order sent; the same again, in any order and at the same moment, changes nothing."""

import asyncio
import json
import random
from typing import Any, get_args

import pytest
from sqlalchemy import text

from ghg.rounding import milligrams
from services.inventory.usecases.push_activities import OutcomeName
from tests.api.inventory.intake import DIESEL, GAS, Intake

OUTCOMES = get_args(OutcomeName)
PER_KWH = 471_500  # mg CO2 per kWh in Guangdong in 2021


def kwh(value: str) -> dict:
    return {"value": value, "unit": "kWh"}


async def test_every_outcome_of_the_contract_in_one_batch(intake: Intake):
    site, year = await intake.site(), next(intake.years)
    known, stale = intake.record(site), intake.record(site, source_modified_at="2022-01-01T00:00:00Z")
    await intake.batch([known, stale])
    await intake.approve(await intake.inventory(year))
    closed = {"start": f"{year}-03-01", "end": f"{year}-04-01"}

    items = await intake.batch(
        [
            intake.record(site),
            known | {"quantity": kwh("5")},
            stale,
            stale | {"quantity": kwh("5"), "source_modified_at": "2021-01-01T00:00:00Z"},
            intake.record(site, item_code=intake.name("E"), quantity={"value": "1"}),
            intake.record(site, period=closed, **DIESEL),
            intake.record("nowhere"),
        ]
    )

    assert [(item["index"], item["status"], item["outcome"]) for item in items] == [
        (0, 201, "created"),
        (1, 200, "corrected"),
        (2, 200, "unchanged"),
        (3, 422, "refused"),  # the same key stands in the batch before, with other content
        (4, 202, "quarantined"),
        (5, 202, "quarantined"),
        (6, 422, "refused"),
    ]
    assert items[3]["problem"]["errors"][0]["code"] == "duplicate_in_batch"
    assert await intake.total_of(site) == (1_000 + 5 + 1_000) * PER_KWH


async def test_intake_events_count_every_record_that_was_received_by_outcome_and_source(intake: Intake):
    site, system, other = await intake.site(), intake.name("system"), intake.name("system")
    known = intake.record(site, source_system=system)
    await intake.batch([known])
    before = await told_of_intake(intake)
    odd: list[Any] = ["no record", 7, None, [], {}, {"source_system": 7}, {"source_system": "x" * 201}, {"source_system": "a\u0000"}]

    items = await intake.batch(
        [
            known,
            known | {"quantity": kwh("2")},
            known | {"external_id": "new"},
            known | {"external_id": "nowhere", "site_external_id": "nowhere"},
            known | {"external_id": "odd", "quantity": 5},
            known | {"external_id": None},
            {"source_system": system},
            {"source_system": other},
            *odd,
        ]
    )

    told = (await told_of_intake(intake))[len(before) :]
    counts = {event["source_system"]: {name: event[name] for name in OUTCOMES if event[name]} for event in told}
    assert counts == {
        system: {"unchanged": 1, "created": 1, "refused": 5},
        other: {"refused": 1},
        "": {"refused": len(odd)},
    }
    assert sum(sum(by_outcome.values()) for by_outcome in counts.values()) == len(items)


async def told_of_intake(intake: Intake) -> list[Any]:
    async with intake.installation.services["inventory"].ground.database.unit_of_work() as session:
        rows = await session.execute(text("SELECT value FROM outbox WHERE topic = 'baseyear.inventory.intake.v1' ORDER BY id"))
        return [json.loads(row.value) for row in rows]


async def test_an_item_answers_what_a_single_push_would(intake: Intake):
    site = await intake.site()

    (item,) = await intake.batch([intake.record(site)])
    single = await intake.get(f"/v1/activities/{item['id']}")

    assert {name: item[name] for name in ("id", "revision", "voided", "calculation_state", "emissions")} == {
        name: single[name] for name in ("id", "revision", "voided", "calculation_state", "emissions")
    }
    assert item["problem"] is None


async def test_older_content_in_a_batch_is_stale(intake: Intake):
    record = intake.record(await intake.site(), source_modified_at="2022-01-01T00:00:00Z")
    await intake.batch([record])

    (item,) = await intake.batch([record | {"quantity": kwh("5"), "source_modified_at": "2021-01-01T00:00:00Z"}])

    assert (item["status"], item["outcome"], item["revision"]) == (200, "stale", 1)


async def test_the_same_key_twice_with_the_same_content_counts_once(intake: Intake):
    site = await intake.site()
    record = intake.record(site)

    items = await intake.batch([record, record, record | {"quantity": kwh("1000.0")}, record | {"quantity": kwh("2")}])

    assert [item["outcome"] for item in items] == ["created", "unchanged", "unchanged", "refused"]
    assert [(error["pointer"], error["code"]) for error in items[3]["problem"]["errors"]] == [("/external_id", "duplicate_in_batch")]
    assert {item["id"] for item in items[:3]} == {items[0]["id"]}
    assert await intake.total_of(site) == 1_000 * PER_KWH


async def test_what_waits_in_quarantine_waits_however_often_it_stands_in_the_batch(intake: Intake):
    record = intake.record(await intake.site(), item_code=intake.name("E"), quantity={"value": "1"})

    items = await intake.batch([record, record])

    assert [(item["status"], item["outcome"]) for item in items] == [(202, "quarantined")] * 2


async def test_a_dry_run_answers_everything_and_leaves_nothing(intake: Intake):
    site = await intake.site()
    known = intake.record(site)
    await intake.batch([known])
    records = [
        known | {"quantity": kwh("5")},
        intake.record(site),
        intake.record("nowhere"),
        intake.record(site, item_code="E", quantity={"value": "1"}),
    ]

    tried = await intake.batch(records, query="?dry_run=true")

    assert [item["outcome"] for item in tried] == ["corrected", "created", "refused", "quarantined"]
    assert tried[1]["emissions"]["co2e_kg"] == "471.500000"
    assert await intake.total_of(site) == 1_000 * PER_KWH
    assert len((await intake.get("/v1/activities", site=site))["items"]) == 1
    assert (await intake.operator.get(f"/v1/activities/{tried[1]['id']}")).status == 404
    done = await intake.batch(records)
    assert [item["outcome"] for item in done] == ["corrected", "created", "refused", "quarantined"]


async def test_a_dry_run_does_not_use_up_an_idempotency_key(intake: Intake):
    record, key = intake.record(await intake.site()), {"Idempotency-Key": intake.name("key")}

    for query, outcome in (("?dry_run=true", "created"), ("?dry_run=true", "created")):
        answer = await intake.operator.post(f"/v1/activities/batch{query}", {"items": [record]}, key)
        assert answer.body["items"][0]["outcome"] == outcome


async def test_the_same_content_with_a_later_time_counts_once_when_its_period_is_open_again(intake: Intake):
    site, year = await intake.site(), next(intake.years)
    inventory = await intake.inventory(year)
    await intake.approve(inventory)
    record = intake.record(site, period={"start": f"{year}-03-01", "end": f"{year}-04-01"}, **DIESEL)
    await intake.batch([record | {"source_modified_at": f"{year}-04-01T00:00:00Z"}])
    await intake.transition(inventory, "open")

    again = [await intake.batch([record | {"source_modified_at": f"{year}-05-0{day}T00:00:00Z"}]) for day in (1, 2, 3)]

    assert [(item["outcome"], item["revision"]) for (item,) in again] == [("corrected", 2), ("unchanged", 2), ("unchanged", 2)]
    assert await intake.total_of(site, year) == 2_621_340_922


async def test_the_site_of_the_answer_is_where_the_record_counts(intake: Intake):
    site, elsewhere = await intake.site(), await intake.site()
    record = intake.record(site)
    first = await intake.pushed(record)
    await intake.operator.patch(f"/v1/activities/{first['id']}", {"site_external_id": elsewhere})

    again = await intake.pushed(record, "unchanged")

    assert again["site_external_id"] == elsewhere


@pytest.mark.parametrize("seed", [1, 2])
async def test_the_same_batch_by_five_clients_at_the_same_moment_counts_once(intake: Intake, seed: int):
    """Quantities of which half-even and half-up differ: n.5 mg of CO2, for even n."""
    site = await intake.site()
    values = [f"0.{thousandths:03}" for thousandths in range(3, 403, 8)]  # 471.5 mg × 3, 11, 19…: halves above even numbers
    halves = [PER_KWH * int(value[2:]) % 1_000 for value in values]
    assert halves == [500] * len(values)
    records = [intake.record(site, quantity=kwh(value)) for value in values]
    records += [intake.record(site, **GAS) for _ in range(20)] + [intake.record(site, **DIESEL) for _ in range(20)]
    chance = random.Random(seed)
    clients = [await intake.make_client(kind="ehs", source_systems=["ehs"]) for _ in range(5)]
    sent = [records, *(records[turn:] + records[:turn] for turn in (30, 60)), *(chance.sample(records, len(records)) for _ in range(2))]

    answers = await asyncio.gather(*(intake.batch(batch, client) for batch, client in zip(sent, clients, strict=True)))

    outcomes = [item["outcome"] for answer in answers for item in answer]
    assert outcomes.count("created") == len(records)
    assert outcomes.count("unchanged") == 4 * len(records)
    assert {item["revision"] for answer in answers for item in answer} == {1}
    expected = sum(_half_even(PER_KWH * int(value[2:]), 1_000) for value in values)
    assert await intake.of_site(site) == {
        "electricity.grid 2021-03": expected,
        "fuel.natural_gas 2021-03": 20 * 2_164_411_769,
        "fuel.diesel 2021-03": 20 * 2_621_340_922,
    }
    assert expected != sum((PER_KWH * int(value[2:]) + 500) // 1_000 for value in values)


def _half_even(numerator: int, denominator: int) -> int:
    return round(numerator / denominator)  # exact here: n.5 is a binary fraction, and Python's round is half-even


async def test_corrections_by_five_clients_at_the_same_moment_end_in_the_latest(intake: Intake):
    site = await intake.site()
    records = [intake.record(site, quantity=kwh("1"), source_modified_at="2021-04-01T00:00:00Z") for _ in range(40)]
    await intake.batch(records)
    later = [
        [record | {"quantity": kwh(str(client)), "source_modified_at": f"2021-05-0{client}T00:00:00Z"} for record in records]
        for client in range(2, 7)
    ]
    chance = random.Random(3)
    for batch in later:
        chance.shuffle(batch)

    await asyncio.gather(*(intake.batch(batch) for batch in later))

    assert await intake.total_of(site) == 40 * 6 * PER_KWH
    for item in (await intake.get("/v1/activities", site=site))["items"]:
        revisions = (await intake.get(f"/v1/activities/{item['id']}/history"))["items"]
        assert [each["revision"] for each in revisions] == list(range(1, item["revision"] + 1))


async def test_one_record_pushed_singly_by_many_at_the_same_moment_is_created_once(intake: Intake):
    site = await intake.site()
    record = intake.record(site)

    answers = await asyncio.gather(*(intake.push(record) for _ in range(20)))

    assert sorted(answer.body["outcome"] for answer in answers) == ["created"] + ["unchanged"] * 19
    assert await intake.total_of(site) == 1_000 * PER_KWH


async def test_pushes_voids_and_patches_at_the_same_moment_leave_cells_that_add_up(intake: Intake):
    site = await intake.site()
    records = [intake.record(site, quantity=kwh("1")) for _ in range(12)]
    ids = [item["id"] for item in await intake.batch(records)]
    changed = [record | {"quantity": kwh("2")} for record in records]

    await asyncio.gather(
        intake.batch(changed),
        intake.batch(list(reversed(records))),
        *(intake.operator.post(f"/v1/activities/{one}/voids", {"reason": "a test"}) for one in ids[:4]),
        *(intake.operator.patch(f"/v1/activities/{one}", {"quantity": {"value": "3"}}) for one in ids[4:8]),
    )

    counted = (await intake.get("/v1/activities", site=site, outcome="counted"))["items"]
    assert await intake.total_of(site) == sum(milligrams(item["emissions"]["co2e_kg"]) for item in counted)
    assert len(counted) >= 8
