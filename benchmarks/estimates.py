"""Estimates, a batch of 10,000 without traces over HTTP; yardstick: the bare calculation loop of `ghg` over the same items.

Budget: at least 0.2 of the loop's rate.
"""

import tempfile
import time
from fractions import Fraction
from pathlib import Path

from benchmarks.processes import served
from ghg.calculation import calculate
from ghg.factors import EmissionFactor, GasFactor
from ghg.sources import Source
from ghg.units import Quantity, unit

ITEMS = 10_000
ROUNDS = 5


def main() -> None:
    items = [
        {
            "activity_type": "fuel.diesel",
            "region": "CN-GD",
            "date": "2021-06-01",
            "quantity": {"value": f"{number}.125", "unit": "t"},
        }
        for number in range(1, ITEMS + 1)
    ]
    with tempfile.TemporaryDirectory(prefix="baseyear-bench-") as folder:
        home = Path(folder)
        home.chmod(0o755)
        with served(home) as running:
            running.http.post("/v1/estimates?trace=false", json={"items": items[:10]}).raise_for_status()
            ratios = []
            for _ in range(ROUNDS):
                loop = _bare_loop([item["quantity"]["value"] for item in items])
                begun = time.perf_counter()
                running.http.post("/v1/estimates?trace=false", json={"items": items}).raise_for_status()
                ratios.append(loop / (time.perf_counter() - begun))
    ratios.sort()
    print(f"estimates: ratio {ratios[ROUNDS // 2]:.2f} (budget 0.20); bare loop {ITEMS / loop:,.0f}/s; median of {ROUNDS} rounds")


def _bare_loop(values: list[str]) -> float:
    source = Source("bench", "row", "", "", "", "", "")
    gases = (
        GasFactor("CO2", Fraction(235884187, 75000), source),
        GasFactor("CH4_fossil", Fraction("0.12999"), source),
        GasFactor("N2O", Fraction("0.025998"), source),
    )
    factor = EmissionFactor(unit("t"), gases, id="bench", activity_type="fuel.diesel", region="CN", dataset="bench", stage="direct")
    begun = time.perf_counter()
    for value in values:
        calculate(Quantity.parse(value, "t"), factor)
    return time.perf_counter() - begun


if __name__ == "__main__":
    main()
