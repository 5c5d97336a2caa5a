"""Republishing: what owners say again is what they said, to the last version; projections made from it alone are the same rows."""

import asyncio
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest
from sqlalchemy import URL, text
from typer.testing import CliRunner

from baseyear import beginning_anew, command
from baseyear.beginning_anew import begin_all_anew
from baseyear.embedded import EmbeddedPostgres
from baseyear.one_process import Installation, composed
from baseyear.one_process import installation as running_installation
from contracts.topics import CELL, CLIENT, TOPICS
from kernel import republishing
from kernel.database import Database
from kernel.republishing import republish
from kernel.service import Service
from kernel.settings import Settings
from kernel.unfinished import Unfinished
from tests.conftest import ISSUER, OPERATOR_ID, OPERATOR_SECRET, Client
from tests.drills.group import a_year_with_everything


@asynccontextmanager
async def at_work(settings: Settings, databases: dict[str, URL]) -> Any:
    """The installation, its first operator, and a way to wait until everything is told and heard."""
    async with running_installation(settings, databases, ISSUER) as installation:
        transport = httpx.ASGITransport(app=installation.door)
        async with httpx.AsyncClient(transport=transport, base_url=ISSUER, timeout=60) as http:
            yield installation, await Client(http, OPERATOR_ID, OPERATOR_SECRET).sign_in()


async def until_told(installation: Installation) -> None:
    """Wait until nothing is left to be told, and everything was heard."""
    async with asyncio.timeout(300):
        for service in installation.services.values():
            while await scalar(service.ground.database, "SELECT count(*) FROM job WHERE state IN ('queued', 'running')"):
                await asyncio.sleep(0.05)
        for service in installation.services.values():
            await service.caught_up()


async def scalar(database: Database, statement: str) -> Any:
    async with database.unit_of_work() as session:
        return await session.scalar(text(statement))


async def projected(installation: Installation) -> dict[str, list[str]]:
    """Every row that was made from events, with all its columns."""
    rows = {}
    for name, service in installation.services.items():
        tables = [*service.projections, *service.overwritten, *service.facts, "revoked_client"]
        async with service.ground.database.unit_of_work() as session:
            for table in tables:
                if table != "heard_topic":
                    columns = "client_id" if table == "revoked_client" else f"to_jsonb({table})::text"
                    rows[f"{name}.{table}"] = sorted(await session.scalars(text(f'SELECT {columns} FROM "{table}"')))
    return rows


async def test_projections_made_from_what_is_said_again_are_the_same_rows(
    settings: Settings, databases: dict[str, URL], postgres: EmbeddedPostgres, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(republishing, "PAGE", 7)  # so that the pages have borders everywhere
    async with at_work(settings, databases) as (installation, operator):
        await a_year_with_everything(operator)
        await until_told(installation)
        before = await projected(installation)

    async with composed(settings, databases, ISSUER) as at_rest:
        await begin_all_anew(settings, postgres.url(databases["gateway"].database), at_rest, "Kafka was lost")

    async with at_work(settings, databases) as (installation, _):
        await until_told(installation)
        assert await projected(installation) == before
        assert await scalar(installation.services["reporting"].ground.database, "SELECT because FROM history_begin") == "Kafka was lost"
    assert all(before[f"{name}.revoked_client"] for name in installation.services)
    empty = {name for name, rows in before.items() if not rows}
    assert empty == set()
    assert any('"records": 0' in row for row in before["reporting.cell"])
    assert any('"records": 0' in row for row in before["reporting.approved_cell"])


async def test_nothing_starts_while_topics_are_begun_anew_in_some_services_only(
    settings: Settings, databases: dict[str, URL], postgres: EmbeddedPostgres, monkeypatch: pytest.MonkeyPatch
) -> None:
    begin_anew = beginning_anew.begin_anew

    async def dies_before_the_last(service: Service, because: str) -> None:
        if service.name == "reporting":
            raise KeyboardInterrupt
        await begin_anew(service, because)

    admin = postgres.url(databases["gateway"].database)
    async with composed(settings, databases, ISSUER) as at_rest:
        with monkeypatch.context() as patched, pytest.raises(KeyboardInterrupt):
            patched.setattr(beginning_anew, "begin_anew", dies_before_the_last)
            await begin_all_anew(settings, admin, at_rest, "Kafka was lost")

    with pytest.raises(Unfinished, match="begin-anew` again"):
        async with at_work(settings, databases):
            pass
    async with composed(settings, databases, ISSUER) as at_rest:
        await begin_all_anew(settings, admin, at_rest, "Kafka was lost")
    async with at_work(settings, databases) as (installation, _):
        await until_told(installation)


async def test_what_is_said_again_while_services_run_changes_nothing(settings: Settings, databases: dict[str, URL]) -> None:
    async with at_work(settings, databases) as (installation, operator):
        await a_year_with_everything(operator)
        await until_told(installation)
        before = await projected(installation)

        for topic in TOPICS:
            if topic.kind == "state":
                async with installation.services[topic.owner].ground.database.unit_of_work() as session:
                    await republish(session, topic.name)
        await until_told(installation)

        assert await projected(installation) == before


async def test_every_state_topic_can_be_said_again_by_its_owner(settings: Settings, databases: dict[str, URL]) -> None:
    async with composed(settings, databases, ISSUER) as installation:
        said = {(service.name, topic) for service in installation.services.values() for topic in service.state_topics}

    assert said == {(topic.owner, topic.name) for topic in TOPICS if topic.kind == "state"}


async def test_a_page_waits_while_too_much_is_unpublished(
    settings: Settings, databases: dict[str, URL], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(republishing, "MOST_WAITING", 0)
    async with at_work(settings, databases) as (installation, _):
        owner = installation.services[CLIENT.owner].ground.database
        before = await scalar(owner, "SELECT count(*) FROM outbox")
        async with owner.unit_of_work() as session:
            await republish(session, CLIENT.name)
        await asyncio.sleep(1.5)

        assert await scalar(owner, "SELECT state FROM job") == "queued"
        assert await scalar(owner, "SELECT count(*) FROM outbox") == before


@pytest.mark.parametrize(
    ("topic", "message"),
    [("baseyear.inventory.intake.v1", "cannot be said again"), ("baseyear.inventory.cells.v1", CELL.name)],
)
def test_facts_and_unknown_topics_are_refused(topic: str, message: str) -> None:
    refused = CliRunner().invoke(command.app, ["events", "republish", topic])

    assert refused.exit_code == 1
    assert message in refused.stderr
