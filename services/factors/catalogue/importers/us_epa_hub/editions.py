"""The editions of EPA's GHG Emission Factors Hub, their files and the GWP set that each recommends."""

from dataclasses import dataclass

from services.factors.catalogue.pack_model import Dataset

_PUBLISHER = "U.S. Environmental Protection Agency"
_TITLE = "Emission Factors for Greenhouse Gas Inventories (GHG Emission Factors Hub)"


@dataclass(frozen=True, slots=True)
class Edition:
    """An edition, its workbook, the GWP set of its own Table 11, and the year of the grid data in its Table 6.

    tables  how many tables the workbook at hand holds
    """

    dataset: Dataset
    path: str
    gwp_set: str
    grid_release: str
    grid_year: int
    tables: int


def hub_dataset(year: int, edition: str, published_on: str | None, suffix: str = "", name: str = "") -> Dataset:
    """The data set of one file of the hub."""
    return Dataset(
        id=f"us-epa-hub-{year}{suffix}",
        name=f"US EPA emission factors hub {year}{name}",
        publisher=_PUBLISHER,
        title=_TITLE,
        edition=edition,
        year=year,
        published_on=published_on,
        licence="US Government work: public domain",
        attribution=f"{_PUBLISHER}, {_TITLE}, {edition}",
        tier="A",
        url="https://www.epa.gov/climateleadership/ghg-emission-factors-hub",
        has_vintage=True,
        is_global=False,
        source_files=(),
    )


EDITIONS = (
    Edition(
        hub_dataset(2021, "2021, last modified 15 September 2021", "2021-09-15"),
        "us-epa-hub/emission-factors-hub-2021.xlsx",
        "AR4",
        "eGRID2019, February 2021",
        2019,
        12,
    ),
    # The workbook at hand has no date; it says that it updates the edition's first release.
    Edition(
        hub_dataset(2024, "2024, second release", None),
        "us-epa-hub/emission-factors-hub-2024.xlsx",
        "AR5",
        "eGRID2022, January 2024",
        2022,
        10,
    ),
    Edition(
        hub_dataset(2025, "2025, last modified January 15, 2025", "2025-01-15"),
        "us-epa-hub/emission-factors-hub-2025.xlsx",
        "AR5",
        "eGRID2023, January 2025",
        2023,
        12,
    ),
)
EDITION_2025 = EDITIONS[-1]
