"""What an inventory lacks: records without a figure, and months without data."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction

from services.reporting.domain.books import Books
from services.reporting.domain.report_content import Gap, Missing, MissingRecords, MissingState, SeldomReported

MONTHLY_FROM = Fraction(3, 4)  # of the months: nine of twelve


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
    """Records without a figure, gaps, and what is reported too seldom to have gaps.

    A pair of site and activity type is reported monthly if it has data in at least `MONTHLY_FROM` of the months that are over on
    `today` and in which the site was inside the boundary. Only then its months without data are gaps, also at the edges of the
    period; a quarterly test of a generator or a refill of refrigerant has none.
    """
    gaps, seldom = [], []
    for (site, activity_type), (with_data, expected) in sorted(_months_of_pairs(books, today).items()):
        lacking = [month for month in expected if month not in with_data]
        if len(expected) - len(lacking) < MONTHLY_FROM * len(expected):
            seldom.append(SeldomReported(site, activity_type, tuple(map(month_of, sorted(with_data)))))
        elif lacking:
            gaps.append(Gap(site, activity_type, tuple(map(month_of, lacking))))
    return Missing(tuple(_without_figure(books)), tuple(gaps), tuple(seldom))


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


def _months_of_pairs(books: Books, today: date) -> dict[tuple[str, str], tuple[set[date], list[date]]]:
    """Of each pair of site and activity type the months with data, and the months in which a monthly report would have some."""
    with_data: dict[tuple[str, str], set[date]] = defaultdict(set)
    entity_of: dict[str, str] = {}
    for held in books.cells:
        cell = held.cell
        if cell.site is not None and cell.activity_type is not None and held.entity_id is not None:
            with_data[cell.site, cell.activity_type].add(cell.segment_start)
            entity_of[cell.site] = held.entity_id
    inventory, share = books.inventory, books.group.share
    over = [month for month in months_of(inventory.period_start, inventory.period_end) if _next_month(month) <= today]
    expected = {
        site: [month for month in over if share(entity, inventory.consolidation_approach, month)] for site, entity in entity_of.items()
    }
    return {pair: (months, expected[pair[0]]) for pair, months in with_data.items()}


def _next_month(month: date) -> date:
    return date(month.year + month.month // 12, month.month % 12 + 1, 1)
