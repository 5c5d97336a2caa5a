"""Where a factor holds: the Base Carbone's locations as regions of the catalogue."""

import re
from dataclasses import dataclass
from functools import cache

from services.factors.catalogue.importers.fr_ademe.rows import BASE_CARBONE, AdemeRow
from services.factors.catalogue.refusals import UnmappedRow
from services.factors.catalogue.taxonomy import table_rows

_PROCESS_COUNTRY = re.compile(
    r"/ ?(BR|CI|CN|ES|FR|GB|IE|IN|MA|MY|NL|NO|PL|RE|TH|US|VN|UE) U"
)  # of an AGRIBALYSE process, "à la ferme/TH U"
_NOT_THE_STATE = {"UE": "EU"}


@dataclass(frozen=True, slots=True)
class Place:
    """The regions of a row, what tells its part of a region apart, and a note where the regions say more than the publisher."""

    regions: tuple[str, ...]
    technology: str | None
    notes: tuple[str, ...]


def place_of(row: AdemeRow) -> Place:
    """The place that the location columns name.

    raises    UnmappedRow, if tables/fr_ademe/regions.csv does not know it
    """
    location = row.cells["Localisation géographique"]
    found = _places().get((location, row.place_within))
    if found is None:
        raise UnmappedRow(
            f"{BASE_CARBONE} {row.id}: unknown place {location!r}, {row.place_within!r}: add it to tables/fr_ademe/regions.csv"
        )
    notes = ("The publisher says Europe, without naming the countries.",) if (location, row.place_within) == ("Europe", "") else ()
    return Place(found[0], found[1], notes)


def farm_place_of(row: AdemeRow) -> Place:
    """The country that an AGRIBALYSE process ends with, "/TH U"; the location column says France for all of them."""
    country = _PROCESS_COUNTRY.search(" ".join(row.french))
    if country is None or country[1] == "FR":
        return place_of(row)
    return Place((_NOT_THE_STATE.get(country[1], country[1]),), None, (f"Of the process in {country[1]}, consumed in France.",))


@cache
def _places() -> dict[tuple[str, str], tuple[tuple[str, ...], str | None]]:
    rows = table_rows("fr_ademe/regions.csv")
    return {(row["location"], row["within"]): (tuple(row["regions"].split()), row["technology"] or None) for row in rows}
