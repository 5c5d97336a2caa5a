"""`baseyear restore`: databases, files and keys put back, and everything that services know of each other told anew."""

import asyncio
from collections.abc import Mapping, Sequence
from pathlib import Path

from alembic.script import ScriptDirectory
from sqlalchemy import URL

from baseyear.backup import FILES, HOME
from baseyear.backup_manifest import BackupRefused, Manifest, copy_durably, sha256_of
from baseyear.beginning_anew import begin_all_anew, refuse_while_at_work, services_at_rest
from baseyear.postgres_programs import find_program, run_program, server_major
from baseyear.provisioning import SCHEMAS, connect, decided_addresses, empty_schema, prepare, runtime_addresses
from kernel.migrations import configuration
from kernel.settings import Settings


async def restore_backup(settings: Settings, admin: URL, folder: Path, services: Sequence[str], *, replace: bool) -> Manifest:
    """Put services back to what they were, all of one backup or some, and begin all topics anew.

    replace  whether what these services hold now, and keys that differ, may be lost
    raises   BackupRefused, before anything was changed; ProgramFailed, after which the restore is to be run again
    """
    manifest = await asyncio.to_thread(Manifest.read, folder)
    _refuse_newer(manifest, services)
    await asyncio.to_thread(manifest.verify, folder)
    addresses = runtime_addresses(admin, SCHEMAS, settings.home, decided_addresses(settings))
    await refuse_while_at_work(admin, addresses)
    for name in services:
        await _refuse_unless_ready(admin, addresses[name], name, manifest, replace=replace)
    if set(services) == manifest.services.keys():
        _put_home_back(settings.home, folder, manifest, replace=replace)
    await asyncio.to_thread(_put_files_back, settings.home / "files", folder, manifest)
    await prepare(settings, admin)
    for name in services:
        await _put_schema_back(admin, addresses[name], name, folder, manifest)
    await prepare(settings, admin)  # an older schema is brought to the present version
    await _begin_anew(settings, admin, addresses, manifest, services)
    return manifest


def _refuse_newer(manifest: Manifest, services: Sequence[str]) -> None:
    for schema in SCHEMAS:
        if schema.name not in services:
            continue
        if schema.name not in manifest.services:
            raise BackupRefused(f"The backup has no service {schema.name}; it has {', '.join(manifest.services)}.")
        known = {script.revision for script in ScriptDirectory.from_config(configuration(schema.migrations)).walk_revisions()}
        if manifest.services[schema.name].revision not in known:
            raise BackupRefused(
                f"The backup was made by Baseyear {manifest.baseyear}, whose tables of {schema.name} are newer than this version knows:"
                " restore it with that version, or a newer one."
            )


async def _refuse_unless_ready(admin: URL, address: URL, name: str, manifest: Manifest, *, replace: bool) -> None:
    """The server takes the backup, and a service holds nothing there that is not to be lost."""
    connection = await connect(admin)
    try:
        find_program("pg_restore", max(manifest.postgresql, await server_major(connection)))
        if await server_major(connection) < manifest.postgresql:
            raise BackupRefused(f"The backup is of PostgreSQL {manifest.postgresql}, and the server is older.")
        there = await connection.fetchval("SELECT true FROM pg_database WHERE datname = $1", address.database)
    finally:
        await connection.close()
    if replace or not there:
        return
    connection = await connect(admin.set(database=address.database))
    try:
        if await connection.fetchval("SELECT to_regnamespace($1) IS NOT NULL", name):
            raise BackupRefused(f"There is a service {name} already. To replace all that it holds by the backup, add --replace.")
    finally:
        await connection.close()


def _put_home_back(home: Path, folder: Path, manifest: Manifest, *, replace: bool) -> None:
    """Keys and the operator's file."""
    targets = {part: home / Path(part.path).relative_to(HOME) for part in manifest.home}
    differing = [target for part, target in targets.items() if target.exists() and sha256_of(target) != part.sha256]
    if differing and not replace:
        raise BackupRefused(f"{differing[0]} is there already and differs from the backup's. To replace it, add --replace.")
    for part, target in targets.items():
        copy_durably(folder / part.path, target)


def _put_files_back(files: Path, folder: Path, manifest: Manifest) -> None:
    """What is missing; a file that is there has the content that its name says."""
    for part in manifest.files:
        target = files / Path(part.path).relative_to(FILES)
        if not target.exists():
            copy_durably(folder / part.path, target)


async def _put_schema_back(admin: URL, address: URL, name: str, folder: Path, manifest: Manifest) -> None:
    database = admin.set(database=address.database)
    await empty_schema(database, name, address)
    program = find_program("pg_restore", manifest.postgresql)
    options = [f"--schema={name}", f"--role={address.username}_owner", "--no-owner", "--no-privileges", "--single-transaction"]
    await run_program(program, database, *options, str(folder / manifest.services[name].dump.path))


async def _begin_anew(settings: Settings, admin: URL, addresses: Mapping[str, URL], manifest: Manifest, services: Sequence[str]) -> None:
    restored = {name: manifest.services[name].taken_at for name in services}
    because = "restored " + ", ".join(f"{name} of {taken_at:%Y-%m-%dT%H:%M:%SZ}" for name, taken_at in restored.items())
    async with services_at_rest(settings, addresses) as parts:
        await begin_all_anew(settings, admin, parts, because, restored)
