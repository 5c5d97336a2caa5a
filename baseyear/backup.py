"""`baseyear backup`: a copy of all databases, files and keys that can be put back, made while Baseyear runs.

The schemas of one database are copied as they are at one moment. Each database of a distributed installation has a moment of its own;
what services know of each other then differs by that much, and is settled when a restore begins the topics anew.
"""

import asyncio
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from itertools import groupby
from pathlib import Path

import asyncpg
from sqlalchemy import URL

from baseyear import VERSION
from baseyear.backup_manifest import FORMAT, BackupRefused, Manifest, Part, ServiceCopy, copy_durably, part_of
from baseyear.postgres_programs import find_program, run_program, server_major
from baseyear.provisioning import SCHEMAS, connect
from kernel.files import ASIDE, PARTIAL
from kernel.settings import Settings

DATABASES, FILES, HOME = "databases", "files", "home"
OPERATOR = "operator.json"


async def make_backup(settings: Settings, admin: URL, addresses: Mapping[str, URL], folder: Path) -> Manifest:
    """Copy everything into `folder`, which is empty or not there yet.

    addresses  the services' runtime addresses
    raises     BackupRefused, ProgramFailed; then nothing of the copy is left
    """
    with _filled_or_empty(folder):
        manifest = await _copy(settings, admin, addresses, folder)
        manifest.write(folder)
    return manifest


@contextmanager
def _filled_or_empty(folder: Path) -> Iterator[None]:
    """A folder of this backup's own, of which nothing is left if it fails."""
    if folder.exists() and any(folder.iterdir()):
        raise BackupRefused(f"{folder} is not empty: name another folder for this backup.")
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    try:
        yield
    except BaseException:
        for child in folder.iterdir():
            shutil.rmtree(child, ignore_errors=True)
        raise


async def _copy(settings: Settings, admin: URL, addresses: Mapping[str, URL], folder: Path) -> Manifest:
    (folder / DATABASES).mkdir(mode=0o700)
    services: dict[str, ServiceCopy] = {}
    versions = []
    names = sorted((schema.name for schema in SCHEMAS), key=lambda name: str(addresses[name].database))
    for database, schemas in groupby(names, key=lambda name: addresses[name].database):
        address = admin.set(database=database)
        connection = await connect(address)
        try:
            versions.append(await server_major(connection))
            services |= await _copy_schemas(connection, address, list(schemas), folder)
        finally:
            await connection.close()
    # Files after the databases: what a database names was on the disk before.
    home = await asyncio.to_thread(_copy_home, settings, folder)
    files = await asyncio.to_thread(_copy_files, settings.home / "files", folder)
    return Manifest(format=FORMAT, baseyear=VERSION, postgresql=max(versions), services=services, home=home, files=files)


async def _copy_schemas(connection: asyncpg.Connection, address: URL, schemas: list[str], folder: Path) -> dict[str, ServiceCopy]:
    """The schemas of one database, all seen from one moment."""
    program = find_program("pg_dump", await server_major(connection))
    copies = {}
    async with connection.transaction(isolation="repeatable_read", readonly=True):
        snapshot, taken_at = await connection.fetchrow("SELECT pg_export_snapshot(), clock_timestamp()")
        for schema in schemas:
            revision = await connection.fetchval(f'SELECT version_num FROM "{schema}".alembic_version')
            dump = folder / DATABASES / f"{schema}.dump"
            options = [f"--schema={schema}", f"--snapshot={snapshot}", "--format=custom", "--no-owner", "--no-privileges"]
            await run_program(program, address, *options, f"--file={dump}")
            dump.chmod(0o600)
            copies[schema] = ServiceCopy(dump=part_of(folder, dump), revision=revision, taken_at=taken_at)
    return copies


def _copy_home(settings: Settings, folder: Path) -> list[Part]:
    """The operator's file, and the keys, unless they are kept elsewhere: then they are somebody else's to keep."""
    sources = [settings.home / OPERATOR]
    if settings.keys is None:
        sources += sorted(settings.keys_folder.rglob("*.pem"))
    return [_copied(source, folder / HOME / source.relative_to(settings.home), folder) for source in sources if source.exists()]


def _copy_files(files: Path, folder: Path) -> list[Part]:
    parts = []
    for source in sorted(files.glob("*/??/*")):
        if source.suffix in (PARTIAL, ASIDE):
            continue
        try:
            part = _copied(source, folder / FILES / source.relative_to(files), folder)
        except FileNotFoundError:
            if source.exists():
                raise
            continue  # retention has let go of it meanwhile: nothing names it
        if part.sha256 != source.name:
            raise BackupRefused(f"{source} is damaged: its content has another SHA-256 than its name. Restore it from an earlier backup.")
        parts.append(part)
    return parts


def _copied(source: Path, target: Path, folder: Path) -> Part:
    copy_durably(source, target)
    return part_of(folder, target)
