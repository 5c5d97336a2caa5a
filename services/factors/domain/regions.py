"""Regions and what stands in for them: a subdivision or a grid its country, a country the world."""

WORLD = "GLO"
GRID = "grid:"

# ISO 3166-2:CN lists these beside the provinces, and says that they have country codes of their own; the Chinese factors do not cover them.
_COUNTRIES_OF_THEIR_OWN = {"CN-HK": "HK", "CN-MO": "MO", "CN-TW": "TW"}


def country_of(region: str) -> str | None:
    """The ISO 3166-1 code that a subdivision ("CN-GD") or a grid ("grid:CN-SOUTH") begins with; None for the world."""
    if region == WORLD:
        return None
    return region.removeprefix(GRID).partition("-")[0]


def usual_region(region: str) -> str:
    """The code under which the catalogue has a region: "TW" for "CN-TW"."""
    return _COUNTRIES_OF_THEIR_OWN.get(region, region)


def fallback_chain(region: str) -> tuple[str, ...]:
    """The regions whose factors may serve `region`, nearest first, without the world.

    The grid is that which the question names instead of a province: the notices do not say which province belongs to which grid.
    """
    region = usual_region(region)
    country = country_of(region)
    if country is None:
        return ()
    return (region,) if region == country else (region, country)


def described(region: str) -> str:
    """The region in words: "country CN", "province CN-GD", "subdivision US-CA", "grid CN-SOUTH"."""
    if region == WORLD:
        return "the world"
    if region.startswith(GRID):
        return f"grid {region.removeprefix(GRID)}"
    if region == country_of(region):
        return f"country {region}"
    return f"{'province' if region.startswith('CN-') else 'subdivision'} {region}"
