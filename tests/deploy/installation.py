"""A distributed installation in containers, beside any real one: a project, an image, a port and secrets of its own."""

import asyncio
import json
import secrets
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.deploy.files import COMPOSE_FILE, ROOT, clean_environment, make_secrets
from tests.ports import free_port

COMMAND_SECONDS = 600  # the first build installs all packages
HEALTHY_SECONDS = 300  # a quarter of a minute on a machine with nothing else to do


def engine_is_missing() -> str | None:
    """Why no container can be run here; None where a Docker engine answers and knows compose."""
    if shutil.which("docker") is None:
        return "there is no `docker` on this machine"
    for command in (["docker", "compose", "version"], ["docker", "info"]):
        if subprocess.run(command, capture_output=True, check=False, timeout=60).returncode:
            return f"`{' '.join(command)}` fails on this machine"
    return None


def docker(*arguments: str, environment: dict[str, str] | None = None) -> str:
    """What a docker command says; fails with its complaint."""
    done = subprocess.run(
        ["docker", *arguments],
        cwd=ROOT, env=environment or clean_environment(), capture_output=True, text=True, timeout=COMMAND_SECONDS, check=False,
    )  # fmt: skip
    assert done.returncode == 0, f"docker {' '.join(arguments)}: {done.stdout[-2_000:]}{done.stderr[-4_000:]}"
    return done.stdout


@dataclass(slots=True)
class ComposeInstallation:
    """What `docker compose` runs from the files of this folder; `folder` keeps its secrets."""

    folder: Path
    project: str = field(default_factory=lambda: f"baseyear-test-{secrets.token_hex(4)}")
    port: int = field(default_factory=free_port)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def image(self) -> str:
        return self.project

    def operator(self) -> tuple[str, str]:
        """Client id and secret of the first operator."""
        kept = [(self.folder / "secrets" / f"operator_client_{name}").read_text().strip() for name in ("id", "secret")]
        return kept[0], kept[1]

    def environment(self) -> dict[str, str]:
        """What tells docker compose of this installation."""
        return {
            "COMPOSE_PROJECT_NAME": self.project,
            "COMPOSE_FILE": str(COMPOSE_FILE),
            "COMPOSE_ENV_FILES": str(self.folder / "environment"),
            "BASEYEAR_PORT": str(self.port),
            "BASEYEAR_IMAGE": self.image,
        }

    def compose(self, *arguments: str) -> str:
        """What a command of docker compose says about this installation."""
        return docker("compose", *arguments, environment=clean_environment() | self.environment())

    def up(self, **replicas: int) -> None:
        """Start what does not run and wait until everything is healthy: `up(inventory=2)`."""
        scale = [word for service, number in replicas.items() for word in ("--scale", f"{service}={number}")]
        try:
            self.compose("up", "-d", "--wait", "--wait-timeout", str(HEALTHY_SECONDS), *scale)
        except AssertionError as failure:
            raise AssertionError(f"{failure}\n{self.compose('logs', '--tail', '20')}") from None

    def down(self) -> None:
        """Stop and remove the containers; the volumes stay."""
        self.compose("down")

    def containers(self, service: str) -> list[dict[str, Any]]:
        """What the engine knows of the containers of a service, in the order of their numbers."""
        names = sorted(self.compose("ps", "-a", "-q", service).split())
        found: list[dict[str, Any]] = json.loads(docker("inspect", *names)) if names else []
        return sorted(found, key=lambda container: container["Name"])

    def restarts(self, *services: str) -> dict[str, int]:
        """How often the engine has started each container of these services again."""
        return {container["Name"]: container["RestartCount"] for service in services for container in self.containers(service)}

    def kill(self, *services: str) -> None:
        """kill -9 of the first process of every container of these services, all at once, as the machine's kernel would do it."""
        pids = [str(container["State"]["Pid"]) for service in services for container in self.containers(service)]
        killer = ["--rm", "--pid=host", "--user=0", "--cap-drop=ALL", "--cap-add=KILL", "--network=none", "--entrypoint=python", self.image]
        docker("run", *killer, "-c", "import os, sys\nfor pid in sys.argv[1:]: os.kill(int(pid), 9)", *pids)
        while any(str(container["State"]["Pid"]) in pids for service in services for container in self.containers(service)):
            time.sleep(0.1)  # the engine has not noticed yet

    def wait_until_healthy(self, *services: str) -> None:
        """Wait for every container of these services; nothing is started by waiting."""
        deadline = time.monotonic() + HEALTHY_SECONDS
        while sick := [place["Name"] for service in services for place in self.containers(service) if not _is_healthy(place)]:
            assert time.monotonic() < deadline, f"not healthy: {sick}\n{self.compose('logs', '--tail', '20', *services)}"
            time.sleep(0.5)

    def execute(self, service: str, *command: str) -> str:
        """What a command says inside the first container of a service."""
        return self.compose("exec", "-T", service, *command)

    def query(self, database: str, statement: str) -> list[str]:
        """The rows of a statement in a service's database, as its superuser; columns are parted by |."""
        return self.execute("postgres", "psql", "-X", "-A", "-t", "-d", database, "-c", statement).splitlines()

    async def rows(self, schema: str, statement: str) -> list[str]:
        """The rows of a statement with one column, in the database of a service."""
        return await asyncio.to_thread(self.query, schema, statement)

    def command(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run a command of `baseyear` beside it, as its administrator."""
        words = ["docker", "compose", "run", "--rm", "--no-TTY", "care", *arguments]
        own = clean_environment() | self.environment()
        return subprocess.run(words, cwd=ROOT, env=own, capture_output=True, text=True, timeout=COMMAND_SECONDS, check=False)

    def ended(self) -> list[str]:
        """The services of which a container was started again, because it had ended."""
        return [name for name, times in self.restarts("gateway", "factors", "inventory", "reporting").items() if times]

    @property
    def log(self) -> str:
        return self.compose("logs", "--tail", "50")


def _is_healthy(container: dict[str, Any]) -> bool:
    state = container["State"]
    return state["Status"] == "running" and state["Health"]["Status"] == "healthy"


@contextmanager
def installed(folder: Path) -> Iterator[ComposeInstallation]:
    """An installation with its secrets made and its image built; leaving removes containers, volumes and image."""
    made = make_secrets(folder)
    assert made.returncode == 0, made.stderr
    installation = ComposeInstallation(folder)
    try:
        installation.compose("build")
        yield installation
    finally:
        installation.compose("--profile", "care", "down", "-v", "--remove-orphans", "--timeout", "1")
        docker("image", "rm", *docker("image", "ls", "-q", f"{installation.image}*").split())
