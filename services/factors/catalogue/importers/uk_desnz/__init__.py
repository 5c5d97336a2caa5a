"""UK Department for Energy Security and Net Zero: conversion factors for company reporting, 2021 to 2026."""

from services.factors.catalogue.contribution import Contribution
from services.factors.catalogue.importers.uk_desnz.edition_import import import_edition
from services.factors.catalogue.importers.uk_desnz.editions import EDITION_2021, EDITION_2022, EDITION_2023, EDITION_2025, EDITION_2026
from services.factors.catalogue.importers.uk_desnz.flat_files import rows_2021, rows_2022, rows_2023, rows_2025
from services.factors.catalogue.importers.uk_desnz.fuel_properties import import_fuel_properties
from services.factors.catalogue.importers.uk_desnz.full_set import FULL_2026, rows_of_full_set
from services.factors.catalogue.source_files import SourceFolder


def import_uk_desnz(sources: SourceFolder) -> Contribution:
    """All editions' factors, and the densities and calorific values of the 2025 full set."""
    share = Contribution()
    import_edition(EDITION_2021, rows_2021(sources), share)
    import_edition(EDITION_2022, rows_2022(sources), share)
    import_edition(EDITION_2023, rows_2023(sources), share)
    import_edition(EDITION_2025, rows_2025(sources), share)
    import_edition(EDITION_2026, rows_of_full_set(sources, FULL_2026), share)
    import_fuel_properties(sources, share)
    return share
