"""The flat files of the UK conversion factors, 2021 (workbook) and 2025 (CSV), as one kind of row."""

import csv
import io
from dataclasses import dataclass

from python_calamine import CalamineWorkbook

from services.factors.catalogue.refusals import UnmappedRow
from services.factors.catalogue.source_files import SourceFolder

FLAT_2021 = "uk-desnz/conversion-factors-2021-flat.xls"
FLAT_2025 = "uk-desnz/conversion-factors-2025-flat.csv"
FULL_2025 = "uk-desnz/conversion-factors-2025-full.xlsx"

END_MARK = "END"
_HEADER_2021 = [
    "Scope",
    "Level 1",
    "Level 2",
    "Level 3",
    "Level 4",
    "Column Text",
    "UOM (simple)",
    "UOM",
    "GHG",
    "Lookup",
    "GHG Conversion Factor 2021",
]
_HEADER_2025 = ["ID", "Scope", "Level 1", "Level 2", "Level 3", "Level 4", "Column Text", "UOM", "GHG/Unit", "GHG Conversion Factor 2025"]

# The 2021 edition prints "kg CH4", yet all of these are kg CO2e of that gas.
_GASES = {
    "kg CO2e": "CO2e",
    "kg CO2": "CO2",
    "kg CH4": "CH4",
    "kg N2O": "N2O",
    "kg CO2e of CO2 per unit": "CO2",
    "kg CO2e of CH4 per unit": "CH4",
    "kg CO2e of N2O per unit": "N2O",
}


@dataclass(frozen=True, slots=True)
class DesnzRow:
    """One row of a flat file. The 2021 edition has no row ids: there the sheet's row number is the id."""

    id: str
    scope: str
    level1: str
    level2: str
    level3: str
    level4: str
    column_text: str
    unit: str
    gas_as_printed: str
    value: str | float

    @property
    def text(self) -> str:
        """The row in one line."""
        parts = (self.scope, self.level1, self.level2, self.level3, self.level4, self.column_text, self.unit, self.gas_as_printed)
        return " | ".join(part for part in (*parts, str(self.value)) if part)

    @property
    def is_blank(self) -> bool:
        """Whether the cell is empty: the factor does not apply, which is not zero."""
        return self.value == ""

    @property
    def gas(self) -> str:
        """CO2, CH4, N2O or CO2e.

        raises    UnmappedRow, if the gas column holds anything else
        """
        if self.gas_as_printed not in _GASES:
            raise UnmappedRow(f"row {self.id}: unknown gas {self.gas_as_printed!r}: {self.text}")
        return _GASES[self.gas_as_printed]


def rows_2021(sources: SourceFolder) -> list[DesnzRow]:
    """All rows of the 2021 flat file below its header, its end mark included."""
    sheet = CalamineWorkbook.from_filelike(io.BytesIO(sources.read(FLAT_2021))).get_sheet_by_name("Factors by Category")
    cells = sheet.to_python(skip_empty_area=False)
    start = [list(map(str, line)) for line in cells].index(_HEADER_2021) + 1
    rows = []
    for number, line in enumerate(cells[start:], start + 1):
        texts = [str(cell) for cell in line]
        if any(texts):
            value = line[10]
            rows.append(DesnzRow(f"row {number}", *texts[:6], texts[7], texts[8], value if isinstance(value, float) else texts[10]))  # type: ignore[call-arg]
    return rows


def rows_2025(sources: SourceFolder) -> list[DesnzRow]:
    """All rows of the 2025 flat file below its header."""
    lines = list(csv.reader(io.StringIO(sources.read(FLAT_2025).decode("utf-8-sig"), newline="")))
    if lines[0] != _HEADER_2025:
        raise UnmappedRow(f"{FLAT_2025}: unknown header {lines[0]}")
    return [DesnzRow(*line) for line in lines[1:]]


def fuel_property_rows(sources: SourceFolder) -> list[list[str | float]]:
    """The rows of the 2025 full set's sheet "Fuel properties", the sheet's row number first."""
    sheet = CalamineWorkbook.from_filelike(io.BytesIO(sources.read(FULL_2025))).get_sheet_by_name("Fuel properties")
    return [[number, *cells] for number, cells in enumerate(sheet.to_python(skip_empty_area=False), 1)]  # type: ignore[list-item]
