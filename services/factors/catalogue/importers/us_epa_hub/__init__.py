"""US EPA: GHG Emission Factors Hub, editions 2021, 2024 and 2025."""

from dataclasses import replace

from services.factors.catalogue.contribution import Contribution
from services.factors.catalogue.importers.us_epa_hub.editions import EDITION_2025, EDITIONS
from services.factors.catalogue.importers.us_epa_hub.energy import add_energy
from services.factors.catalogue.importers.us_epa_hub.fuels import add_fuels
from services.factors.catalogue.importers.us_epa_hub.potentials import exclude_potentials
from services.factors.catalogue.importers.us_epa_hub.tidy import exclude_tidy_rows
from services.factors.catalogue.importers.us_epa_hub.transport import add_transport
from services.factors.catalogue.importers.us_epa_hub.vehicles import add_road_vehicles
from services.factors.catalogue.importers.us_epa_hub.waste import add_waste
from services.factors.catalogue.importers.us_epa_hub.workbook import HubSheet, read_sheet
from services.factors.catalogue.source_files import SourceFolder


def import_us_epa_hub(sources: SourceFolder) -> Contribution:
    """The three editions' workbooks; the tidy table of the 2025 edition is a check of it."""
    share = Contribution()
    sheets = {edition: read_sheet(edition, sources) for edition in EDITIONS}
    for sheet in sheets.values():
        add_edition(sheet, share)
    exclude_tidy_rows(sheets[EDITION_2025], sources, share)
    return share


def add_edition(sheet: HubSheet, share: Contribution) -> None:
    """Adds the factors of one workbook; every row is loaded or excluded."""
    exclude_potentials(sheet)
    add_fuels(sheet, share)
    add_road_vehicles(sheet, share)
    add_energy(sheet, share)
    add_transport(sheet, share)
    add_waste(sheet, share)
    share.datasets.append(replace(sheet.edition.dataset, source_files=(sheet.ledger.source_file(),)))
    share.excluded_rows += sheet.ledger.excluded_rows()
