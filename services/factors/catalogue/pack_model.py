"""What the factor pack holds: data sets, activity types, factors, fuel properties and the rows left out."""

from dataclasses import dataclass
from fractions import Fraction


@dataclass(frozen=True, slots=True)
class SourceFile:
    """One file that was read, and what became of its rows: rows = rows_loaded + rows_excluded."""

    path: str
    sha256: str
    bytes: int
    rows: int
    rows_loaded: int
    rows_excluded: int


@dataclass(frozen=True, slots=True)
class Dataset:
    """One publisher's edition, with its licence and its source files."""

    id: str
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
    source_files: tuple[SourceFile, ...]

    @property
    def rows_loaded(self) -> int:
        """Rows that became a factor, a property or a part of one, over all source files."""
        return sum(file.rows_loaded for file in self.source_files)

    @property
    def rows_excluded(self) -> int:
        """Rows left out, each with a reason, over all source files."""
        return sum(file.rows_excluded for file in self.source_files)


@dataclass(frozen=True, slots=True)
class ActivityType:
    """A kind of activity that emits: `fuel.diesel`, `electricity.grid`, `refrigerant.R-410A`.

    stage  which emissions answer where no stage is named: direct ones in scopes 1 and 2, those of the life cycle for what is bought
    """

    id: str
    name_en: str
    name_zh: str
    scope: int
    category: str
    method: str
    unit_dimensions: tuple[str, ...]
    iso14064_category: str
    stage: str
    note: str


@dataclass(frozen=True, slots=True)
class GasPart:
    """Mass of one gas per unit of a factor, with the row that it was printed in and the arithmetic that led here."""

    gas: str
    kg_per_unit: Fraction
    gwp_basis: str | None
    dataset: str
    row: str
    printed_value: str
    printed_unit: str
    derivation: str


@dataclass(frozen=True, slots=True)
class Factor:
    """Emissions per unit of one activity in one region, year and life-cycle stage.

    is_default           marks the one that answers when neither stage, purpose nor technology is named: of the activity type's own stage
    price_year           of money: the year in whose prices the unit is; `price_basis` says whose price: purchaser or producer
    uncertainty_percent  half of the interval of 95 % confidence as the publisher states it, in percent of the figure
    """

    id: str
    key: str
    dataset: str
    activity_type: str
    region: str
    data_year: int | None
    stage: str
    purpose: str | None
    technology: str | None
    is_default: bool
    unit: str
    conditions: str | None
    gases: tuple[GasPart, ...]
    biogenic_co2: GasPart | None
    gas_coverage: str
    properties: tuple[str, ...]
    name_en: str
    name_zh: str
    source_row: str
    value_printed: str
    unit_printed: str
    quality: str | None
    notes: tuple[str, ...]
    valid_from: str | None
    valid_to: str | None
    price_year: int | None
    price_basis: str | None
    uncertainty_percent: Fraction | None


@dataclass(frozen=True, slots=True)
class FuelProperty:
    """A density or calorific value that connects two unit dimensions of one fuel."""

    id: str
    activity_types: tuple[str, ...]
    name: str
    value: Fraction
    unit: str
    region: str
    data_year: int | None
    dataset: str
    row: str
    printed_value: str
    printed_unit: str
    note: str


@dataclass(frozen=True, slots=True)
class ExcludedRow:
    """A source row that carries no factor of this pack, and why."""

    dataset: str
    file: str
    row: str
    text: str
    reason: str
