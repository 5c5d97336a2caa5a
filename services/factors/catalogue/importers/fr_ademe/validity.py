"""Until when the publisher holds a factor valid, written in eight ways."""

import re
from dataclasses import dataclass
from datetime import date, timedelta

from services.factors.catalogue.importers.fr_ademe.rows import BASE_CARBONE, AdemeRow
from services.factors.catalogue.refusals import UnmappedRow

_SPREADSHEET_EPOCH = date(1899, 12, 30)  # day 0 of dates that a spreadsheet stores as numbers
_DECEMBER = 12


@dataclass(frozen=True, slots=True)
class Validity:
    """The last day, None where the publisher names none, and a sentence that says so."""

    last_day: date | None
    text: str


def validity_of(row: AdemeRow) -> Validity:
    """The period of validity of a row: "2017-12-01 00:00:00", "2026", "déc.-18", "Année 2020", "45362", "3 ans" or nothing.

    raises    UnmappedRow, for another way of writing it
    """
    printed = row.cells["Période de validité"].strip()
    if not printed:
        return Validity(None, "The publisher names no period of validity.")
    if printed == "3 ans":
        return Validity(None, "Valid for three years, by the publisher, who does not say from when.")
    last_day = _last_day(printed)
    if last_day is None:
        raise UnmappedRow(f"{BASE_CARBONE} {row.id}: unknown period of validity {printed!r}")
    return Validity(last_day, f"Valid until {last_day.isoformat()} by the publisher.")


def _last_day(printed: str) -> date | None:
    if day := re.fullmatch(r"(\d{4})-(\d\d)-(\d\d) 00:00:00", printed):
        return date(int(day[1]), int(day[2]), int(day[3]))
    if month := re.fullmatch(r"déc\.-(\d\d)", printed):
        return date(2000 + int(month[1]), _DECEMBER, 31)
    if year := re.fullmatch(r"(?:Année |Données valides pour l'année )?(20\d\d)", printed):
        return date(int(year[1]), _DECEMBER, 31)
    if number := re.fullmatch(r"4\d{4}", printed):
        return _SPREADSHEET_EPOCH + timedelta(days=int(number[0]))
    return None
