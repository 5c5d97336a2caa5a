"""The activity types of the catalogue: one id for one real fuel, good or service, whichever publisher describes it."""

import csv
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from services.factors.catalogue.pack_model import ActivityType
from services.factors.catalogue.refusals import UnmappedRow

TABLES = Path(__file__).parent / "tables"


@dataclass(frozen=True, slots=True)
class Kind:
    """What all activity types of one kind share; iso14064_category is the one of ISO 14064-1:2018, annex B.

    category  the scope 3 category in which such an activity usually falls, a hint that a record may override
    """

    scope: int
    category: str
    method: str
    unit_dimensions: tuple[str, ...]
    iso14064_category: str
    stage: str


@cache
def kinds() -> dict[str, Kind]:
    """The kinds of tables/kinds.csv by name."""
    return {
        row["kind"]: Kind(
            int(row["scope"]),
            row["category"],
            row["method"],
            tuple(row["unit_dimensions"].split()),
            row["iso14064_category"],
            row["stage"],
        )
        for row in table_rows("kinds.csv")
    }


def activity_type_of(kind_name: str, activity_id: str, name_en: str, name_zh: str, note: str = "") -> ActivityType:
    """An activity type of one of the kinds."""
    kind = kinds()[kind_name]
    return ActivityType(
        id=activity_id,
        name_en=name_en,
        name_zh=name_zh,
        scope=kind.scope,
        category=kind.category,
        method=kind.method,
        unit_dimensions=kind.unit_dimensions,
        iso14064_category=kind.iso14064_category,
        stage=kind.stage,
        note=note,
    )


@cache
def written_activity_types() -> dict[str, ActivityType]:
    """The activity types of the files in tables/activity_types by id; others are made by the importers, which know their names."""
    rows = [row for path in sorted((TABLES / "activity_types").glob("*.csv")) for row in table_rows(f"activity_types/{path.name}")]
    return {row["id"]: activity_type_of(row["kind"], row["id"], row["name_en"], row["name_zh"], row["note"]) for row in rows}


@cache
def _names() -> dict[tuple[str, str], tuple[str, ...]]:
    return {(row["publisher"], row["name"].casefold()): tuple(row["activity_types"].split()) for row in table_rows("fuel_names.csv")}


def activity_types_named(publisher: str, name: str) -> tuple[ActivityType, ...]:
    """The activity types that a publisher means by a fuel's name (letter case ignored).

    raises    UnmappedRow, if tables/fuel_names.csv does not know the name
    """
    ids = _names().get((publisher, name.strip().casefold()))
    if ids is None:
        raise UnmappedRow(f"{publisher}: unknown fuel {name!r}: add it to tables/fuel_names.csv with its activity types")
    return tuple(written_activity_types()[activity_id] for activity_id in ids)


def table_rows(name: str) -> list[dict[str, str]]:
    """The rows of one of our own tables, a CSV file with a header."""
    with (TABLES / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))
