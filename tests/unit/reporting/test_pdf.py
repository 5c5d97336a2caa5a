import re
import sys
import time
from dataclasses import replace
from functools import cache
from io import BytesIO

import pytest
from pypdf import PdfReader

from services.reporting.documents.figures import tonnes
from services.reporting.documents.labels import LanguageNotAvailable
from services.reporting.documents.pdf import PdfNotInstalled, render_pdf
from services.reporting.domain.report_content import Emissions, Gap, Organisation, OtherBasis
from tests.unit.reporting.sample_content import sample_content, without_figures


def pages(content, first=None, **fonts):
    """The text of the first pages, or of all."""
    return [page.extract_text() for page in PdfReader(BytesIO(render_pdf(content, **fonts))).pages[:first]]


def in_one_line(texts):
    return " ".join(" ".join(texts).split())


@cache
def sample_pages():
    return pages(sample_content())


def page_of(title, texts):
    return next(text for number, text in enumerate(texts) if title in text and number > 1)


def test_the_cover_says_who_when_how_much_and_that_it_is_a_draft():
    cover = sample_pages()[0]

    for text in ("Harbour Precision Group", "2021-01-01 to 2021-12-31", "117,755.406", "Draft", "Group EHS office"):
        assert text in cover


def test_figures_of_every_breakdown_are_printed():
    content, text = sample_content(), in_one_line(sample_pages())

    for breakdown in (content.by_scope, content.by_category, content.by_site, content.by_month, content.by_activity):
        assert all(tonnes(line.emissions.co2e_mg) in text for line in breakdown)
    assert tonnes(content.total.biogenic_co2_mg) in text


def test_the_page_of_what_is_missing_speaks_plainly():
    missing = in_one_line([page_of("What is missing", sample_pages())])

    assert "12 records have no fitting emission factor" in missing
    assert "EHS-7741" in missing
    assert "2021-08 – 2021-09, 2021-12" in missing
    assert "4 emission factors count CO₂ alone" in missing
    assert "Data are missing for 3 months of activities that their sites otherwise report monthly." in missing
    assert "2 pairs of site and activity have data in fewer than three quarters of the months" in missing
    assert "A gap is a month that is over" in missing
    assert "Reported less often than monthly" not in in_one_line(sample_pages())  # the workbook has room for it


@pytest.mark.parametrize(
    ("basis", "words"),
    [("AR5", "as CO₂e only, under AR5, and"), ("unstated", "as CO₂e only, by publishers that do not name their GWP set, and")],
)
def test_the_summary_says_under_which_gwp_set_the_publishers_own_co2e_is(basis, words):
    content = replace(sample_content(), other_gwp_basis=(OtherBasis(basis, 12_345_678_901),))
    summary = in_one_line([page_of("Summary", pages(content, first=4))])

    assert f"12.346 t of the total were published {words} taken as published, not converted." in summary


def test_the_gas_table_says_where_a_publisher_does_not_name_its_gwp_set():
    content = sample_content()
    first, *others = content.by_gas
    unsplit = replace(first, gas="CO2e", mass_mg=None, gwp=None, gwp_basis="unstated")
    text = in_one_line(pages(replace(content, by_gas=(unsplit, *others)), first=6))

    assert "CO₂e, gases not split (GWP set not named)" in text
    assert "unstated" not in text


def test_factors_are_printed_with_their_sources_and_the_manifest_comes_last():
    text = in_one_line(sample_pages())

    for gas in sample_content().factors[-1].gases:
        assert gas.kg_per_unit in text
        assert gas.sha256 in text
        assert gas.attribution in text
    assert "Run manifest" in sample_pages()[-1]
    assert "baseyear 0.1.0" in sample_pages()[-1]


@pytest.mark.parametrize("value", ["0.106867856256268", "0.00165947368421053", "235884187/75000"])
def test_a_long_value_of_a_factor_stays_whole_and_in_its_own_column(value):
    content = sample_content(factors_per_activity=1)
    first, *others = content.factors
    long = replace(first, gases=(replace(first.gases[0], kg_per_unit=value),))
    text = in_one_line(pages(replace(content, factors=(long, *others))))

    assert f"{value} kWh cn-mee" in text  # without a gap between two cells there is no space between their texts


def test_what_is_longer_than_its_column_is_broken_and_does_not_run_into_the_next():
    content = sample_content(factors_per_activity=1)
    first, *others = content.factors
    long = replace(first, gases=(replace(first.gases[0], kg_per_unit="2.16218880912345678901"),), unit="mmBtu_gross")
    site = replace(content.boundary.sites[0], external_id="PLANT0001BUILDING7")
    gap = Gap(site.external_id, "electricity.grid", ("2021-08",))
    boundary = replace(content.boundary, sites=(site, *content.boundary.sites[1:]))
    missing = replace(content.missing, gaps=(gap,))
    text = in_one_line(pages(replace(content, factors=(long, *others), boundary=boundary, missing=missing)))

    assert "mmBtu_grosscn-mee" not in text
    assert not re.search(r"\d{10,}mmBtu", text)
    assert "PLANT0001BUILDING7Dongguan" not in text


def test_claim_to_the_standard_is_not_made_while_items_are_open():
    text = in_one_line(sample_pages())

    assert "does not claim conformity with ISO 14064-1" in text
    assert "This report follows ISO 14064-1:2018." not in text


def test_a_report_that_is_behind_says_both_figures_on_its_cover():
    cover = in_one_line(pages(sample_content(status="behind", inventory_total=Emissions(123_456_789_000_000)), first=1))

    assert "It counts 117,755.406 t CO₂e; the inventory itself counts 123,456.789 t CO₂e, a difference of 5,701.383 t." in cover


def test_markup_in_names_is_printed_as_it_stands():
    markup = "Acme #panic() $x$ [*b*] <label> @ref \\u{41} `raw` // end"
    content = replace(sample_content(), organisation=Organisation(markup, "#(1 + 1)", "UTC"))
    cover = in_one_line(pages(content, first=1))

    assert markup in cover
    assert "#(1 + 1)" in cover


def test_characters_without_a_glyph_are_marked_and_the_reader_is_told_which_font_to_install():
    content = replace(sample_content(), organisation=Organisation("东莞 Works\ue000\ufeff\x07", None, "Asia/Shanghai"))
    texts = pages(content, first=2, system_fonts=False, font_folders=())

    assert "□□ Works" in texts[0]
    assert "U+4E1C" in texts[1]
    assert "fonts-noto-cjk" in texts[1]


def test_chinese_names_are_printed_where_a_font_has_them():
    content = replace(sample_content(), organisation=Organisation("东莞工厂", None, "Asia/Shanghai"))
    texts = pages(content, first=2)
    if "U+4E1C" in texts[1]:
        pytest.skip("no font with Chinese glyphs on this machine: install fonts-noto-cjk or fonts-wqy-microhei")

    assert "东莞工厂" in texts[0]


def test_the_file_is_archivable_and_accessible_and_has_an_outline():
    reader = PdfReader(BytesIO(render_pdf(sample_content())))
    metadata = reader.trailer["/Root"]["/Metadata"].get_data().decode()

    assert "<pdfaid:part>2</pdfaid:part>" in metadata
    assert "<pdfuaid:part>1</pdfuaid:part>" in metadata
    assert "Emission factors" in [entry.title for entry in reader.outline if not isinstance(entry, list)]


def test_the_same_content_gives_the_same_bytes():
    assert render_pdf(sample_content()) == render_pdf(sample_content())


def test_a_report_without_figures_prints_no_zero():
    texts = pages(without_figures(), first=9)

    assert "0.000" not in texts[0]
    assert "That is not a total of zero." in in_one_line(texts)
    assert "Everything: no record with a figure has been received" in in_one_line(texts)


def test_three_hundred_sites_take_seconds_and_repeat_the_header_on_every_page_of_a_table():
    content = sample_content(entities=52, sites=300, factors_per_activity=20)
    started = time.perf_counter()
    made = render_pdf(content)
    elapsed = time.perf_counter() - started
    texts = [page.extract_text() for page in PdfReader(BytesIO(made)).pages]

    site_pages = [text for text in texts if "plant" in text and "%" in text and "Tenure" not in text]
    assert len(site_pages) >= 5
    assert all("Scope 1, t CO₂e" in text for text in site_pages)
    assert all(f"S{number:03d}" in " ".join(texts) for number in range(1, 301))
    assert elapsed < 10  # about one second on an idle machine


def test_a_machine_without_typst_is_told_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "typst", None)

    with pytest.raises(PdfNotInstalled, match=r"baseyear\[pdf\]"):
        render_pdf(sample_content())


def test_a_language_without_a_table_of_words_is_refused():
    with pytest.raises(LanguageNotAvailable):
        render_pdf(sample_content(language="zh-CN"))
