"""Rows that say again what another row says, under another label or per another unit: checked to be equal, then left out."""

from collections.abc import Iterable, Iterator
from fractions import Fraction

from services.factors.catalogue.importers.uk_desnz.editions import section_of
from services.factors.catalogue.importers.uk_desnz.rows import DesnzRow
from services.factors.catalogue.importers.uk_desnz.vehicles import vehicle_section
from services.factors.catalogue.printed_numbers import printed_number
from services.factors.catalogue.refusals import UnmappedRow

_KM_PER_MILE = Fraction("1.609344")
_HALF_STEP = Fraction(5, 1_000_000)  # the figures have five decimals
# A printed total may be the sum of three rounded gases, per mile as well as per kilometre.
_ROUNDING_OF_MILES = 3 * _HALF_STEP * (1 + _KM_PER_MILE)

_NO_LEVEL_4 = ("0.0", "2020", "2020.0", "kWh")  # strayed into the column in some editions

Label = tuple[str, ...]


def doubles(rows: Iterable[DesnzRow]) -> dict[str, str]:
    """The ids of the rows that double another, each with the reason for leaving it out.

    raises    UnmappedRow, if a row is not equal to the one that it is known to double, or that one is missing
    """
    listed = list(rows)
    by_label = {_label(row): row for row in listed}
    return {row.id: reason for row in listed for reason in _reasons(row, by_label)}


def _label(row: DesnzRow, **other: str) -> Label:
    section = other.get("section", row.level1.casefold())
    unit, column = other.get("unit", row.unit.casefold()), other.get("column", row.column_text.casefold())
    level4 = "" if row.level4 in _NO_LEVEL_4 else row.level4.casefold()
    return (section, vehicle_section(row), row.level3.casefold(), level4, column, unit, row.gas)


def _reasons(row: DesnzRow, by_label: dict[Label, DesnzRow]) -> Iterator[str]:
    treatment, _ = section_of(row)
    if treatment == "managed assets":
        double = _same(row, [_managed(row, section) for section in _OWN_SECTIONS], by_label)
        yield f"the same factor as {double.id} ({double.level1}), under a scope 3 label of managed assets"
    elif row.unit == "miles":
        _same(row, [_label(row, unit="km")], by_label, Fraction(1), _KM_PER_MILE, _ROUNDING_OF_MILES)
        yield "the same factor per mile: miles convert exactly from kilometres"
    elif row.unit == "million litres":
        double = _same(row, [_label(row, unit="cubic metres")], by_label, Fraction(1, 1000), Fraction(1), _HALF_STEP)
        yield f"the same factor as {double.id} per million litres, which convert exactly from cubic metres"
    elif treatment in ("upstream flights", "upstream freight") and row.column_text == "With RF":
        double = _same(row, [_label(row, column="without rf")], by_label)
        yield f"the same factor as {double.id}: well to tank, fuel has no radiative forcing"


_OWN_SECTIONS = ("uk electricity", "business travel- land", "freighting goods")


def _managed(row: DesnzRow, section: str) -> Label:
    _, block, body, _, *others = _label(row, section=section)
    block = "electricity generated" if section == "uk electricity" else block
    return (section, block, body, "", *others)


def _same(
    row: DesnzRow,
    labels: list[Label],
    by_label: dict[Label, DesnzRow],
    scale: Fraction = Fraction(1),
    other_scale: Fraction = Fraction(1),
    rounding: Fraction = Fraction(0),
) -> DesnzRow:
    """The row under one of the labels, whose value times its scale is this row's times its own, within the rounding."""
    other = next((by_label[label] for label in labels if label in by_label), None)
    if other is None:
        raise UnmappedRow(f"{row.id}: it should double another row, but there is none: {row.text}")
    gap = printed_number(row.value) * scale - printed_number(other.value) * other_scale
    if abs(gap) > rounding:
        raise UnmappedRow(f"{row.id}: it should double {other.id}, but is not equal: {row.text}, {other.value}")
    return other
