"""A site, activity types and factors for tests of the inventory's domain that need no database."""

from datetime import date
from fractions import Fraction
from typing import Any
from uuid import UUID

from contracts.factor_questions import Resolution
from ghg.factors import EmissionFactor
from ghg.units import Quantity, convert, unit
from kernel.auth import Principal
from services.inventory.domain.activity_records import Accepted, ActivityRecord, Kind, Mapping, Place, record_from_content
from services.inventory.domain.bindings import Binding, Combination, Unbound
from services.inventory.domain.judgement import Surroundings

SITE = Place(UUID(int=1), "SZ-01", UUID(int=11), "CN-GD", "grid:CN-SOUTH")
OTHER_SITE = Place(UUID(int=2), "KS-01", UUID(int=12), "CN-JS", None)
ELECTRICITY = Kind("electricity.grid", 2, "electricity", "location_based", ("energy",))
GAS = Kind("fuel.natural_gas", 1, "stationary_combustion", "none", ("energy_gross", "energy_net", "normal_volume", "volume"))
KINDS = {kind.id: kind for kind in (ELECTRICITY, GAS)}
OPERATOR = Principal("operator", "operator", "The operator", frozenset({"activities:write"}))


def surroundings(mappings: dict[str, Mapping] | None = None, **other: Any) -> Surroundings:
    """Both sites and both kinds; mappings of the source system `ehs`."""
    of_ehs = {("ehs", code): mapping for code, mapping in (mappings or {}).items()}
    sites = {site.external_id: site for site in (SITE, OTHER_SITE)}
    return Surroundings(sites, KINDS, of_ehs, **({"closed": ()} | other))


def record(**content: Any) -> ActivityRecord:
    """1,000 kWh at SZ-01 in March 2021, with whatever the test says otherwise; None leaves a field out."""
    body = {
        "source_system": "ehs",
        "external_id": "R-1",
        "site_external_id": "SZ-01",
        "activity_type": "electricity.grid",
        "period": {"start": "2021-03-01", "end": "2021-04-01"},
        "quantity": {"value": "1000", "unit": "kWh"},
        "data_quality": "measured",
    } | content
    return record_from_content({name: value for name, value in body.items() if value is not None})


def accepted(kind: Kind = ELECTRICITY, site: Place = SITE, category: str | None = None, **content: Any) -> Accepted:
    one = record(activity_type=kind.id, **content)
    return Accepted(one, site, kind, unit(one.unit or ""), kind.scope, category or kind.category)


def days(start: str, end: str) -> dict[str, str]:
    return {"start": start, "end": end}


def bound(combination: Combination, factor: EmissionFactor) -> Binding:
    """The combination resolved to a factor of the same dimension."""
    ratio = convert(Quantity(Fraction(1), unit(combination.unit)), factor.unit).ratio
    return Binding(combination, None, factor, (), ratio)  # type: ignore[arg-type]  # only traces look at the snapshot


def unbound(combination: Combination) -> Unbound:
    return Unbound(combination, Resolution(outcome="no_factor", detail="There is none.", factor=None, candidates=[]))


def first_day(month: int, year: int = 2021) -> date:
    return date(year, month, 1)
