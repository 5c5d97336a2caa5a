"""The tables of the reporting service.

Projections hold what events say and nothing else, each topic by itself; they are joined when they are read, so the order in which
topics arrive never matters. `report` is this service's own.
"""

from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, Column, Index, Integer, Text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlmodel import Field

from kernel.tables import exact_decimal, instant, json_document, milligrams, service_tables

Base = service_tables("reporting")


class Organisation(Base, table=True):
    __tablename__ = "organisation"

    id: str = Field(primary_key=True)
    name: str
    responsible: str | None
    time_zone: str
    gwp_set: str
    languages: Any = Field(sa_column=json_document(nullable=False))
    version: int
    recorded_at: datetime = Field(sa_column=instant(nullable=False))


class ActivityType(Base, table=True):
    __tablename__ = "activity_type"

    id: str = Field(primary_key=True)
    name_en: str
    name_zh: str
    scope: int
    category: str
    method: str
    unit_dimensions: Any = Field(sa_column=json_document(nullable=False))
    version: int
    recorded_at: datetime = Field(sa_column=instant(nullable=False))


class Dataset(Base, table=True):
    __tablename__ = "dataset"

    id: str = Field(primary_key=True)
    name: str
    publisher: str
    edition: str
    year: int | None
    licence: str
    attribution: str
    has_vintage: bool
    is_global: bool
    source_files: Any = Field(sa_column=json_document(nullable=False))
    version: int
    recorded_at: datetime = Field(sa_column=instant(nullable=False))


class Factor(Base, table=True):
    __tablename__ = "factor"

    id: str = Field(primary_key=True)
    state: str
    dataset: str
    activity_type: str
    region: str
    data_year: int | None
    stage: str
    purpose: str | None
    unit: str
    gases: Any = Field(sa_column=json_document(nullable=False))
    biogenic_co2: Any = Field(sa_column=json_document())
    gas_coverage: str
    name_en: str
    source_row: str
    value_printed: str
    unit_printed: str
    notes: Any = Field(sa_column=json_document(nullable=False))
    version: int
    recorded_at: datetime = Field(sa_column=instant(nullable=False))


class Entity(Base, table=True):
    __tablename__ = "entity"

    id: str = Field(primary_key=True)
    external_id: str
    name: str
    country: str
    parent: str | None
    ownership: Any = Field(sa_column=json_document(nullable=False))
    control: Any = Field(sa_column=json_document(nullable=False))
    version: int
    recorded_at: datetime = Field(sa_column=instant(nullable=False))


class Site(Base, table=True):
    __tablename__ = "site"

    id: str = Field(primary_key=True)
    external_id: str
    entity: str
    name: str
    region: str
    grid_region: str | None
    timezone: str
    tenure: str
    version: int
    recorded_at: datetime = Field(sa_column=instant(nullable=False))


class Inventory(Base, table=True):
    __tablename__ = "inventory"
    __table_args__ = (Index("ix_inventory_year_name", "year", "name"),)

    id: str = Field(primary_key=True)
    year: int
    name: str
    period_start: date
    period_end: date
    consolidation_approach: str
    gwp_set: str
    is_base_year: bool
    state: str
    effective_on: date
    version: int
    recorded_at: datetime = Field(sa_column=instant(nullable=False))


class Cell(Base, table=True):
    """A cell with its gases, each as [gas, GWP basis, mass, CO2e under AR4, AR5, AR6] in milligrams: one row is read at once."""

    __tablename__ = "cell"
    __table_args__ = (Index("ix_cell_segment", "segment_start"),)

    id: str = Field(primary_key=True)
    site: str | None
    scope: int | None
    category: str | None
    activity_type: str | None
    factor: str | None
    state: str
    item: str | None
    segment_start: date
    segment_end: date
    method: str
    quantity_nano: Decimal = Field(sa_column=exact_decimal(nullable=False))
    unit: str | None
    gases: Any = Field(sa_column=json_document(nullable=False))
    biogenic_co2_mg: int = Field(sa_column=milligrams(nullable=False))
    records: int
    version: int
    recorded_at: datetime = Field(sa_column=instant(nullable=False))


class ApprovedCell(Base, table=True):
    """A cell as an approved inventory counts it, its share already taken; gases as in `cell`."""

    __tablename__ = "approved_cell"
    __table_args__ = (Index("ix_approved_cell_inventory", "inventory"),)

    id: str = Field(primary_key=True)
    inventory: str
    cell: str
    entity: str | None
    share: str
    site: str | None
    scope: int | None
    category: str | None
    activity_type: str | None
    factor: str | None
    state: str
    item: str | None
    segment_start: date
    segment_end: date
    method: str
    quantity_nano: Decimal = Field(sa_column=exact_decimal(nullable=False))
    unit: str | None
    gases: Any = Field(sa_column=json_document(nullable=False))
    biogenic_co2_mg: int = Field(sa_column=milligrams(nullable=False))
    records: int
    version: int
    recorded_at: datetime = Field(sa_column=instant(nullable=False))


class Intake(Base, table=True):
    """What became of one request's records; a fact, kept once by its event's source and id."""

    __tablename__ = "intake"

    source: str = Field(primary_key=True)
    event_id: str = Field(primary_key=True)
    source_system: str
    recorded_at: datetime = Field(sa_column=instant(nullable=False))
    principal: str
    created: int
    corrected: int
    unchanged: int
    stale: int
    quarantined: int
    refused: int


class HeardTopic(Base, table=True):
    """How far each partition of a topic has been heard: the highest position that was applied."""

    __tablename__ = "heard_topic"

    topic: str = Field(primary_key=True)
    partition: int = Field(sa_column=Column(Integer, primary_key=True, autoincrement=False))
    position: int = Field(sa_column=Column(BigInteger, nullable=False))


class Report(Base, table=True):
    """An ordered report.

    entity_ids       what its orderer was narrowed to, empty for the whole group
    job_id           the job that makes it; its state is the report's until the report is finished
    started_at       from then on it waits for the read model to agree with the inventory
    total            kilograms and records that it counts; `inventory_total` those of the inventory itself, null while unknown
    behind_because   why the two could not be brought together
    files            name, sha256, bytes and media type of each document
    """

    __tablename__ = "report"

    id: UUID = Field(primary_key=True)
    type: str
    year: int
    inventory_id: str
    formats: list[str] = Field(sa_column=Column(ARRAY(Text), nullable=False))
    language: str
    entity_ids: list[str] = Field(sa_column=Column(ARRAY(Text), nullable=False))
    requested_by: str
    requested_at: datetime = Field(sa_column=instant(nullable=False))
    job_id: UUID
    started_at: datetime | None = Field(sa_column=instant())
    finished_at: datetime | None = Field(sa_column=instant())
    status: str | None
    total: Any = Field(sa_column=json_document())
    inventory_total: Any = Field(sa_column=json_document())
    behind_because: str | None
    files: Any = Field(sa_column=json_document(nullable=False))
