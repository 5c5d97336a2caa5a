"""The tables of the inventory service.

Master data (entity, site, inventory, source_item), activity records with every revision of theirs, the factor bindings that
calculated them, and the cells that all totals are sums of.
"""

from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import Column, Index, LargeBinary, UniqueConstraint, text
from sqlmodel import Field

from kernel.tables import exact_decimal, instant, json_document, milligrams, service_tables

Base = service_tables("inventory")


class Entity(Base, table=True):
    """A legal entity; `ownership` and `control` are lists of dated intervals, as the event EntityChanged has them."""

    __tablename__ = "entity"

    id: UUID = Field(primary_key=True)
    external_id: str = Field(unique=True)
    name: str
    country: str
    parent_id: UUID | None = Field(default=None, foreign_key="inventory.entity.id", index=True)
    ownership: Any = Field(sa_column=json_document(nullable=False))
    control: Any = Field(sa_column=json_document(nullable=False))
    version: int
    recorded_at: datetime = Field(sa_column=instant(nullable=False))


class Site(Base, table=True):
    __tablename__ = "site"

    id: UUID = Field(primary_key=True)
    external_id: str = Field(unique=True)
    entity_id: UUID = Field(foreign_key="inventory.entity.id", index=True)
    name: str
    region: str
    grid_region: str | None
    timezone: str
    tenure: str
    version: int
    recorded_at: datetime = Field(sa_column=instant(nullable=False))


class Inventory(Base, table=True):
    """An inventory of a period; several of one year share the records. `submitted_by` is the principal who put it in review."""

    __tablename__ = "inventory"
    __table_args__ = (UniqueConstraint("year", "name"),)

    id: UUID = Field(primary_key=True)
    year: int
    name: str
    period_start: date
    period_end: date
    consolidation_approach: str
    gwp_set: str
    is_base_year: bool
    state: str
    effective_on: date
    submitted_by: str | None
    version: int
    recorded_at: datetime = Field(sa_column=instant(nullable=False))


class InventoryTransition(Base, table=True):
    """One step of an inventory's life: who, when, effective when, and why."""

    __tablename__ = "inventory_transition"

    id: UUID = Field(primary_key=True)
    inventory_id: UUID = Field(foreign_key="inventory.inventory.id", index=True)
    from_state: str
    to_state: str
    effective_on: date
    reason: str | None
    principal: str
    recorded_at: datetime = Field(sa_column=instant(nullable=False))


class SourceItem(Base, table=True):
    """How an item code of a source system maps to an activity type."""

    __tablename__ = "source_item"

    source_system: str = Field(primary_key=True)
    code: str = Field(primary_key=True)
    activity_type: str
    unit: str
    site_id: UUID | None = Field(default=None, foreign_key="inventory.site.id")
    category: str | None
    release_job: UUID | None
    version: int
    recorded_at: datetime = Field(sa_column=instant(nullable=False))


class Organisation(Base, table=True):
    """What the gateway says of the organisation (projection)."""

    __tablename__ = "organisation"

    id: str = Field(primary_key=True)
    time_zone: str
    gwp_set: str
    version: int


class ActivityType(Base, table=True):
    """What the factors service says of an activity type (projection)."""

    __tablename__ = "activity_type"

    id: str = Field(primary_key=True)
    scope: int
    category: str
    method: str
    unit_dimensions: Any = Field(sa_column=json_document(nullable=False))
    version: int


class FactorBinding(Base, table=True):
    """The factors service's answer for one combination, kept with a snapshot of the factor.

    number      the how-manieth of its combination; records that were calculated with it name it
    state       `resolved`, or `no_factor`: asked, and there is none
    is_current  whether it calculates what is pushed now; of a combination one does. The others were replaced by an accepted
                factor update, and still calculate what a closed period counts
    """

    __tablename__ = "factor_binding"
    __table_args__ = (
        UniqueConstraint("activity_type", "region", "year", "unit", "method", "stage", "number"),
        Index(
            "uq_factor_binding_current", "activity_type", "region", "year", "unit", "method", "stage",
            unique=True, postgresql_where=text("is_current"),
        ),
    )  # fmt: skip

    id: UUID = Field(primary_key=True)
    activity_type: str
    region: str
    year: int
    unit: str
    method: str
    stage: str
    number: int
    state: str
    is_current: bool
    answer: Any = Field(sa_column=json_document(nullable=False))
    asked_at: datetime = Field(sa_column=instant(nullable=False))


class FactorUpdate(Base, table=True):
    """A change of the catalogue that would move figures, put up for one decision; its parts are in `factor_update_change`.

    kind          what would change, see services.inventory.domain.factor_updates.Kind
    to_factor     only where it is one factor of the organisation's own
    overtaken_by  the proposal that took its place, null if nothing did
    accepted_as   the how-manieth update that was accepted; by the highest a process knows whether its bindings are current
    recount_job   counts the records of open periods anew, once it is accepted
    """

    __tablename__ = "factor_update"
    __table_args__ = (
        Index("ix_factor_update_state", "state", "id"),
        Index("uq_factor_update_accepted", "accepted_as", unique=True, postgresql_where=text("accepted_as IS NOT NULL")),
    )

    id: UUID = Field(primary_key=True)
    kind: str
    state: str
    from_dataset: str
    to_dataset: str | None
    to_factor: str | None
    proposed_at: datetime = Field(sa_column=instant(nullable=False))
    decided_at: datetime | None = Field(sa_column=instant())
    decided_by: str | None
    reason: str | None
    overtaken_by: UUID | None
    accepted_as: int | None
    recount_job: UUID | None
    version: int


class FactorUpdateChange(Base, table=True):
    """One binding that an update would replace, and the factors service's answer that would take its place.

    ratio  of the combination's unit to the new factor's; null where no factor would serve
    """

    __tablename__ = "factor_update_change"

    update_id: UUID = Field(primary_key=True, foreign_key="inventory.factor_update.id")
    binding_id: UUID = Field(primary_key=True, foreign_key="inventory.factor_binding.id")
    from_factor: str
    from_dataset: str
    from_ratio: str
    to_factor: str | None
    to_dataset: str | None
    to_ratio: str | None
    answer: Any = Field(sa_column=json_document(nullable=False))


class Activity(Base, table=True):
    """An activity record in its present state; (source_system, external_id) is its business key.

    revision           the latest revision, counted or not
    fingerprint        SHA-256 of the content that the source pushed last
    counted_revision   the revision whose figures the cells hold; null while none is
    quarantine         why the latest revision is not counted, null if it is or the record is voided
    content            the latest revision's content as pushed, its `item_code` too; the other columns are of the counted revision,
                       or of the latest while none is counted
    combinations       those whose bindings calculated it, one per calendar year
    binding_numbers    which binding of each combination it was; empty without a figure, and where it was the first of each
    contributions      what this record has added to cells, so that it can be taken out again exactly
    """

    __tablename__ = "activity"
    __table_args__ = (
        UniqueConstraint("source_system", "external_id"),
        Index("ix_activity_site_period", "site_id", "period_start"),
        Index("ix_activity_type", "activity_type"),
        Index("ix_activity_period", "period_start", "id"),
        Index("ix_activity_quarantined", "source_system", "item_code", postgresql_where=text("quarantine IS NOT NULL")),
        Index("ix_activity_without_figure", "activity_type", postgresql_where=text("calculation_state <> 'calculated'")),
    )

    id: UUID = Field(primary_key=True)
    source_system: str
    external_id: str
    revision: int
    fingerprint: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    source_modified_at: datetime | None = Field(sa_column=instant())
    counted_revision: int | None
    quarantine: str | None
    voided: bool
    content: Any = Field(sa_column=json_document(nullable=False))
    site_id: UUID | None = Field(default=None, foreign_key="inventory.site.id")
    activity_type: str | None
    item_code: str | None
    period_start: date
    period_end: date
    quantity: Decimal = Field(sa_column=exact_decimal(nullable=False))
    unit: str | None
    category: str | None
    calculation_state: str | None
    combinations: Any = Field(sa_column=json_document(nullable=False))
    binding_numbers: Any = Field(sa_column=json_document(nullable=False))
    contributions: Any = Field(sa_column=json_document(nullable=False))
    recorded_at: datetime = Field(sa_column=instant(nullable=False))
    principal: str


class ActivityRevision(Base, table=True):
    """Every revision of a record: its content, what became of it, who brought it, when and why."""

    __tablename__ = "activity_revision"

    activity_id: UUID = Field(primary_key=True, foreign_key="inventory.activity.id")
    revision: int = Field(primary_key=True)
    outcome: str
    content: Any = Field(sa_column=json_document(nullable=False))
    reason: str | None
    principal: str
    recorded_at: datetime = Field(sa_column=instant(nullable=False))


class Cell(Base, table=True):
    """All records of one site, category, activity type, factor, calendar month and method, at 100 %; see contracts.events.CellChanged."""

    __tablename__ = "cell"
    __table_args__ = (Index("ix_cell_segment", "segment_start"),)

    id: UUID = Field(primary_key=True)
    site_id: UUID | None
    scope: int | None
    category: str | None
    activity_type: str | None
    factor_id: str | None
    state: str
    item: str | None
    segment_start: date
    segment_end: date
    method: str
    unit: str | None
    quantity_nano: Decimal = Field(sa_column=exact_decimal(nullable=False))
    biogenic_co2_mg: int = Field(sa_column=milligrams(nullable=False))
    records: int
    version: int
    recorded_at: datetime = Field(sa_column=instant(nullable=False))


class CellGas(Base, table=True):
    """One gas of a cell; `gwp_basis` is empty except for CO2e-only factors. A null figure stays null: missing is not zero."""

    __tablename__ = "cell_gas"

    cell_id: UUID = Field(primary_key=True, foreign_key="inventory.cell.id")
    gas: str = Field(primary_key=True)
    gwp_basis: str = Field(primary_key=True)
    mass_mg: int | None = Field(sa_column=milligrams())
    co2e_mg_ar4: int | None = Field(sa_column=milligrams())
    co2e_mg_ar5: int | None = Field(sa_column=milligrams())
    co2e_mg_ar6: int | None = Field(sa_column=milligrams())


class ApprovedCell(Base, table=True):
    """A cell as an approved inventory counts it, consolidated; the document is the event's. Totals read these from approval on.

    counts  false since the inventory was opened again: the document is all zeroes, and stays to be told to whoever asks anew
    """

    __tablename__ = "approved_cell"

    inventory_id: UUID = Field(primary_key=True, foreign_key="inventory.inventory.id")
    cell_id: UUID = Field(primary_key=True)
    version: int
    counts: bool
    document: Any = Field(sa_column=json_document(nullable=False))
