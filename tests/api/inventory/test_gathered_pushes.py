"""Single pushes that arrive together share a transaction, and nobody notices."""

import asyncio
from collections.abc import Sequence
from typing import Any

from kernel.postgres import driver
from tests.conftest import Answer


async def _push_at_once(intake: Any, records: Sequence[dict[str, Any]]) -> list[Answer]:
    return await asyncio.gather(*(intake.push(record) for record in records))


async def _told_of(intake: Any, source_system: str) -> list[tuple[int, str]]:
    """How many records each intake event of a source system tells of, and its trace; there is one for each transaction."""
    async with intake.installation.services["inventory"].ground.database.unit_of_work() as session:
        connection = await driver(session)
        rows = await connection.fetch(
            "SELECT value::jsonb AS event, headers FROM outbox WHERE topic = 'baseyear.inventory.intake.v1' AND key = $1 ORDER BY id",
            source_system,
        )
    return [(row["event"]["created"], row["headers"]["traceparent"].split("-")[1]) for row in rows]


def _traced(trace_id: str) -> dict[str, str]:
    return {"traceparent": f"00-{trace_id}-{'b' * 16}-01"}


async def test_pushes_at_the_same_moment_are_each_answered_and_share_transactions(intake):
    site, system = await intake.site(), intake.name("system")
    records = [intake.record(site, source_system=system) for _ in range(40)]

    answers = await _push_at_once(intake, records)

    assert [answer.status for answer in answers] == [201] * 40
    assert [answer.body["external_id"] for answer in answers] == [record["external_id"] for record in records]
    told = await _told_of(intake, system)
    assert sum(created for created, _ in told) == 40
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


async def test_the_events_of_a_record_that_is_alone_carry_the_trace_of_its_request(intake):
    site, system = await intake.site(), intake.name("system")
    traces = [f"{number:032x}" for number in range(1, 4)]

    for trace in traces:
        await intake.push(intake.record(site, source_system=system), **_traced(trace))

    assert [trace for _, trace in await _told_of(intake, system)] == traces


async def test_the_events_of_a_shared_transaction_carry_the_trace_of_none_of_its_requests(intake):
    site, system = await intake.site(), intake.name("system")
    traces = [f"{number:032x}" for number in range(1, 41)]

    await asyncio.gather(*(intake.push(intake.record(site, source_system=system), **_traced(trace)) for trace in traces))

    told = await _told_of(intake, system)
    assert {trace for created, trace in told if created > 1}.isdisjoint(traces)
    assert {trace for created, trace in told if created == 1} <= set(traces)
    assert len({trace for _, trace in told}) == len(told) < 40
