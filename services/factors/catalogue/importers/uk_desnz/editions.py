"""The two UK editions, and what becomes of each of their sections."""

import csv
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

from services.factors.catalogue.importers.uk_desnz.rows import END_MARK, FLAT_2021, FLAT_2025, DesnzRow
from services.factors.catalogue.pack_model import Dataset
from services.factors.catalogue.refusals import UnmappedRow
from services.factors.catalogue.taxonomy import TABLES

_ATTRIBUTION = "Contains public sector information licensed under the Open Government Licence v3.0."
_TITLE = "UK Government GHG Conversion Factors for Company Reporting, flat file"

_ROW_EXCLUSIONS: tuple[tuple[Callable[[DesnzRow], bool], str], ...] = (
    (
        lambda row: row.level2.startswith("WTT- overseas electricity"),
        "activity not in this edition's taxonomy: upstream of electricity outside the UK comes with the full catalogue",
    ),
    (lambda row: row.unit == "miles", "the same factor per mile: miles convert exactly from kilometres"),
    (
        lambda row: row.level2 == "Forecourt fuels containing biofuel" and row.unit == "kWh",
        "kWh of blends: printed to two decimals in 2025, so the biogenic CO2 per kWh is derived from the row per tonne",
    ),
)


@dataclass(frozen=True, slots=True)
class Edition:
    """An edition, its file, and the GWP set behind its CO2e."""

    dataset: Dataset
    path: str
    gwp_set: str


def _edition(year: int, version: str, publisher: str, path: str, gwp_set: str) -> Edition:
    dataset = Dataset(
        f"uk-desnz-{year}",
        f"UK conversion factors {year}",
        publisher,
        _TITLE,
        version,
        year,
        None,
        "Open Government Licence v3.0",
        _ATTRIBUTION,
        "A",
        None,
        has_vintage=True,
        is_global=False,
        source_files=(),
    )
    return Edition(dataset, path, gwp_set)


EDITION_2021 = _edition(2021, "2021, version 3.0", "Department for Business, Energy and Industrial Strategy, and Defra", FLAT_2021, "AR4")
EDITION_2025 = _edition(2025, "2025", "Department for Energy Security and Net Zero", FLAT_2025, "AR5")


@cache
def _sections() -> dict[str, tuple[str, str]]:
    with (TABLES / "uk_desnz_sections.csv").open(encoding="utf-8", newline="") as file:
        return {row["level1"].casefold(): (row["treatment"], row["reason"]) for row in csv.DictReader(file)}


def section_of(row: DesnzRow) -> tuple[str, str]:
    """How rows of this section are treated, and why they are excluded where they are."""
    found = _sections().get(row.level1.casefold())
    if found is None:
        raise UnmappedRow(f"{row.id}: unknown section {row.level1!r}: add it to tables/uk_desnz_sections.csv")
    return found


def exclusion_of(row: DesnzRow) -> str | None:
    """Why a row carries no factor of this pack, None if it does.

    raises    UnmappedRow, if tables/uk_desnz_sections.csv does not know the section
    """
    if row.level1 == END_MARK:
        return "end mark of the sheet"
    treatment, of_section = section_of(row)
    if treatment == "secr":
        return of_section
    if row.is_blank:
        return "blank in the source: the factor does not apply, which is not zero"
    if treatment == "excluded":
        return of_section
    return next((reason for applies, reason in _ROW_EXCLUSIONS if applies(row)), None)
