"""The flat files of the UK conversion factors as rows: 2021 and 2023 are workbooks, 2022 and 2025 CSV, 2024 is in a file of five years."""

import csv
import gzip
import io
from fractions import Fraction
from itertools import zip_longest

from python_calamine import CalamineWorkbook

from ghg.errors import MalformedNumber
from ghg.factors import SIGNIFICANT_DIGITS
from services.factors.catalogue.importers.uk_desnz.rows import DesnzRow
from services.factors.catalogue.printed_numbers import printed_number
from services.factors.catalogue.refusals import UnmappedRow
from services.factors.catalogue.source_files import SourceFolder

FLAT_2021 = "uk-desnz/conversion-factors-2021-flat.xls"
FLAT_2022 = "uk-desnz/conversion-factors-2022-flat.csv"
FLAT_2023 = "uk-desnz/conversion-factors-2023-flat.xlsx"
FLAT_2025 = "uk-desnz/conversion-factors-2025-flat.csv"
FIVE_YEARS = "uk-desnz/desnz_flat_2021-2025_tidy.csv.gz"

_LEVELS = ["Scope", "Level 1", "Level 2", "Level 3", "Level 4", "Column Text"]
_HEADERS = {
    FLAT_2021: [*_LEVELS, "UOM (simple)", "UOM", "GHG", "Lookup", "GHG Conversion Factor 2021"],
    FLAT_2022: ["Scope", "Level_1", "Level_2", "Level_3", "Level_4", "Description", "UOM", "GHG_Unit", "GHG_Conversion_Factor_2022"],
    FLAT_2023: ["ID", *_LEVELS, "UOM", "GHG/Unit", "GHG Conversion Factor 2023"],
    FLAT_2025: ["ID", *_LEVELS, "UOM", "GHG/Unit", "GHG Conversion Factor 2025"],
}


def rows_2021(sources: SourceFolder) -> list[DesnzRow]:
    """All rows of the 2021 flat file below its header, its end mark included."""
    rows = []
    for number, line in _lines_of_workbook(sources, FLAT_2021):
        texts = [str(cell) for cell in line]
        rows.append(DesnzRow(f"row {number}", *texts[:6], texts[7], texts[8], line[10]))  # type: ignore[call-arg]
    return rows


def rows_2022(sources: SourceFolder) -> list[DesnzRow]:
    """All rows of the 2022 flat file below its header, its end mark and the empty row before it included."""
    return [DesnzRow(f"line {number}", *line) for number, line in _lines_of_csv(sources, FLAT_2022)]


def rows_2023(sources: SourceFolder) -> list[DesnzRow]:
    """All rows of the 2023 flat file below its header, with the doubles that its cells hold (shown with five decimals)."""
    rows = [[*map(str, line[:9]), line[9]] for _, line in _lines_of_workbook(sources, FLAT_2023)]
    return [DesnzRow(*row) for row in rows if row[1] != "END"]  # type: ignore[arg-type]


def rows_2025(sources: SourceFolder) -> list[DesnzRow]:
    """All rows of the 2025 flat file below its header."""
    return [DesnzRow(*line) for _, line in _lines_of_csv(sources, FLAT_2025)]


def rows_of_five_years(sources: SourceFolder) -> dict[int, list[DesnzRow]]:
    """All rows of the file that holds the five editions 2021 to 2025, by edition; `id` is the line, with the publisher's row id."""
    rows: dict[int, list[DesnzRow]] = {}
    reader = csv.reader(io.StringIO(gzip.decompress(sources.read(FIVE_YEARS)).decode(), newline=""))
    header = next(reader)
    if header[:11] != [
        *("year", "edition_gwp_set", "source_row_id", "scope", "level1", "level2", "level3", "level4", "column_text", "uom"),
        "ghg_unit_as_printed",
    ]:
        raise UnmappedRow(f"{FIVE_YEARS}: unknown header {header}")
    for year, _, source_id, scope, *labels, _, value in reader:
        row_id = f"line {reader.line_num}" + (f" ({source_id})" if source_id else "")
        rows.setdefault(int(year), []).append(DesnzRow(row_id, scope, *labels, value))  # type: ignore[call-arg]
    return rows


def _lines_of_workbook(sources: SourceFolder, path: str) -> list[tuple[int, list[str | float]]]:
    """The lines below the header that hold anything, with the sheet's row number."""
    sheet = CalamineWorkbook.from_filelike(io.BytesIO(sources.read(path))).get_sheet_by_name("Factors by Category")
    lines = sheet.to_python(skip_empty_area=False)
    if _HEADERS[path] not in lines:
        raise UnmappedRow(f"{path}: no header {_HEADERS[path]}")
    start = lines.index(_HEADERS[path]) + 1  # type: ignore[arg-type]
    return [(number, line) for number, line in enumerate(lines[start:], start + 1) if any(cell != "" for cell in line)]  # type: ignore[misc]


def _lines_of_csv(sources: SourceFolder, path: str) -> list[tuple[int, list[str]]]:
    """The lines below the header with their numbers, the header being line 1."""
    reader = csv.reader(io.StringIO(sources.read(path).decode("utf-8-sig"), newline=""))
    header = next(reader)
    if header != _HEADERS[path]:
        raise UnmappedRow(f"{path}: unknown header {header}")
    return [(reader.line_num, line) for line in reader]


def check_copy(copied: list[DesnzRow], own: list[DesnzRow]) -> None:
    """Holds the rows of one edition in the file of five years against the edition's own file, row by row.

    Values may differ by the rounding of the edition's own file: the copy of 2022 has more digits than the CSV of that year.
    raises    UnmappedRow, at the first row that is not the same
    """
    listed = [row for row in own if row.level1]
    for copy, row in zip_longest(copied, listed):
        if copy is None or row is None or _labels(copy) != _labels(row) or not _is_same_value(copy.value, row.value):
            raise UnmappedRow(
                f"{FIVE_YEARS} {copy and copy.id}: not the row of the edition's own file: {copy and copy.text}, {row and row.text}"
            )


def _labels(row: DesnzRow) -> tuple[str, ...]:
    return (row.scope, row.level1, row.level2, row.level3, row.column_text, row.unit, row.gas_as_printed)


def _is_same_value(copied: str | float, own: str | float) -> bool:
    if str(copied) == str(own):
        return True
    try:
        gap = abs(printed_number(copied) - printed_number(own))
    except MalformedNumber:
        return False
    decimals = len(own.partition(".")[2]) if isinstance(own, str) else SIGNIFICANT_DIGITS
    return gap <= Fraction(1, 2 * 10**decimals)
