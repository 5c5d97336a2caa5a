"""Everything a greenhouse-gas report says, before it is laid out as JSON, XLSX or PDF.

Amounts are whole milligrams (`*_mg`) under the report's GWP set, after consolidation; nothing here is rounded again.
Months are `2021-03`, decimals are text, external ids are those that the organisation uses itself.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

Status = Literal["draft", "behind", "final"]
MissingState = Literal["awaiting_factor", "no_factor", "quarantined"]


class ContentRefused(ValueError):
    """The content contradicts itself, so no report may be made of it; the message names the fields."""


@dataclass(frozen=True, slots=True)
class Emissions:
    """Milligrams of CO2e, biogenic CO2 apart, and the number of activity records behind them."""

    co2e_mg: int
    biogenic_co2_mg: int = 0
    records: int = 0

    @classmethod
    def sum(cls, parts: Iterable["Emissions"]) -> "Emissions":
        listed = tuple(parts)
        return cls(sum(p.co2e_mg for p in listed), sum(p.biogenic_co2_mg for p in listed), sum(p.records for p in listed))


@dataclass(frozen=True, slots=True)
class Organisation:
    """Who reports; `responsible` is the person or unit answerable for the report, if the organisation named one."""

    name: str
    responsible: str | None
    time_zone: str


@dataclass(frozen=True, slots=True)
class Inventory:
    id: str
    name: str
    state: str  # open | in_review | approved | verified | locked
    year: int
    is_base_year: bool


@dataclass(frozen=True, slots=True)
class Entity:
    """A legal entity inside the boundary; `group_share` is what consolidation takes of it in words fit to print, such as "60 %"."""

    external_id: str
    name: str
    country: str
    parent_external_id: str | None
    group_share: str


@dataclass(frozen=True, slots=True)
class Site:
    external_id: str
    name: str
    entity_external_id: str
    region: str
    tenure: str  # owned | finance_lease | operating_lease | leased_out


@dataclass(frozen=True, slots=True)
class Boundary:
    consolidation_approach: str  # operational_control | financial_control | equity_share
    entities: tuple[Entity, ...]
    sites: tuple[Site, ...]


@dataclass(frozen=True, slots=True)
class Method:
    """How activity becomes emission; sentences are printed as they stand, one paragraph each."""

    scope2_method: str  # location_based | market_based
    formula: str
    rounding: str
    gwp_set: str  # AR4 | AR5 | AR6
    gwp_source: str
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ScopeTotal:
    scope: int
    emissions: Emissions


@dataclass(frozen=True, slots=True)
class CategoryTotal:
    scope: int
    category: str  # stationary_combustion, electricity, …, s3.1
    iso_category: str  # subcategory of ISO 14064-1 Annex B such as "2.1", empty if unknown
    emissions: Emissions


@dataclass(frozen=True, slots=True)
class GasTotal:
    """One gas in one scope. `mass_mg` is None where a publisher gives only CO2e, `co2e_mg` where the GWP set has no value."""

    scope: int
    gas: str
    mass_mg: int | None
    co2e_mg: int | None
    gwp: str | None  # kg CO2e per kg, as text
    gwp_basis: str | None = None  # for the gas "CO2e": the publisher's GWP set


@dataclass(frozen=True, slots=True)
class SiteTotal:
    site_external_id: str
    scope: int
    emissions: Emissions


@dataclass(frozen=True, slots=True)
class EntityTotal:
    entity_external_id: str
    scope: int
    emissions: Emissions


@dataclass(frozen=True, slots=True)
class MonthTotal:
    month: str
    scope: int
    emissions: Emissions


@dataclass(frozen=True, slots=True)
class ActivityTotal:
    """One activity type in one unit; `quantity` is the amount in the factor's unit, at 100 %, as a decimal text."""

    activity_type: str
    name: str
    scope: int
    category: str
    quantity: str | None
    unit: str | None
    emissions: Emissions


@dataclass(frozen=True, slots=True)
class OtherBasis:
    """The part of the total that its publisher gives only as CO2e, under a GWP set that cannot be exchanged."""

    gwp_basis: str
    co2e_mg: int


@dataclass(frozen=True, slots=True)
class FactorGas:
    """One gas of a factor with the row it was read from: a factor may be composed gas by gas from several publishers."""

    gas: str
    kg_per_unit: str
    dataset: str
    publisher: str
    licence: str
    attribution: str
    source_row: str
    sha256: str  # of the source file


@dataclass(frozen=True, slots=True)
class FactorUse:
    """An emission factor that this report rests on, with what was calculated by it."""

    id: str
    activity_type: str
    region: str
    year: int | None  # data year
    unit: str  # the activity's unit: gases are kg per this unit
    gas_coverage: str  # "CO2", "CO2+CH4+N2O", "CO2e", …
    gases: tuple[FactorGas, ...]
    emissions: Emissions


@dataclass(frozen=True, slots=True)
class MissingRecords:
    """Records received but without a figure. Site and item may be unknown; the item is an activity type or a source's item code."""

    state: MissingState
    site_external_id: str | None
    item: str | None
    months: tuple[str, ...]
    records: int
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Gap:
    """Months of the period in which a site sent nothing for an activity type that it reports monthly otherwise."""

    site_external_id: str
    activity_type: str
    months: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SeldomReported:
    """An activity type that a site reports less often than monthly, so that no gaps are told of it; `months` have data."""

    site_external_id: str
    activity_type: str
    months: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Missing:
    records: tuple[MissingRecords, ...] = ()
    gaps: tuple[Gap, ...] = ()
    seldom: tuple[SeldomReported, ...] = ()

    def count(self, state: MissingState) -> int:
        return sum(line.records for line in self.records if line.state == state)


@dataclass(frozen=True, slots=True)
class TopicPosition:
    """How far the read model had heard a topic when the report was made: its positions, from 1, added up over the partitions."""

    topic: str
    position: int
    events: int


@dataclass(frozen=True, slots=True)
class RunManifest:
    """What an auditor needs to make the same report again; `inputs_sha256` is the fingerprint of the rows it was made from."""

    software_version: str
    factor_pack_version: str
    gwp_set: str
    topics: tuple[TopicPosition, ...]
    inputs_sha256: str


@dataclass(frozen=True, slots=True)
class ReportContent:
    """A whole report of type `iso14064-1` (ISO 14064-1:2018, 9.3.1).

    period          `period_end` is exclusive
    generated_at    aware; the only clock of the documents, so the same content gives the same bytes
    inventory_total what the inventory itself counts, wherever it was asked
    behind_because  of a report that is `behind`, in words; where the inventory did not answer it is all there is to say
    raises          ContentRefused, if a breakdown does not add up to the total or a `behind` report does not say why
    """

    report_id: str
    status: Status
    language: str
    period_start: date
    period_end: date
    generated_at: datetime
    organisation: Organisation
    inventory: Inventory
    boundary: Boundary
    method: Method
    total: Emissions
    by_scope: tuple[ScopeTotal, ...]
    by_category: tuple[CategoryTotal, ...]
    by_gas: tuple[GasTotal, ...]
    by_site: tuple[SiteTotal, ...]
    by_entity: tuple[EntityTotal, ...]
    by_month: tuple[MonthTotal, ...]
    by_activity: tuple[ActivityTotal, ...]
    other_gwp_basis: tuple[OtherBasis, ...]
    factors: tuple[FactorUse, ...]
    missing: Missing
    manifest: RunManifest
    inventory_total: Emissions | None = None
    behind_because: str | None = None
    type: Literal["iso14064-1"] = "iso14064-1"

    def __post_init__(self) -> None:
        if self.generated_at.tzinfo is None:
            raise ContentRefused("generated_at has no time zone: give an aware datetime")
        if self.status == "behind" and self.inventory_total is None and not self.behind_because:
            raise ContentRefused(
                "a report that is behind shows two figures, or why there is only one: give inventory_total or behind_because"
            )
        for name in ("by_scope", "by_category", "by_site", "by_entity", "by_month", "by_activity", "factors"):
            self._refuse_unless_complete(name)
        gases = sum(line.co2e_mg or 0 for line in self.by_gas)
        if gases != self.total.co2e_mg:
            raise ContentRefused(f"by_gas adds up to {gases} mg CO2e, the total is {self.total.co2e_mg}")

    def _refuse_unless_complete(self, name: str) -> None:
        found = Emissions.sum(line.emissions for line in getattr(self, name))
        if (found.co2e_mg, found.biogenic_co2_mg) != (self.total.co2e_mg, self.total.biogenic_co2_mg):
            raise ContentRefused(
                f"{name} adds up to {found.co2e_mg} mg CO2e and {found.biogenic_co2_mg} mg biogenic CO2, "
                f"the total is {self.total.co2e_mg} and {self.total.biogenic_co2_mg}"
            )

    @property
    def has_figures(self) -> bool:
        """Whether anything was calculated: without, the total of 0 is no statement about emissions."""
        return bool(self.by_category)

    @property
    def scopes(self) -> tuple[int, ...]:
        return tuple(sorted({line.scope for line in self.by_category}))

    @property
    def co2_only_factors(self) -> tuple[FactorUse, ...]:
        """Factors whose publisher counts CO2 alone: what they give is CO2, printed as CO2e, and a little too low."""
        return tuple(factor for factor in self.factors if factor.gas_coverage == "CO2")
