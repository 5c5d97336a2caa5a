"""Reads the factor pack that ships with the product."""

import gzip
import hashlib
import json
from pathlib import Path

from services.factors.catalogue.pack_format import (
    activity_type_from,
    dataset_from,
    excluded_row_from,
    factor_from,
    property_from,
    read_json_lines,
)
from services.factors.catalogue.pack_model import ExcludedRow, Pack
from services.factors.catalogue.refusals import PackDiffers

FORMAT_VERSION = 2
MANIFEST = "pack.json"
EXCLUDED_ROWS = "excluded_rows.jsonl.gz"
FACTORS = "factors"  # the folder with one file per data set


def read_pack(path: Path) -> Pack:
    """The pack in a folder; values are exact fractions.

    raises    PackDiffers, if the format version is another or a file's SHA-256 is not the one in pack.json
    """
    manifest = json.loads((path / MANIFEST).read_bytes())
    if manifest["format_version"] != FORMAT_VERSION:
        raise PackDiffers(f"pack format {manifest['format_version']}, this program reads {FORMAT_VERSION}: build the pack again")
    contents = {name: _checked_content(path / name, sha256) for name, sha256 in manifest["content_sha256"].items()}
    return Pack(
        datasets=tuple(dataset_from(record) for record in json.loads(contents["datasets.json"])),
        activity_types=tuple(activity_type_from(record) for record in read_json_lines(contents["activity_types.jsonl"])),
        factors=tuple(
            factor_from(record)
            for name, content in contents.items()
            if name.startswith(f"{FACTORS}/")
            for record in read_json_lines(content)
        ),
        properties=tuple(property_from(record) for record in read_json_lines(contents["properties.jsonl"])),
        excluded_rows=tuple(excluded_row_from(record) for record in read_json_lines(contents[EXCLUDED_ROWS])),
    )


def read_excluded_rows(path: Path) -> list[ExcludedRow]:
    """Only the rows left out of the pack in a folder."""
    return [excluded_row_from(record) for record in read_json_lines(pack_file_content(path / EXCLUDED_ROWS))]


def pack_file_content(path: Path) -> bytes:
    """A pack file's content: what is compressed is compared and hashed unpacked, since two zlibs may pack the same bytes differently."""
    content = path.read_bytes()
    return gzip.decompress(content) if path.suffix == ".gz" else content


def _checked_content(path: Path, sha256: str) -> bytes:
    content = pack_file_content(path)
    found = hashlib.sha256(content).hexdigest()
    if found != sha256:
        raise PackDiffers(f"{path.name} has SHA-256 {found}, pack.json says {sha256}: restore the file or build the pack again")
    return content
