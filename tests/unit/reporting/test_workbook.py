from dataclasses import replace
from fractions import Fraction
from io import BytesIO

import pytest
from openpyxl import load_workbook

from services.reporting.documents.labels import LanguageNotAvailable
from services.reporting.documents.workbook import render_workbook
from services.reporting.domain.report_content import Emissions
from tests.unit.reporting.sample_content import sample_content, without_figures

SHEETS = [
    "Summary",
    "By scope & category",
    "By site",
    "By entity",
    "By month",
    "By gas",
    "Activity",
    "Factors",
    "Boundary",
    "Missing data",
    "ISO 14064-1",
    "Manifest",
]


def opened(content):
    return load_workbook(BytesIO(render_workbook(content)))


def column(sheet, label, header_row=3):
    """Cells under a header, down to the line of totals, which is left out."""
    at = next(cell.column for cell in sheet[header_row] if cell.value == label)
    cells = []
    for row in sheet.iter_rows(min_row=header_row + 1):
        if row[0].value == "Total":
            break
        cells.append(row[at - 1].value)
    return cells


def all_texts(book):
    return [cell.value for sheet in book for row in sheet.iter_rows() for cell in row if isinstance(cell.value, str)]


def test_the_sheets_stand_in_reading_order():
    assert opened(sample_content()).sheetnames == SHEETS


@pytest.mark.parametrize(
    ("sheet", "tonnes"),
    [
        ("By scope & category", "t CO₂e"),
        ("By site", "Total, t CO₂e"),
        ("By entity", "Total, t CO₂e"),
        ("By month", "Total, t CO₂e"),
        ("By gas", "Total, t CO₂e"),
        ("Activity", "t CO₂e"),
    ],
)
def test_each_sheet_adds_up_to_the_total_exactly_by_its_kilograms_and_in_numbers_by_its_tonnes(sheet, tonnes):
    content = sample_content()
    page = opened(content)[sheet]
    exact = column(page, f"{tonnes}, as exact kg")
    numbers = column(page, tonnes)

    assert sum(Fraction(text) for text in exact) == Fraction(content.total.co2e_mg, 10**6)
    assert all(isinstance(number, int | float) for number in numbers)
    assert sum(numbers) == pytest.approx(content.total.co2e_mg / 10**9)


def test_the_factors_sheet_adds_up_and_names_each_source():
    content = sample_content()
    page = opened(content)["Factors"]
    exact = [text for text in column(page, "t CO₂e, as exact kg") if text]

    assert sum(Fraction(text) for text in exact) == Fraction(content.total.co2e_mg, 10**6)
    assert content.factors[0].gases[0].sha256 in all_texts([page])


def test_what_is_reported_less_often_than_monthly_is_listed_with_the_months_that_have_data():
    texts = [[cell.value for cell in row] for row in opened(sample_content())["Missing data"].iter_rows()]

    assert ["S001", "Dongguan plant 1", "fuel.diesel", "2021-03, 2021-06"] in [line[:4] for line in texts]


def test_texts_from_data_never_become_formulas_or_links():
    dangerous = ['=HYPERLINK("http://example.org")', "+1+1", "-2", "@SUM(A1)", "http://example.org", "{=1}"]
    content = sample_content(entities=6, sites=6)
    sites = tuple(replace(site, name=name) for site, name in zip(content.boundary.sites, dangerous, strict=True))
    organisation = replace(content.organisation, name="=1+1")
    book = opened(replace(content, organisation=organisation, boundary=replace(content.boundary, sites=sites)))

    assert {"=1+1", *dangerous} <= set(all_texts(book))
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row]
    assert not [cell.coordinate for cell in cells if cell.data_type == "f" or cell.hyperlink]


def test_headers_stay_in_sight_and_the_summary_has_three_charts():
    book = opened(sample_content())

    assert book["By site"].freeze_panes == "B4"
    assert len(book["Summary"]._charts) == 3


def test_a_site_without_any_figure_is_listed_with_an_empty_cell_not_a_zero():
    content = sample_content()
    silent = replace(content.boundary.sites[0], external_id="S999", name="Silent plant")
    boundary = replace(content.boundary, sites=(*content.boundary.sites, silent))
    page = opened(replace(content, boundary=boundary))["By site"]

    assert (column(page, "ID")[-1], column(page, "Total, t CO₂e")[-1]) == ("S999", None)


def test_a_report_that_is_behind_shows_both_figures():
    content = sample_content(status="behind", inventory_total=Emissions(123_456_789_000_000))

    assert any("123,456.789 t" in text and "117,755.406 t" in text for text in all_texts(opened(content)))
    assert "123456789.000000" in all_texts(opened(content))


def test_a_report_without_figures_still_opens():
    book = opened(without_figures())

    assert book.sheetnames == SHEETS
    assert not book["Summary"]._charts


def test_the_same_content_gives_the_same_bytes():
    assert render_workbook(sample_content()) == render_workbook(sample_content())


def test_a_language_without_a_table_of_words_is_refused():
    with pytest.raises(LanguageNotAvailable):
        render_workbook(sample_content(language="zh-CN"))
