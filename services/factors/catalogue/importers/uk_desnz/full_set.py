"""The full sets of the UK conversion factors: workbooks with a sheet per section, each holding blocks of factors under a header."""

import io
from collections.abc import Iterator
from dataclasses import dataclass

from python_calamine import CalamineWorkbook

from services.factors.catalogue.importers.uk_desnz.rows import DesnzRow
from services.factors.catalogue.refusals import UnmappedRow
from services.factors.catalogue.source_files import SourceFolder

FULL_2025 = "uk-desnz/conversion-factors-2025-full.xlsx"
FULL_2026 = "uk-desnz/conversion-factors-2026-v1-full.xlsx"

FUEL_PROPERTIES = "Fuel properties"
_TEXT_SHEETS = ("Introduction", "What's new", "Index", "Overseas electricity")
_OTHER_TABLES = {
    "Conversions": "a table of unit conversions: units convert by their own exact ratios",
    FUEL_PROPERTIES: "a fuel property: the catalogue takes those of the 2025 full set, one for each fuel",
    "Haul definition": "a list of which country's flights are short or long haul, not a factor",
}

# What the columns before the figures are, by their headers
_LABELS = {
    "Activity": "level2",
    **dict.fromkeys(("Fuel", "Type", "Country", "Material", "Waste type", "Haul", "Emission"), "level3"),
    **dict.fromkeys(("Class", "Size"), "level4"),
    "Unit": "unit",
    "Year": "year",
}


Line = list[str | float]


@dataclass(frozen=True, slots=True)
class _Block:
    """A header: which column is which label, and which column holds which figure under which heading."""

    labels: dict[int, str]
    figures: dict[int, tuple[str, str]]

    @classmethod
    def of(cls, line: Line, above: Line, where: str) -> "_Block":
        """Read from the header and the line above it, where headings stand over the first of their columns.

        raises    UnmappedRow, if a column has an unknown header
        """
        labels: dict[int, str] = {}
        figures: dict[int, tuple[str, str]] = {}
        heading = ""
        headings = above if all(str(cell).strip() == "" for cell in above[:3]) else [""] * len(line)
        for column, cell in enumerate(line):
            header, heading = str(cell).strip(), str(headings[column]).strip() or heading
            if header in _LABELS and not figures:
                labels[column] = _LABELS[header]
            elif header.startswith("kg CO2e") or header.startswith("kWh"):
                figures[column] = (header, heading)
            elif header:
                raise UnmappedRow(f"{where}: unknown column {header!r}")
        return cls(labels, figures)


def rows_of_full_set(sources: SourceFolder, path: str) -> list[DesnzRow]:
    """Every figure of every section as a row of its own, blank cells included; `id` is the sheet and the cell."""
    return [
        row for name, lines in _sheets(sources, path) if name not in (*_TEXT_SHEETS, *_OTHER_TABLES) for row in rows_of_sheet(name, lines)
    ]


def other_table_rows(sources: SourceFolder, path: str) -> list[tuple[DesnzRow, str]]:
    """The lines of the sheets that hold other tables than factors, each with what it is instead."""
    return [
        (
            DesnzRow(f"{name} row {number}", "", name, "", "", "", "", "", "", " | ".join(str(cell) for cell in line if cell != "")),
            _OTHER_TABLES[name],
        )
        for name, lines in _sheets(sources, path)
        if name in _OTHER_TABLES
        for number, line in enumerate(lines, 1)
        if any(str(cell).strip() for cell in line)
    ]


def fuel_property_rows(sources: SourceFolder) -> list[list[str | float]]:
    """The rows of the 2025 full set's sheet "Fuel properties", the sheet's row number first."""
    lines = dict(_sheets(sources, FULL_2025))[FUEL_PROPERTIES]
    return [[number, *cells] for number, cells in enumerate(lines, 1)]


def _sheets(sources: SourceFolder, path: str) -> list[tuple[str, list[Line]]]:
    book = CalamineWorkbook.from_filelike(io.BytesIO(sources.read(path)))
    return [(name, book.get_sheet_by_name(name).to_python(skip_empty_area=False)) for name in book.sheet_names]  # type: ignore[misc]


def rows_of_sheet(name: str, lines: list[Line]) -> Iterator[DesnzRow]:
    """The figures of one sheet.

    raises    UnmappedRow, if a block has a column of unknown header, or figures stand outside of the blocks
    """
    scope, block = str(lines[5][1]), None
    labels: dict[str, str] = {}
    for number, line in enumerate(lines, 1):
        if line[0] == "Activity":
            block, labels = _Block.of(line, lines[number - 2], f"{name} row {number}"), {}
            continue
        unit_column = next((column for column, label in block.labels.items() if label == "unit"), None) if block else None
        if block is None or unit_column is None or not str(line[unit_column]).strip():
            _refuse_figures(name, number, line)
            block = None
            continue
        # Cells merged downwards hold their text in the first row only.
        labels |= {label: str(line[column]) for column, label in block.labels.items() if str(line[column]).strip()}
        for column, (gas, heading) in block.figures.items():
            value = line[column] if isinstance(line[column], float) else str(line[column]).strip()
            yield DesnzRow(
                f"{name} {_letters(column)}{number}",
                scope,
                name,
                labels["level2"],
                labels.get("level3", ""),
                labels.get("level4", ""),
                heading,
                labels["unit"],
                gas,
                value,
            )


def _refuse_figures(name: str, number: int, line: Line) -> None:
    """Figures outside of blocks would be factors that were overlooked; the head of a sheet holds its version and year."""
    if number > 6 and (figures := [cell for cell in line if isinstance(cell, float)]):
        raise UnmappedRow(f"{name} row {number}: figures {figures} outside of a block")


def _letters(column: int) -> str:
    return chr(ord("A") + column) if column < 26 else "A" + chr(ord("A") + column - 26)
