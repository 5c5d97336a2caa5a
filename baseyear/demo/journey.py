"""The demo itself: set up the group, push its year as an EHS system would, and take the reports home."""

import asyncio
from dataclasses import dataclass
from pathlib import Path
from time import monotonic, perf_counter

import httpx
from rich.console import Console

from baseyear.demo.activities import ITEM_MAPPINGS, SOURCE_SYSTEM, YEAR
from baseyear.demo.client import ApiClient, DemoFailed, Json
from baseyear.demo.figures import Figures, Missing, inventory_figures, missing_records, reported_figures
from baseyear.demo.group import ENTITIES, GROUP_NAME, SITES, SUBSIDIARIES
from baseyear.demo.pushing import Pushed, number_to_push, push_year
from baseyear.demo.screen import Screen, tonnes

EHS_CLIENT_NAME = "Yunhuai EHS (demo)"
ORGANISATION = {"name": GROUP_NAME, "time_zone": "Asia/Shanghai", "gwp_set": "AR6", "languages": ["en"]}
INVENTORY = {"year": YEAR, "name": "primary", "consolidation_approach": "operational_control", "gwp_set": "AR6"}
REPORT_FORMATS = ("pdf", "xlsx", "json")
REPORT_ORDER = {"type": "iso14064-1", "year": YEAR, "formats": list(REPORT_FORMATS), "language": "en"}
REQUEST_TIMEOUT_SECONDS = 60.0
PATIENCE_SECONDS = 90.0  # a report itself may wait 60 s for reporting to catch up
POLL_SECONDS = 0.1


@dataclass(frozen=True, slots=True)
class DemoResult:
    """What a run of the demo did and found."""

    pushed: Pushed
    figures: Figures
    missing: Missing
    same_totals_as_before: bool
    files: tuple[Path, ...]
    seconds: float


async def run_demo(
    base_url: str, operator: tuple[str, str], output: Path, console: Console, *, url_afterwards: str | None = None
) -> DemoResult:
    """Drive the public API from an empty installation to a report, or find that all of it is there already.

    base_url  of a serving gateway
    operator  client id and secret of an operator
    output    folder for the reports; made if it is missing
    url_afterwards  where `baseyear up` will serve, if the demo's own gateway ends with it
    raises    DemoFailed, at the first answer that is not as expected
    """
    started = perf_counter()
    screen = Screen(console)
    screen.say(f"{GROUP_NAME}: {len(SUBSIDIARIES)} subsidiaries, {len(SITES)} sites, the year {YEAR}")
    # trust_env=False: a proxy set in the environment must not come between the demo and its own machine
    async with httpx.AsyncClient(base_url=base_url, timeout=REQUEST_TIMEOUT_SECONDS, trust_env=False) as http:
        owner = ApiClient(http, *operator)
        await refuse_a_foreign_installation(owner)
        inventory_id = await set_up_group(owner, screen)
        ehs = await connect_ehs(http, owner, screen)
        before = await inventory_figures(owner, inventory_id)
        pushed = await push(ehs, screen)
        figures = await settle(owner, inventory_id, screen)
        missing = await missing_records(owner)
        files = await fetch_reports(owner, output, screen)
    result = DemoResult(pushed, figures, missing, before == figures, files, perf_counter() - started)
    show_result(result, screen, url_afterwards or base_url)
    return result


async def refuse_a_foreign_installation(owner: ApiClient) -> None:
    """Stop before the first write where another group's books are kept already."""
    ours = {entity.external_id for entity in ENTITIES}
    async for entity in owner.pages("/v1/entities"):
        if entity["external_id"] not in ours:
            detail = f"entity {entity['external_id']} is not of the demo; run it with a BASEYEAR_HOME of its own"
            raise DemoFailed("GET", "/v1/entities", 200, detail)


async def set_up_group(owner: ApiClient, screen: Screen) -> str:
    """Organisation, entities, sites, inventory year and item mappings; returns the inventory's id."""
    with screen.step("organisation, entities and sites", total=len(ENTITIES) + len(SITES)) as step:
        await owner.put("/v1/organisation", ORGANISATION)
        for entity in ENTITIES:
            await owner.post("/v1/entities", entity.as_json())
            step.advance()
        for site in SITES:
            await owner.post("/v1/sites", site.as_json())
            step.advance()
        step.outcome = f"{len(ENTITIES)} entities, {len(SITES)} sites"
    with screen.step("inventory year and item mappings") as step:
        inventory = await owner.post("/v1/inventories", INVENTORY)
        for mapping in ITEM_MAPPINGS:
            await owner.put(f"/v1/source-systems/{SOURCE_SYSTEM}/items/{mapping.code}", mapping.as_json())
        step.outcome = f"{YEAR} under operational control, {len(ITEM_MAPPINGS)} item codes"
    return str(inventory["id"])


async def connect_ehs(http: httpx.AsyncClient, owner: ApiClient, screen: Screen) -> ApiClient:
    """A client of kind `ehs` for the demo's source system; a secret is shown only once, so a later run asks for another."""
    with screen.step("EHS client") as step:
        known = await _find_client(owner, EHS_CLIENT_NAME)
        if known is None:
            order = {"name": EHS_CLIENT_NAME, "kind": "ehs", "source_systems": [SOURCE_SYSTEM]}
            client = await owner.post("/v1/clients", order)
            step.outcome = "created"
        else:
            client = known | await owner.post(f"/v1/clients/{known['id']}/secrets", {})
            step.outcome = "known from an earlier run, with a new secret"
        return ApiClient(http, client["id"], client["client_secret"])


async def _find_client(owner: ApiClient, name: str) -> Json | None:
    async for client in owner.pages("/v1/clients"):
        if client["name"] == name:
            return client
    return None


async def push(ehs: ApiClient, screen: Screen) -> Pushed:
    """Send the year as the EHS system."""
    with screen.step("activity data", total=number_to_push()) as step:
        pushed = await push_year(ehs, step.advance)
        step.outcome = f"{pushed.records:,} records, {pushed.records_per_second:,.0f} a second"
    return pushed


async def settle(owner: ApiClient, inventory_id: str, screen: Screen) -> Figures:
    """Wait until reporting, which hears of the records by events only, has exactly the inventory's figures."""
    with screen.step("reporting catches up with the inventory") as step:
        deadline = monotonic() + PATIENCE_SECONDS
        while True:
            figures, reported = await inventory_figures(owner, inventory_id), await reported_figures(owner)
            if figures == reported and not dict(figures.incomplete).get("awaiting_factor"):
                step.outcome = "equal to the milligram"
                return figures
            if monotonic() > deadline:
                detail = f"after {PATIENCE_SECONDS:.0f} s reporting has {reported.co2e_kg} kg, inventory {figures.co2e_kg} kg; "
                detail += f"missing: {dict(reported.incomplete)} and {dict(figures.incomplete)}"
                raise DemoFailed("GET", "/v1/emissions", 200, detail)
            await asyncio.sleep(POLL_SECONDS)


async def fetch_reports(owner: ApiClient, output: Path, screen: Screen) -> tuple[Path, ...]:
    """Order the report in every format, wait for it, and write its files into the folder."""
    with screen.step("ISO 14064-1 report") as step:
        ordered = await owner.post("/v1/reports", REPORT_ORDER, expected=(202,))
        path = f"/v1/reports/{ordered['id']}"
        names = await _wait_for_files(owner, path)
        files = [_write(output, name, await owner.download(f"{path}/files/{name}")) for name in names]
        step.outcome = ", ".join(file.name for file in files)
    return tuple(files)


async def _wait_for_files(owner: ApiClient, path: str) -> list[str]:
    deadline = monotonic() + PATIENCE_SECONDS
    while monotonic() < deadline:
        report = await owner.get(path)
        if report["state"] == "failed":
            raise DemoFailed("GET", path, 200, f"the report failed: {report.get('detail', 'no reason given')}")
        names = [file["name"] for file in report.get("files", ())]
        if len(names) == len(REPORT_FORMATS):
            return names
        await asyncio.sleep(POLL_SECONDS)
    raise DemoFailed("GET", path, 200, f"not ready after {PATIENCE_SECONDS:.0f} s")


def _write(output: Path, name: str, content: bytes) -> Path:
    """Keep a file under a name of ours, so that a later run replaces it."""
    output.mkdir(parents=True, exist_ok=True)
    target = output / f"greenhouse-gas-report-{YEAR}{Path(name).suffix}"
    target.write_bytes(content)
    return target


def show_result(result: DemoResult, screen: Screen, base_url: str) -> None:
    """Say what changed, then figures, what they lack, where the reports are and what to try."""
    screen.say()
    for line in what_changed(result):
        screen.say(line)
    screen.say()
    screen.show_figures(result.figures, YEAR)
    screen.say()
    screen.show_missing(result.figures, result.missing)
    screen.say()
    screen.say(f"Time taken: {result.seconds:.1f} s, of which {result.pushed.seconds:.1f} s for pushing {result.pushed.records:,} records")
    screen.show_next_steps(base_url, result.files, YEAR)


def what_changed(result: DemoResult) -> list[str]:
    """The outcomes in words: of a first run, or of one that found everything there."""
    pushed = result.pushed
    year = _outcomes(pushed.year)
    if pushed.changed_nothing:
        totals = "identical to the milligram" if result.same_totals_as_before else "different from before: somebody else wrote meanwhile"
        return [
            f"Nothing changed twice. The year again: {year}; the correction and the void stand as they were.",
            "  (stale is the first reading that the correction had replaced; quarantined is what no mapping explains yet)",
            f"  Totals: {totals}, {tonnes(result.figures.co2e_kg)} t CO2e.",
        ]
    void = "voided" if pushed.newly_voided else "void already"
    return [
        f"The year: {year}. December pushed again: {_outcomes(pushed.december_again)}.",
        f"The late correction: {pushed.correction}. The invoice entered twice: {void}.",
    ]


def _outcomes(outcomes: dict[str, int]) -> str:
    return ", ".join(f"{count:,} {outcome}" for outcome, count in sorted(outcomes.items(), key=lambda pair: -pair[1]))
