"""The three data sets of ADEME: its own factors, foreign grids that are the IEA's, and spend."""

from services.factors.catalogue.pack_model import Dataset

_PUBLISHER = "ADEME (Agence de la transition écologique)"
_EDITION = "V23.6"
_LICENCE = "Licence Ouverte / Open Licence 2.0 (Etalab)"
_ATTRIBUTION = "ADEME, Base Carbone V23.6"


def _dataset(
    dataset_id: str, name: str, title: str, *, licence: str = _LICENCE, attribution: str = _ATTRIBUTION, tier: str = "A"
) -> Dataset:
    """A data set whose factors have a data year where the publisher names one, and hold until they are replaced where it names none."""
    return Dataset(
        id=dataset_id,
        name=name,
        publisher=_PUBLISHER,
        title=title,
        edition=_EDITION,
        year=None,
        published_on=None,
        licence=licence,
        attribution=attribution,
        tier=tier,
        url="https://base-empreinte.ademe.fr",
        has_vintage=True,
        is_global=False,
        source_files=(),
    )


BASE_CARBONE_V23_6 = _dataset("fr-ademe-base-carbone", "Base Carbone V23.6", "Base Carbone")
FOREIGN_GRIDS = _dataset(
    "fr-ademe-foreign-grids",
    "Base Carbone V23.6, foreign grids of the IEA",
    "Base Carbone: electricity mixes of other countries, from the IEA's CO2 Emissions from Fuel Combustion, Highlights, 2013",
    licence=f"{_LICENCE}, for the compilation; its figures are facts that the International Energy Agency published under narrower terms",
    attribution="International Energy Agency, CO2 Emissions from Fuel Combustion, Highlights, 2013; ADEME, Base Carbone V23.6",
    tier="A*",
)
SPEND = _dataset(
    "fr-ademe-spend", "Base Carbone V23.6, spend factors", "Base Carbone: monetary ratios per 1 000 EUR before VAT, 2019 to 2023"
)
