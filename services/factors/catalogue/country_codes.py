"""ISO 3166-1 codes of countries."""

from functools import cache

from services.factors.catalogue.refusals import UnmappedRow
from services.factors.catalogue.taxonomy import table_rows


@cache
def _by_alpha3() -> dict[str, str]:
    return {row["alpha3"]: row["alpha2"] for row in table_rows("countries.csv")}


def alpha2_of(alpha3: str) -> str:
    """The code of two letters of a country whose code of three is given; Kosovo by the codes that users assign, XKX and XK.

    raises    UnmappedRow, if ISO 3166-1 has no such code
    """
    if alpha3 not in _by_alpha3():
        raise UnmappedRow(f"no country has the code {alpha3!r} in ISO 3166-1: see tables/countries.csv")
    return _by_alpha3()[alpha3]
