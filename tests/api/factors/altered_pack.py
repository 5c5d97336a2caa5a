"""The shipped pack with changes, written as a pack folder of its own."""

import hashlib
import json
from collections.abc import Callable
from pathlib import Path

from services.factors.app import PACK
from services.factors.catalogue.pack_format import json_lines
from services.factors.catalogue.pack_reader import FACTORS, MANIFEST, pack_file_content

ALTERED = f"{FACTORS}/altered.jsonl"
Alter = Callable[[list[dict]], list[dict]]


def altered_pack(folder: Path, alter: Alter) -> Path:
    """A copy whose factors are what `alter` makes of the shipped ones; a changed factor must have changed its id."""
    folder.mkdir()
    manifest = json.loads((PACK / MANIFEST).read_text())
    (folder / FACTORS).mkdir()
    factors = []
    for name in list(manifest["content_sha256"]):
        if name.startswith(f"{FACTORS}/"):
            factors += [json.loads(line) for line in pack_file_content(PACK / name).splitlines()]
            del manifest["content_sha256"][name]
        else:
            (folder / name).write_bytes((PACK / name).read_bytes())
    content = json_lines(alter(factors))
    (folder / ALTERED).write_bytes(content)
    manifest["content_sha256"][ALTERED] = hashlib.sha256(content).hexdigest()
    (folder / MANIFEST).write_text(json.dumps(manifest))
    return folder


def is_guangdong_2021(factor: dict) -> bool:
    return (factor["dataset"], factor["region"]) == ("cn-mee-electricity-2021", "CN-GD")


def corrected(factors: list[dict]) -> list[dict]:
    """Guangdong's factor of 2021 as a correction would have it: another value, another id, the same key."""
    return [
        factor | {"id": "corrected", "gases": [factor["gases"][0] | {"kg_per_unit": "0.5"}]} if is_guangdong_2021(factor) else factor
        for factor in factors
    ]
