"""10,000 distinct questions for factors in one request; yardstick: each as one bare SQL query for the nearest factor, without reasons.

Nothing of the catalogue is in memory at the first request; the later ones find what was asked before.
"""

import asyncio
import itertools
import tempfile
import time
from pathlib import Path
from typing import Any

import asyncpg

from baseyear.embedded import EmbeddedPostgres
from baseyear.provisioning import DATABASE
from benchmarks.processes import Served, served
from services.factors.app import PACK
from services.factors.catalogue.pack_reader import open_pack

QUESTIONS = 10_000
ROUNDS = 3
REGIONS = ("CN-GD", "GB", "US", "DE")
YEARS = (2021, 2022, 2023, 2024, 2025)

NEAREST = """
SELECT id, key, gases, biogenic_co2 FROM factors.factor
WHERE activity_type = $1 AND region = ANY($2) AND state = 'published' AND is_default AND unit = $3
    AND (data_year IS NULL OR data_year BETWEEN $4 - 5 AND $4)
ORDER BY array_position($2, region), $4 - coalesce(data_year, 0), id LIMIT 1
"""

Item = dict[str, Any]


def main() -> None:
    items = _questions()
    with tempfile.TemporaryDirectory(prefix="baseyear-bench-") as folder:
        home = Path(folder)
        home.chmod(0o755)
        with served(home) as running:
            first = _ask(running, items)
            rounds = []
            for _ in range(ROUNDS):
                bare = asyncio.run(_bare_queries(home, items))
                rounds.append(bare / _ask(running, items))
    ratio = sorted(rounds)[ROUNDS // 2]
    print(f"  nothing in memory: {QUESTIONS / first:,.0f}/s; bare queries {QUESTIONS / bare:,.0f}/s")
    print(f"resolutions: ratio {ratio:.2f}; {QUESTIONS:,} distinct questions; median of {ROUNDS} rounds")


def _questions() -> list[Item]:
    """Every activity type with the unit of one of its factors, over regions and years, as many as there are to be."""
    units = {record["activity_type"]: record["unit"] for record in open_pack(PACK).factor_records()}
    asked = (
        {"activity_type": activity_type, "region": region, "date": f"{year}-06-01", "unit": unit}
        for region, year in itertools.product(REGIONS, YEARS)
        for activity_type, unit in sorted(units.items())
    )
    return list(itertools.islice(asked, QUESTIONS))


def _ask(running: Served, items: list[Item]) -> float:
    begun = time.perf_counter()
    running.http.post("/v1/factor-resolutions", json={"items": items}).raise_for_status()
    return time.perf_counter() - begun


async def _bare_queries(home: Path, items: list[Item]) -> float:
    url = EmbeddedPostgres(home).url(DATABASE)
    connection = await asyncpg.connect(user=url.username, password=url.password, database=url.database, host=url.query["host"])
    try:
        nearest = await connection.prepare(NEAREST)
        begun = time.perf_counter()
        for item in items:
            regions = [item["region"], item["region"][:2], "GLO"]
            await nearest.fetch(item["activity_type"], regions, item["unit"], int(item["date"][:4]))
        return time.perf_counter() - begun
    finally:
        await connection.close()


if __name__ == "__main__":
    main()
