"""A factor pack read whole into the dataclasses that its importers made, which the product never does: it takes records file by file."""

from dataclasses import dataclass
from pathlib import Path

from services.factors.catalogue.pack_format import excluded_row_from, factor_from
from services.factors.catalogue.pack_model import ActivityType, Dataset, ExcludedRow, Factor, FuelProperty
from services.factors.catalogue.pack_reader import open_pack


@dataclass(frozen=True, slots=True)
class Pack:
    """Everything the pack folder holds, in a fixed order."""

    datasets: tuple[Dataset, ...]
    activity_types: tuple[ActivityType, ...]
    factors: tuple[Factor, ...]
    properties: tuple[FuelProperty, ...]
    excluded_rows: tuple[ExcludedRow, ...]


def read_pack(path: Path) -> Pack:
    """The whole pack in a folder; values are exact fractions."""
    folder = open_pack(path)
    return Pack(
        datasets=tuple(folder.datasets()),
        activity_types=tuple(folder.activity_types()),
        factors=tuple(map(factor_from, folder.factor_records())),
        properties=tuple(folder.properties()),
        excluded_rows=tuple(map(excluded_row_from, folder.excluded_row_records())),
    )
