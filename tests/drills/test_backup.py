"""Backups: whole or not there; put back only if every byte is what it was, and never over what is not to be lost."""

import json
import secrets
import tempfile
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from sqlalchemy import URL

from baseyear import backup as backing_up
from baseyear import restore as restoring
from baseyear.backup import make_backup
from baseyear.backup_manifest import BackupRefused, Manifest
from baseyear.beginning_anew import AtWork, begin_all_anew
from baseyear.embedded import EmbeddedPostgres
from baseyear.one_process import composed
from baseyear.postgres_programs import ProgramFailed, find_program
from baseyear.provisioning import SCHEMAS, connect, prepare, provision, runtime_addresses
from baseyear.restore import facts_out_of_reach, restore_backup
from contracts.topics import INTAKE
from kernel.files import Files
from kernel.retention import PUBLISHED_EVENTS
from kernel.settings import Settings
from kernel.unfinished import Unfinished
from tests.conftest import ISSUER, UNDURABLE

ALL = [schema.name for schema in SCHEMAS]


@dataclass(frozen=True, slots=True)
class Place:
    """An installation at rest: its settings, and the administrator's address of its database."""

    settings: Settings
    admin: URL

    @property
    def addresses(self) -> dict[str, URL]:
        return runtime_addresses(self.admin, SCHEMAS, self.settings.home)

    async def back_up(self, folder: Path) -> Manifest:
        return await make_backup(self.settings, self.admin, self.addresses, folder)

    async def restore(self, folder: Path, services: list[str] = ALL, *, replace: bool = False) -> None:
        await restore_backup(self.settings, self.admin, folder, services, replace=replace)

    async def rows(self, statement: str) -> list[Any]:
        connection = await connect(self.admin)
        try:
            return [tuple(row) for row in await connection.fetch(statement)]
        finally:
            await connection.close()


@pytest.fixture
def place(settings: Settings, databases: dict[str, URL], postgres: EmbeddedPostgres) -> Place:
    return Place(settings, postgres.url(databases["gateway"].database))


@pytest_asyncio.fixture
async def elsewhere(settings: Settings, postgres: EmbeddedPostgres) -> AsyncIterator[Place]:
    """A server on which nothing was set up."""
    admin = postgres.url(f"elsewhere_{secrets.token_hex(4)}")
    connection = await connect(postgres.url())
    await connection.execute(f'CREATE DATABASE "{admin.database}"')
    yield Place(settings, admin)
    await connection.execute(f'DROP DATABASE "{admin.database}" WITH (FORCE)')
    await connection.close()


@pytest_asyncio.fixture
async def backup(place: Place, tmp_path: Path) -> Path:
    await place.back_up(tmp_path / "backup")
    return tmp_path / "backup"


FACTORS = "SELECT to_jsonb(factor)::text FROM factors.factor ORDER BY id"
OWNERS = "SELECT tablename, tableowner FROM pg_tables WHERE schemaname = 'factors' ORDER BY 1"
INSTALLER = ("CREATE ROLE installer LOGIN CREATEROLE PASSWORD 'of-tests'", "CREATE DATABASE books OWNER installer")
RIGHTS = """
SELECT table_name, privilege_type FROM information_schema.role_table_grants WHERE grantee = 'factors' AND table_schema = 'factors'
ORDER BY 1, 2
"""


async def test_a_backup_put_back_elsewhere_has_the_same_rows_owners_and_rights(place: Place, backup: Path, elsewhere: Place) -> None:
    await elsewhere.restore(backup)

    for statement in (FACTORS, OWNERS, RIGHTS):
        assert await elsewhere.rows(statement) == await place.rows(statement) != []


async def test_an_administrator_who_is_no_superuser_can_do_both(settings: Settings, tmp_path: Path) -> None:
    """On a server of its own, because roles belong to a whole server."""
    with tempfile.TemporaryDirectory(prefix="baseyear-tests-") as folder:  # PostgreSQL's user cannot pass through pytest's own
        server = EmbeddedPostgres(Path(folder), UNDURABLE)
        server.start()
        try:
            connection = await connect(server.url())
            for statement in INSTALLER:
                await connection.execute(statement)
            await connection.close()
            admin = server.url("books").set(username="installer", password="of-tests")
            place = Place(settings.model_copy(update={"home": Path(folder)}), admin)
            await provision(admin, SCHEMAS, Path(folder))
            await place.back_up(tmp_path / "backup")

            await place.restore(tmp_path / "backup", replace=True)

            assert await place.rows(OWNERS) != []
        finally:
            server.stop()


async def test_files_are_put_back(place: Place, tmp_path: Path) -> None:
    files = Files(place.settings.home / "files" / "reporting")
    sha256 = await files.put(secrets.token_bytes(2_000_000))
    content = files.path(sha256).read_bytes()
    manifest = await place.back_up(tmp_path / "backup")
    files.path(sha256).unlink()

    await place.restore(tmp_path / "backup", replace=True)

    assert sha256 in {part.sha256 for part in manifest.files}
    assert files.path(sha256).read_bytes() == content


async def test_only_the_named_service_is_put_back(place: Place, backup: Path) -> None:
    connection = await connect(place.admin)
    await connection.execute("DELETE FROM factors.excluded_row; UPDATE gateway.organisation SET name = 'later', version = 2")
    await connection.close()

    await place.restore(backup, ["factors"], replace=True)

    assert await place.rows("SELECT count(*) > 0 FROM factors.excluded_row") == [(True,)]
    assert await place.rows("SELECT name FROM gateway.organisation") == [("later",)]


def test_nobody_else_may_read_a_backup(backup: Path) -> None:
    assert {path.stat().st_mode & 0o077 for path in backup.rglob("*") if path.is_file()} == {0}
    assert backup.stat().st_mode & 0o077 == 0


async def test_a_folder_with_anything_in_it_is_refused(place: Place, tmp_path: Path) -> None:
    (tmp_path / "somebody's").write_text("own")

    with pytest.raises(BackupRefused, match="not empty"):
        await place.back_up(tmp_path)

    assert (tmp_path / "somebody's").read_text() == "own"


async def test_a_backup_that_fails_leaves_nothing(place: Place, tmp_path: Path) -> None:
    files = Files(place.settings.home / "files" / "reporting")
    sha256 = await files.put(secrets.token_bytes(100))
    files.path(sha256).write_bytes(b"rotten")

    with pytest.raises(BackupRefused, match=f"{sha256} is damaged"):
        await place.back_up(tmp_path / "backup")

    files.path(sha256).unlink()
    assert list((tmp_path / "backup").iterdir()) == []


async def test_a_file_that_retention_lets_go_of_meanwhile_is_left_out(
    place: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = Files(place.settings.home / "files" / "reporting")
    gone, kept = await files.put(secrets.token_bytes(100)), await files.put(secrets.token_bytes(100))
    copied = backing_up._copied

    def copied_late(source: Path, target: Path, folder: Path) -> Any:
        files.path(gone).unlink(missing_ok=True)
        return copied(source, target, folder)

    monkeypatch.setattr(backing_up, "_copied", copied_late)
    manifest = await place.back_up(tmp_path / "backup")

    assert {gone, kept} & {part.sha256 for part in manifest.files} == {kept}


def rotten(folder: Path) -> None:
    dump = folder / "databases" / "factors.dump"
    content = bytearray(dump.read_bytes())
    content[len(content) // 2] ^= 1
    dump.write_bytes(content)


def without_a_part(folder: Path) -> None:
    (folder / "databases" / "factors.dump").unlink()


def without_its_end(folder: Path) -> None:
    (folder / "manifest.json").unlink()


def manifest_with(folder: Path, **changes: Any) -> None:
    manifest = json.loads((folder / "manifest.json").read_text())
    (folder / "manifest.json").write_text(json.dumps(manifest | changes))


def newer(folder: Path) -> None:
    services = json.loads((folder / "manifest.json").read_text())["services"]
    services["factors"]["revision"] = "9999"
    manifest_with(folder, services=services)


def of_another_format(folder: Path) -> None:
    manifest_with(folder, format=2)


def of_a_newer_server(folder: Path) -> None:
    manifest_with(folder, postgresql=99)


def cut_short(folder: Path) -> None:
    (folder / "manifest.json").write_text("{")


@pytest.mark.parametrize(
    ("harm", "message"),
    [
        (rotten, "factors.dump is not what it was"),
        (without_a_part, "factors.dump is missing"),
        (without_its_end, "no backup, or one that did not come to its end"),
        (newer, "restore it with that version, or a newer one"),
        (of_another_format, "has the format 2"),
        (of_a_newer_server, "pg_restore of PostgreSQL 99"),
        (cut_short, "cannot be read"),
    ],
)
async def test_a_backup_that_cannot_be_trusted_or_read_is_refused_before_anything_changes(
    place: Place, backup: Path, harm: Callable[[Path], None], message: str
) -> None:
    before = await place.rows("SELECT count(*), max(topic) FROM bus.log")
    harm(backup)

    with pytest.raises((BackupRefused, ProgramFailed), match=message):
        await place.restore(backup, replace=True)

    assert await place.rows("SELECT count(*), max(topic) FROM bus.log") == before
    assert await place.rows("SELECT count(*) FROM gateway.history_begin") == [(0,)]


async def test_what_is_there_is_replaced_only_if_that_is_said(place: Place, backup: Path) -> None:
    with pytest.raises(BackupRefused, match="--replace"):
        await place.restore(backup)

    assert await place.rows("SELECT count(*) FROM gateway.history_begin") == [(0,)]


async def test_nothing_is_put_back_while_a_service_is_at_work(place: Place, backup: Path) -> None:
    async with (
        composed(place.settings, place.addresses, ISSUER) as parts,
        parts.services["reporting"].ground.database.unit_of_work() as session,
    ):
        await session.connection()
        with pytest.raises(AtWork, match="reporting is at work"):
            await place.restore(backup, replace=True)


def test_a_program_that_is_older_than_the_server_is_refused() -> None:
    with pytest.raises(ProgramFailed, match="postgresql-client-99"):
        find_program("pg_dump", 99)


# Interrupted half-way


@pytest_asyncio.fixture
async def half_restored(place: Place, backup: Path, monkeypatch: pytest.MonkeyPatch) -> Place:
    """The restore of factors ended between emptying its schema and filling it."""

    async def dies(*_: Any) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched, pytest.raises(KeyboardInterrupt):
        patched.setattr(restoring, "run_program", dies)
        await place.restore(backup, ["factors"], replace=True)
    assert await place.rows("SELECT tablename FROM pg_tables WHERE schemaname = 'factors'") == []
    return place


async def test_nothing_starts_or_is_migrated_after_an_interrupted_restore(half_restored: Place) -> None:
    with pytest.raises(Unfinished, match="baseyear restore"):
        await prepare(half_restored.settings, half_restored.admin)

    async with composed(half_restored.settings, half_restored.addresses, ISSUER) as parts:
        for service in parts.services.values():
            with pytest.raises(Unfinished, match=f"{service.name} does not start"):
                async with service.running():
                    pass
    assert await half_restored.rows("SELECT tablename FROM pg_tables WHERE schemaname = 'factors'") == []


async def test_only_a_restore_of_the_same_service_makes_an_interrupted_one_good(half_restored: Place, backup: Path) -> None:
    with pytest.raises(Unfinished, match="factors holds only a part"):
        await half_restored.restore(backup, ["reporting"], replace=True)
    async with composed(half_restored.settings, half_restored.addresses, ISSUER) as parts:
        with pytest.raises(Unfinished, match="factors holds only a part"):
            await begin_all_anew(half_restored.settings, half_restored.admin, parts, "a try")


async def test_an_interrupted_restore_is_run_again_and_then_everything_starts(half_restored: Place, backup: Path) -> None:
    await half_restored.restore(backup, ["factors"])  # without --replace: there is nothing to lose any more

    assert await half_restored.rows(FACTORS) != []
    await prepare(half_restored.settings, half_restored.admin)
    async with composed(half_restored.settings, half_restored.addresses, ISSUER) as parts, parts.services["factors"].running():
        assert await parts.services["factors"].not_ready_because() is None


async def test_facts_that_nobody_tells_a_restored_service_again_are_named(backup: Path) -> None:
    manifest = Manifest.read(backup)
    taken_at = manifest.services["reporting"].taken_at
    soon, late = taken_at + PUBLISHED_EVENTS - timedelta(hours=1), taken_at + PUBLISHED_EVENTS + timedelta(hours=1)

    (line,) = facts_out_of_reach(manifest, ["reporting"], late)

    assert line.startswith(f"reporting misses what inventory told in {INTAKE.name} from {taken_at:%Y-%m-%d %H:%M}")
    assert facts_out_of_reach(manifest, ["reporting"], soon) == facts_out_of_reach(manifest, ALL, late) == []
