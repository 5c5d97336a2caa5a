"""The books after it all: every record there once, every figure exact, every event told once, reporting equal to inventory."""

import asyncio
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from typing import Any, Protocol

import asyncpg

from ghg.rounding import milligrams
from tests.faults.group import SYSTEM, Figures, Json, Plan, figures_of
from tests.faults.pushing import Ehs, until_heard

SCHEMAS = ("gateway", "factors", "inventory", "reporting")
GROUPINGS = ("", "scope,category,site,month", "gas", "entity,activity_type,factor")
SETTLED_SECONDS = 30  # 10 are promised; others may be using this machine

# What the cells should hold, from what each record says that it added to them.
_CELLS_UNLIKE_RECORDS = """
WITH counted AS (
    SELECT (part->>0)::uuid AS id, sum((part->>1)::numeric) AS quantity_nano, sum((part->>2)::numeric) AS biogenic,
           sum((part->>3)::int) AS records
    FROM activity, jsonb_array_elements(contributions) AS part GROUP BY 1)
SELECT count(*) FROM counted FULL JOIN cell USING (id)
WHERE cell.version IS NULL
   OR (cell.quantity_nano, cell.biogenic_co2_mg, cell.records)
      <> (coalesce(counted.quantity_nano, 0), coalesce(counted.biogenic, 0), coalesce(counted.records, 0))
"""
_GASES_UNLIKE_RECORDS = """
WITH counted AS (
    SELECT (part->>0)::uuid AS cell_id, gas->>0 AS gas, gas->>1 AS gwp_basis, sum((gas->>2)::numeric) AS mass_mg,
           sum((gas->>3)::numeric) AS ar4, sum((gas->>4)::numeric) AS ar5, sum((gas->>5)::numeric) AS ar6
    FROM activity, jsonb_array_elements(contributions) AS part, jsonb_array_elements(part->4) AS gas GROUP BY 1, 2, 3)
SELECT count(*) FROM counted FULL JOIN cell_gas AS kept USING (cell_id, gas, gwp_basis)
WHERE (kept.mass_mg, kept.co2e_mg_ar4, kept.co2e_mg_ar5, kept.co2e_mg_ar6)
      IS DISTINCT FROM (coalesce(counted.mass_mg, 0), coalesce(counted.ar4, 0), coalesce(counted.ar5, 0), coalesce(counted.ar6, 0))
"""
_REVISIONS_WITH_GAPS = """
SELECT count(*) FROM activity
WHERE revision <> (SELECT count(*) FROM activity_revision WHERE activity_id = id)
"""
_FACTORS_NOT_KEPT = """
SELECT count(*) FROM (
    SELECT DISTINCT used->>0 AS activity_type, used->>1 AS region, (used->>2)::int AS year, used->>3 AS unit, used->>4 AS method
    FROM activity, jsonb_array_elements(combinations) AS used) AS used
LEFT JOIN factor_binding USING (activity_type, region, year, unit, method) WHERE id IS NULL
"""
_TOPICS_WITH_GAPS = """
SELECT count(*) FROM (SELECT FROM bus.log GROUP BY topic HAVING min(position) <> 1 OR max(position) <> count(*)) AS odd
"""
_EVENTS_TOLD_TWICE = "SELECT count(*) - count(DISTINCT headers->>'ce_id') FROM bus.log"
_CELLS = "SELECT id::text, version, quantity_nano, biogenic_co2_mg, records FROM cell"
_BEHIND = """
SELECT count(*) FROM bus.cursor
WHERE position <> (SELECT max(log.position) FROM bus.log AS log WHERE log.topic = cursor.topic)
"""


class Databases(Protocol):
    """An installation whose databases can be looked into; those of all services may be one."""

    async def database(self, schema: str) -> asyncpg.Connection: ...


async def assert_books_are_right(installation: Databases, ehs: Ehs, plan: Plan) -> None:
    """All of it, for what a plan has pushed into an installation that was otherwise empty."""
    await assert_answers_are_right(ehs, plan)
    async with AsyncExitStack() as stack:
        connections = {}
        for schema in SCHEMAS:
            connections[schema] = await installation.database(schema)
            stack.push_async_callback(connections[schema].close)
            await connections[schema].execute(f"SET search_path = {schema}")
        await assert_services_are_consistent(connections)
        if await connections["gateway"].fetchval("SELECT to_regclass('bus.log') IS NOT NULL"):
            await assert_log_is_consistent(connections["gateway"])
        created, corrected = await connections["reporting"].fetchrow(
            "SELECT sum(created), sum(corrected) FROM intake WHERE source_system = $1", SYSTEM
        )
        assert (created, corrected) == (len(plan.final), len(plan.corrected))


async def assert_answers_are_right(ehs: Ehs, plan: Plan) -> None:
    """What can be seen through the API: the records, the inventory's totals, and reporting's, which are the same."""
    expected = figures_of(plan.final.values())
    totals = f"/v1/inventories/{(await ehs.get('/v1/inventories'))['items'][0]['id']}/totals"
    await _until_equal(lambda: ehs.get("/v1/activities", calculation_state="awaiting_factor", limit=1), lambda page: page["items"], [])
    await assert_every_record_is_there_once(ehs, plan)
    await assert_totals_are_exact(ehs, totals, {}, expected)
    await until_heard(ehs)
    for group_by in GROUPINGS:
        counted = await ehs.get(totals, group_by=group_by)
        await _until_equal(lambda group_by=group_by: ehs.get("/v1/emissions", year=2021, group_by=group_by), lambda body: body, counted)
    await assert_totals_are_exact(ehs, "/v1/emissions", {"year": 2021}, expected)


async def assert_every_record_is_there_once(ehs: Ehs, plan: Plan) -> None:
    kept = await ehs.lines(f"/v1/activities?source_system={SYSTEM}")
    assert [name for name, times in Counter(record["external_id"] for record in kept).items() if times > 1] == []
    by_name = {record["external_id"]: record for record in kept}
    assert by_name.keys() == plan.final.keys()
    wrong = [name for name, record in plan.final.items() if _said(by_name[name]) != _said(record | {"revision": plan.revision(name)})]
    assert wrong == [], [(by_name[name], plan.final[name]) for name in wrong[:3]]


def _said(record: Json) -> list[Any]:
    return [record[name] for name in ("revision", "site_external_id", "activity_type", "period", "quantity", "data_quality")]


async def assert_totals_are_exact(ehs: Ehs, path: str, query: Json, expected: Figures) -> None:
    """Every group to the milligram, every gas, and the total."""
    grouped = await ehs.get(path, **query, group_by="scope,category,site,month")
    found = {(item["scope"], item["category"], item["site"], item["month"]): item for item in grouped["items"]}
    assert {group: milligrams(item["emissions"]["co2e_kg"]) for group, item in found.items()} == expected.by_group
    assert {group: item["records"] for group, item in found.items() if item["records"]} == expected.records
    gases = (await ehs.get(path, **query, group_by="gas"))["items"]
    assert {item["gas"]: milligrams(item["emissions"]["co2e_kg"]) for item in gases} == expected.by_gas
    assert milligrams(grouped["total"]["co2e_kg"]) == sum(expected.by_gas.values())
    assert set(grouped["incomplete"].values()) == {0}


async def assert_services_are_consistent(connections: dict[str, asyncpg.Connection]) -> None:
    """Every event is sent, cells equal their records, reporting's cells are inventory's, nothing is parked."""

    async def unsent() -> int:
        return sum([await each.fetchval("SELECT count(*) FROM outbox WHERE published_at IS NULL") for each in connections.values()])

    await _until_equal(unsent, lambda count: count, 0)
    odd = {
        "cells": _CELLS_UNLIKE_RECORDS,
        "gases": _GASES_UNLIKE_RECORDS,
        "revisions": _REVISIONS_WITH_GAPS,
        "factors": _FACTORS_NOT_KEPT,
    }
    assert {what: await connections["inventory"].fetchval(count) for what, count in odd.items()} == dict.fromkeys(odd, 0)
    assert set(await connections["reporting"].fetch(_CELLS)) == set(await connections["inventory"].fetch(_CELLS))
    parked = {name: await each.fetchval("SELECT count(*) FROM dead_letter") for name, each in connections.items()}
    assert parked == dict.fromkeys(connections, 0)


async def assert_log_is_consistent(connection: asyncpg.Connection) -> None:
    """Of the log table, which unlike Kafka holds every event exactly once: no gap, nothing told twice, everything told and heard."""

    async def behind() -> int:
        return await connection.fetchval(_BEHIND)

    await _until_equal(behind, lambda count: count, 0)
    odd = {"topics": _TOPICS_WITH_GAPS, "events": _EVENTS_TOLD_TWICE}
    for schema in SCHEMAS:
        odd[f"never told by {schema}"] = (
            f"SELECT count(*) FROM {schema}.outbox AS sent"
            " WHERE NOT EXISTS (SELECT FROM bus.log WHERE log.headers->>'ce_id' = sent.headers->>'ce_id')"
        )
    assert {what: await connection.fetchval(count) for what, count in odd.items()} == dict.fromkeys(odd, 0)


async def _until_equal(ask: Callable[[], Awaitable[Any]], part: Callable[[Any], Any], wanted: Any) -> None:
    """Ask until the answer's part is what is wanted; fails with the difference when the time is over."""
    deadline = time.monotonic() + SETTLED_SECONDS
    while (found := part(await ask())) != wanted:
        if time.monotonic() > deadline:
            assert found == wanted
        await asyncio.sleep(0.1)
