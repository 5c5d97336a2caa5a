"""What regions are called, in English and Chinese.

Source: Unicode CLDR 49 (territory names) for ISO 3166-1, ISO 3166-2:CN and :US, the names of eGRID2023's subregions and of the regional
grids in the notices of the Ministry of Ecology and Environment; Chinese names of subregions are ours. tables/region_names.csv writes
several names of one region with " / " between them.
"""

from collections.abc import Mapping
from functools import cache

from services.factors.catalogue.taxonomy import TABLES, table_rows

REGION_NAMES = TABLES / "region_names.csv"


@cache
def region_names() -> Mapping[str, str]:
    """All names of each region in one text, by its code."""
    return {row["region"]: f"{row['name_en']} / {row['name_zh']}" for row in table_rows(REGION_NAMES.name)}
