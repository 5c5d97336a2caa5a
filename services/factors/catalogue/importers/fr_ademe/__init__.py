"""France, ADEME: the Base Carbone V23.6, its foreign grids, and its spend factors."""

from services.factors.catalogue.contribution import Contribution
from services.factors.catalogue.importers.fr_ademe.element_import import import_base_carbone
from services.factors.catalogue.importers.fr_ademe.rows import read_rows
from services.factors.catalogue.importers.fr_ademe.spend import import_spend
from services.factors.catalogue.source_files import SourceFolder


def import_fr_ademe(sources: SourceFolder) -> Contribution:
    """Three data sets: the Base Carbone, the foreign grids in it that are the IEA's, and spend by product group."""
    share = Contribution()
    rows = read_rows(sources)
    import_base_carbone(rows, import_spend(sources, rows, share), share)
    return share
