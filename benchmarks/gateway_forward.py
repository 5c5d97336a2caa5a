"""A request through the gateway to a service in another process; yardstick: nginx `proxy_pass` with one worker before the same service.

Budgets: at least 0.6 of nginx's rate plain and 0.4 with token, limit and trace, at 32 connections; the 99th percentile at most twice its.
One and 256 connections and a stream of 10 MB are told beside, and the processor time of each forwarder, which a busy machine disturbs
least; so is a bare forwarder over aiohttp's client, the reason for which the gateway has its own. A forwarder has a core to itself, the
service and the load share the others. Needs Linux, nginx and wrk (Debian packages of these names).
"""

import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median

import httpx

from benchmarks.forwarders import STREAM, token

PORTS = {"upstream": 18_440, "nginx": 18_441, "plain": 18_442, "full": 18_443, "aiohttp": 18_444}
FORWARDERS = ("nginx", "plain", "full", "aiohttp")
BUDGETS = {"plain": 0.6, "full": 0.4}
SMALL = "/v1/activities?year=2021"
SECONDS = 4
ROUNDS = 5
TICKS_PER_SECOND = 100

NGINX = """
daemon off; worker_processes 1; pid {folder}/nginx.pid; error_log {folder}/nginx.err;
events {{ worker_connections 2048; }}
http {{
  access_log off;
  upstream service {{ server 127.0.0.1:{upstream}; keepalive 512; }}
  server {{
    listen 127.0.0.1:{port}; keepalive_requests 1000000000;
    location / {{ proxy_pass http://service; proxy_http_version 1.1; proxy_set_header Connection ""; }}
  }}
}}
"""


@dataclass(frozen=True, slots=True)
class Run:
    """What wrk saw: requests a second, the 99th percentile in milliseconds, bytes a second; and the forwarder's processor time for each."""

    rate: float
    p99_ms: float
    bytes_a_second: float
    cpu_microseconds: float
    failures: int


def main() -> None:
    missing = [name for name in ("nginx", "wrk", "taskset") if shutil.which(name) is None]
    if missing:
        print(f"gateway_forward: not run, {' and '.join(missing)} missing (apt-get install {' '.join(missing)})")
        return
    with tempfile.TemporaryDirectory(prefix="baseyear-bench-") as folder, ExitStack() as stack:
        bearer = token(Path(folder))
        processes = {name: stack.enter_context(_serving(name, Path(folder))) for name in PORTS}
        for connections in (1, 32, 256):
            _compare(processes, connections, SMALL, bearer, ROUNDS if connections == 32 else 3)
        _compare(processes, 8, STREAM, bearer, 3)


def _compare(processes: dict[str, int], connections: int, path: str, bearer: str, rounds: int) -> None:
    """Every forwarder in turn, several times over; ratios are of neighbours in the same round."""
    runs: dict[str, list[Run]] = {name: [] for name in FORWARDERS}
    for _ in range(rounds):
        for name in FORWARDERS:
            runs[name].append(_wrk(name, processes[name], connections, path, bearer if name == "full" else None))
    what = "a 10 MB stream" if path == STREAM else "1 kB"
    for name in FORWARDERS:
        pairs = list(zip(runs[name], runs["nginx"], strict=True))
        ratio, p99 = median(ours.rate / nginx.rate for ours, nginx in pairs), median(ours.p99_ms / nginx.p99_ms for ours, nginx in pairs)
        cpu = median(ours.cpu_microseconds / nginx.cpu_microseconds for ours, nginx in pairs)
        one = sorted(runs[name], key=lambda run: run.rate)[rounds // 2]
        speed = f"{one.bytes_a_second / 1e6:8,.0f} MB/s" if path == STREAM else f"{one.rate:8,.0f}/s"
        budget = f" (budget {BUDGETS[name]})" if name in BUDGETS and connections == 32 else ""
        failed = sum(run.failures for run in runs[name])
        print(
            f"  {what}, {connections:3} connections, {name:8} {speed}  p99 {one.p99_ms:7.1f} ms  cpu {one.cpu_microseconds:7.0f} us"
            f"  of nginx: rate {ratio:.2f}{budget}, p99 {p99:.1f}x, cpu {cpu:.1f}x" + (f"  {failed} FAILED" if failed else "")
        )


def _wrk(name: str, pid: int, connections: int, path: str, bearer: str | None) -> Run:
    headers = ["-H", f"Authorization: Bearer {bearer}", "-H", "traceparent: 00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"]
    command = [*_on_its_cores("wrk", ["wrk"]), "-t1", f"-c{connections}", f"-d{SECONDS}", "--latency", *(headers if bearer else [])]
    before = _cpu_seconds(pid)
    said = subprocess.run([*command, f"http://127.0.0.1:{PORTS[name]}{path}"], capture_output=True, text=True, check=True).stdout
    used = _cpu_seconds(pid) - before
    requests = int(_found(r"(\d+) requests in", said)[0])
    value, unit = _found(r"99%\s+([\d.]+)(us|ms|s)", said)
    volume, prefix = _found(r"Transfer/sec:\s+([\d.]+)([KMG]?)B", said)
    refused = re.search(r"Non-2xx or 3xx responses: (\d+)", said)
    broken = re.search(r"Socket errors: connect (\d+), read (\d+), write (\d+)", said)
    return Run(
        rate=float(_found(r"Requests/sec:\s+([\d.]+)", said)[0]),
        p99_ms=float(value) * {"us": 0.001, "ms": 1, "s": 1_000}[unit],
        bytes_a_second=float(volume) * 1024 ** ["", "K", "M", "G"].index(prefix),
        cpu_microseconds=used / max(requests, 1) * 1e6,
        failures=(int(refused[1]) if refused else 0) + (sum(map(int, broken.groups())) if broken else 0),
    )


def _found(pattern: str, said: str) -> tuple[str, ...]:
    match = re.search(pattern, said)
    if match is None:
        raise RuntimeError(f"wrk did not say {pattern!r}:\n{said}")
    return match.groups()


def _cpu_seconds(pid: int) -> float:
    """Processor time of a process and of what it started (nginx's worker)."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    fields = [Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split() for process in (str(pid), *children)]
    return sum(int(line[11]) + int(line[12]) for line in fields) / TICKS_PER_SECOND


@contextmanager
def _serving(name: str, folder: Path) -> Iterator[int]:
    """A forwarder, or the service itself, as a process; yields its id."""
    if name == "nginx":
        configuration = folder / "nginx.conf"
        configuration.write_text(NGINX.format(folder=folder, upstream=PORTS["upstream"], port=PORTS["nginx"]))
        command = ["nginx", "-c", str(configuration)]
    else:
        url = f"http://127.0.0.1:{PORTS['upstream']}"
        command = [sys.executable, "-m", "benchmarks.forwarders", name, str(PORTS[name]), url, str(folder)]
    process = subprocess.Popen(_on_its_cores(name, command))
    try:
        _wait(PORTS[name])
        yield process.pid
    finally:
        process.terminate()
        process.wait(20)


def _on_its_cores(name: str, command: list[str]) -> list[str]:
    """A command that runs on the first core if it is a forwarder's, else on the others."""
    first, *others = sorted(os.sched_getaffinity(0))
    cores = [first] if name in FORWARDERS or not others else others
    return ["taskset", "-c", ",".join(map(str, cores)), *command]


def _wait(port: int) -> None:
    for _ in range(400):
        try:
            httpx.get(f"http://127.0.0.1:{port}{SMALL}").raise_for_status()
            return
        except httpx.HTTPError:
            time.sleep(0.05)
    raise RuntimeError(f"nothing answers on port {port}")


if __name__ == "__main__":
    main()
