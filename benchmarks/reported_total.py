"""From the POST of a record to reporting's total that counts it: services over Kafka, beside one process over the log table.

Budget: at most 1 second for 99 of 100 in the distributed form, idle otherwise. Each round posts one record and asks until it is told.
"""

import asyncio
import statistics
import tempfile
import time
from pathlib import Path

import httpx

from benchmarks.processes import activity, served, with_sites
from tests.installations.processes import Processes, processes_in

ROUNDS = 200
SITES = 8
PAUSE_SECONDS = 0.005


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="baseyear-bench-") as folder:
        one, apart = Path(folder) / "one", Path(folder) / "apart"
        for place in (Path(folder), one, apart):
            place.mkdir(exist_ok=True)
            place.chmod(0o755)
        with served(one) as running:
            in_one_process = _seconds(running.http)
        over_kafka = asyncio.run(_over_kafka(apart))
    for name, seconds in (("one process", in_one_process), ("services over Kafka", over_kafka)):
        print(f"{name}: {_quantile(seconds, 50):.3f} s at the median, {_quantile(seconds, 99):.3f} s for 99 of 100 ({ROUNDS} records)")
    print(
        f"ratio at the median: {_quantile(over_kafka, 50) / _quantile(in_one_process, 50):.2f}; budget of the services: 1 s for 99 of 100"
    )


def _seconds(http: httpx.Client) -> list[float]:
    """How long each record took, after some that warm everything up."""
    sites = with_sites(http, SITES)
    return [_one(http, number, sites[number % SITES]) for number in range(-20, ROUNDS)][20:]


def _one(http: httpx.Client, number: int, site: str) -> float:
    before = _counted(http)
    begun = time.perf_counter()
    http.post("/v1/activities", json=activity(f"reported {number}", site)).raise_for_status()
    while _counted(http) == before:
        time.sleep(PAUSE_SECONDS)
    return time.perf_counter() - begun


def _counted(http: httpx.Client) -> int:
    answer = http.get("/v1/emissions", params={"year": "2021"})
    if answer.status_code == httpx.codes.NOT_FOUND:  # reporting has not heard of the inventory yet
        return 0
    return sum(int(item["records"]) for item in answer.raise_for_status().json()["items"])


def _quantile(seconds: list[float], percent: int) -> float:
    return statistics.quantiles(seconds, n=100, method="inclusive")[percent - 1]


async def _over_kafka(folder: Path) -> list[float]:
    """Of services in processes of their own."""
    async with processes_in(folder) as installation:
        installation.start()
        await installation.ready()
        with httpx.Client(base_url=installation.url, timeout=60) as http:
            http.headers["Authorization"] = f"Bearer {_token(http, installation)}"
            return await asyncio.to_thread(_seconds, http)


def _token(http: httpx.Client, installation: Processes) -> str:
    answer = http.post("/oauth2/token", data={"grant_type": "client_credentials"}, auth=installation.operator())
    return str(answer.raise_for_status().json()["access_token"])


if __name__ == "__main__":
    main()
