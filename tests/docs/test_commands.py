"""Every command that a page shows runs, in the order of the page, and answers what the page shows."""

import subprocess
from collections.abc import Iterator
from pathlib import Path

import asyncpg
import pytest

from baseyear.embedded import EmbeddedPostgres
from tests.docs.desk import Desk, environment, serving
from tests.docs.pages import CONTINUED, README, ROOT, Block, blocks_of, to_be_run


def test_the_tour_of_the_readme_runs(after_the_tour: Desk) -> None:
    assert (after_the_tour.folder / "acme-2021.pdf").read_bytes().startswith(b"%PDF-")


def test_the_tutorial_runs_after_the_tour(after_the_tutorial: Desk) -> None:
    assert (after_the_tutorial.folder / "acme-2022.xlsx").read_bytes().startswith(b"PK")


@pytest.mark.parametrize("page", CONTINUED, ids=lambda page: page.stem)
def test_a_page_runs_after_the_tutorial(page: Path, after_the_tutorial: Desk, connected: list[Block]) -> None:
    after_the_tutorial.type(connected, to_be_run(page))


def test_the_demo_ends_with_the_table_that_the_readme_shows(after_the_tour: Desk) -> None:
    shown = next(block.expected for block in blocks_of(README) if block.makes)
    done = subprocess.run(
        [".venv/bin/baseyear", "demo"],
        cwd=after_the_tour.folder,
        env=environment(),
        capture_output=True,
        text=True,
        timeout=180,
        check=False,
    )

    assert done.returncode == 0, done.stderr
    assert shown is not None
    assert [line for line in shown.text.splitlines() if line not in done.stdout] == []
    assert {path.suffix for path in (after_the_tour.folder / "demo-output").iterdir()} == {".pdf", ".xlsx", ".json"}


@pytest.fixture
def other_server(tmp_path: Path) -> Iterator[EmbeddedPostgres]:
    """A PostgreSQL of its own, because roles belong to a whole server and the other tests have theirs."""
    server = EmbeddedPostgres(tmp_path / "server")
    server.start()
    yield server
    server.stop()


async def test_another_postgresql_serves_with_the_rights_that_the_page_gives(other_server: EmbeddedPostgres, tmp_path: Path) -> None:
    page = ROOT / "docs" / "how-to" / "use-another-postgresql.md"
    statements = next(block for block in blocks_of(page) if block.language == "sql")
    address = other_server.url()
    socket = str(address.query["host"])
    connection = await asyncpg.connect(user=address.username, password=address.password, host=socket, database="postgres")
    for statement in filter(str.strip, statements.text.split(";")):
        await connection.execute(statement)

    with serving(tmp_path, next(block for block in blocks_of(page) if block.serves), {"@db.example/baseyear": f"@/baseyear?host={socket}"}):
        made = await connection.fetch("SELECT rolname FROM pg_roles WHERE rolname IN ('inventory', 'inventory_owner')")
    await connection.close()

    assert len(made) == 2
