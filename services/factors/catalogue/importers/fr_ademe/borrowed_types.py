"""Activity types that other importers hand in, under which the Base Carbone's factors for the same things stand."""

from dataclasses import dataclass
from functools import cache

from services.factors.catalogue.taxonomy import table_rows


@dataclass(frozen=True, slots=True)
class BorrowedType:
    """The id, and what tells the publisher's factor apart among those of the type."""

    id: str
    technology: str | None
    is_default: bool


@cache
def borrowed_types() -> dict[str, BorrowedType]:
    """By the id that the publisher's own names would make."""
    rows = table_rows("fr_ademe/borrowed_types.csv")
    return {row["made_id"]: BorrowedType(row["borrowed_id"], row["technology"] or None, row["is_default"] == "yes") for row in rows}


def is_handed_in_elsewhere(activity_id: str) -> bool:
    """Whether another importer hands in this activity type."""
    return activity_id in {borrowed.id for borrowed in borrowed_types().values()}
