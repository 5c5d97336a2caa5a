"""A small group, cells with known milligrams, and what the inventory has told the others."""

import json
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import pytest
import pytest_asyncio
from sqlalchemy import text

from baseyear.embedded import EmbeddedPostgres
from baseyear.one_process import Installation
from baseyear.one_process import installation as run_installation
from kernel.database import Database
from kernel.settings import Settings
from services.inventory import handlers
from services.inventory.domain.cells import CellKey, Contribution
from services.inventory.store.cell_changes import add_to_cells
from tests.api.inventory.catalogues import Catalogue
from tests.api.inventory.intake import Intake
from tests.conftest import ISSUER, OPERATOR_ID, OPERATOR_SECRET, Client, new_client, own_database

Given = Callable[..., Awaitable[Any]]


@pytest_asyncio.fixture
async def inventory_database(installation: Installation) -> Database:
    return installation.services["inventory"].ground.database


@pytest_asyncio.fixture
async def told(inventory_database: Database) -> Given:
    """The events of a topic so far, in the order in which they were recorded."""

    async def of(topic: str) -> list[dict[str, Any]]:
        async with inventory_database.unit_of_work() as session:
            rows = await session.execute(text("SELECT value FROM outbox WHERE topic = :topic ORDER BY id"), {"topic": topic})
            return [json.loads(row.value) for row in rows]

    return of


@pytest_asyncio.fixture
async def given_entity(operator: Any) -> Given:
    async def create(external_id: str, parent: str | None = None, **content: Any) -> dict[str, Any]:
        body = {"external_id": external_id, "name": f"Company {external_id}", "country": "CN", "parent_external_id": parent} | content
        answer = await operator.post("/v1/entities", body)
        assert answer.status == 201, answer.content
        return answer.body

    return create


@pytest_asyncio.fixture
async def given_site(operator: Any) -> Given:
    async def create(external_id: str, entity: str, **content: Any) -> dict[str, Any]:
        body = {
            "external_id": external_id,
            "entity_external_id": entity,
            "name": f"Plant {external_id}",
            "region": "CN-GD",
            "timezone": "Asia/Shanghai",
        }
        answer = await operator.post("/v1/sites", body | content)
        assert answer.status == 201, answer.content
        return answer.body

    return create


@pytest_asyncio.fixture
async def given_inventory(operator: Any) -> Given:
    async def create(year: int = 2021, **content: Any) -> dict[str, Any]:
        answer = await operator.post("/v1/inventories", {"year": year, "consolidation_approach": "operational_control"} | content)
        assert answer.status == 201, answer.content
        return answer.body

    return create


@pytest_asyncio.fixture
async def given_cell(inventory_database: Database) -> Given:
    """Adds a cell as counting a record does; `gases` are (gas, basis, mass, CO2e under AR4, AR5, AR6) in milligrams."""

    async def add(site: dict[str, Any] | None, gases: list[tuple[Any, ...]] = (), month: str = "2021-03", **key: Any) -> None:
        start = date.fromisoformat(f"{month}-01")
        defaults = {
            "scope": 1,
            "category": "stationary_combustion",
            "activity_type": "fuel.natural_gas",
            "factor_id": "f1",
            "state": "calculated",
            "item": None,
            "method": "none",
            "unit": "Nm3",
            "records": 1,
            "quantity_nano": 10**9,
            "biogenic_co2_mg": 0,
        }
        values = defaults | key
        figures = {name: values.pop(name) for name in ("records", "quantity_nano", "biogenic_co2_mg")}
        end = date(start.year + start.month // 12, start.month % 12 + 1, 1)
        cell = CellKey(site_id=site["id"] if site else None, segment_start=start, segment_end=end, **values)
        content = {(gas, basis or ""): tuple(amounts) for gas, basis, *amounts in gases}
        async with inventory_database.unit_of_work() as session:
            await add_to_cells(session, [Contribution(cell.id, cell, gases=content, **figures)])

    return add


@pytest_asyncio.fixture(scope="module")
async def intake(postgres: EmbeddedPostgres, settings: Settings, template: str) -> AsyncIterator[Intake]:
    """One installation for a module whose tests keep out of each other's way by sites and ids of their own."""
    async with own_database(postgres, settings, template) as databases, run_installation(settings, databases, ISSUER) as running:
        transport = httpx.ASGITransport(app=running.door)
        async with httpx.AsyncClient(transport=transport, base_url=ISSUER, timeout=60) as http:
            operator = await Client(http, OPERATOR_ID, OPERATOR_SECRET).sign_in()
            yield Intake(running, operator, partial(new_client, operator))


@pytest_asyncio.fixture
async def catalogue(installation: Installation, operator: Client, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Catalogue:
    """A catalogue of this test's own that may change; what changed is looked at without much delay."""
    monkeypatch.setattr(handlers, "QUIET_SECONDS", 0.2)
    return Catalogue(Intake(installation, operator, partial(new_client, operator)), tmp_path)
