"""Record what an installation of another version held and answered: `python -m tests.drills.record_version FOLDER NAME`.

FOLDER is a working tree of that version (`git worktree add`). NAME.sql.gz and NAME.json.gz are written to tests/drills/data; the upgrade
drill brings the first to the present version and asks for the second again.
"""

import asyncio
import gzip
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any

import httpx
from sqlalchemy import URL

from baseyear.embedded import EmbeddedPostgres, binaries
from baseyear.provisioning import DATABASE
from tests.conftest import OPERATOR_ID, OPERATOR_SECRET, Client
from tests.drills.group import a_year_with_everything
from tests.ports import free_port

DATA = Path(__file__).parent / "data"
SCHEMAS = ("bus", "gateway", "factors", "inventory", "reporting")
GROUPINGS = ("", "scope,category,site,month", "entity,gas", "activity_type,factor")
SETTLED_SECONDS = 5

# The catalogue is cut to what the group uses, wherever it was told, so that the record stays small.
CUT = """
DELETE FROM factors.excluded_row;
DELETE FROM factors.fuel_property WHERE NOT activity_types ?| ARRAY['electricity.grid', 'fuel.diesel'];
DELETE FROM factors.factor WHERE activity_type NOT IN ('electricity.grid', 'fuel.diesel') OR region NOT LIKE 'CN%';
DELETE FROM factors.activity_type WHERE id NOT IN ('electricity.grid', 'fuel.diesel');
DELETE FROM reporting.factor WHERE id NOT IN (SELECT id FROM factors.factor);
DELETE FROM reporting.activity_type WHERE id NOT IN (SELECT id FROM factors.activity_type);
DELETE FROM inventory.activity_type WHERE id NOT IN (SELECT id FROM factors.activity_type);
DELETE FROM factors.outbox WHERE topic = 'baseyear.factors.factor.v1' AND key NOT IN (SELECT id FROM factors.factor);
DELETE FROM factors.outbox WHERE topic = 'baseyear.factors.activity-type.v1' AND key NOT IN (SELECT id FROM factors.activity_type);
DELETE FROM bus.log WHERE topic LIKE 'baseyear.factors.%' AND headers->>'ce_id' NOT IN (SELECT headers->>'ce_id' FROM factors.outbox);
UPDATE bus.cursor SET position = (SELECT max(position) FROM bus.log WHERE log.topic = cursor.topic);
"""


async def questions_of(client: Client) -> list[str]:
    """What is asked of an installation of the drill's group: everything that it holds."""
    inventories = [each["id"] for each in (await client.get("/v1/inventories")).body["items"]]
    activities = [each["id"] for each in (await client.get("/v1/activities")).body["items"]]
    reports = [each["id"] for each in (await client.get("/v1/reports")).body["items"]]
    lists = ["organisation", "clients", "entities", "sites", "inventories", "activities", "reports", "source-systems/ehs/unmapped"]
    paths = [f"/v1/{name}" for name in lists]
    for each in inventories:
        paths += [f"/v1/inventories/{each}/totals?group_by={keys}" for keys in GROUPINGS]
        paths += [f"/v1/emissions?inventory_id={each}&group_by={keys}" for keys in GROUPINGS]
    paths += [f"/v1/activities/{each}/history" for each in activities]
    return paths + [f"/v1/reports/{each}{of_it}" for each in reports for of_it in ("", "/files/iso14064-1-2021.json")]


async def answers_of(client: Client) -> dict[str, Any]:
    return {path: (await client.get(path)).body for path in await questions_of(client)}


@contextmanager
def serving(tree: Path, home: Path) -> Iterator[str]:
    """`baseyear up` of the code in `tree`."""
    url = f"http://127.0.0.1:{(port := free_port())}"
    settings = {"HOME": str(home), "PORT": str(port), "OPERATOR_CLIENT_ID": OPERATOR_ID, "OPERATOR_CLIENT_SECRET": OPERATOR_SECRET}
    environment = os.environ | {f"BASEYEAR_{name}": value for name, value in settings.items()}
    start = "import sys; from baseyear.command import main; sys.argv = ['baseyear', 'up']; main()"
    process = subprocess.Popen([sys.executable, "-c", start], cwd=tree, env=environment)
    try:
        while True:
            assert process.poll() is None, "it ended"
            try:
                if httpx.get(f"{url}/health/ready").status_code == 200:
                    break
            except httpx.TransportError:
                time.sleep(0.2)
        yield url
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(60)


@asynccontextmanager
async def operator_at(url: str) -> AsyncIterator[Client]:
    async with httpx.AsyncClient(base_url=url, timeout=60) as http:
        yield await Client(http, OPERATOR_ID, OPERATOR_SECRET).sign_in()


async def a_year_with_a_report(url: str) -> None:
    async with operator_at(url) as operator:
        await a_year_with_everything(operator)
        ordered = await operator.post("/v1/reports", {"type": "iso14064-1", "year": 2021, "formats": ["json"]})
        while (await operator.get(f"/v1/reports/{ordered.body['id']}")).body["state"] != "ready":
            await asyncio.sleep(0.5)
        await asyncio.sleep(SETTLED_SECONDS)


async def recorded_answers(url: str) -> dict[str, Any]:
    async with operator_at(url) as operator:
        return await answers_of(operator)


@contextmanager
def database_of(home: Path) -> Iterator[URL]:
    postgres = EmbeddedPostgres(home)
    postgres.start()
    try:
        yield postgres.url(DATABASE)
    finally:
        postgres.stop()


def run(program: str, url: URL, *arguments: str) -> bytes:
    address = ["--host", str(url.query["host"]), "--username", str(url.username), "--dbname", str(url.database)]
    environment = os.environ | {"PGPASSWORD": str(url.password)}
    return subprocess.run([binaries() / program, *address, *arguments], env=environment, check=True, capture_output=True).stdout


def main(tree: Path, name: str) -> None:
    with tempfile.TemporaryDirectory(prefix="baseyear-record-") as folder:
        home = Path(folder)
        with serving(tree, home) as url:
            asyncio.run(a_year_with_a_report(url))
        with database_of(home) as database:
            run("psql", database, "--set=ON_ERROR_STOP=1", "--command", CUT)
        with serving(tree, home) as url:
            answers = asyncio.run(recorded_answers(url))
        files = {path.name: path.read_text() for path in (home / "files").rglob("*") if path.is_file()}
        with database_of(home) as database:
            # With owners and rights, as SQL that any later PostgreSQL takes.
            everything = run("pg_dump", database, *(f"--schema={schema}" for schema in SCHEMAS))
    (DATA / f"{name}.sql.gz").write_bytes(gzip.compress(everything, 9, mtime=0))
    recorded = json.dumps({"answers": answers, "files": files}, ensure_ascii=False).encode()
    (DATA / f"{name}.json.gz").write_bytes(gzip.compress(recorded, 9, mtime=0))


if __name__ == "__main__":
    main(Path(sys.argv[1]).resolve(), sys.argv[2])
