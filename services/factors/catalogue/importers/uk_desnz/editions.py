"""The UK editions, and what becomes of each of their sections."""

from dataclasses import dataclass, replace
from functools import cache

from services.factors.catalogue.importers.uk_desnz.flat_files import FIVE_YEARS, FLAT_2021, FLAT_2022, FLAT_2023, FLAT_2025
from services.factors.catalogue.importers.uk_desnz.full_set import FULL_2026
from services.factors.catalogue.importers.uk_desnz.rows import DesnzRow
from services.factors.catalogue.pack_model import Dataset
from services.factors.catalogue.refusals import UnmappedRow
from services.factors.catalogue.taxonomy import table_rows

_ATTRIBUTION = "Contains public sector information licensed under the Open Government Licence v3.0."
_TITLE = "UK Government GHG Conversion Factors for Company Reporting"
_BEIS = "Department for Business, Energy and Industrial Strategy, and Defra"
_DESNZ = "Department for Energy Security and Net Zero"


@dataclass(frozen=True, slots=True)
class Edition:
    """An edition, its file, and the GWP set behind its CO2e."""

    dataset: Dataset
    path: str
    gwp_set: str
    electricity_note: str = ""


def _edition(year: int, version: str, publisher: str, path: str, gwp_set: str) -> Edition:
    dataset = Dataset(
        f"uk-desnz-{year}",
        f"UK conversion factors {year}",
        publisher,
        f"{_TITLE}, flat file",
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


EDITION_2021 = _edition(2021, "2021, version 3.0", _BEIS, FLAT_2021, "AR4")
EDITION_2022 = _edition(2022, "2022, version 3.0", _BEIS, FLAT_2022, "AR4")
EDITION_2023 = _edition(2023, "2023, version 1.1", _DESNZ, FLAT_2023, "AR5")
EDITION_2024 = _edition(2024, "2024, version 1.1", _DESNZ, FIVE_YEARS, "AR5")
EDITION_2025 = _edition(2025, "2025", _DESNZ, FLAT_2025, "AR5")
_FULL_SET_2026 = _edition(2026, "2026, version 1.0 (June 2026)", _DESNZ, FULL_2026, "AR5")
EDITION_2026 = replace(
    _FULL_SET_2026,
    dataset=replace(_FULL_SET_2026.dataset, title=f"{_TITLE}, full set"),
    # 2026 full set, sheet What's new: generation of the year before in place of the inventory of two years before
    electricity_note="The publisher changed its method for UK electricity in 2026: compare with earlier editions after a base-year check.",
)


@cache
def _sections() -> dict[str, tuple[str, str]]:
    return {row["level1"].casefold(): (row["treatment"], row["reason"]) for row in table_rows("uk_desnz_sections.csv")}


def section_of(row: DesnzRow) -> tuple[str, str]:
    """How rows of this section are treated, and why they are excluded where they are.

    raises    UnmappedRow, if tables/uk_desnz_sections.csv does not know the section
    """
    found = _sections().get(row.level1.casefold())
    if found is None:
        raise UnmappedRow(f"{row.id}: unknown section {row.level1!r}: add it to tables/uk_desnz_sections.csv")
    return found
