"""The embedded PostgreSQL: one cluster in a folder, whatever was killed before."""

import os
import signal
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from baseyear.embedded import EmbeddedFailed, EmbeddedPostgres
from baseyear.provisioning import connect
from tests.api.kernel.ground import eventually
from tests.conftest import UNDURABLE


@pytest.fixture(scope="module")
def folder(reachable: Callable[[], Path]) -> Iterator[Path]:
    """A cluster that was made, used and stopped once."""
    folder = reachable()
    server = EmbeddedPostgres(folder, UNDURABLE)
    server.start()
    server.stop()
    yield folder
    server.stop()


@pytest.fixture
def server(folder: Path) -> Iterator[EmbeddedPostgres]:
    server = EmbeddedPostgres(folder, UNDURABLE)
    server.start()
    yield server
    server.stop()


def postmaster(folder: Path) -> int:
    return int((folder / "cluster" / "postmaster.pid").read_text().split()[0])


async def value(server: EmbeddedPostgres, statement: str) -> Any:
    connection = await connect(server.url())
    try:
        return await connection.fetchval(statement)
    finally:
        await connection.close()


async def test_it_answers_on_a_socket_only_and_speaks_utf8_and_utc(server: EmbeddedPostgres) -> None:
    assert await value(server, "SHOW listen_addresses") == ""
    assert await value(server, "SHOW server_encoding") == "UTF8"
    assert await value(server, "SHOW timezone") == "UTC"
    assert int(await value(server, "SHOW server_version_num")) >= 160_000


async def test_its_password_is_needed_and_private(server: EmbeddedPostgres, folder: Path) -> None:
    assert (folder / "superuser-password").stat().st_mode & 0o077 == 0
    with pytest.raises(Exception, match="password authentication failed"):
        await connect(server.url().set(password="wrong"))


async def test_what_was_committed_is_there_after_the_postmaster_was_killed(server: EmbeddedPostgres, folder: Path) -> None:
    durable = "SET synchronous_commit = on; CREATE TABLE IF NOT EXISTS kept (said text); INSERT INTO kept VALUES ('before the kill')"
    connection = await connect(server.url())
    await connection.execute(durable)
    await connection.close()

    os.kill(postmaster(folder), signal.SIGKILL)
    EmbeddedPostgres(folder, UNDURABLE).start()

    assert await value(server, "SELECT count(*) FROM kept") >= 1


async def test_it_sees_that_the_postmaster_was_killed(server: EmbeddedPostgres, folder: Path) -> None:
    assert server.is_alive()

    os.kill(postmaster(folder), signal.SIGKILL)

    async def seen() -> bool:
        return not server.is_alive()

    await eventually(seen)


@pytest.fixture
def running_process() -> Iterator[int]:
    somebody = subprocess.Popen(["sleep", "60"])
    yield somebody.pid
    somebody.kill()
    somebody.wait()


@pytest.fixture
def ended_process() -> int:
    gone = subprocess.Popen(["true"])
    gone.wait()
    return gone.pid


@pytest.mark.parametrize("process", ["running_process", "ended_process"])
async def test_a_lock_file_that_names_no_postgresql_is_not_believed(folder: Path, request: pytest.FixtureRequest, process: str) -> None:
    named = request.getfixturevalue(process)
    (folder / "cluster" / "postmaster.pid").write_text(f"{named}\n{folder / 'cluster'}\n0\n5432\n{folder}\n\n0 0\nready\n")

    server = EmbeddedPostgres(folder, UNDURABLE)
    server.start()

    assert await value(server, "SELECT 1") == 1
    assert postmaster(folder) != named
    server.stop()


async def test_a_server_that_survived_its_starter_is_attached_to(server: EmbeddedPostgres, folder: Path) -> None:
    running = postmaster(folder)

    successor = EmbeddedPostgres(folder, UNDURABLE)
    successor.start()

    assert postmaster(folder) == running
    assert await value(successor, "SELECT 1") == 1


async def test_after_a_stop_nothing_of_it_runs(folder: Path) -> None:
    server = EmbeddedPostgres(folder, UNDURABLE)
    server.start()
    server.stop()

    assert not server.is_alive()
    assert not server.answers()
    assert not (folder / "cluster" / "postmaster.pid").exists()


def test_a_cluster_that_was_half_made_is_made_anew(reachable: Callable[[], Path]) -> None:
    folder = reachable()
    partial = folder / "cluster.partial"
    partial.mkdir()
    (partial / "PG_VERSION").write_text("18")

    server = EmbeddedPostgres(folder, UNDURABLE)
    server.start()
    try:
        assert server.answers()
        assert not partial.exists()
    finally:
        server.stop()


def test_a_folder_with_a_long_path_gets_a_short_socket(tmp_path: Path) -> None:
    """source  unix(7): sun_path has 108 bytes"""
    folder = tmp_path / ("long" * 30)
    folder.mkdir()
    (folder / "superuser-password").write_text("x")

    socket = str(EmbeddedPostgres(folder).url().query["host"])

    assert len(f"{socket}/.s.PGSQL.5432") < 108


def test_a_server_that_cannot_start_says_why(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("baseyear.embedded.START_SECONDS", 0)
    server = EmbeddedPostgres(folder, UNDURABLE | {"max_connections": "nonsense"})

    with pytest.raises(EmbeddedFailed, match="max_connections"):
        server.start()
