"""The database fails at a chosen moment, in process: what was not committed is not believed, and nobody waits for nothing."""

import asyncio
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import date
from typing import Any

import asyncpg
import httpx
import pytest
import pytest_asyncio
from sqlalchemy import URL

from baseyear.embedded import EmbeddedPostgres
from baseyear.one_process import Installation
from baseyear.provisioning import connect
from kernel.auth import Principal
from kernel.database import Database
from kernel.postgres import is_outage
from services.inventory.domain.activity_records import record_from_content
from services.inventory.domain.cells import CellKey, Contribution
from services.inventory.store.bindings import BindingCache
from services.inventory.store.cell_changes import add_to_cells
from services.inventory.usecases.gathered_pushes import GatheredPushes
from tests.conftest import OPERATOR_ID, OPERATOR_SECRET
from tests.faults.group import plan_of
from tests.faults.pushing import Ehs, set_up_group

ACTOR = Principal("ehs", "ehs", "ehs", frozenset({"activities:write"}))


@asynccontextmanager
async def hanging_up() -> AsyncIterator[tuple[URL, list[None]]]:
    """A server that ends every connection as soon as it stands; its address, and an entry for each connection."""
    connections: list[None] = []

    def hang_up(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        connections.append(None)
        writer.close()

    async with await asyncio.start_server(hang_up, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        yield URL.create("postgresql+asyncpg", "nobody", "nothing", "127.0.0.1", port, "nowhere"), connections


async def test_records_that_were_gathered_are_all_told_of_an_outage_at_once() -> None:
    records = [record_from_content(record) for record in plan_of(60, random.Random(10)).final.values()]
    async with hanging_up() as (address, connections):
        database = Database(address, "inventory")
        pushes = GatheredPushes(database, BindingCache())
        results = await asyncio.gather(*(pushes.push(ACTOR, record) for record in records), return_exceptions=True)
        await database.close()

    assert all(isinstance(result, Exception) and is_outage(result) for result in results)
    assert len(connections) < len(records) / 2  # not once more for every record


@pytest_asyncio.fixture
async def administrator(postgres: EmbeddedPostgres, databases: dict[str, URL]) -> AsyncIterator[asyncpg.Connection]:
    """The superuser in this test's database."""
    connection = await connect(postgres.url(str(databases["inventory"].database)))
    yield connection
    await connection.close()


async def full_disk(administrator: asyncpg.Connection, when: str) -> None:
    """Have PostgreSQL fail as on a full disk; `when` is the beginning of a trigger's definition."""
    raising = "BEGIN RAISE EXCEPTION 'could not extend file' USING ERRCODE = 'disk_full'; END"
    await administrator.execute(f"CREATE FUNCTION public.full_disk() RETURNS trigger LANGUAGE plpgsql AS $${raising}$$")
    kind = "CONSTRAINT TRIGGER" if "DEFERRED" in when else "TRIGGER"
    await administrator.execute(f"CREATE {kind} full_disk {when} FOR EACH ROW EXECUTE FUNCTION public.full_disk()")


async def test_a_factor_whose_binding_was_not_committed_is_asked_for_again(
    administrator: asyncpg.Connection, http: httpx.AsyncClient
) -> None:
    ehs = Ehs(http, lambda: (OPERATOR_ID, OPERATOR_SECRET))
    await set_up_group(ehs)
    record: dict[str, Any] = next(iter(plan_of(1, random.Random(11)).final.values()))
    await full_disk(administrator, "AFTER INSERT ON inventory.factor_binding DEFERRABLE INITIALLY DEFERRED")
    assert (await ehs.attempt("POST", "/v1/activities", json=record)).status_code == 503
    await administrator.execute("DROP TRIGGER full_disk ON inventory.factor_binding")

    answer = await ehs.attempt("POST", "/v1/activities", json=record)

    assert (answer.status_code, answer.json()["calculation_state"]) == (201, "calculated")
    assert await administrator.fetchval("SELECT count(*) FROM inventory.factor_binding") == 1


async def test_single_pushes_side_by_side_are_each_told_of_a_full_disk(administrator: asyncpg.Connection, http: httpx.AsyncClient) -> None:
    ehs = Ehs(http, lambda: (OPERATOR_ID, OPERATOR_SECRET))
    await set_up_group(ehs)
    records = list(plan_of(80, random.Random(13)).final.values())
    await full_disk(administrator, "BEFORE INSERT ON inventory.outbox")

    answers = await asyncio.gather(*(ehs.attempt("POST", "/v1/activities", json=record) for record in records))

    assert {(answer.status_code, answer.headers["retry-after"]) for answer in answers} == {(503, "2")}
    assert await administrator.fetchval("SELECT count(*) FROM inventory.activity") == 0


async def test_an_error_of_the_cells_statement_is_not_its_own_cause(administrator: asyncpg.Connection, installation: Installation) -> None:
    """Who walks along the causes of an error, as the edge does, would never come to an end."""
    await full_disk(administrator, "BEFORE INSERT ON inventory.cell")
    month = date(2021, 1, 1), date(2021, 2, 1)
    cell = CellKey(None, None, None, None, None, "quarantined", "code", *month, "none", None)

    with pytest.raises(asyncpg.DiskFullError) as caught:
        async with installation.services["inventory"].ground.database.unit_of_work() as session:
            await add_to_cells(session, [Contribution(cell.id, cell, 0, 0, 1, {})])

    assert caught.value.__cause__ is None
