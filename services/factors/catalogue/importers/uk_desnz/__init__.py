"""UK Department for Energy Security and Net Zero: conversion factors for company reporting, 2021 to 2026."""

from services.factors.catalogue.contribution import Contribution
from services.factors.catalogue.importers.uk_desnz.edition_import import import_edition
from services.factors.catalogue.importers.uk_desnz.editions import (
    EDITION_2021,
    EDITION_2022,
    EDITION_2023,
    EDITION_2024,
    EDITION_2025,
    EDITION_2026,
)
from services.factors.catalogue.importers.uk_desnz.flat_files import (
    check_copy,
    rows_2021,
    rows_2022,
    rows_2023,
    rows_2025,
    rows_of_five_years,
)
from services.factors.catalogue.importers.uk_desnz.fuel_properties import import_fuel_properties
from services.factors.catalogue.importers.uk_desnz.full_set import FULL_2026, other_table_rows, rows_of_full_set
from services.factors.catalogue.importers.uk_desnz.revised_2026 import import_revised_2026
from services.factors.catalogue.source_files import SourceFolder

_OWN_FILE = "read from the edition's own file, which says the same (checked)"


def import_uk_desnz(sources: SourceFolder) -> Contribution:
    """All editions' factors, and the densities and calorific values of the 2025 full set."""
    share = Contribution()
    of_year = {2021: rows_2021(sources), 2022: rows_2022(sources), 2023: rows_2023(sources), 2025: rows_2025(sources)}
    for edition in (EDITION_2021, EDITION_2022, EDITION_2023, EDITION_2025):
        import_edition(edition, of_year[edition.dataset.year or 0], share)
    copies = rows_of_five_years(sources)
    for year, own in of_year.items():
        check_copy(copies[year], own)
    import_edition(EDITION_2024, copies[2024], share, [(row, _OWN_FILE) for year in of_year for row in copies[year]])
    import_edition(EDITION_2026, rows_of_full_set(sources, FULL_2026), share, other_table_rows(sources, FULL_2026))
    import_revised_2026(sources, share)
    import_fuel_properties(sources, share)
    return share
