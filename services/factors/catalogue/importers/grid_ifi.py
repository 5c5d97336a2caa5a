"""Default grid margins for project accounting, harmonised by the International Financial Institutions (IFI), 2021."""

import csv
import io
from dataclasses import replace
from functools import cache

from ghg.rounding import ratio_text
from services.factors.catalogue.contribution import Contribution, new_factor
from services.factors.catalogue.pack_model import Dataset, Factor, GasPart
from services.factors.catalogue.printed_numbers import printed_number
from services.factors.catalogue.refusals import UnmappedRow
from services.factors.catalogue.row_ledger import RowLedger
from services.factors.catalogue.source_files import SourceFolder
from services.factors.catalogue.taxonomy import table_rows, written_activity_types
from services.factors.catalogue.wording import CO2_ONLY

PATH = "grid-ifi/IFI_Default_Grid_Factors_2021_v3.1.csv"

_UNIT = "gCO2/kWh"
# The file has its header in three records: two levels of column titles, then the title of the first column.
_HEADER = (
    ("", "Combined Margin Grid Emission \nFactor, gCO2/kWh", "", "", ""),
    ("", "Firm Energy (e.g., Hydro, Geothermal)", "Intermittent Energy (e.g., Solar, Wind, Tidal)", "Energy Efficiency"),
    ("Country / Territory / Island", "", "", "", ""),
)
_NOTES = ("Note 1: For methodology", "Note 2: Partnership for Carbon Accounting Financials")

# Column, purpose and use. The margin of electricity that a project consumes answers where a project names no use.
_MARGINS = (
    (1, "project_combined_margin", "firm energy (such as hydro, geothermal)"),
    (2, "project_combined_margin", "intermittent energy (such as solar, wind, tidal)"),
    (3, "project_combined_margin", "energy efficiency"),
    (4, "project_combined_margin", None),
    (5, "project_operating_margin", None),
)

_DATASET = Dataset(
    "ifi-grid-2021",
    "IFI default grid factors 2021",
    "International Financial Institutions Technical Working Group on GHG Accounting, published by UNFCCC",
    "IFI Dataset of Default Grid Factors (method AHG-001)",
    "2021 v3.1",
    2021,
    None,
    "Published by UNFCCC for project accounting; values cited as facts with attribution",
    "IFI TWG, Dataset of Default Grid Factors v3.1 (2021), UNFCCC",
    "A*",
    "https://unfccc.int/climate-action/sectoral-engagement/ifis-harmonization-of-standards-for-ghg-accounting",
    has_vintage=True,
    is_global=False,
    source_files=(),
)
_FOR_PROJECTS = "For project accounting: what a project displaces on the grid, not the average of an inventory."
_ZERO = "0: the method finds no fossil power on the margin of this grid. It does not say that the grid is without emissions."


def import_grid_ifi(sources: SourceFolder) -> Contribution:
    """Combined and operating margin per country, territory or island; only a question for that purpose gets them."""
    share = Contribution()
    records = list(csv.reader(io.StringIO(sources.read(PATH).decode("utf-8-sig"), newline="")))
    header, rows = records[:3], {f"record {number}": record for number, record in enumerate(records[1:], start=2)}
    if any(tuple(record[: len(titles)]) != titles for record, titles in zip(header, _HEADER, strict=True)):
        raise UnmappedRow(f"{PATH}: the columns are not those that were reviewed")
    ledger = RowLedger(_DATASET.id, PATH, [(row_id, " | ".join(cell for cell in record if cell)) for row_id, record in rows.items()])
    for row_id, record in rows.items():
        if reason := _exclusion(record, is_header=record in header):
            ledger.exclude(reason, row_id)
            continue
        share.factors += _factors(row_id, record)
        ledger.load(row_id)
    share.datasets.append(replace(_DATASET, source_files=(ledger.source_file(),)))
    share.excluded_rows += ledger.excluded_rows()
    return share


def _exclusion(record: list[str], *, is_header: bool) -> str | None:
    if is_header:
        return "part of the header"
    if not any(record):
        return "blank"
    if record[0].startswith(_NOTES) and not any(record[1:]):
        return "a note on the method or on its users"
    return None


@cache
def _places() -> dict[str, dict[str, str]]:
    return {row["place"]: row for row in table_rows("ifi_places.csv")}


def _factors(row_id: str, record: list[str]) -> list[Factor]:
    place = _places().get(record[0].strip())
    if place is None:
        raise UnmappedRow(f"{PATH} {row_id}: unknown place {record[0]!r}: add it to tables/ifi_places.csv with its region")
    return [_factor(row_id, record, place, region, *margin) for region in place["regions"].split() for margin in _MARGINS]


def _factor(row_id: str, record: list[str], place: dict[str, str], region: str, column: int, purpose: str, use: str | None) -> Factor:
    printed = record[column]
    grams = printed_number(printed)
    gas = GasPart("CO2", grams / 1000, None, _DATASET.id, row_id, printed, _UNIT, f"{printed} g ÷ 1000 = {ratio_text(grams / 1000)} kg")
    return new_factor(
        written_activity_types()["electricity.grid"],
        _DATASET,
        region,
        "kWh",
        (gas,),
        purpose=purpose,
        technology=use,
        is_default=False,
        gas_coverage="CO2",
        source_row=f"{row_id}: {record[0].strip()}, column {column + 1}",
        value_printed=printed,
        unit_printed=_UNIT,
        notes=(
            _FOR_PROJECTS,
            CO2_ONLY,
            *([_ZERO] if grams == 0 else []),
            *([place["note"]] if place["note"] else []),
        ),
    )
