"""`baseyear restore`: databases, files and keys put back, and everything that services know of each other told anew."""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path

from alembic.script import ScriptDirectory
from sqlalchemy import URL

from baseyear.backup import FILES, HOME
from baseyear.backup_manifest import BackupRefused, Manifest, Part, copy_durably, sha256_of
from baseyear.beginning_anew import empty_topics, hear_all_anew, refuse_half_restored, refuse_while_at_work, services_at_rest
from baseyear.postgres_programs import find_program, run_program, server_major
from baseyear.provisioning import SCHEMAS, connect, decided_addresses, empty_schema, mark_services, provide, runtime_addresses
from contracts.topics import TOPICS
from kernel.migrations import configuration
from kernel.retention import PUBLISHED_EVENTS
from kernel.settings import Settings
from kernel.unfinished import BEGIN_ANEW, PUT_BACK, mark_of


async def restore_backup(settings: Settings, admin: URL, folder: Path, services: Sequence[str], *, replace: bool) -> Manifest:
    """Put services back to what they were, all of one backup or some, and begin all topics anew.

    replace  whether what these services hold now, and keys that differ, may be lost
    raises   BackupRefused, Unfinished, before anything was changed; ProgramFailed, and nothing starts until the restore was run again
    """
    manifest = await asyncio.to_thread(Manifest.read, folder)
    _refuse_newer(manifest, services)
    await asyncio.to_thread(manifest.verify, folder)
    addresses = runtime_addresses(admin, SCHEMAS, settings.home, decided_addresses(settings))
    await refuse_while_at_work(admin, addresses)
    await refuse_half_restored(admin, addresses, services)
    for name in services:
        await _refuse_unless_ready(admin, addresses[name], name, manifest, replace=replace)
    home = _home(settings, manifest) if set(services) == manifest.services.keys() else {}
    if not replace:
        _refuse_other_home(home)
    await provide(settings, admin)
    await mark_services(admin, {name: addresses[name] for name in services}, PUT_BACK)
    await mark_services(admin, {name: address for name, address in addresses.items() if name not in services}, BEGIN_ANEW)
    await empty_topics(settings, admin)  # before anything is lost, because Kafka may refuse it
    for part, target in home.items():
        copy_durably(folder / part.path, target)
    await asyncio.to_thread(_put_files_back, settings.home / "files", folder, manifest)
    for name in services:
        await _put_schema_back(admin, addresses[name], name, folder, manifest)
    await provide(settings, admin)  # an older schema is brought to the present version
    await _hear_anew(settings, admin, addresses, manifest, services)
    return manifest


def facts_out_of_reach(manifest: Manifest, services: Sequence[str], now: datetime) -> list[str]:
    """What restored services never hear: facts that others told after the backup, longer ago than their outboxes keep them."""
    told_again = now - PUBLISHED_EVENTS
    return [
        f"{reader} misses what {topic.owner} told in {topic.name} from {manifest.services[reader].taken_at:%Y-%m-%d %H:%M} to"
        f" {told_again:%Y-%m-%d %H:%M} UTC: facts can be told again for {PUBLISHED_EVENTS.days} days."
        for topic in TOPICS
        if topic.kind == "fact" and topic.owner not in services
        for reader in topic.readers
        if reader in services and manifest.services[reader].taken_at < told_again
    ]


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
        half_restored = await mark_of(connection, name) == PUT_BACK
        if not half_restored and await connection.fetchval("SELECT to_regnamespace($1) IS NOT NULL", name):
            raise BackupRefused(f"There is a service {name} already. To replace all that it holds by the backup, add --replace.")
    finally:
        await connection.close()


def _home(settings: Settings, manifest: Manifest) -> dict[Part, Path]:
    """Where keys and the operator's file belong."""
    return {part: settings.home / Path(part.path).relative_to(HOME) for part in manifest.home}


def _refuse_other_home(home: Mapping[Part, Path]) -> None:
    for part, target in home.items():
        if target.exists() and sha256_of(target) != part.sha256:
            raise BackupRefused(f"{target} is there already and differs from the backup's. To replace it, add --replace.")


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


async def _hear_anew(settings: Settings, admin: URL, addresses: Mapping[str, URL], manifest: Manifest, services: Sequence[str]) -> None:
    restored = {name: manifest.services[name].taken_at for name in services}
    because = "restored " + ", ".join(f"{name} of {taken_at:%Y-%m-%dT%H:%M:%SZ}" for name, taken_at in restored.items())
    async with services_at_rest(settings, addresses) as parts:
        await hear_all_anew(admin, parts, because, restored)
