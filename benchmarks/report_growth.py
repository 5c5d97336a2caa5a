"""The report of an inventory of a million activities; yardstick: the same report of ten thousand, over the same sites and months.

Budget: at most 1.5 times as long. Totals are told beside, and how fast the records went in. A smaller number of activities can be
given: python -m benchmarks.report_growth 100000
"""

import sys
import tempfile
import time
from pathlib import Path

from benchmarks.processes import Served, activity, served, with_sites

FEW = 10_000
MANY = 1_000_000
BATCH = 10_000
ROUNDS = 3


def main() -> None:
    many = int(sys.argv[1]) if len(sys.argv) > 1 else MANY
    with tempfile.TemporaryDirectory(prefix="baseyear-bench-") as folder:
        home = Path(folder)
        home.chmod(0o755)
        with served(home) as running:
            sites = with_sites(running.http, 64)
            _push(running, sites, 0, FEW)
            few = _measure(running)
            begun = time.perf_counter()
            _push(running, sites, FEW, many)
            rate = (many - FEW) / (time.perf_counter() - begun)
            lots = _measure(running)
    print(f"  report of {FEW:,}: {few[0]:.2f} s, totals {few[1] * 1000:.0f} ms")
    print(f"  report of {many:,}: {lots[0]:.2f} s, totals {lots[1] * 1000:.0f} ms; records went in at {rate:,.0f}/s")
    print(f"report_growth: ratio {lots[0] / few[0]:.2f} (budget 1.5); totals {lots[1] / few[1]:.2f}; median of {ROUNDS}")


def _push(running: Served, sites: list[str], begin: int, end: int) -> None:
    for start in range(begin, end, BATCH):
        items = [
            activity(f"growth-{number}", sites[number % 64], number // 64 % 12 + 1) for number in range(start, min(start + BATCH, end))
        ]
        if start % 100_000 == 0:
            running.sign_in()
        running.http.post("/v1/activities/batch", json={"items": items}).raise_for_status()


def _measure(running: Served) -> tuple[float, float]:
    """Seconds from ordering a report to having it, and seconds for totals by scope and category; medians."""
    running.sign_in()
    reports, totals = [], []
    for _ in range(ROUNDS):
        begun = time.perf_counter()
        running.http.get("/v1/emissions", params={"year": 2021, "group_by": "scope,category"}).raise_for_status()
        totals.append(time.perf_counter() - begun)
        begun = time.perf_counter()
        order = {"type": "iso14064-1", "year": 2021, "formats": ["pdf", "xlsx", "json"], "language": "en"}
        report = running.http.post("/v1/reports", json=order).raise_for_status().json()
        while (found := running.http.get(f"/v1/reports/{report['id']}").raise_for_status().json())["state"] not in ("ready", "failed"):
            time.sleep(0.02)
        if found["state"] == "failed":
            raise RuntimeError(f"the report failed: {found}")
        reports.append(time.perf_counter() - begun)
    return sorted(reports)[ROUNDS // 2], sorted(totals)[ROUNDS // 2]


if __name__ == "__main__":
    main()
