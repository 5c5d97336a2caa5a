"""Countries, regions and time zones as requests name them: only those that exist."""

from functools import cache
from typing import Annotated
from zoneinfo import available_timezones

from pydantic import AfterValidator, StringConstraints
from pydantic_core import PydanticCustomError

from contracts.shapes import Country, Region
from services.inventory.domain.countries import COUNTRIES

GRID_PREFIX = "grid:"


def _known_country(code: str) -> str:
    if code not in COUNTRIES:
        hint = "Write GB." if code == "UK" else "Write the officially assigned code of two letters, for example CN."
        raise PydanticCustomError("unknown_country", "Must begin with a country of ISO 3166-1", {"hint": hint})
    return code


def _in_a_country(region: str) -> str:
    if region == "GLO" or region.startswith(GRID_PREFIX):
        raise PydanticCustomError(
            "not_a_place",
            "Must be a country or a part of one",
            {"hint": "Write for example CN or CN-GD; a grid goes into `grid_region`."},
        )
    _known_country(region[:2])
    return region


def _in_a_country_or_grid(region: str) -> str:
    return region if region.startswith(GRID_PREFIX) else _in_a_country(region)


@cache
def _time_zones() -> frozenset[str]:
    return frozenset(available_timezones())


def _known_time_zone(name: str) -> str:
    if name not in _time_zones():
        raise PydanticCustomError("unknown_time_zone", "Must be a time zone of the IANA database", {"hint": "For example Asia/Shanghai."})
    return name


EntityCountry = Annotated[Country, AfterValidator(_known_country)]
SiteRegion = Annotated[Region, AfterValidator(_in_a_country)]
GridRegion = Annotated[Region, AfterValidator(_in_a_country_or_grid)]
TimeZone = Annotated[str, StringConstraints(min_length=1, max_length=64), AfterValidator(_known_time_zone)]
