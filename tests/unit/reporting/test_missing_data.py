"""Months without data: what is a gap, and what is only reported seldom."""

from datetime import date
from fractions import Fraction

from baseyear.demo.activities import EMITTERS, GAPS, ITEM_MAPPINGS, YEAR, activity_records
from baseyear.demo.group import SITES
from ghg.consolidation import ControlInterval, OwnershipInterval
from ghg.totals import Cell
from services.reporting.domain.books import Books, HeldCell, Inventory
from services.reporting.domain.group import Entity, Group, Site, Visible
from services.reporting.domain.missing_data import missing_data
from services.reporting.domain.report_content import Gap, SeldomReported

AFTER_THE_YEAR = date(2022, 2, 1)
INVENTORY = Inventory(
    "inventory-2021", 2021, "primary", date(2021, 1, 1), date(2022, 1, 1), "operational_control", "AR6", True, "open", 1
)  # fmt: skip


def held(site, activity_type, month, number=0):
    start = date(2021, month, 1)
    end = date(2021, month + 1, 1) if month < 12 else date(2022, 1, 1)
    cell = Cell(f"cell-{number}", "E", site, 1, "c", activity_type, "factor", "calculated", start, end, "none", 1, (), 0, 1)
    return HeldCell(cell, Fraction(1), site, "E", "kWh", None, 1)


def missing(months_by_pair, today=AFTER_THE_YEAR, owned_since=None):
    """What is missing where (site, activity type) has data in these months."""
    cells = [held(*pair, month) for pair, months in months_by_pair.items() for month in months]
    owner = Entity("E", "E", "Works", "CN", None, (OwnershipInterval(owned_since, None, Fraction(1), None),), _controlled(owned_since))
    sites = [Site(name, name, "E", name, "CN-GD", "owned") for name in {site for site, _ in months_by_pair}]
    return missing_data(Books(INVENTORY, "location_based", Group([owner], sites), Visible(None), cells), today)


def _controlled(since):
    return (ControlInterval(since, None, True, True),)


def test_a_month_without_data_of_an_activity_that_is_reported_monthly_is_a_gap_also_at_the_edges_of_the_year():
    found = missing({("S", "electricity.grid"): (2, 3, 4, 6, 7, 8, 9, 10, 11)})

    assert found.gaps == (Gap("S", "electricity.grid", ("2021-01", "2021-05", "2021-12")),)
    assert found.seldom == ()


def test_an_activity_with_data_in_less_than_three_quarters_of_the_months_has_no_gaps_and_is_listed_with_its_months():
    found = missing({("S", "fuel.diesel"): (3, 6, 9, 12), ("S", "electricity.grid"): range(1, 9)})

    assert found.gaps == ()
    assert found.seldom == (
        SeldomReported("S", "electricity.grid", tuple(f"2021-{month:02d}" for month in range(1, 9))),
        SeldomReported("S", "fuel.diesel", ("2021-03", "2021-06", "2021-09", "2021-12")),
    )


def test_months_that_are_not_over_count_neither_as_gaps_nor_against_an_activity():
    found = missing({("S", "electricity.grid"): (1, 2, 4), ("S", "fuel.diesel"): (3,)}, today=date(2021, 5, 30))

    assert found.gaps == (Gap("S", "electricity.grid", ("2021-03",)),)
    assert [line.activity_type for line in found.seldom] == ["fuel.diesel"]


def test_months_before_a_site_came_into_the_boundary_count_neither_as_gaps_nor_against_an_activity():
    found = missing({("S", "electricity.grid"): (7, 8, 10, 11, 12)}, owned_since=date(2021, 7, 1))

    assert found.gaps == (Gap("S", "electricity.grid", ("2021-09",)),)


def test_an_activity_with_data_in_every_month_is_not_mentioned():
    found = missing({("S", "electricity.grid"): range(1, 13)})

    assert (found.gaps, found.seldom) == ((), ())


def test_of_the_demo_every_known_gap_is_found_and_no_other():
    mapped = {mapping.code: mapping for mapping in ITEM_MAPPINGS}
    data: dict = {}
    for record in activity_records():
        mapping = mapped.get(record.item_code)
        activity_type = record.activity_type or (mapping.activity_type if mapping else None)
        if activity_type is not None:
            data.setdefault((record.site or mapping.site, activity_type), set()).add(record.month)
    kinds = {site.external_id: site.kind for site in SITES}

    known = {
        (gap.site, next(e.activity_type for e in EMITTERS[kinds[gap.site]] if e.name == gap.emitter)): tuple(
            f"{YEAR}-{month:02d}" for month in gap.months
        )
        for gap in GAPS
    }
    found = missing(data)

    assert {(gap.site_external_id, gap.activity_type): gap.months for gap in found.gaps} == known
    assert {len(line.months) for line in found.seldom} == {1, 2, 4}  # refills of refrigerant, tests of generators
