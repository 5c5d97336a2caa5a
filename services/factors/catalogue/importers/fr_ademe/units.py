"""The Base Carbone's units, in many spellings, as units of the catalogue."""

from dataclasses import dataclass
from fractions import Fraction
from functools import cache

from services.factors.catalogue.importers.fr_ademe.rows import BASE_CARBONE, AdemeRow
from services.factors.catalogue.refusals import UnmappedRow
from services.factors.catalogue.taxonomy import table_rows

_PER = "kgCO2e/"


@dataclass(frozen=True, slots=True)
class PrintedUnit:
    """A printed unit and what it is.

    printed_per_unit  how many printed units make one `unit`: 1/100 for "100 sheets" and one sheet
    reference         in English and Chinese, what the unit measures a part of: the nitrogen of a fertiliser, not its weight
    conditions        of a volume of gas
    """

    printed: str
    unit: str
    printed_per_unit: Fraction
    reference_id: str
    reference: tuple[str, str]
    conditions: str | None


def printed_unit(row: AdemeRow) -> PrintedUnit:
    """The unit of a row.

    raises    UnmappedRow, if tables/fr_ademe/units.csv does not know it
    """
    found = _units().get(row.unit.removeprefix(_PER)) if row.unit.startswith(_PER) else None
    if found is None:
        raise UnmappedRow(f"{BASE_CARBONE} {row.id}: unknown unit {row.unit!r}: add it to tables/fr_ademe/units.csv")
    return found


@cache
def _units() -> dict[str, PrintedUnit]:
    return {
        row["printed"]: PrintedUnit(
            row["printed"],
            row["unit"],
            Fraction(row["printed_per_unit"]),
            row["reference_id"],
            (row["reference_en"], row["reference_zh"]),
            row["conditions"] or None,
        )
        for row in table_rows("fr_ademe/units.csv")
    }
