"""Book-keeping of source rows: each is loaded or excluded with a reason, or the build stops."""

from collections.abc import Iterable

from services.factors.catalogue.pack_model import ExcludedRow, SourceFile
from services.factors.catalogue.refusals import UnmappedRow
from services.factors.catalogue.source_files import PINNED


class RowLedger:
    """The rows that one data set takes from one file, and what becomes of each."""

    def __init__(self, dataset: str, path: str, rows: Iterable[tuple[str, str]]) -> None:
        """`rows` are pairs of row id and readable text, in file order."""
        self.dataset = dataset
        self.path = path
        self._texts = dict(rows)
        self._loaded: set[str] = set()
        self._reasons: dict[str, str] = {}

    def load(self, *row_ids: str) -> None:
        """The rows became a factor, a property or a part of one."""
        self._loaded.update(row_ids)

    def exclude(self, reason: str, *row_ids: str) -> None:
        """The rows carry no factor of this pack, for a reason that a reader understands."""
        for row_id in row_ids:
            self._reasons[row_id] = reason

    def source_file(self) -> SourceFile:
        """The closed account of the file.

        raises    UnmappedRow, if a row is neither loaded nor excluded, or both
        """
        if both := self._loaded & self._reasons.keys():
            raise UnmappedRow(f"{self.path}: rows both loaded and excluded: {sorted(both)[:5]}")
        if forgotten := [row_id for row_id in self._texts if row_id not in self._loaded and row_id not in self._reasons]:
            raise UnmappedRow(f"{self.path}: {len(forgotten)} rows neither loaded nor excluded, first {self._texts[forgotten[0]]!r}")
        pinned = PINNED[self.path]
        return SourceFile(self.path, str(pinned["sha256"]), int(pinned["bytes"]), len(self._texts), len(self._loaded), len(self._reasons))

    def excluded_rows(self) -> list[ExcludedRow]:
        """The excluded rows in file order."""
        return [
            ExcludedRow(self.dataset, self.path, row_id, text, self._reasons[row_id])
            for row_id, text in self._texts.items()
            if row_id in self._reasons
        ]
