"""An inventory as its owner defines it, and which days it may have."""

from dataclasses import dataclass
from datetime import date

from contracts.shapes import ConsolidationApproach, GwpSetName
from kernel.problems import refused
from services.inventory.domain.group_entities import month_start_only

LONGEST_MONTHS = 24


@dataclass(frozen=True, slots=True)
class InventoryContent:
    """An inventory without its id, version and state; `year` and `name` are its business key.

    gwp_set  None: the organisation's, when the inventory is created
    """

    year: int
    name: str
    period_start: date
    period_end: date
    consolidation_approach: ConsolidationApproach
    gwp_set: GwpSetName | None
    is_base_year: bool


def calendar_year(year: int) -> tuple[date, date]:
    return date(year, 1, 1), date(year + 1, 1, 1)


def refuse_wrong_period(content: InventoryContent) -> None:
    """Refuse a period that is not of whole months, has nothing of its year, or is longer than two years.

    A financial year may begin before or end after the calendar year, and a changed one be shorter or longer than twelve months.
    raises  Problem: month_start_only, outside_year, period_too_long
    """
    start, end = content.period_start, content.period_end
    for name, day in (("start", start), ("end", end)):
        if day.day != 1:
            raise month_start_only(f"/period/{name}", day)
    first, after = calendar_year(content.year)
    if end <= first or start >= after:
        detail = f"The period {start} to {end} has no day of {content.year}."
        raise refused("/period", "outside_year", detail, "Correct the year or the period.")
    if (end.year - start.year) * 12 + end.month - start.month > LONGEST_MONTHS:
        raise refused("/period", "period_too_long", f"An inventory has at most {LONGEST_MONTHS} months.", "Make one inventory a year.")
