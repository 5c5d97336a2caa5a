from dataclasses import replace
from xml.etree import ElementTree

import pytest

from services.reporting.documents.charts import _ticks, category_chart, month_chart, site_chart
from services.reporting.documents.figures import MG_PER_TONNE
from services.reporting.documents.labels import labels_in
from tests.unit.reporting.sample_content import sample_content, without_figures

ENGLISH = labels_in("en")
CHARTS = (month_chart, site_chart, category_chart)


def texts(chart):
    return [element.text for element in ElementTree.fromstring(chart.svg).iter("{http://www.w3.org/2000/svg}text")]


def heights(chart, colour):
    rectangles = ElementTree.fromstring(chart.svg).iter("{http://www.w3.org/2000/svg}rect")
    return [float(r.get("height")) for r in rectangles if r.get("fill") == colour and r.get("height") != "9.00"]


def test_months_are_stacked_in_proportion_and_labelled_with_their_tonnes():
    content = sample_content()
    chart = month_chart(content, ENGLISH, "Libertinus Serif")
    energy = [line.emissions.co2e_mg for line in content.by_month if line.scope == 2]
    drawn = heights(chart, "#d9822b")

    assert len(drawn) == 12
    assert drawn[0] / drawn[6] == pytest.approx(energy[0] / energy[6], rel=0.01)
    january = sum(line.emissions.co2e_mg for line in content.by_month if line.month == "2021-01")
    assert f"{january / MG_PER_TONNE:,.0f}" in texts(chart)


def test_the_site_chart_shows_twelve_and_writes_what_the_others_add_up_to():
    content = sample_content(entities=20, sites=40)
    shown = texts(site_chart(content, ENGLISH, "Libertinus Serif"))
    totals = {}
    for line in content.by_site:
        totals[line.site_external_id] = totals.get(line.site_external_id, 0) + line.emissions.co2e_mg
    rest = sum(sorted(totals.values())[:-12])

    assert "28 further sites" in shown
    assert f"{rest / MG_PER_TONNE:,.0f} together" in shown
    assert sum("plant" in text for text in shown) == 12


def test_names_are_escaped_and_shortened_by_their_width():
    content = sample_content(sites=2, entities=1)
    first, second = content.boundary.sites
    renamed = (replace(first, name="<script>&"), replace(second, name="东莞" * 20))
    shown = texts(site_chart(replace(content, boundary=replace(content.boundary, sites=renamed)), ENGLISH, "Libertinus Serif"))

    assert "<script>&" in shown
    assert any(text.startswith("东莞") and text.endswith("…") and len(text) <= 16 for text in shown)


@pytest.mark.parametrize("chart", CHARTS)
def test_a_report_without_figures_says_so_instead_of_drawing(chart):
    made = chart(without_figures(), ENGLISH, "Libertinus Serif")

    assert texts(made) == ["No figures in this period"]
    assert made.alternative == "No figures in this period"


@pytest.mark.parametrize("highest", [1, 4, 9, 10, 11, 99_999, 100_000, 123_456_789_012, 9 * 10**18])
def test_an_axis_reaches_the_highest_value_in_at_most_five_round_steps(highest):
    ticks = _ticks(highest)

    assert ticks[0] == 0
    assert ticks[-2] < highest <= ticks[-1]
    assert len(ticks) <= 6
