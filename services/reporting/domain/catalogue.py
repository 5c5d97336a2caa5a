"""What a report says of factors, their datasets and activity types, as the factors service published them."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Dataset:
    id: str
    publisher: str
    edition: str
    attribution: str
    sha256: tuple[str, ...]
    version: int


@dataclass(frozen=True, slots=True)
class GasSource:
    """One gas of a factor with the row that it was read from."""

    gas: str
    kg_per_unit: str
    dataset: str
    licence: str
    row: str
    sha256: str


@dataclass(frozen=True, slots=True)
class Factor:
    id: str
    activity_type: str
    region: str
    data_year: int | None
    unit: str
    gas_coverage: str
    gases: tuple[GasSource, ...]
    biogenic_co2: GasSource | None
    version: int


@dataclass(frozen=True, slots=True)
class Catalogue:
    """The factors that a report uses, with every dataset and the English names of activity types."""

    factors: Mapping[str, Factor]
    datasets: Mapping[str, Dataset]
    activity_names: Mapping[str, str]
