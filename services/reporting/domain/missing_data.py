"""What an inventory lacks: records without a figure, and months without data."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date

from services.reporting.domain.books import Books
from services.reporting.domain.report_content import Gap, Missing, MissingRecords, MissingState


def month_of(day: date) -> str:
    return f"{day:%Y-%m}"


def months_of(start: date, end: date) -> Iterator[date]:
    """The first days of the calendar months that begin in [start, end)."""
    month = start.replace(day=1)
    while month < end:
        if month >= start:
            yield month
        month = _next_month(month)


def missing_data(books: Books, today: date) -> Missing:
    return Missing(records=tuple(_without_figure(books)), gaps=tuple(_gaps(books, today)))


@dataclass(slots=True)
class _Pile:
    records: int = 0
    months: set[str] = field(default_factory=set)


def _without_figure(books: Books) -> Iterator[MissingRecords]:
    piles: dict[tuple[MissingState, str | None, str | None], _Pile] = defaultdict(_Pile)
    for held in books.cells:
        cell = held.cell
        if cell.state != "calculated":
            pile = piles[cell.state, cell.site, cell.activity_type or held.item]
            pile.records += cell.records
            pile.months.add(month_of(cell.segment_start))
    for (state, site, item), pile in sorted(piles.items(), key=lambda pair: [(part is None, part or "") for part in pair[0]]):
        yield MissingRecords(state, site, item, tuple(sorted(pile.months)), pile.records)


def _gaps(books: Books, today: date) -> Iterator[Gap]:
    """Months in which a site has no data of an activity type that it has data of in another month of the period.

    Months that are not over on `today`, and months in which the site was outside the boundary, are no gaps.
    """
    with_data: dict[tuple[str, str], set[date]] = defaultdict(set)
    entity_of: dict[str, str] = {}
    for held in books.cells:
        cell = held.cell
        if cell.site is not None and cell.activity_type is not None and held.entity_id is not None:
            with_data[cell.site, cell.activity_type].add(cell.segment_start)
            entity_of[cell.site] = held.entity_id
    inventory = books.inventory
    over = [month for month in months_of(inventory.period_start, inventory.period_end) if _next_month(month) <= today]
    for (site, activity_type), months in sorted(with_data.items()):
        approach = inventory.consolidation_approach
        lacking = [month for month in over if month not in months and books.group.share(entity_of[site], approach, month)]
        if lacking:
            yield Gap(site, activity_type, tuple(month_of(month) for month in lacking))


def _next_month(month: date) -> date:
    return date(month.year + month.month // 12, month.month % 12 + 1, 1)
