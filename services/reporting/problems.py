"""Why reporting refuses."""

from kernel.auth import Principal
from kernel.problems import FORBIDDEN, NOT_FOUND, UNAVAILABLE, Problem, problem_type

MARKET_BASED_NOT_CALCULATED = problem_type(  # in the words of the inventory service, because a code means one thing
    "market_based_not_calculated",
    409,
    "Market-based figures were not calculated",
    "Market-based electricity is an allocation of contracts and certificates over consumption; before its first run there are no figures.",
)


def half_heard(what: str) -> Problem:
    """A 503 while events that belong together have arrived only in part."""
    return Problem(UNAVAILABLE, f"A change of the group has arrived only in part ({what}).", headers={"Retry-After": "1"})


def inventory_silent() -> Problem:
    """A 503 while only the inventory service can say whether an inventory exists, and does not."""
    detail = "Reporting has not heard of this inventory, and the inventory service does not say at the moment whether it exists."
    return Problem(UNAVAILABLE, detail, headers={"Retry-After": "2"})


def inventory_not_heard_of(name: str) -> Problem:
    """A 404 for figures of an inventory that does not exist, or not yet here."""
    detail = (
        f"There is no {name}, or this client may not see it. If it was just created: the figures of a new inventory appear within a second."
    )
    return Problem(NOT_FOUND, detail)


def refuse_source_systems(principal: Principal) -> None:
    """Raise a 403 problem for a client that is narrowed to source systems: cells are sums over all source systems of a site."""
    if principal.source_systems:
        raise Problem(FORBIDDEN, "Figures are kept by site, not by source system: a client narrowed to source systems has no totals.")
