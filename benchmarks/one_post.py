"""One activity POST through the gateway, one process, 32 connections over 64 sites; yardstick: FastAPI and asyncpg inserting a row.

Budget: at least 0.3 of the yardstick's rate. One hot cell (all to one site and month) is told beside.
"""

import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from uuid import uuid4

import httpx

from baseyear.embedded import EmbeddedPostgres
from benchmarks.load import Load, post, send
from benchmarks.processes import Served, activity, served, with_sites

CONNECTIONS = 32
REQUESTS = 200  # by each connection
YARDSTICK_PORT = 18_431


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="baseyear-bench-") as folder:
        home = Path(folder)
        home.chmod(0o755)
        with served(home) as running:
            sites = with_sites(running.http, 64)
            _push(running, sites, "warm")
            with _yardstick(home):
                pass
            rounds = []
            for number in range(3):
                with _yardstick(home) as port:
                    plain = send("127.0.0.1", port, _requests(sites, f"y{number}", ""))
                ours = _push(running, sites, f"r{number}")
                hot = _push(running, sites[:1], f"h{number}")
                rounds.append((ours.rate / plain.rate, hot.rate / plain.rate))
                _tell("FastAPI + asyncpg insert", plain)
                _tell("POST /v1/activities, 64 sites", ours)
                _tell("POST /v1/activities, one hot cell", hot)
            rounds.sort()
            ratio, hot_ratio = rounds[len(rounds) // 2]
            print(f"one_post: ratio {ratio:.2f} (budget 0.30); one hot cell {hot_ratio:.2f}; median of {len(rounds)} rounds")


def _requests(sites: list[str], run: str, token: str) -> list[list[bytes]]:
    return [
        [
            post(
                "/v1/activities",
                json.dumps(activity(f"{run}-{connection}-{number}-{uuid4()}", sites[(connection * 7 + number) % len(sites)])).encode(),
                token,
            )
            for number in range(REQUESTS)
        ]
        for connection in range(CONNECTIONS)
    ]


def _push(running: Served, sites: list[str], run: str) -> Load:
    return send(*running.host_and_port, _requests(sites, run, running.token))


class _yardstick:
    """The minimal service on the installation's own PostgreSQL."""

    def __init__(self, home: Path) -> None:
        url = EmbeddedPostgres(home).url()
        self._url = f"postgresql://{url.username}:{url.password}@/postgres?host={url.query['host']}"

    def __enter__(self) -> int:
        self._process = subprocess.Popen([sys.executable, "-m", "benchmarks.minimal_insert", self._url, str(YARDSTICK_PORT)])
        for _ in range(200):
            try:
                httpx.get(f"http://127.0.0.1:{YARDSTICK_PORT}/docs")
                break
            except httpx.HTTPError:
                time.sleep(0.05)
        return YARDSTICK_PORT

    def __exit__(self, *_: object) -> None:
        self._process.terminate()
        self._process.wait(10)


def _tell(what: str, load: Load) -> None:
    print(
        f"  {what:36} {load.rate:7.0f}/s  p50 {load.median_ms:6.1f} ms  p99 {load.p99_ms:6.1f} ms"
        + (f"  {load.failures} FAILED" if load.failures else "")
    )


if __name__ == "__main__":
    main()
