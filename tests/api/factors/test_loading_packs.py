"""Loading packs at start: once, whole or not at all, and what becomes of the factors of earlier packs."""

import asyncio
import json
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from sqlalchemy import text

from contracts.topics import ACTIVITY_TYPE, DATASET, FACTOR
from kernel.database import Database
from services.factors.app import PACK
from services.factors.usecases.load_pack import load_pack
from tests.api.factors.altered_pack import altered_pack, corrected, is_guangdong_2021
from tests.conftest import Client


@pytest_asyncio.fixture
async def database(databases: dict[str, Any]) -> AsyncIterator[Database]:
    """The factors service's database with the shipped pack loaded."""
    database = Database(databases["factors"], "factors")
    yield database
    await database.close()


@pytest_asyncio.fixture
async def empty_database(database: Database) -> Database:
    """The same before the first start."""
    async with database.unit_of_work() as session:
        for table in ("outbox", "loaded_pack", "excluded_row", "fuel_property", "factor", "activity_type", "dataset"):
            await session.scalar(text(f"WITH gone AS (DELETE FROM {table} RETURNING 1) SELECT count(*) FROM gone"))
    return database


async def read(database: Database, query: str) -> Any:
    async with database.unit_of_work() as session:
        return await session.scalar(text(query))


async def guangdong(database: Database) -> dict[str, tuple[str, str | None, int]]:
    """State, successor and version of Guangdong's factors of 2021, by id."""
    key = "(SELECT key FROM factor WHERE dataset = 'cn-mee-electricity-2021' AND region = 'CN-GD' LIMIT 1)"
    standing = "jsonb_object_agg(id, jsonb_build_array(state, superseded_by, version))::text"
    found = await read(database, f"SELECT {standing} FROM factor WHERE key = {key}")
    return {key: tuple(value) for key, value in json.loads(found).items()}


async def test_everything_of_the_first_pack_is_published(empty_database: Database) -> None:
    await load_pack(empty_database, PACK)

    for topic, table in ((DATASET, "dataset"), (ACTIVITY_TYPE, "activity_type"), (FACTOR, "factor")):
        published = await read(empty_database, f"SELECT count(*) FROM outbox WHERE topic = '{topic.name}'")
        assert published == await read(empty_database, f"SELECT count(*) FROM {table}") > 0


async def test_events_are_whole_and_of_their_models(empty_database: Database) -> None:
    await load_pack(empty_database, PACK)

    async with empty_database.unit_of_work() as session:
        connection = await session.connection()
        rows = (await connection.execute(text("SELECT topic, key, value FROM outbox"))).all()
    for topic in (DATASET, ACTIVITY_TYPE, FACTOR):
        events = [(row.key, topic.model.model_validate_json(row.value)) for row in rows if row.topic == topic.name]
        assert all(event.id == key and event.version == 1 for key, event in events)  # type: ignore[attr-defined]


async def test_a_second_start_changes_nothing_and_is_quick(database: Database) -> None:
    before = await read(database, "SELECT count(*) FROM outbox")
    begun = time.perf_counter()

    await load_pack(database, PACK)

    assert time.perf_counter() - begun < 0.1
    assert await read(database, "SELECT count(*) FROM outbox") == before


async def test_two_replicas_that_start_at_once_load_once(empty_database: Database) -> None:
    await asyncio.gather(load_pack(empty_database, PACK), load_pack(empty_database, PACK))

    assert await read(empty_database, "SELECT count(*) FROM loaded_pack") == 1
    assert await read(empty_database, "SELECT count(*) - count(DISTINCT key) FROM outbox") == 0


async def test_a_start_that_fails_in_the_middle_leaves_nothing_and_the_next_one_loads(empty_database: Database, tmp_path: Path) -> None:
    broken = altered_pack(tmp_path / "pack", lambda factors: [*factors[:-1], factors[-1] | {"activity_type": "of no taxonomy"}])

    with pytest.raises(Exception, match="activity_type"):
        await load_pack(empty_database, broken)

    for table in ("dataset", "factor", "excluded_row", "outbox", "loaded_pack"):
        assert await read(empty_database, f"SELECT count(*) FROM {table}") == 0
    await load_pack(empty_database, PACK)
    assert await read(empty_database, "SELECT count(*) FROM loaded_pack") == 1


async def test_a_correction_supersedes_the_older_factor_and_both_are_told(database: Database, tmp_path: Path) -> None:
    ((original, _),) = (await guangdong(database)).items()
    outbox = await read(database, "SELECT coalesce(max(id), 0) FROM outbox")

    await load_pack(database, altered_pack(tmp_path / "pack", corrected))

    assert await guangdong(database) == {original: ("superseded", "corrected", 2), "corrected": ("published", None, 1)}
    told = await read(database, f"SELECT string_agg(key, ' ' ORDER BY key) FROM outbox WHERE id > {outbox}")
    assert sorted(told.split()) == sorted([original, "corrected"])


async def test_a_factor_that_comes_back_is_published_again(database: Database, tmp_path: Path) -> None:
    ((original, _),) = (await guangdong(database)).items()
    await load_pack(database, altered_pack(tmp_path / "first", corrected))

    await load_pack(database, altered_pack(tmp_path / "second", lambda factors: list(reversed(factors))))

    assert await guangdong(database) == {original: ("published", None, 3), "corrected": ("superseded", original, 2)}


async def test_a_factor_that_a_pack_drops_is_withdrawn(database: Database, tmp_path: Path) -> None:
    dropped = altered_pack(tmp_path / "pack", lambda factors: [factor for factor in factors if not is_guangdong_2021(factor)])

    await load_pack(database, dropped)

    assert [standing[0] for standing in (await guangdong(database)).values()] == ["withdrawn"]


async def test_the_running_service_answers_from_the_newest_pack(operator: Client, database: Database, tmp_path: Path) -> None:
    item = {"activity_type": "electricity.grid", "region": "CN-GD", "date": "2021-06-01", "quantity": {"value": "1000", "unit": "kWh"}}
    before = (await operator.post("/v1/estimates", {"items": [item]})).body["items"][0]

    await load_pack(database, altered_pack(tmp_path / "pack", corrected))

    after = (await operator.post("/v1/estimates", {"items": [item]})).body["items"][0]
    by_id = (await operator.post("/v1/estimates", {"items": [item | {"activity_type": None, "factor_id": before["factor"]["id"]}]})).body[
        "items"
    ][0]
    assert (before["emissions"]["co2e_kg"], after["emissions"]["co2e_kg"]) == ("471.500000", "500.000000")
    assert by_id["emissions"] == before["emissions"]
    new = (await operator.get("/v1/factors/corrected")).body
    assert new["supersedes"] == [before["factor"]["id"]]
    assert (await operator.get(f"/v1/factors/{before['factor']['id']}")).body["superseded_by"] == "corrected"


async def test_a_data_set_that_is_cited_in_other_words_has_its_factors_told_anew(database: Database, tmp_path: Path) -> None:
    pack = altered_pack(tmp_path / "pack", lambda factors: factors, cn_mee_electricity_2021={"edition": "reprint"})

    await load_pack(database, pack)

    told = await read(database, f"SELECT count(*) FROM outbox WHERE topic = '{FACTOR.name}' AND value LIKE '%, reprint%'")
    assert told == await read(database, "SELECT count(*) FROM factor WHERE version = 2") == 40
