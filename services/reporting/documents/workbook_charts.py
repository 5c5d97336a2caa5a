"""Excel's own charts on the summary sheet. They read the other sheets, so whoever filters or edits those sees them move."""

from collections.abc import Mapping
from typing import Any

from xlsxwriter import Workbook
from xlsxwriter.worksheet import Worksheet

from services.reporting.documents.charts import LARGEST_SITES, SCOPE_COLOURS
from services.reporting.documents.labels import Labels
from services.reporting.documents.tables import Table
from services.reporting.domain.report_content import ReportContent

FIRST_TABLE_ROW = 2  # header of a sheet's first table: under the sheet's title and an empty line


def insert_charts(
    book: Workbook, sheet: Worksheet, content: ReportContent, labels: Labels, *, tables: Mapping[str, Table], row: int
) -> None:
    """Months and largest sites by scope, then categories; a report without figures gets none.

    tables  what stands on the sheets `month`, `site` and `scope_category`, by those names
    """
    if not content.has_figures:
        return
    sites = min(LARGEST_SITES, len({line.site_external_id for line in content.by_site}))
    month = _by_scope(book, content, labels, tables, ("month", "column", len(tables["month"].rows), 0))
    site = _by_scope(book, content, labels, tables, ("site", "bar", sites, 1))
    sheet.insert_chart(row, 0, month, {"object_position": 3, "description": labels("chart.month")})
    sheet.insert_chart(row, 5, site, {"object_position": 3, "description": labels("chart.site")})
    category = _by_category(book, content, labels, len(tables["scope_category"].rows))
    sheet.insert_chart(row + 21, 0, category, {"object_position": 3, "description": labels("chart.category_tonnes")})


def _by_scope(book: Workbook, content: ReportContent, labels: Labels, tables: Mapping[str, Table], shape: tuple[str, str, int, int]) -> Any:
    name, kind, rows, category_column = shape
    chart = book.add_chart({"type": kind, "subtype": "stacked"})
    first = next(position for position, column in enumerate(tables[name].columns) if column.kind == "tonnes")
    for offset, scope in enumerate(content.scopes):
        series = _series(labels(f"sheet.{name}"), rows, category_column, first + offset)
        chart.add_series(series | {"fill": {"color": SCOPE_COLOURS[scope]}})
    return _finished(chart, labels(f"chart.{name}"), lying=kind == "bar")


def _by_category(book: Workbook, content: ReportContent, labels: Labels, rows: int) -> Any:
    chart = book.add_chart({"type": "bar"})
    colours = [SCOPE_COLOURS[scope] for scope in sorted(line.scope for line in content.by_category)]  # the sheet is sorted by scope
    series = _series(labels("sheet.scope_category"), rows, 1, 4)
    chart.add_series(series | {"points": [{"fill": {"color": colour}} for colour in colours]})
    chart = _finished(chart, labels("chart.category_tonnes"), lying=True)
    chart.set_legend({"none": True})
    return chart


def _series(sheet: str, rows: int, category_column: int, column: int) -> dict[str, Any]:
    first, last = FIRST_TABLE_ROW + 1, FIRST_TABLE_ROW + rows
    return {
        "name": [sheet, FIRST_TABLE_ROW, column],
        "categories": [sheet, first, category_column, last, category_column],
        "values": [sheet, first, column, last, column],
        "gap": 60,
    }


def _finished(chart: Any, title: str, lying: bool) -> Any:
    chart.set_title({"name": title, "name_font": {"size": 11}, "overlay": False})
    chart.set_legend({"position": "top"})
    chart.set_size({"width": 620, "height": 400})
    grid = {"major_gridlines": {"visible": True, "line": {"color": "#d5dbe1", "width": 0.5}}, "num_format": "#,##0"}
    # lying bars are counted from the bottom: turned round, the largest stands at the top
    chart.set_x_axis(grid if lying else {"num_font": {"size": 9}})
    chart.set_y_axis({"reverse": True, "num_font": {"size": 9}} if lying else grid)
    return chart
