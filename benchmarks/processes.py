"""The processes that benchmarks measure: a served installation with master data, and its first operator."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

COMMAND = [str(Path(sys.executable).parent / "baseyear"), "up"]


@dataclass(slots=True)
class Served:
    """A running `baseyear up`: its address, its process, and an operator's HTTP client."""

    url: str
    pid: int
    seconds_to_ready: float
    http: httpx.Client
    operator: tuple[str, str]
    token: str = ""

    def sign_in(self) -> None:
        """Fetch a token; it lasts ten minutes."""
        answer = self.http.post("/oauth2/token", data={"grant_type": "client_credentials"}, auth=self.operator)
        self.token = answer.raise_for_status().json()["access_token"]
        self.http.headers["Authorization"] = f"Bearer {self.token}"

    @property
    def host_and_port(self) -> tuple[str, int]:
        host, _, port = self.url.removeprefix("http://").partition(":")
        return host, int(port)


@contextmanager
def served(home: Path) -> Iterator[Served]:
    """Start `baseyear up` on a free port with its data in `home`, and end it."""
    (home / "serving.json").unlink(missing_ok=True)
    environment = os.environ | {"BASEYEAR_HOME": str(home), "BASEYEAR_PORT": "0", "BASEYEAR_LOG_LEVEL": "warning"}
    begun = time.perf_counter()
    with (home / "server.log").open("wb") as log:
        process = subprocess.Popen(COMMAND, env=environment, stdout=log, stderr=log)
        try:
            url = _wait(home, process)
            seconds = time.perf_counter() - begun
            operator = json.loads((home / "operator.json").read_text())
            with httpx.Client(base_url=url, timeout=600) as http:
                running = Served(url, process.pid, seconds, http, (operator["client_id"], operator["client_secret"]))
                running.sign_in()
                yield running
        finally:
            process.send_signal(signal.SIGINT)
            process.wait(60)


def _wait(home: Path, process: subprocess.Popen[bytes]) -> str:
    for _ in range(1_200):
        if process.poll() is not None:
            raise RuntimeError(f"baseyear up ended with {process.returncode}:\n{(home / 'server.log').read_text()[-3_000:]}")
        try:
            url = str(json.loads((home / "serving.json").read_text())["url"])
            if httpx.get(f"{url}/health/ready").status_code == 200:
                return url
        except (OSError, ValueError, httpx.HTTPError):
            pass
        time.sleep(0.05)
    raise RuntimeError("baseyear up was not ready within a minute")


def with_sites(http: httpx.Client, count: int, region: str = "CN-GD") -> list[str]:
    """An entity and sites of it; returns the sites' external ids."""
    http.post("/v1/entities", json={"external_id": "bench", "name": "Bench", "country": "CN"}).raise_for_status()
    names = [f"site-{number}" for number in range(count)]
    for name in names:
        site = {"external_id": name, "entity_external_id": "bench", "name": name, "region": region, "timezone": "Asia/Shanghai"}
        http.post("/v1/sites", json=site).raise_for_status()
    inventory = {
        "year": 2021,
        "period": {"start": "2021-01-01", "end": "2022-01-01"},
        "consolidation_approach": "operational_control",
        "gwp_set": "AR6",
    }
    http.post("/v1/inventories", json=inventory).raise_for_status()
    return names


def activity(external_id: str, site: str, month: int = 3, value: str = "1234.567") -> dict[str, object]:
    """A month of electricity at a site."""
    end = f"2021-{month + 1:02}-01" if month < 12 else "2022-01-01"
    return {
        "source_system": "bench",
        "external_id": external_id,
        "site_external_id": site,
        "activity_type": "electricity.grid",
        "period": {"start": f"2021-{month:02}-01", "end": end},
        "quantity": {"value": value, "unit": "kWh"},
        "data_quality": "measured",
    }
