"""One process: from the command to ready, cold and warm, and the memory it takes without PostgreSQL.

Budgets: 5 seconds warm, 400 MB (there is no yardstick; both are told as they are).
"""

import tempfile
from pathlib import Path

from benchmarks.processes import activity, served, with_sites

ROUNDS = 3
RECORDS = 2_000


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="baseyear-bench-") as folder:
        home = Path(folder)
        home.chmod(0o755)
        with served(home) as running:
            cold = running.seconds_to_ready
            sites = with_sites(running.http, 64)
            items = [activity(f"memory-{number}", sites[number % 64], number % 12 + 1) for number in range(RECORDS)]
            running.http.post("/v1/activities/batch", json={"items": items}).raise_for_status()
            order = {"type": "iso14064-1", "year": 2021, "formats": ["pdf", "xlsx", "json"], "language": "en"}
            running.http.post("/v1/reports", json=order).raise_for_status()
            used = _resident_megabytes(running.pid)
        warm = []
        for _ in range(ROUNDS):
            with served(home) as running:
                warm.append(running.seconds_to_ready)
                idle = _resident_megabytes(running.pid)
        warm.sort()
        print(f"ready: {cold:.1f} s cold, {warm[len(warm) // 2]:.1f} s warm (budget 5); median of {ROUNDS}")
        print(f"memory: {idle:.0f} MB after start, {used:.0f} MB after {RECORDS} records and a report (budget 400), without PostgreSQL")


def _resident_megabytes(pid: int) -> float:
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1024
    raise RuntimeError(f"no memory figure for process {pid}")


if __name__ == "__main__":
    main()
