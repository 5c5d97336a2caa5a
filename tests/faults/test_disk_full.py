"""The disk of the database and of the log fills up while records are pushed: whatever was accepted is there when there is space again."""

import asyncio
import os
import random
import subprocess
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import pytest_asyncio

from tests.faults.books import assert_books_are_right
from tests.faults.conftest import client_of, copy, folder, installed_in
from tests.faults.group import plan_of
from tests.faults.pushing import Ehs, until
from tests.faults.served import Served

DISK = "1400m"
LEFT_BYTES = 12 * 2**20  # less than the next file of the write-ahead log
REFUSALS = 40


@pytest.fixture
def disk() -> Iterator[Path]:
    """A small disk of its own."""
    with folder() as path:
        mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={DISK},mode=0755", "tmpfs", path], capture_output=True, check=False)
        if mounted.returncode != 0:
            pytest.skip(f"no disk of a chosen size can be had here: {mounted.stderr.decode().strip()}")
        yield path
        subprocess.run(["umount", "--lazy", path], check=True)


@pytest_asyncio.fixture
async def served(prepared: Path, disk: Path) -> AsyncIterator[Served]:
    """An installation on that disk."""
    home = disk / "home"
    home.mkdir()
    with installed_in(home) as served:
        copy(prepared, home)
        served.start()
        await served.ready()
        yield served


async def test_a_full_disk_refuses_records_and_loses_none(served: Served, disk: Path) -> None:
    plan, ballast = plan_of(6_000, random.Random(12)), disk / "ballast"
    async with client_of(served) as http:
        ehs = Ehs(http, served.operator)
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(ehs.push(plan))
            await until(lambda: ehs.answered >= 1_000)
            with ballast.open("wb") as file:
                os.posix_fallocate(file.fileno(), 0, _free(disk) - LEFT_BYTES)
            await until(lambda: ehs.unheard.total() >= REFUSALS)
            ballast.unlink()

        assert ehs.unheard.keys() <= {"503 unavailable"}
        await assert_books_are_right(served, ehs, plan)


def _free(disk: Path) -> int:
    state = os.statvfs(disk)
    return state.f_bavail * state.f_frsize
