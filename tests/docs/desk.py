"""A reader's desk: a folder with `.venv` in it, a terminal, and Baseyear serving in another one."""

import os
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.docs.pages import Block, differences
from tests.ports import free_port

SHOWN_URL = "http://127.0.0.1:8000"
MARK = "\x1e"  # ASCII's record separator, which no answer holds
PATIENCE_SECONDS = 180  # the first start loads the whole catalogue


@dataclass(frozen=True, slots=True)
class Desk:
    """`folder` stands for the clone's folder; pages show the address SHOWN_URL, the real one is `url`."""

    folder: Path
    url: str
    patience: float = PATIENCE_SECONDS

    def type(self, before: Sequence[Block], blocks: Sequence[Block]) -> None:
        """Type blocks into one terminal, after those that prepare it; fails at the first that fails or answers otherwise than shown."""
        every = [*before, *blocks]
        script = "\n".join(["set -euo pipefail", *(f"printf '{MARK}'\n{block.text}" for block in every)])
        done = subprocess.run(
            ["bash", "-c", script.replace(SHOWN_URL, self.url)],
            cwd=self.folder, env=environment(), capture_output=True, text=True, timeout=self.patience, check=False,
        )  # fmt: skip
        answers = done.stdout.split(MARK)[1:]
        assert done.returncode == 0, f"{every[len(answers) - 1].place} failed: {done.stderr}\n{answers[-1][:2_000]}"
        for block, answer in zip(every, answers, strict=True):
            unlike = differences(block.expected, answer) if block.expected else []
            assert not unlike, f"{block.place}: {'; '.join(unlike)}; it answered {answer[:2_000]}"


@contextmanager
def serving(folder: Path, block: Block, replaced: dict[str, str]) -> Iterator[Desk]:
    """Run the block of a page that serves, on a free port, until leaving; then end it as Ctrl-C does."""
    if not (folder / ".venv").exists():
        (folder / ".venv").symlink_to(sys.prefix)
    command = block.text
    for shown, real in replaced.items():
        assert shown in command, f"{block.place} does not show {shown}"
        command = command.replace(shown, real)
    port = free_port()
    log = folder / "server.log"
    with log.open("w") as output:
        server = subprocess.Popen(
            ["bash", "-c", command], cwd=folder, env=environment() | {"BASEYEAR_PORT": str(port)},
            stdout=output, stderr=output, start_new_session=True,
        )  # fmt: skip
    try:
        desk = Desk(folder, f"http://127.0.0.1:{port}")
        _wait_until_ready(desk, server, log)
        yield desk
    finally:
        os.killpg(server.pid, signal.SIGINT)
        status = server.wait(timeout=PATIENCE_SECONDS)
    assert status in (0, 130), log.read_text()


def environment() -> dict[str, str]:
    """The environment without settings of ours, and without a proxy between the reader and the reader's own machine."""
    plain = {name: value for name, value in os.environ.items() if not name.startswith("BASEYEAR_")}
    return plain | {"no_proxy": "127.0.0.1"}


def _wait_until_ready(desk: Desk, server: "subprocess.Popen[bytes]", log: Path) -> None:
    straight = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    deadline = time.monotonic() + PATIENCE_SECONDS
    while True:
        try:
            straight.open(f"{desk.url}/health/ready", timeout=2).close()
            return
        except OSError:
            assert server.poll() is None and time.monotonic() < deadline, log.read_text()
            time.sleep(0.1)
