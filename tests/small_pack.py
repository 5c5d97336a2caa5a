"""A factor pack of a few publishers, for installations that are started, killed and copied by the dozen."""

import atexit
import gzip
import hashlib
import json
import shutil
import tempfile
from functools import cache
from pathlib import Path

from services.factors.app import PACK
from services.factors.catalogue.pack_format import json_lines
from services.factors.catalogue.pack_reader import (
    ACTIVITY_TYPES,
    DATASETS,
    EXCLUDED_ROWS,
    FACTORS,
    MANIFEST,
    PROPERTIES,
    pack_file_content,
)

KEPT = ("cn-", "grid-national-", "ipcc-2006-stationary", "ipcc-2006-mobile", "ipcc-2006-ncv", "ipcc-gwp", "refrigerant-", "uk-desnz-2021")
PROPERTIES_OF = "uk-desnz-2025-fuel-properties"


@cache
def small_pack() -> Path:
    """Its folder, made once in a run; everybody may read it."""
    folder = Path(tempfile.mkdtemp(prefix="baseyear-pack-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    folder.chmod(0o755)
    datasets = [one for one in json.loads((PACK / DATASETS).read_text()) if one["id"].startswith(KEPT) or one["id"] == PROPERTIES_OF]
    kept = {one["id"] for one in datasets}
    factors = {
        path.name: pack_file_content(path) for path in sorted((PACK / FACTORS).iterdir()) if path.name.removesuffix(".jsonl.gz") in kept
    }
    properties = [one for one in _lines(PACK / PROPERTIES) if one["dataset"] in kept]
    used = {json.loads(line)["activity_type"] for content in factors.values() for line in content.splitlines()}
    used |= {activity_type for one in properties for activity_type in one["activity_types"]}
    contents = {
        DATASETS: json.dumps(datasets).encode(),
        ACTIVITY_TYPES: json_lines(one for one in _lines(PACK / ACTIVITY_TYPES) if one["id"] in used),
        PROPERTIES: json_lines(properties),
        EXCLUDED_ROWS: json_lines(one for one in _lines(PACK / EXCLUDED_ROWS) if one["dataset"] in kept),
        **{f"{FACTORS}/{name}": content for name, content in factors.items()},
    }
    return write_pack(folder, contents)


def write_pack(folder: Path, contents: dict[str, bytes], **said: str) -> Path:
    """Write the files of a pack, given plain, with their manifest; what else is `said` there makes it another version."""
    for name, content in contents.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(gzip.compress(content) if name.endswith(".gz") else content)
    sha256 = {name: hashlib.sha256(content).hexdigest() for name, content in contents.items()}
    manifest = json.loads((PACK / MANIFEST).read_text()) | {"content_sha256": sha256} | said
    (folder / MANIFEST).write_text(json.dumps(manifest))
    return folder


def _lines(path: Path) -> list[dict]:
    return [json.loads(line) for line in pack_file_content(path).splitlines()]
