"""UK Department for Energy Security and Net Zero: conversion factors for company reporting, 2021 and 2025."""

from services.factors.catalogue.contribution import Contribution
from services.factors.catalogue.importers.uk_desnz.edition_import import import_edition
from services.factors.catalogue.importers.uk_desnz.editions import EDITION_2021, EDITION_2025
from services.factors.catalogue.importers.uk_desnz.fuel_properties import import_fuel_properties
from services.factors.catalogue.importers.uk_desnz.rows import rows_2021, rows_2025
from services.factors.catalogue.source_files import SourceFolder


def import_uk_desnz(sources: SourceFolder) -> Contribution:
    """Both editions' factors, and the densities and calorific values of the 2025 full set."""
    share = Contribution()
    import_edition(EDITION_2021, rows_2021(sources), share)
    import_edition(EDITION_2025, rows_2025(sources), share)
    import_fuel_properties(sources, share)
    return share
