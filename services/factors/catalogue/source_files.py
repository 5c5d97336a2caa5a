"""The publishers' files: read only if they are, byte for byte, the reviewed ones."""

import csv
import gzip
import hashlib
import io
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from services.factors.catalogue.refusals import SourceChanged
from services.factors.catalogue.taxonomy import TABLES

PINNED: dict[str, dict[str, str | int]] = json.loads((TABLES / "pinned_sources.json").read_text(encoding="utf-8"))


@dataclass(frozen=True, slots=True)
class CsvRow:
    """One row of a CSV file; `id` is the line that it ends on, the header being line 1."""

    id: str
    cells: dict[str, str]

    @property
    def text(self) -> str:
        """The row in one line, for a reader of the excluded rows."""
        return " | ".join(cell for cell in self.cells.values() if cell)


@dataclass(frozen=True, slots=True)
class SourceFolder:
    """A folder of source files, plain or gzipped beside their names."""

    root: Path

    def read(self, path: str) -> bytes:
        """The bytes of one pinned source file.

        raises    SourceChanged, if it is not there or its SHA-256 is not the pinned one
        """
        plain = self.root / path
        zipped = plain.with_name(plain.name + ".gz")
        if plain.exists():
            content = plain.read_bytes()
        elif zipped.exists():
            content = gzip.decompress(zipped.read_bytes())
        else:
            raise SourceChanged(f"{path} is not in {self.root}: put the reviewed file there")
        found = hashlib.sha256(content).hexdigest()
        if found != PINNED[path]["sha256"]:
            raise SourceChanged(
                f"{path} has SHA-256 {found}, reviewed was {PINNED[path]['sha256']}: review the new file, then pin its hash"
            )
        return content

    def csv_rows(self, path: str) -> Iterator[CsvRow]:
        """The rows of a CSV source with a header, in file order."""
        reader = csv.DictReader(io.StringIO(self.read(path).decode("utf-8-sig"), newline=""))
        for cells in reader:
            yield CsvRow(f"line {reader.line_num}", cells)
