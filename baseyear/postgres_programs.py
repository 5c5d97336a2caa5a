"""PostgreSQL's own programs for backups: those of the embedded server, or of the machine, if they are new enough for the server."""

import asyncio
import os
import re
import shutil
import subprocess
from contextlib import suppress
from pathlib import Path

import asyncpg
from sqlalchemy import URL

from baseyear.embedded import EmbeddedFailed, binaries


class ProgramFailed(Exception):
    """A program of PostgreSQL's is missing, too old, or failed; the message says what to do."""


def find_program(name: str, server_major: int) -> Path:
    """`pg_dump` or `pg_restore` of at least the server's major version; raises ProgramFailed."""
    found = {path: major for path in _candidates(name) if (major := _major(path)) is not None}
    for path, major in found.items():
        if major >= server_major:
            return path
    have = f"there is only version {max(found.values())}" if found else "there is none"
    raise ProgramFailed(
        f"{name} of PostgreSQL {server_major} or newer is needed, and {have}: install postgresql-client-{server_major}, or Baseyear's"
        " extra `embedded`."
    )


async def run_program(program: Path, url: URL, *arguments: str) -> None:
    """Run a program against a database; the password is in its environment, not among its arguments. Raises ProgramFailed."""
    address = {"--host": url.query.get("host") or url.host, "--port": str(url.port or 5432), "--username": url.username}
    options = [part for option, value in address.items() if value for part in (option, str(value))]
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PG")}
    environment |= {"PGPASSWORD": url.password or "", "PGSSLMODE": str(url.query.get("sslmode", "prefer"))}
    process = await asyncio.create_subprocess_exec(
        *(program, *options, "--no-password", "--dbname", str(url.database), *arguments),
        env=environment,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.PIPE,
    )
    _, said = await process.communicate()
    if process.returncode != 0:
        raise ProgramFailed(f"{program.name} failed:\n{said.decode(errors='replace')[-2_000:]}")


async def server_major(connection: asyncpg.Connection) -> int:
    version: int = await connection.fetchval("SELECT current_setting('server_version_num')::int / 10000")
    return version


def _candidates(name: str) -> list[Path]:
    candidates = []
    with suppress(EmbeddedFailed):  # then the server is elsewhere, and its clients are the machine's
        candidates.append(binaries() / name)
    on_path = shutil.which(name)
    return [*candidates, Path(on_path)] if on_path else candidates


def _major(program: Path) -> int | None:
    """The major version that a program says it has."""
    try:
        said = subprocess.run([program, "--version"], capture_output=True, text=True, check=True).stdout  # noqa: S603 - no shell
    except (OSError, subprocess.CalledProcessError):
        return None
    match = re.search(r"\) (\d+)", said)
    return int(match[1]) if match else None
