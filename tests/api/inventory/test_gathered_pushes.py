"""Single pushes that arrive together share a transaction, and nobody notices."""

import asyncio
from collections.abc import Sequence
from typing import Any

from kernel.postgres import driver
from tests.conftest import Answer


async def _push_at_once(intake: Any, records: Sequence[dict[str, Any]]) -> list[Answer]:
    return await asyncio.gather(*(intake.push(record) for record in records))


async def _transactions_of(intake: Any, source_system: str) -> list[int]:
    """How many records each intake event of a source system tells of; there is one for each transaction."""
    async with intake.installation.services["inventory"].ground.database.unit_of_work() as session:
        connection = await driver(session)
        rows = await connection.fetch(
            "SELECT value::jsonb AS event FROM outbox WHERE topic = 'baseyear.inventory.intake.v1' AND key = $1", source_system
        )
    return [row["event"]["created"] for row in rows]


async def test_pushes_at_the_same_moment_are_each_answered_and_share_transactions(intake):
    site, system = await intake.site(), intake.name("system")
    records = [intake.record(site, source_system=system) for _ in range(40)]

    answers = await _push_at_once(intake, records)

    assert [answer.status for answer in answers] == [201] * 40
    assert [answer.body["external_id"] for answer in answers] == [record["external_id"] for record in records]
    told = await _transactions_of(intake, system)
    assert sum(told) == 40
    assert len(told) < 40


async def test_one_that_is_refused_does_not_hinder_those_beside_it(intake):
    site = await intake.site()
    records = [intake.record(site) for _ in range(10)]
    records[4]["quantity"] = {"value": "1", "unit": "furlong"}

    answers = await _push_at_once(intake, records)

    assert [answer.status for answer in answers] == [201] * 4 + [422] + [201] * 5


async def test_one_key_with_two_contents_at_the_same_moment_is_created_and_corrected(intake):
    first = intake.record(await intake.site())
    second = first | {"quantity": {"value": "2", "unit": "kWh"}}

    answers = await _push_at_once(intake, [first, second])

    assert sorted(answer.body["outcome"] for answer in answers) == ["corrected", "created"]


async def test_a_transaction_that_fails_as_a_whole_is_tried_record_by_record(intake):
    site = await intake.site()
    # 9.4 × 10^15 mg of CO2 each: within a record's bound, but a thousand of them are not within a cell's
    large = [intake.record(site, quantity={"value": "20000000000", "unit": "kWh"}) for _ in range(975)]
    assert {item["outcome"] for item in await intake.batch(large)} == {"created"}
    small = [intake.record(site, quantity={"value": "1", "unit": "kWh"}) for _ in range(3)]
    too_much = intake.record(site, quantity={"value": "20000000000", "unit": "kWh"})

    answers = await _push_at_once(intake, [*small, *[too_much | {"external_id": f"too-much-{number}"} for number in range(8)]])

    assert [answer.status for answer in answers[:3]] == [201] * 3
    assert 422 in {answer.status for answer in answers[3:]}
