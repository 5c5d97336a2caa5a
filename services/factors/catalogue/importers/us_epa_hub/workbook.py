"""The one sheet of a hub workbook: its numbered tables, with headings that must be the known ones."""

import io
import re
from dataclasses import dataclass
from fractions import Fraction
from functools import cache

from python_calamine import CalamineWorkbook

from services.factors.catalogue.importers.us_epa_hub.editions import Edition
from services.factors.catalogue.printed_numbers import printed_number, printed_text
from services.factors.catalogue.refusals import UnmappedRow
from services.factors.catalogue.row_ledger import RowLedger
from services.factors.catalogue.source_files import SourceFolder
from services.factors.catalogue.taxonomy import table_rows

PREAMBLE = "preamble"
NOT_APPLICABLE = "NA"
_TABLE = re.compile(r"Table (\d+)")
_SHEET = "Emission Factors Hub"


@dataclass(frozen=True, slots=True)
class HubRow:
    """One row of the sheet; `heading` is set where it is a known heading and no data."""

    number: int
    cells: tuple[str | float, ...]
    heading: str | None = None

    @property
    def id(self) -> str:
        """The row as one finds it in the sheet."""
        return f"row {self.number}"

    @property
    def text(self) -> str:
        """The filled cells in one line, each without line breaks."""
        return " | ".join(" ".join(printed_text(cell).split()) for cell in self.cells if cell != "")

    def label(self, column: str) -> str:
        """The text of a cell with single spaces, a year as a whole number; blank where the cell is."""
        cell = self.cells[_index(column)]
        return "" if cell == "" else " ".join(printed_text(cell).split())

    def value(self, column: str) -> Fraction | None:
        """The number in a cell; None if it is blank or says that it does not apply.

        raises    UnmappedRow, if it is anything else
        """
        text = self.label(column)
        if text in ("", NOT_APPLICABLE):
            return None
        if isinstance(self.cells[_index(column)], str) and text != "0":  # zeros are stored as text in places
            raise UnmappedRow(f"{self.id}: {text!r} is no number: {self.text}")
        return printed_number(self.cells[_index(column)])


@dataclass(frozen=True, slots=True)
class HubSheet:
    """An edition's sheet: its tables by number, without titles and notes, and the ledger in which those are excluded."""

    edition: Edition
    tables: dict[str, list[HubRow]]
    ledger: RowLedger

    def data(self, table: str) -> list[HubRow]:
        """The data rows of a table; none if the edition at hand lacks it."""
        return [row for row in self.tables.get(table, []) if row.heading is None]


def read_sheet(edition: Edition, sources: SourceFolder) -> HubSheet:
    """The sheet of one edition.

    raises    UnmappedRow, if a table, a heading or a unit in a heading is missing or unknown
    """
    workbook = CalamineWorkbook.from_filelike(io.BytesIO(sources.read(edition.path)))
    return sheet_of(edition, workbook.get_sheet_by_name(_SHEET).to_python(skip_empty_area=False))  # type: ignore[arg-type]


def sheet_of(edition: Edition, lines: list[list[str | float]]) -> HubSheet:
    """The same from the sheet's lines of cells."""
    rows = [HubRow(number, tuple(cells)) for number, cells in enumerate(lines, 1) if any(cell != "" for cell in cells)]
    ledger = RowLedger(edition.dataset.id, edition.path, [(row.id, row.text) for row in rows])
    tables: dict[str, list[HubRow]] = {PREAMBLE: []}
    texts: dict[str, list[HubRow]] = {PREAMBLE: []}
    table = PREAMBLE
    for row in rows:
        headings = _headings(edition.dataset.year, table)
        if title := _TABLE.fullmatch(row.label("B")):
            table = title[1]
            tables[table], texts[table] = [], []
            ledger.exclude("title of a table", row.id)
        elif row.text in headings:
            tables[table].append(HubRow(row.number, row.cells, row.text))
            ledger.exclude("heading of a table", row.id)
        elif sum(cell != "" for cell in row.cells) == 1:
            texts[table].append(row)
            ledger.exclude("text: introduction, source or note of a table", row.id)
        else:
            tables[table].append(row)
    _refuse_unknown_headings(edition, tables, texts)
    return HubSheet(edition, tables, ledger)


def _refuse_unknown_headings(edition: Edition, tables: dict[str, list[HubRow]], texts: dict[str, list[HubRow]]) -> None:
    if list(tables) != [PREAMBLE, *map(str, range(1, edition.tables + 1))]:
        raise UnmappedRow(f"{edition.path}: unknown tables {list(tables)}")
    for table, rows in tables.items():
        if missing := _headings(edition.dataset.year, table) - {row.heading for row in rows}:
            raise UnmappedRow(f"{edition.path}: table {table} has no heading {sorted(missing)[0]!r}: have columns or units changed?")
        last = max((row.number for row in rows), default=0)
        if table != PREAMBLE and (within := [row for row in texts[table] if row.number < last]):
            raise UnmappedRow(f"{edition.path} {within[0].id}: unknown section {within[0].text!r} within table {table}")


@cache
def _headings(year: int | None, table: str) -> frozenset[str]:
    rows = table_rows("us_epa_hub_headings.csv")
    return frozenset(row["heading"] for row in rows if row["table"] == table and str(year) in row["editions"].split())


def _index(column: str) -> int:
    return ord(column) - ord("A")
