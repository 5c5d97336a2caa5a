"""Baseyear as services: `baseyear serve` in processes of their own, on a Kafka and a PostgreSQL of their own, all to be killed."""

import asyncio
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import asyncpg
import httpx
from sqlalchemy import URL

from baseyear.embedded import EmbeddedPostgres
from baseyear.provisioning import connect
from tests.brokers.choice import Broker, new_broker
from tests.faults.served import END_SECONDS, READY_SECONDS
from tests.installations.balancer import balanced
from tests.ports import free_port
from tests.small_pack import small_pack

BASEYEAR = str(Path(sys.executable).parent / "baseyear")
SERVICES = ("factors", "inventory", "reporting")
NAMES = (*SERVICES, "gateway")


@dataclass(slots=True)
class Process:
    """One replica of a service: its port stays the same over restarts."""

    service: str
    port: int
    log_file: Path
    running: subprocess.Popen[bytes] | None = None

    @property
    def alive(self) -> bool:
        return self.running is not None and self.running.poll() is None

    def kill(self) -> None:
        """kill -9."""
        if self.running is not None:
            self.running.kill()
            self.running.wait(END_SECONDS)


@dataclass(slots=True)
class Processes:
    """One distributed installation.

    replicas   how many processes of each service
    addresses  at which port each service is reached, be it one process or a balancer before several
    """

    folder: Path
    postgres: EmbeddedPostgres
    broker: Broker
    replicas: dict[str, list[Process]]
    addresses: dict[str, int]
    settings: Mapping[str, str] = field(default_factory=dict)

    @property
    def home(self) -> Path:
        return self.folder / "home"

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.addresses['gateway']}"

    @property
    def processes(self) -> list[Process]:
        return [process for name in NAMES for process in self.replicas[name]]

    @property
    def log(self) -> str:
        return "\n".join(process.log_file.read_text(errors="replace")[-4_000:] for process in self.processes if process.log_file.exists())

    def operator(self) -> tuple[str, str]:
        """Client id and secret of the first operator."""
        kept = json.loads((self.home / "operator.json").read_text())
        return kept["client_id"], kept["client_secret"]

    def start(self) -> None:
        """Start what does not run: PostgreSQL, Kafka, a migration, and every process."""
        self.postgres.start()
        if not self.broker.runs:
            self.broker.start()
        migrated = self.command("migrate")
        assert migrated.returncode == 0, migrated.stderr
        for process in self.processes:
            if not process.alive:
                self.start_one(process)

    def start_one(self, process: Process) -> None:
        own = {
            "BASEYEAR_DATABASE_URL": self._runtime_url(process.service),
            "BASEYEAR_PORT": str(process.port),
            "BASEYEAR_PUBLIC_URL": self.url,
            **{f"BASEYEAR_{name.upper()}_URL": f"http://127.0.0.1:{self.addresses[name]}" for name in SERVICES if name != process.service},
        }
        with process.log_file.open("ab") as log:
            process.running = subprocess.Popen(
                [BASEYEAR, "serve", process.service], env=self._environment(own), stdout=log, stderr=log, start_new_session=True
            )

    def command(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run a command beside the installation, as its administrator."""
        own = {"BASEYEAR_DATABASE_URL": _text(self.postgres.url())}
        own |= {f"BASEYEAR_{name.upper()}_DATABASE_URL": self._runtime_url(name) for name in NAMES}
        environment = self._environment(own)
        return subprocess.run([BASEYEAR, *arguments], env=environment, capture_output=True, text=True, timeout=300, check=False)

    async def ready(self) -> float:
        """Wait until every process says that it is ready; returns after how many seconds. Fails if one ends instead."""
        begun = time.monotonic()
        async with asyncio.timeout(READY_SECONDS), httpx.AsyncClient(timeout=10) as http:
            for process in self.processes:
                await self._ready(http, process)
        return time.monotonic() - begun

    async def _ready(self, http: httpx.AsyncClient, process: Process) -> None:
        while True:
            assert process.alive, f"{process.service} ended:\n{process.log_file.read_text(errors='replace')[-4_000:]}"
            with suppress(httpx.TransportError):
                if (await http.get(f"http://127.0.0.1:{process.port}/health/ready")).status_code == 200:
                    return
            await asyncio.sleep(0.05)

    def ended(self) -> list[str]:
        """The services of which a process has ended."""
        return [process.service for process in self.processes if not process.alive]

    async def stopped(self) -> dict[str, list[int]]:
        """Ask every process to stop, and wait; returns their exit codes."""
        running = [(process.service, process.running) for process in self.processes if process.running is not None]
        for _, process in running:
            process.send_signal(signal.SIGTERM)
        codes: dict[str, list[int]] = {}
        for name, process in running:
            codes.setdefault(name, []).append(await asyncio.to_thread(process.wait, END_SECONDS))
        return codes

    def postmaster(self) -> int:
        """The process of PostgreSQL."""
        return int((self.folder / "postgres" / "cluster" / "postmaster.pid").read_text().split()[0])

    async def database(self, schema: str) -> asyncpg.Connection:
        """A connection of the superuser's to the database of one service."""
        return await connect(self.postgres.url(schema))

    async def rows(self, schema: str, statement: str) -> list[str]:
        """The rows of a statement with one column, in the database of a service."""
        connection = await self.database(schema)
        try:
            return [str(row[0]) for row in await connection.fetch(statement)]
        finally:
            await connection.close()

    def end(self) -> None:
        """Leave nothing of it running."""
        for process in self.processes:
            process.kill()
        self.broker.remove()
        self.postgres.stop()

    def _environment(self, own: Mapping[str, str]) -> dict[str, str]:
        others = {name: value for name, value in os.environ.items() if not name.startswith("BASEYEAR_")}
        shared = {"BASEYEAR_HOME": str(self.home), "BASEYEAR_KAFKA_BOOTSTRAP": self.broker.bootstrap, "BASEYEAR_LOG_LEVEL": "warning"}
        shared["BASEYEAR_FACTOR_PACK"] = str(small_pack())
        return others | shared | dict(self.settings) | dict(own)

    def _runtime_url(self, name: str) -> str:
        return _text(self.postgres.url(name).set(username=name, password=f"of-{name}-only"))


def _text(url: URL) -> str:
    return url.set(drivername="postgresql").render_as_string(hide_password=False)


@asynccontextmanager
async def processes_in(folder: Path, **replicas: int) -> AsyncIterator[Processes]:
    """A distributed installation in a folder, not yet started; in the end nothing of it runs. Raises NoKafka."""
    (folder / "home").mkdir(exist_ok=True)
    (folder / "kafka").mkdir(exist_ok=True)
    broker = new_broker(folder / "kafka")
    parts = {
        name: [Process(name, free_port(), folder / f"{name}-{number}.log") for number in range(replicas.get(name, 1))] for name in NAMES
    }
    async with AsyncExitStack() as stack:
        addresses = {}
        for name, several in parts.items():
            addresses[name] = several[0].port if len(several) == 1 else free_port()
            if len(several) > 1:
                await stack.enter_async_context(balanced(addresses[name], [process.port for process in several]))
        installation = Processes(folder, EmbeddedPostgres(folder / "postgres"), broker, parts, addresses)
        stack.callback(installation.end)
        yield installation
