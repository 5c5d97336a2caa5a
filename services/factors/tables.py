"""The tables of the factors service: the catalogue as the packs brought it.

A factor, once stored, keeps its content for ever; only its state changes. What an earlier pack had stays, so that old figures can be
traced.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import Column, Index, text
from sqlalchemy.dialects.postgresql import TSVECTOR
from sqlmodel import Field

from kernel.tables import instant, json_document, service_tables

Base = service_tables("factors")


class LoadedPack(Base, table=True):
    """A pack whose content is in the tables; the version is the SHA-256 of its manifest."""

    __tablename__ = "loaded_pack"

    version: str = Field(primary_key=True)
    loaded_at: datetime = Field(sa_column=instant(nullable=False))


class CatalogueState(Base, table=True):
    """One row, locked by whoever changes the catalogue; `version` counts the changes."""

    __tablename__ = "catalogue_state"

    id: int = Field(primary_key=True)
    version: int


class Dataset(Base, table=True):
    """One publisher's edition. source_files: path, sha256, bytes, rows, rows_loaded, rows_excluded of each.

    preferences  the organisation's, which packs do not touch: activity_types, rank, region, stands_in_for of each
    """

    __tablename__ = "dataset"

    id: str = Field(primary_key=True)
    name: str
    publisher: str
    title: str
    edition: str
    year: int | None
    published_on: str | None
    licence: str
    attribution: str
    tier: str
    url: str | None
    has_vintage: bool
    is_global: bool
    source_files: Any = Field(sa_column=json_document(nullable=False))
    rows_loaded: int
    rows_excluded: int
    preferences: Any = Field(sa_column=json_document(nullable=False))
    version: int
    recorded_at: datetime = Field(sa_column=instant(nullable=False))


class ActivityType(Base, table=True):
    """A kind of activity that emits: `fuel.diesel`, `electricity.grid`."""

    __tablename__ = "activity_type"

    id: str = Field(primary_key=True)
    name_en: str
    name_zh: str
    scope: int
    category: str
    method: str
    unit_dimensions: Any = Field(sa_column=json_document(nullable=False))
    iso14064_category: str
    stage: str
    note: str
    version: int
    recorded_at: datetime = Field(sa_column=instant(nullable=False))


class Factor(Base, table=True):
    """Emissions per unit of one activity; kilograms per unit are exact decimals or fractions "a/b" in `gases` and `biogenic_co2`.

    key           what the factor is about; of one key one factor is published, the others are superseded
    unit_kind     the dimension of `unit`
    properties    ids of the fuel properties that its derivation has used already
    """

    __tablename__ = "factor"
    __table_args__ = (
        Index("uq_factor_published_key", "key", unique=True, postgresql_where=text("state = 'published'")),
        Index("ix_factor_activity_type_region", "activity_type", "region"),
        Index("ix_factor_superseded_by", "superseded_by"),
    )

    id: str = Field(primary_key=True)
    key: str
    dataset: str = Field(foreign_key="factors.dataset.id", index=True)
    activity_type: str = Field(foreign_key="factors.activity_type.id")
    region: str
    data_year: int | None
    stage: str
    purpose: str | None
    technology: str | None
    is_default: bool
    unit: str
    unit_kind: str
    conditions: str | None
    gases: Any = Field(sa_column=json_document(nullable=False))
    biogenic_co2: Any = Field(sa_column=json_document(nullable=True))
    gas_coverage: str
    properties: Any = Field(sa_column=json_document(nullable=False))
    name_en: str
    name_zh: str
    source_row: str
    value_printed: str
    unit_printed: str
    quality: str | None
    notes: Any = Field(sa_column=json_document(nullable=False))
    valid_from: str | None
    valid_to: str | None
    price_year: int | None
    price_basis: str | None
    uncertainty_percent: str | None
    state: str
    superseded_by: str | None
    version: int
    recorded_at: datetime = Field(sa_column=instant(nullable=False))


class OwnFactor(Base, table=True):
    """Who proposed a factor of the organisation's own, on what grounds, and who decided; its content is in `factor`.

    quality_scores  the pedigree: reliability, completeness, temporal, geographical and technological, 1 (best) to 5
    supersedes      the published factor whose place it takes when it is approved
    """

    __tablename__ = "own_factor"

    id: str = Field(primary_key=True, foreign_key="factors.factor.id")
    supersedes: str | None = Field(foreign_key="factors.factor.id")
    quality_scores: Any = Field(sa_column=json_document(nullable=True))
    evidence: Any = Field(sa_column=json_document(nullable=False))
    comment: str
    proposed_by: str
    proposed_at: datetime = Field(sa_column=instant(nullable=False))
    decided_by: str | None
    decided_at: datetime | None = Field(sa_column=instant(nullable=True))
    reason: str | None


class SearchEntry(Base, table=True):
    """What the text search finds a factor by; it follows from the factor, its activity type and its data set.

    rules  by what it was made; what was made by other rules than the present ones is made anew
    """

    __tablename__ = "search_entry"
    __table_args__ = (Index("ix_search_entry_lexemes", "lexemes", postgresql_using="gin"),)

    factor: str = Field(primary_key=True, foreign_key="factors.factor.id", ondelete="CASCADE")
    lexemes: Any = Field(sa_column=Column(TSVECTOR, nullable=False))
    name_words: int
    rules: str


class SearchWord(Base, table=True):
    """A word of the entries that a misspelt one may have meant; a bit of `letters` stands for each of its letters."""

    __tablename__ = "search_word"

    word: str = Field(primary_key=True)
    letters: int


class FuelProperty(Base, table=True):
    """A density or calorific value that connects two unit dimensions of one fuel; `is_current` if the newest pack has it."""

    __tablename__ = "fuel_property"

    id: str = Field(primary_key=True)
    activity_types: Any = Field(sa_column=json_document(nullable=False))
    name: str
    value: str
    unit: str
    region: str
    data_year: int | None
    dataset: str = Field(foreign_key="factors.dataset.id")
    row: str
    printed_value: str
    printed_unit: str
    note: str
    is_current: bool


class ExcludedRow(Base, table=True):
    """A source row that carries no factor, and why; `position` is its place in the data set's list."""

    __tablename__ = "excluded_row"

    dataset: str = Field(primary_key=True, foreign_key="factors.dataset.id")
    position: int = Field(primary_key=True)
    file: str
    row: str
    text: str
    reason: str
