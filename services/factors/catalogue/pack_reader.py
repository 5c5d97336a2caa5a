"""Reads the factor pack that ships with the product."""

import gzip
import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from services.factors.catalogue.pack_format import (
    Record,
    activity_type_from,
    dataset_from,
    property_from,
)
from services.factors.catalogue.pack_model import ActivityType, Dataset, FuelProperty
from services.factors.catalogue.refusals import PackDiffers

FORMAT_VERSION = 2
MANIFEST = "pack.json"
DATASETS = "datasets.json"
ACTIVITY_TYPES = "activity_types.jsonl"
PROPERTIES = "properties.jsonl"
EXCLUDED_ROWS = "excluded_rows.jsonl.gz"
FACTORS = "factors"  # the folder with one file per data set


@dataclass(frozen=True, slots=True)
class PackFolder:
    """A pack whose manifest was read; each of its files is checked against that when it is read.

    sha256  of the content of each file, by its name
    raises  PackDiffers, on reading a file that is not the one of the manifest
    """

    path: Path
    sha256: Mapping[str, str]

    def datasets(self) -> list[Dataset]:
        return [dataset_from(record) for record in json.loads(self._content(DATASETS))]

    def activity_types(self) -> list[ActivityType]:
        return [activity_type_from(record) for record in self._records(ACTIVITY_TYPES)]

    def properties(self) -> list[FuelProperty]:
        return [property_from(record) for record in self._records(PROPERTIES)]

    def excluded_row_records(self) -> Iterator[Record]:
        """The excluded rows as they stand in the file."""
        return self._records(EXCLUDED_ROWS)

    def factor_records(self) -> Iterator[Record]:
        """The factors as they stand in the files, one data set in memory at a time."""
        return (record for name in self.sha256 if name.startswith(f"{FACTORS}/") for record in self._records(name))

    def _records(self, name: str) -> Iterator[Record]:
        return (json.loads(line) for line in self._content(name).splitlines())

    def _content(self, name: str) -> bytes:
        content = pack_file_content(self.path / name)
        found = hashlib.sha256(content).hexdigest()
        if found != self.sha256[name]:
            raise PackDiffers(f"{name} has SHA-256 {found}, pack.json says {self.sha256[name]}: restore the file or build the pack again")
        return content


def open_pack(path: Path) -> PackFolder:
    """The pack in a folder.

    raises    PackDiffers, if the format version is another than this program reads
    """
    manifest = json.loads((path / MANIFEST).read_bytes())
    if manifest["format_version"] != FORMAT_VERSION:
        raise PackDiffers(f"pack format {manifest['format_version']}, this program reads {FORMAT_VERSION}: build the pack again")
    return PackFolder(path, manifest["content_sha256"])


def pack_file_content(path: Path) -> bytes:
    """A pack file's content: what is compressed is compared and hashed unpacked, since two zlibs may pack the same bytes differently."""
    content = path.read_bytes()
    return gzip.decompress(content) if path.suffix == ".gz" else content
