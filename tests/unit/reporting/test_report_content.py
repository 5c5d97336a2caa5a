from dataclasses import replace
from datetime import datetime

import pytest

from services.reporting.domain.report_content import ContentRefused, Emissions, ReportContent
from tests.unit.reporting.sample_content import sample_content


@pytest.mark.parametrize("name", ["by_scope", "by_category", "by_gas", "by_site", "by_entity", "by_month", "by_activity", "factors"])
def test_a_breakdown_that_does_not_add_up_is_refused_by_name(name):
    content = sample_content()

    with pytest.raises(ContentRefused, match=name):
        replace(content, **{name: getattr(content, name)[1:]})


def test_one_milligram_of_biogenic_co2_too_much_is_refused():
    content = sample_content()
    first = content.by_month[0]
    changed = replace(first, emissions=replace(first.emissions, biogenic_co2_mg=first.emissions.biogenic_co2_mg + 1))

    with pytest.raises(ContentRefused, match="by_month"):
        replace(content, by_month=(changed, *content.by_month[1:]))


def test_a_report_that_is_behind_needs_both_figures():
    with pytest.raises(ContentRefused, match="inventory_total"):
        sample_content(status="behind")

    assert isinstance(sample_content(status="behind", inventory_total=Emissions(1)), ReportContent)


def test_a_moment_without_time_zone_is_refused():
    with pytest.raises(ContentRefused, match="time zone"):
        sample_content(generated_at=datetime(2022, 2, 14, 9, 30))
