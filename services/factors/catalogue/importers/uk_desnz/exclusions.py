"""UK rows that carry no factor, by what stands in the row itself."""

from collections.abc import Callable

from services.factors.catalogue.importers.uk_desnz.editions import section_of
from services.factors.catalogue.importers.uk_desnz.rows import END_MARK, DesnzRow

_ROW_EXCLUSIONS: tuple[tuple[Callable[[DesnzRow], bool], str], ...] = (
    (
        lambda row: row.level2 == "Forecourt fuels containing biofuel" and row.unit == "kWh",
        "kWh of blends: printed to two decimals in 2025, so the biogenic CO2 per kWh is derived from the row per tonne",
    ),
    (
        lambda row: row.unit == "tonne.km" and row.column_text == "0% Laden" and float(row.value) == 0,
        "a tonne-kilometre of an empty lorry: nothing is carried, the printed zero is no factor",
    ),
    (
        lambda row: row.level1 == "Material use" and row.column_text == "Closed-loop source" and float(row.value) == 0,
        "doubtful: 0.00000 where 2024 and 2025 have a blank cell (112.97 in 2023)",
    ),
)


def exclusion_of(row: DesnzRow) -> str | None:
    """Why a row carries no factor of this pack, None if it may.

    raises    UnmappedRow, if tables/uk_desnz_sections.csv does not know the section
    """
    if row.level1 == END_MARK:
        return "end mark of the sheet"
    if not row.level1:
        return "empty row before the end mark"
    treatment, of_section = section_of(row)
    if treatment == "excluded":
        return of_section
    if row.is_blank:
        return "blank in the source: the factor does not apply, which is not zero"
    return next((reason for applies, reason in _ROW_EXCLUSIONS if applies(row)), None)
