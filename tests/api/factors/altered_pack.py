"""The shipped pack with changes, written as a pack folder of its own."""

import json
from collections.abc import Callable
from pathlib import Path

from services.factors.app import PACK
from services.factors.catalogue.pack_format import json_lines
from services.factors.catalogue.pack_reader import DATASETS, FACTORS, open_pack, pack_file_content
from tests.small_pack import write_pack

ALTERED = f"{FACTORS}/altered.jsonl"
Alter = Callable[[list[dict]], list[dict]]


def altered_pack(folder: Path, alter: Alter, **of_datasets: dict) -> Path:
    """A copy whose factors are what `alter` makes of the shipped ones; a changed factor must have changed its id.

    of_datasets  what some data sets say otherwise, by their ids with underscores
    """
    pack = open_pack(PACK)
    contents = {name: pack_file_content(PACK / name) for name in pack.sha256 if not name.startswith(f"{FACTORS}/")}
    contents[ALTERED] = json_lines(alter(list(pack.factor_records())))
    datasets = [one | of_datasets.get(one["id"].replace("-", "_"), {}) for one in json.loads(contents[DATASETS])]
    return write_pack(folder, contents | {DATASETS: json.dumps(datasets).encode()})


def is_guangdong_2021(factor: dict) -> bool:
    return (factor["dataset"], factor["region"]) == ("cn-mee-electricity-2021", "CN-GD")


def corrected(factors: list[dict]) -> list[dict]:
    """Guangdong's factor of 2021 as a correction would have it: another value, another id, the same key."""
    return [
        factor | {"id": "corrected", "gases": [factor["gases"][0] | {"kg_per_unit": "0.5"}]} if is_guangdong_2021(factor) else factor
        for factor in factors
    ]
