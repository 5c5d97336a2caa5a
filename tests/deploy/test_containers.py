"""The distributed installation in containers: a year goes through it, and it outlives kills, a reboot and its own removal."""

import asyncio
import io

import httpx
import pytest
import pytest_asyncio
from rich.console import Console

from baseyear.demo.activities import YEAR
from baseyear.demo.client import ApiClient
from baseyear.demo.figures import inventory_figures, reported_figures
from baseyear.demo.journey import DemoResult, run_demo
from baseyear.provisioning import SERVICES
from tests.deploy.files import SERVICES as CONTAINERS
from tests.deploy.installation import ComposeInstallation

pytestmark = pytest.mark.compose

EVERYTHING = (*CONTAINERS, "postgres", "kafka")


@pytest_asyncio.fixture(scope="module")
async def year(compose: ComposeInstallation, tmp_path_factory: pytest.TempPathFactory) -> DemoResult:
    """A year that was pushed and reported."""
    return await run_demo(compose.url, compose.operator(), tmp_path_factory.mktemp("reports"), Console(file=io.StringIO()))


async def assert_nothing_was_lost(compose: ComposeInstallation, year: DemoResult) -> None:
    """Inventory and reporting tell the figures that they told, and the report's files are there."""
    async with httpx.AsyncClient(base_url=compose.url, timeout=60, trust_env=False) as http:
        operator = ApiClient(http, *compose.operator())
        inventories = await operator.get("/v1/inventories", {"year": str(YEAR), "name": "primary"})
        assert await inventory_figures(operator, inventories["items"][0]["id"]) == year.figures
        assert await reported_figures(operator) == year.figures
        reports = await operator.get("/v1/reports")
        files = [f"/v1/reports/{report['id']}/files/{file['name']}" for report in reports["items"] for file in report["files"]]
        assert [len(await operator.download(file)) for file in files] == [file.stat().st_size for file in year.files]


def test_a_year_is_pushed_and_reported(year: DemoResult) -> None:
    assert year.pushed.year["created"] > 1_000
    assert {file.suffix for file in year.files} == {".pdf", ".xlsx", ".json"}


def test_replicas_share_the_events(compose: ComposeInstallation, year: DemoResult) -> None:
    command = ["/opt/kafka/bin/kafka-consumer-groups.sh", "--bootstrap-server", "localhost:9092", "--describe", "--members", "--group"]
    rows = compose.execute("kafka", *command, "baseyear.reporting.0").splitlines()

    assert [int(row.split()[-1]) > 0 for row in rows if row.startswith("baseyear.reporting.0")] == [True, True]


def test_each_service_has_a_database_that_no_other_may_enter(compose: ComposeInstallation) -> None:
    names = f"unnest(array{list(CONTAINERS)})"
    entered = f"SELECT role, name FROM {names} role, {names} name WHERE has_database_privilege(role, name, 'connect')"

    assert compose.query("postgres", entered) == [f"{name}|{name}" for name in CONTAINERS]


async def test_after_a_reboot_everything_comes_back_in_whatever_order(compose: ComposeInstallation, year: DemoResult) -> None:
    restarts = compose.restarts(*EVERYTHING)

    compose.kill(*EVERYTHING)  # the engine then starts all at once, and nothing waits for anything

    compose.wait_until_healthy(*EVERYTHING)
    assert all(count > restarts[name] for name, count in compose.restarts(*EVERYTHING).items())
    await assert_nothing_was_lost(compose, year)


async def test_what_was_removed_and_started_again_has_kept_everything(compose: ComposeInstallation, year: DemoResult) -> None:
    compose.down()
    compose.up(inventory=2, reporting=2)

    await assert_nothing_was_lost(compose, year)


@pytest.mark.parametrize("service", CONTAINERS)
def test_a_service_that_is_killed_comes_back_by_itself(service: str, compose: ComposeInstallation) -> None:
    restarts = compose.restarts(service)

    compose.kill(service)

    compose.wait_until_healthy(service)
    assert compose.restarts(service) == {name: count + 1 for name, count in restarts.items()}


def test_migrations_that_were_made_are_not_made_again(compose: ComposeInstallation) -> None:
    def revisions() -> dict[str, list[str]]:
        return {name: compose.query(name, f"SELECT version_num FROM {name}.alembic_version") for name in CONTAINERS}

    before = revisions()

    assert "present version" in compose.compose("run", "--rm", "--no-TTY", "migrate")
    assert revisions() == before
    assert all(before.values())


def test_an_operator_s_commands_run_beside_it(compose: ComposeInstallation) -> None:
    told = compose.command("events", "dead-letters")

    assert told.returncode == 0, told.stderr
    assert "No event is parked." in told.stdout


async def test_a_backup_is_put_back_after_the_books_and_the_files_were_lost(compose: ComposeInstallation, year: DemoResult) -> None:
    made = compose.command("backup", "/backups/a-year")
    assert made.returncode == 0, made.stderr
    compose.compose("stop", *CONTAINERS)
    for name in CONTAINERS:
        compose.query(name, f"DROP SCHEMA {name} CASCADE")
    compose.compose("run", "--rm", "--no-TTY", "--entrypoint", "rm", "care", "-r", "/var/lib/baseyear/files")

    restored = compose.command("restore", "/backups/a-year")

    assert restored.returncode == 0, restored.stderr
    compose.up(inventory=2, reporting=2)
    await until_reported(compose, year)
    await assert_nothing_was_lost(compose, year)


async def until_reported(compose: ComposeInstallation, year: DemoResult) -> None:
    """Wait until reporting has heard of everything again."""
    async with asyncio.timeout(120), httpx.AsyncClient(base_url=compose.url, timeout=60, trust_env=False) as http:
        operator = ApiClient(http, *compose.operator())
        while await reported_figures(operator) != year.figures:
            await asyncio.sleep(1)


async def test_services_are_not_reached_from_outside(compose: ComposeInstallation) -> None:
    published = {name: compose.containers(name)[0]["NetworkSettings"]["Ports"] for name in (*SERVICES, "postgres", "kafka")}

    assert {name for name, ports in published.items() if any(ports.values())} == set()
    async with httpx.AsyncClient(trust_env=False) as http:
        assert (await http.get(f"{compose.url}/health/ready")).status_code == 200


@pytest.mark.parametrize("service", ["inventory", "postgres", "kafka"])
def test_what_is_inside_reaches_nothing_outside(service: str, compose: ComposeInstallation) -> None:
    connect = "(exec 3<>/dev/tcp/192.0.2.1/80) 2>&1 || true"  # an address for documentation, which leads nowhere even with a way out

    reached = compose.execute(service, "bash", "-c", connect)

    assert "Network is unreachable" in reached
