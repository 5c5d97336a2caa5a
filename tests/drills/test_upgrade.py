"""The upgrade drill: what earlier versions left, brought to the present one, answers as before and goes on working.

How a version is recorded: tests/drills/record_version.py.
"""

import asyncio
import gzip
import json
import secrets
import shutil
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from sqlalchemy import URL

from baseyear.beginning_anew import begin_all_anew
from baseyear.embedded import EmbeddedPostgres
from baseyear.one_process import composed
from baseyear.provisioning import SCHEMAS, connect, prepare, provision
from kernel.migrations import NewerTables
from kernel.settings import Settings
from tests.conftest import ISSUER, Client
from tests.drills.group import PERIOD
from tests.drills.record_version import DATA, run
from tests.drills.test_republishing import at_work, projected, until_told

VERSIONS = sorted(path.name.removesuffix(".sql.gz") for path in DATA.glob("*.sql.gz"))
EVERYTHING = "scope,category,site,entity,gas,month,activity_type,factor"


@dataclass(frozen=True, slots=True)
class Earlier:
    """What an earlier version left: its folder, its database, and what it answered."""

    settings: Settings
    admin: URL
    answers: dict[str, Any]


@pytest_asyncio.fixture(params=VERSIONS)
async def earlier(
    request: pytest.FixtureRequest, postgres: EmbeddedPostgres, settings: Settings, template: str, tmp_path: Path
) -> AsyncIterator[Earlier]:
    shutil.copy(settings.home / "database-roles.json", tmp_path)  # roles are the cluster's, which all tests share
    recorded = json.loads(gzip.decompress((DATA / f"{request.param}.json.gz").read_bytes()))
    for sha256, content in recorded["files"].items():
        (tmp_path / "files" / sha256[:2]).mkdir(parents=True)
        (tmp_path / "files" / sha256[:2] / sha256).write_text(content)
    (tmp_path / "earlier.sql").write_bytes(gzip.decompress((DATA / f"{request.param}.sql.gz").read_bytes()))
    connection = await connect(postgres.url())
    admin = postgres.url(f"upgraded_{secrets.token_hex(4)}")
    await connection.execute(f'CREATE DATABASE "{admin.database}"')
    await asyncio.to_thread(run, "psql", admin, "--quiet", "--set=ON_ERROR_STOP=1", "--file", str(tmp_path / "earlier.sql"))
    whole = {"home": tmp_path, "factor_pack": None}  # an upgrade brings the pack that ships
    yield Earlier(settings.model_copy(update=whole), admin, recorded["answers"])
    await connection.execute(f'DROP DATABASE "{admin.database}" WITH (FORCE)')
    await connection.close()


def differences(was: Any, is_now: Any, place: str = "") -> list[str]:
    """Where an answer differs from what it was; what it has beside that may have come later."""
    if isinstance(was, dict) and isinstance(is_now, dict):
        missing = [f"{place}/{name} is gone" for name in was.keys() - is_now.keys()]
        return missing + [line for name in was.keys() & is_now.keys() for line in differences(was[name], is_now[name], f"{place}/{name}")]
    if isinstance(was, list) and isinstance(is_now, list) and len(was) == len(is_now):
        return [line for number, pair in enumerate(zip(was, is_now, strict=True)) for line in differences(*pair, f"{place}/{number}")]
    return [] if was == is_now else [f"{place} was {was!r} and is {is_now!r}"]


async def answers(client: Client, questions: dict[str, Any]) -> list[str]:
    lines = []
    for path, was in questions.items():
        answer = await client.get(path)
        assert answer.status == 200, (path, answer.content)
        lines += differences(was, answer.body, path)
    return lines


async def test_after_an_upgrade_everything_is_answered_as_before_and_goes_on(earlier: Earlier) -> None:
    databases = await prepare(earlier.settings, earlier.admin)
    async with at_work(earlier.settings, databases) as (installation, operator):
        await until_told(installation)
        assert await answers(operator, earlier.answers) == []

        record = {"source_system": "ehs", "external_id": "after the upgrade", "site_external_id": "plant", "period": PERIOD}
        what = {"activity_type": "fuel.diesel", "quantity": {"value": "10", "unit": "L"}, "data_quality": "measured"}
        pushed = await operator.post("/v1/activities", record | what | {"period": {"start": "2022-03-01", "end": "2022-04-01"}})
        assert (pushed.status, pushed.body["calculation_state"]) == (201, "calculated"), pushed.content
        year = {"year": 2022, "consolidation_approach": "operational_control", "gwp_set": "AR6"}
        inventory = (await operator.post("/v1/inventories", year)).body
        await until_told(installation)
        counted = (await operator.get(f"/v1/inventories/{inventory['id']}/totals", group_by=EVERYTHING)).body
        assert counted["total"]["co2e_kg"] == pushed.body["emissions"]["co2e_kg"] != "0.000000"
        assert (await operator.get("/v1/emissions", inventory_id=inventory["id"], group_by=EVERYTHING)).body == counted


async def test_what_an_earlier_version_told_can_be_said_again(earlier: Earlier) -> None:
    """Also what it did not keep by itself: rows of opened inventories, and when clients were told of."""
    databases = await prepare(earlier.settings, earlier.admin)
    async with at_work(earlier.settings, databases) as (installation, _):
        await until_told(installation)
        before = await projected(installation)

    async with composed(earlier.settings, databases, ISSUER) as at_rest:
        await begin_all_anew(earlier.settings, earlier.admin, at_rest, "a drill")

    async with at_work(earlier.settings, databases) as (installation, operator):
        await until_told(installation)
        assert await projected(installation) == before
        assert await answers(operator, earlier.answers) == []


async def test_tables_of_a_newer_version_are_refused_and_left_alone(
    databases: dict[str, URL], postgres: EmbeddedPostgres, home: Path
) -> None:
    admin = postgres.url(databases["gateway"].database)
    connection = await connect(admin)
    await connection.execute("UPDATE inventory.alembic_version SET version_num = '9999'")

    with pytest.raises(NewerTables, match="use the version that migrated them, or a newer one"):
        await provision(admin, SCHEMAS, home)

    assert await connection.fetchval("SELECT version_num FROM inventory.alembic_version") == "9999"
    await connection.close()
