"""The commands `baseyear migrate`, `events` and `factors`, on a database that they find or start themselves."""

import asyncio
import fcntl
import json
import secrets
import shutil
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import asyncpg
import pytest
from sqlalchemy import URL
from typer.testing import CliRunner, Result

from baseyear.command import app
from baseyear.embedded import EmbeddedPostgres
from baseyear.provisioning import SCHEMAS, connect, create_database, provision

TOPIC = "baseyear.gateway.organisation.v1"
_PARK = (
    "INSERT INTO reporting.dead_letter (consumer, topic, position, key, headers, value, reason)"
    " VALUES ('reporting', $1, $2, 'organisation', '{}', $3, $4)"
)


def organisation(version: int, **changed: Any) -> str:
    """What the gateway says of the organisation."""
    event = {
        "id": "organisation",
        "version": version,
        "recorded_at": "2025-01-01T00:00:00Z",
        "name": f"Group, version {version}",
        "responsible": None,
        "time_zone": "Asia/Shanghai",
        "gwp_set": "AR6",
        "languages": ["en"],
    }
    return json.dumps(event | changed)


def baseyear(*arguments: str) -> Result:
    return CliRunner().invoke(app, list(arguments))


@pytest.fixture(autouse=True)
def wide_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("baseyear.terminal.console.width", 200)


@pytest.fixture(autouse=True)
def logging_of_the_tests(monkeypatch: pytest.MonkeyPatch) -> None:
    """The runner's standard error is gone after the command, and loggers would keep it."""
    monkeypatch.setattr("baseyear.terminal.configure_logging", lambda log_format, level: None)


def done(work: Coroutine[Any, Any, Any]) -> Any:
    return asyncio.run(work)


@contextmanager
def served(home: Path) -> Iterator[None]:
    """As while `baseyear up` runs: the folder is held."""
    with (home / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


class Database:
    """The administrator's view of the database of a test."""

    def __init__(self, admin: URL) -> None:
        self.admin = admin

    def fetchval(self, statement: str, *values: Any) -> Any:
        async def ask() -> Any:
            connection: asyncpg.Connection = await connect(self.admin)
            try:
                return await connection.fetchval(statement, *values)
            finally:
                await connection.close()

        return done(ask())

    def park(self, position: int, value: str, reason: str = "a bug [of ours]") -> int:
        return self.fetchval(f"{_PARK} RETURNING id", TOPIC, position, value, reason)


@pytest.fixture(scope="module")
def migrated(postgres: EmbeddedPostgres, home: Path) -> str:
    """A migrated database to copy."""
    done(provision(done(create_database(postgres.url(), "template_of_commands")), SCHEMAS, home))
    return "template_of_commands"


@pytest.fixture
def database(postgres: EmbeddedPostgres, home: Path, migrated: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Database]:
    """A migrated database on the tests' server, which no command starts or stops."""
    name = f"commands_{secrets.token_hex(6)}"
    admin = done(create_database(postgres.url(), name, migrated))
    shutil.copy(
        home / "database-roles.json", tmp_path
    )  # roles belong to the server: with passwords of its own it would lock out other tests
    monkeypatch.setenv("BASEYEAR_HOME", str(tmp_path))
    monkeypatch.setenv("BASEYEAR_DATABASE_URL", admin.render_as_string(hide_password=False))
    yield Database(admin)
    Database(postgres.url()).fetchval(f'DROP DATABASE "{name}" WITH (FORCE)')


def test_migrating_again_changes_nothing(database: Database) -> None:
    assert baseyear("migrate").output == "The installation is at the present version.\n"


def test_the_outbox_shows_what_waits_by_service(database: Database) -> None:
    database.fetchval("INSERT INTO inventory.outbox (topic, key, headers, value) VALUES ('t', 'k', '{}', '{}')")

    lines = baseyear("events", "outbox").output.splitlines()

    assert [line.split("│")[2].strip() for line in lines if "inventory" in line] == ["1"]
    assert [line.split("│")[2].strip() for line in lines if "reporting" in line] == ["0"]


def test_parked_events_are_shown_with_their_reason(database: Database) -> None:
    number = database.park(1, organisation(1))

    output = baseyear("events", "dead-letters").output

    assert f"reporting/{number}" in output
    assert "a bug [of ours]" in output


def test_without_parked_events_it_says_so(database: Database) -> None:
    assert baseyear("events", "dead-letters").output == "No event is parked.\n"


def test_an_event_is_shown_whole_with_what_waits_behind_it(database: Database) -> None:
    number, behind = database.park(1, organisation(1)), database.park(2, "nonsense")

    first, second = baseyear("events", "show", f"reporting/{number}").output, baseyear("events", "show", f"reporting/{behind}").output

    assert all(said in first for said in (TOPIC, "parked", "a bug [of ours]", '"name": "Group, version 1"', f"reporting/{behind}"))
    assert '"event": "nonsense"' in second
    assert f"reporting/{number}" not in second


@pytest.mark.parametrize("beside_a_running_one", [False, True])
def test_parked_events_are_driven_again(database: Database, tmp_path: Path, beside_a_running_one: bool) -> None:
    number = database.park(1, organisation(1))
    database.park(2, organisation(2))
    if beside_a_running_one:
        with served(tmp_path):
            answer = baseyear("events", "redrive", f"reporting/{number}", "--reason", "mended")
    else:
        answer = baseyear("events", "redrive", f"reporting/{number}", "--reason", "mended")

    assert answer.output == "Applied: 2 event(s).\n"
    assert database.fetchval("SELECT name FROM reporting.organisation") == "Group, version 2"
    assert database.fetchval("SELECT array_agg(DISTINCT resolution) FROM reporting.dead_letter WHERE state = 'redriven'") == ["mended"]
    assert database.fetchval("SELECT principal FROM reporting.audit WHERE action = 'redrive_dead_letter' AND reason = 'mended'") == "system"


def test_a_redrive_that_fails_says_why_and_changes_nothing(database: Database) -> None:
    number = database.park(1, organisation(1))
    database.park(2, organisation(2, name=7))

    answer = baseyear("events", "redrive", f"reporting/{number}", "--reason", "hoping")

    assert answer.exit_code == 1
    assert "stays parked" in answer.output
    assert "OrganisationChanged" in answer.output
    assert database.fetchval("SELECT count(*) FROM reporting.organisation") == 0
    assert database.fetchval("SELECT count(*) FROM reporting.dead_letter WHERE state = 'parked'") == 2


def test_a_dropped_event_names_what_waits_behind_it(database: Database) -> None:
    number = database.park(1, "nonsense")
    behind = database.park(2, organisation(2))

    answer = baseyear("events", "drop", f"reporting/{number}", "--reason", "nonsense of a test")

    assert answer.output.splitlines() == [
        "Dropped.",
        f"Behind it wait 1 more of its key: baseyear events redrive reporting/{behind} --reason …",
    ]
    assert database.fetchval("SELECT resolution FROM reporting.dead_letter WHERE state = 'dropped'") == "nonsense of a test"


@pytest.mark.parametrize("verb", ["redrive", "drop"])
@pytest.mark.parametrize(
    ("letter", "message"),
    [("reporting/999", "no parked event"), ("reporting", "is not an ID"), ("nobody/1", "There is no service nobody")],
)
def test_an_id_of_nothing_is_refused(database: Database, verb: str, letter: str, message: str) -> None:
    answer = baseyear("events", verb, letter, "--reason", "x")

    assert (answer.exit_code, message in answer.output) == (1, True)


@pytest.mark.parametrize("verb", ["redrive", "drop"])
def test_a_reason_is_needed(verb: str) -> None:
    assert baseyear("events", verb, "reporting/1").exit_code == 2


def test_a_rebuild_empties_the_projections_and_has_everything_read_again(database: Database) -> None:
    number = database.park(1, organisation(1))
    baseyear("events", "redrive", f"reporting/{number}", "--reason", "to have a row")
    database.fetchval("INSERT INTO bus.cursor (consumer, topic, position) VALUES ('reporting', $1, 7), ('inventory', $1, 7)", TOPIC)

    assert baseyear("events", "rebuild", "reporting").exit_code == 0

    assert database.fetchval("SELECT count(*) FROM reporting.organisation") == 0
    assert database.fetchval("SELECT array_agg(consumer) FROM bus.cursor") == ["inventory"]


def test_a_rebuild_of_nobody_is_refused(database: Database) -> None:
    assert "There is no service nobody" in baseyear("events", "rebuild", "nobody").output


def test_commands_start_the_embedded_database_and_stop_only_what_they_started(
    reachable: Callable[[], Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = reachable()
    monkeypatch.setenv("BASEYEAR_HOME", str(folder))
    server = EmbeddedPostgres(folder)

    assert baseyear("migrate").exit_code == 0
    assert not server.is_alive()

    server.start()
    try:
        with served(folder):
            assert baseyear("events", "dead-letters").output == "No event is parked.\n"
            assert baseyear("migrate").exit_code == 0
        assert server.is_alive()
    finally:
        server.stop()


def test_the_shipped_factor_pack_is_what_its_sources_give() -> None:
    assert baseyear("factors", "verify").output == "The factor pack is what its sources give.\n"
