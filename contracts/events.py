"""The events, each a whole fact. State events carry `version`, raised with every change, and `recorded_at`, taken under the row's lock.

Kilograms, shares and quantities are decimal strings or exact fractions "a/b"; milligrams are whole numbers.
"""

from datetime import date, datetime
from typing import Literal

from pydantic import BaseModel, ConfigDict

from contracts.shapes import ConsolidationApproach, InventoryState


class Event(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)


class StateEvent(Event):
    id: str
    version: int
    recorded_at: datetime


class ClientChanged(StateEvent):
    state: Literal["active", "deleted"]
    kind: str


class OrganisationChanged(StateEvent):
    """The one organisation of the installation; its id is always `organisation`."""

    name: str
    responsible: str | None
    time_zone: str
    gwp_set: str
    languages: list[str]


class ActivityTypePublished(StateEvent):
    name_en: str
    name_zh: str
    scope: int
    category: str
    method: str
    unit_dimensions: list[str]
    iso14064_category: str | None = None
    stage: str | None = None
    note: str = ""


class DatasetPreference(Event):
    """For these activity types (an id, "spend.*" or "*") the data set goes before others; its region stands in for others."""

    activity_types: str
    rank: int
    region: str | None
    stands_in_for: list[str]


class DatasetPublished(StateEvent):
    name: str
    publisher: str
    edition: str
    year: int | None
    licence: str
    attribution: str
    has_vintage: bool
    is_global: bool
    source_files: list[dict[str, str | int]]
    title: str | None = None
    tier: str | None = None
    url: str | None = None
    published_on: str | None = None
    preferences: list[DatasetPreference] = []


class GasOfFactor(Event):
    gas: str
    kg_per_unit: str
    gwp_basis: str | None
    dataset: str
    row: str
    sha256: str
    licence: str
    document: str
    printed_value: str
    printed_unit: str
    derivation: str


class FactorPublished(StateEvent):
    """A published factor, whole; its value never changes under its id."""

    state: Literal["published", "superseded", "withdrawn"]
    dataset: str
    activity_type: str
    region: str
    data_year: int | None
    stage: str
    purpose: str | None
    unit: str
    gases: list[GasOfFactor]
    biogenic_co2: GasOfFactor | None
    gas_coverage: str
    name_en: str
    source_row: str
    value_printed: str
    unit_printed: str
    notes: list[str]
    key: str | None = None
    technology: str | None = None
    is_default: bool | None = None
    conditions: str | None = None
    name_zh: str | None = None
    price_year: int | None = None
    price_basis: str | None = None
    uncertainty_percent: str | None = None
    quality: str | None = None
    quality_scores: dict[str, int] | None = None
    valid_from: str | None = None
    valid_to: str | None = None
    superseded_by: str | None = None


class Ownership(Event):
    start: date | None
    end: date | None
    share: str
    owner: str | None


class Control(Event):
    start: date | None
    end: date | None
    operational: bool
    financial: bool


class EntityChanged(StateEvent):
    """`parent` and the owners are entity ids."""

    external_id: str
    name: str
    country: str
    parent: str | None
    ownership: list[Ownership]
    control: list[Control]


class SiteChanged(StateEvent):
    external_id: str
    entity: str
    name: str
    region: str
    grid_region: str | None
    timezone: str
    tenure: str


class InventoryChanged(StateEvent):
    year: int
    name: str
    period_start: date
    period_end: date
    consolidation_approach: ConsolidationApproach
    gwp_set: str
    is_base_year: bool
    state: InventoryState
    effective_on: date


class GasOfCell(Event):
    """`mass_mg` is null where the publisher gives CO2e only; a CO2e figure is null where that GWP set has no value for the gas."""

    gas: str
    gwp_basis: str | None
    mass_mg: int | None
    co2e_mg_ar4: int | None
    co2e_mg_ar5: int | None
    co2e_mg_ar6: int | None


class CellChanged(StateEvent):
    """Everything at 100 % that a site did in a month with one factor; a vanished cell is all zeroes with a higher version.

    site, activity_type  null for quarantined records that name none
    factor               null unless `state` is calculated
    item                 what the source called it, for cells without activity type
    """

    site: str | None
    scope: int | None
    category: str | None
    activity_type: str | None
    factor: str | None
    state: Literal["calculated", "awaiting_factor", "no_factor", "quarantined"]
    item: str | None
    segment_start: date
    segment_end: date
    method: str
    quantity_nano: int
    unit: str | None
    gases: list[GasOfCell]
    biogenic_co2_mg: int
    records: int


class ApprovedCellChanged(CellChanged):
    """A cell as an approved inventory counts it: consolidated, with the entity of that day; all zeroes after a reopening."""

    inventory: str
    cell: str
    entity: str | None
    share: str


class IntakeRecorded(Event):
    """What became of one request's records of one source system, which is empty for those that named none."""

    source_system: str
    recorded_at: datetime
    principal: str
    created: int
    corrected: int
    unchanged: int
    stale: int
    quarantined: int
    refused: int
