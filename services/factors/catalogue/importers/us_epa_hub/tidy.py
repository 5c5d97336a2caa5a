"""The tidy table of the 2025 edition: a transcription, held against the workbook row by row, from which the factors are taken."""

import re
from dataclasses import replace
from fractions import Fraction

from services.factors.catalogue.contribution import Contribution
from services.factors.catalogue.importers.us_epa_hub.editions import hub_dataset
from services.factors.catalogue.importers.us_epa_hub.vehicles import CONTINUED
from services.factors.catalogue.importers.us_epa_hub.workbook import HubRow, HubSheet
from services.factors.catalogue.printed_numbers import printed_number
from services.factors.catalogue.refusals import UnmappedRow
from services.factors.catalogue.row_ledger import RowLedger
from services.factors.catalogue.source_files import CsvRow, SourceFolder

PATH = "us-epa-hub/epa_hub_2025_tidy.csv"
DATASET = hub_dataset(2025, "2025, tidy table of tables 1 to 12", None, "-tidy", ", tidy table")

_FOOTNOTE = re.compile(r"(?<=[a-z)]) ?[A-E]$")  # "Passenger Car A", "Agricultural EquipmentA"
_NAMED_BY_SUB_ITEM = {"3", "5"}  # model year, fuel
_FUEL_AND_MODEL_YEAR = "4"
_PEAT_IS_FOSSIL = "; its note calls the CO2 of peat biogenic, which is fossil here"


def exclude_tidy_rows(sheet: HubSheet, sources: SourceFolder, share: Contribution) -> None:
    """Excludes every row of the table as a double of a row of the workbook, which also holds the cells that do not apply.

    raises    UnmappedRow, if the workbook has no such row or another value
    """
    rows = list(sources.csv_rows(PATH))
    ledger = RowLedger(DATASET.id, PATH, [(row.id, row.text) for row in rows])
    known = {table: [(one, *_content(one, labels)) for one, labels in _labelled(sheet.data(table))] for table in sheet.tables}
    for row in rows:
        double = _double(row, known.get(row.cells["table"], []))
        is_peat = row.cells["item"] == "Peat" and "biogenic" in row.cells["note"]
        ledger.exclude(f"the same value as {double.id} of the 2025 workbook, checked equal{_PEAT_IS_FOSSIL if is_peat else ''}", row.id)
    share.datasets.append(replace(DATASET, source_files=(ledger.source_file(),)))
    share.excluded_rows += ledger.excluded_rows()


def _labelled(rows: list[HubRow]) -> list[tuple[HubRow, list[str]]]:
    """Each row with its own labels and, where its first cell is blank, those of the row above."""
    first = second = ""
    labelled = []
    for row in rows:
        if row.label("C") not in ("", CONTINUED):
            first = row.label("C")
        second = row.label("D") or second
        labelled.append((row, [first, second]))
    return labelled


def _content(row: HubRow, labels: list[str]) -> tuple[set[str], set[Fraction]]:
    texts = {_without_footnote(text) for text in (*labels, *(row.label(column) for column in "CDEFG"))}
    return texts, {printed_number(cell) for cell in row.cells if isinstance(cell, float)}


def _without_footnote(label: str) -> str:
    return _FOOTNOTE.sub("", label)


def _double(row: CsvRow, known: list[tuple[HubRow, set[str], set[Fraction]]]) -> HubRow:
    table, sub_item = row.cells["table"], row.cells["sub_item"]
    names = {_without_footnote(" ".join(name.split())) for name in row.cells["item"].split(" | ")}
    if table in _NAMED_BY_SUB_ITEM:
        names |= {sub_item}
    elif table == _FUEL_AND_MODEL_YEAR:
        names |= set(sub_item.split(" "))
    value = printed_number(row.cells["value"])
    for candidate, texts, numbers in known:
        if names <= texts and value in numbers:
            return candidate
    raise UnmappedRow(f"{PATH} {row.id}: the 2025 workbook has no such value: {row.text}")
