"""What a newcomer does: start it, drive the demo against its port twice, look at every figure, rebuild the read model.

The same for every form that Baseyear has: one process, several processes over Kafka, containers.
"""

import asyncio
import io
from collections.abc import AsyncIterator
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path
from typing import Any

import httpx
import openpyxl
import pypdf
import pytest
import pytest_asyncio
from rich.console import Console

from baseyear.demo.client import ApiClient
from baseyear.demo.journey import DemoResult, run_demo
from ghg.rounding import milligrams
from tests.installations.forms import FORMS, Installation, one_process

KEYS = ("scope", "category", "site", "entity", "gas", "month", "activity_type", "factor")
SUBSETS = [keys for size in range(len(KEYS) + 1) for keys in combinations(KEYS, size)]
PROJECTIONS = ("cell", "site", "entity", "inventory", "factor", "activity_type", "dataset")


@dataclass(frozen=True, slots=True)
class Journey:
    """An installation through which the demo was driven twice.

    every  of so many subsets of the group keys one is asked: the forms differ in who is asked, not in what is added
    """

    installation: Installation
    every: int
    api: ApiClient
    first: DemoResult
    second: DemoResult
    reports: list[Path]

    async def totals(self, keys: tuple[str, ...]) -> dict[str, Any]:
        """The inventory's own totals of the demo's year."""
        inventories = await self.api.get("/v1/inventories", {"year": "2021", "name": "primary"})
        return await self.api.get(f"/v1/inventories/{inventories['items'][0]['id']}/totals", {"group_by": ",".join(keys)})

    async def reported(self, keys: tuple[str, ...]) -> dict[str, Any]:
        return await self.api.get("/v1/emissions", {"year": "2021", "group_by": ",".join(keys)})


@pytest_asyncio.fixture(scope="module", params=FORMS, ids=lambda form: form.__name__)
async def journey(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Journey]:
    output, quiet = tmp_path_factory.mktemp("reports"), Console(file=io.StringIO())
    async with request.param() as installation:
        first = await run_demo(installation.url, installation.operator(), output, quiet)
        second = await run_demo(installation.url, installation.operator(), output, quiet)
        async with httpx.AsyncClient(base_url=installation.url, timeout=60) as http:
            api = ApiClient(http, *installation.operator())
            yield Journey(installation, 1 if request.param is one_process else 9, api, first, second, sorted(output.iterdir()))
        assert installation.ended() == [], installation.log  # nothing that was asked has ended a process


async def test_the_demo_pushes_a_year_with_all_that_a_year_has(journey: Journey):
    pushed = journey.first.pushed

    assert pushed.year["created"] > 1_000
    assert pushed.year["quarantined"] == 5
    assert (pushed.correction, pushed.newly_voided) == ("corrected", True)
    assert set(pushed.december_again) == {"unchanged", "quarantined"}
    assert journey.first.missing.no_factor


async def test_a_second_demo_changes_nothing(journey: Journey):
    second = journey.second

    assert second.pushed.changed_nothing
    assert set(second.pushed.year) == {"unchanged", "stale", "quarantined"}
    assert second.same_totals_as_before
    assert second.figures == journey.first.figures


@pytest.mark.parametrize("size", range(len(KEYS) + 1))
async def test_every_grouping_adds_up_to_the_same_total(journey: Journey, size: int):
    """Subsets of the group keys, in CO2e and in biogenic CO2, gas by gas and record by record: all 256 of them in one process."""
    whole = await journey.totals(())
    for keys in list(combinations(KEYS, size))[:: journey.every]:
        totals = await journey.totals(keys)
        assert (totals["total"], totals["incomplete"]) == (whole["total"], whole["incomplete"]), keys
        assert _sums(totals) == _sums(whole), keys
        assert all(set(keys) == item.keys() - {"emissions", "records"} for item in totals["items"]), keys
        records = [item["records"] for item in totals["items"]]
        assert records == [None] * len(records) if "gas" in keys else sum(records) == whole["items"][0]["records"], keys


def _sums(totals: dict[str, Any]) -> dict[str, int]:
    sums: dict[str, int] = {}
    for item in totals["items"]:
        emissions = item["emissions"]
        figures = {"all gases": emissions["co2e_kg"], "biogenic CO2": emissions["biogenic_co2_kg"]}
        figures |= {gas["gas"]: gas["co2e_kg"] for gas in emissions["gases"]}
        for name, kilograms in figures.items():
            sums[name] = sums.get(name, 0) + milligrams(kilograms)
    return {name: total for name, total in sums.items() if total}


async def test_reporting_tells_what_the_inventory_tells(journey: Journey):
    for keys in SUBSETS[::17]:
        ours, theirs = await journey.totals(keys), await journey.reported(keys)
        assert theirs["items"] == ours["items"], keys
        assert (theirs["total"], theirs["incomplete"]) == (ours["total"], ours["incomplete"]), keys


async def test_the_reports_agree_with_the_totals_and_with_each_other(journey: Journey):
    total = (await journey.totals(()))["total"]
    by_suffix = {path.suffix: path for path in journey.reports}
    assert set(by_suffix) == {".pdf", ".xlsx", ".json"}

    document = by_suffix[".json"].read_text()
    assert total["co2e_kg"] in document
    assert total["biogenic_co2_kg"] in document

    tonnes = milligrams(total["co2e_kg"]) / 10**9
    workbook = openpyxl.load_workbook(by_suffix[".xlsx"], read_only=True)
    cells = [cell for sheet in workbook for row in sheet.iter_rows(values_only=True) for cell in row]
    assert any(isinstance(cell, int | float) and abs(cell - tonnes) < 0.001 for cell in cells)

    pages = "".join(page.extract_text() for page in pypdf.PdfReader(by_suffix[".pdf"]).pages)
    assert f"{tonnes:,.3f}" in pages or f"{tonnes:,.1f}" in pages


async def test_rebuilding_the_read_model_gives_the_same_rows(journey: Journey):
    before = await _rows(journey.installation)
    assert all(before.values()), [table for table, rows in before.items() if not rows]

    rebuilt = await asyncio.to_thread(journey.installation.command, "events", "rebuild", "reporting")

    assert rebuilt.returncode == 0, rebuilt.stderr
    async with asyncio.timeout(60):
        while await _rows(journey.installation) != before:
            await asyncio.sleep(0.2)
    assert (await journey.reported(("scope", "site")))["items"] == (await journey.totals(("scope", "site")))["items"]


async def _rows(installation: Installation) -> dict[str, list[str]]:
    versioned = "SELECT table_name FROM information_schema.columns WHERE table_schema = 'reporting' AND column_name = 'version'"
    assert set(PROJECTIONS) <= set(await installation.rows("reporting", versioned))
    every = {name: f'SELECT to_jsonb(t) FROM reporting."{name}" AS t' for name in PROJECTIONS}
    return {name: sorted(await installation.rows("reporting", statement)) for name, statement in every.items()}
