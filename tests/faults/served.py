"""`baseyear up` as its users run it: a process of its own on a fixed port, to be killed and started again by the same command."""

import asyncio
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import asyncpg
import httpx

from baseyear.embedded import EmbeddedPostgres
from baseyear.provisioning import DATABASE, connect
from tests.ports import free_port
from tests.small_pack import small_pack

COMMAND = [str(Path(sys.executable).parent / "baseyear"), "up"]
READY_SECONDS = 90  # 30 are promised; others may be using this machine
END_SECONDS = 90


@dataclass(slots=True)
class Served:
    """One installation: its folder, its port, and the process that serves from it now."""

    home: Path
    port: int = field(default_factory=free_port)
    process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def log_file(self) -> Path:
        return self.home.with_name(f"{self.home.name}.log")

    @property
    def log(self) -> str:
        return self.log_file.read_text(errors="replace")

    def operator(self) -> tuple[str, str]:
        """Client id and secret of the first operator."""
        kept = json.loads((self.home / "operator.json").read_text())
        return kept["client_id"], kept["client_secret"]

    def start(self) -> None:
        """Give the command; it is the same at the first start and after every kill."""
        self.process = self.spawn()

    def spawn(self) -> subprocess.Popen[bytes]:
        own = {name: value for name, value in os.environ.items() if not name.startswith("BASEYEAR_")}
        settings = {"BASEYEAR_HOME": str(self.home), "BASEYEAR_PORT": str(self.port), "BASEYEAR_LOG_LEVEL": "warning"}
        settings["BASEYEAR_FACTOR_PACK"] = str(small_pack())
        with self.log_file.open("ab") as log:
            return subprocess.Popen(COMMAND, env=own | settings, stdout=log, stderr=log, start_new_session=True)

    async def ready(self) -> float:
        """Wait until it says that it is ready; returns after how many seconds. Fails if the process ends instead."""
        begun = time.monotonic()
        async with asyncio.timeout(READY_SECONDS), httpx.AsyncClient(base_url=self.url, timeout=10) as http:
            while True:
                assert self.process is not None
                assert self.process.poll() is None, f"it ended with {self.process.returncode}:\n{self.log[-4_000:]}"
                with suppress(httpx.TransportError):
                    if (await http.get("/health/ready")).status_code == 200:
                        return time.monotonic() - begun
                await asyncio.sleep(0.05)

    def kill(self) -> None:
        """kill -9 of the process, which then is gone; its PostgreSQL is not asked."""
        if self.process is not None:
            self.process.kill()
            self.process.wait(END_SECONDS)

    def kill_database(self) -> bool:
        """kill -9 of the postmaster; False if none runs at this moment."""
        postmaster = self.postmaster()
        if postmaster is None:
            return False
        with suppress(ProcessLookupError):
            os.kill(postmaster, signal.SIGKILL)
        return True

    def postmaster(self) -> int | None:
        """The process of this installation's PostgreSQL, if it runs."""
        with suppress(OSError, ValueError, IndexError):
            pid = int((self.home / "cluster" / "postmaster.pid").read_text().split()[0])
            if pid in self.processes():
                return pid
        return None

    async def stopped_by(self, number: signal.Signals) -> int:
        """Send a signal and wait for the end; returns the exit code."""
        assert self.process is not None
        self.process.send_signal(number)
        return await asyncio.to_thread(self.process.wait, END_SECONDS)

    def end(self) -> None:
        """Leave nothing of it running, whatever state it is in: a pg_ctl that outlived its parent may be starting a server just now."""
        if self.process is not None:
            with suppress(ProcessLookupError):
                os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait(END_SECONDS)
        deadline = time.monotonic() + END_SECONDS
        while left := self.processes():
            if time.monotonic() > deadline:
                raise AssertionError(f"processes of {self.home} do not end: {left}")
            for pid in left:
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
            time.sleep(0.05)

    @contextmanager
    def database_stopped(self) -> Iterator[None]:
        """Every process of PostgreSQL stands still, and goes on in the end."""
        stopped = self.processes()
        for pid in stopped:
            os.kill(pid, signal.SIGSTOP)
        try:
            yield
        finally:
            for pid in stopped:
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGCONT)

    def processes(self) -> list[int]:
        """The processes that work in this installation's cluster or were started on it: PostgreSQL's own, pg_ctl, initdb."""
        return [int(process.name) for process in Path("/proc").glob("[0-9]*") if self._owns(process)]

    def _owns(self, process: Path) -> bool:
        try:
            named = os.fsencode(self.home) + b"/" in (process / "cmdline").read_bytes()
            within = (process / "cwd").readlink().is_relative_to(self.home)
            return (named or within) and (process / "stat").read_text().rpartition(")")[2].split()[0] != "Z"
        except OSError:  # it has ended meanwhile
            return False

    async def database(self, schema: str = "public") -> asyncpg.Connection:
        """A connection of the superuser's, to look at what is kept; the schemas of all services are in one database."""
        return await connect(EmbeddedPostgres(self.home).url(DATABASE))

    async def rows(self, schema: str, statement: str) -> list[str]:
        """The rows of a statement with one column, whichever service's tables it reads."""
        connection = await self.database()
        try:
            return [str(row[0]) for row in await connection.fetch(statement)]
        finally:
            await connection.close()

    def command(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run a command of `baseyear` beside it."""
        own = os.environ | {"BASEYEAR_HOME": str(self.home), "BASEYEAR_PORT": str(self.port)}
        return subprocess.run([COMMAND[0], *arguments], env=own, capture_output=True, text=True, timeout=300, check=False)

    def ended(self) -> list[str]:
        """The process, if it has ended."""
        return [] if self.process is not None and self.process.poll() is None else ["baseyear up"]
