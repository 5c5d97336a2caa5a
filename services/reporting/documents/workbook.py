"""The report as an Excel workbook: tonnes as numbers to work with, and beside them the exact kilograms as text."""

from collections.abc import Iterable, Sequence
from datetime import UTC
from fractions import Fraction
from io import BytesIO

from xlsxwriter import Workbook
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from services.reporting.documents import narrative, reference_tables, tables
from services.reporting.documents.figures import MG_PER_TONNE, kilograms
from services.reporting.documents.labels import Labels, labels_in
from services.reporting.documents.tables import Cell, Column, Table
from services.reporting.documents.workbook_charts import FIRST_TABLE_ROW, insert_charts
from services.reporting.domain.report_content import ReportContent

LONGEST_TEXT = 32_767  # characters in a cell, Excel's own limit
PLACES: dict[str, dict[str, object]] = {
    "header": {"bold": True, "bottom": 2, "bottom_color": "#173f5f", "text_wrap": True, "valign": "bottom"},
    "row": {"valign": "top"},
    "total": {"bold": True, "top": 1},
}
NUMBER_FORMATS = {"tonnes": "#,##0.000", "decimal": "#,##0.#########", "count": "#,##0", "share": "0.0%"}


def render_workbook(content: ReportContent) -> bytes:
    """An .xlsx file whose sheets carry the report's tables; the same content gives the same bytes.

    Texts are always written as texts, whatever they begin with: nothing that comes from data can become a formula or a link.

    raises  LanguageNotAvailable
    """
    labels = labels_in(content.language)
    file = BytesIO()
    with Workbook(file, {"in_memory": True}) as book:
        book.set_properties(
            {
                "title": f"{labels('title')}, {content.organisation.name}",
                "author": content.organisation.name,
                "created": content.generated_at.astimezone(UTC).replace(tzinfo=None),
            }
        )
        writer = _Writer(book, labels)
        summary = writer.sheet("summary", labels("title"))
        places = {name: writer.tables_on(name, (build(content, labels),)) for name, build in _SINGLE.items()}
        for name, builds in _STACKED.items():
            writer.tables_on(name, [build(content, labels) for build in builds])
        _fill_summary(writer, summary, content, places)
    return file.getvalue()


_SINGLE = {
    "scope_category": tables.scope_category_table,
    "site": tables.site_table,
    "entity": tables.entity_table,
    "month": tables.month_table,
    "gas": tables.gas_table,
    "activity": tables.activity_table,
}
_STACKED = {
    "factors": (reference_tables.factors_table, reference_tables.sources_table),
    "boundary": (reference_tables.entities_table, reference_tables.sites_table),
    "missing": (
        reference_tables.missing_records_table,
        reference_tables.gaps_table,
        reference_tables.co2_only_table,
        reference_tables.seldom_table,
    ),
    "conformance": (reference_tables.conformance_table,),
    "manifest": (reference_tables.manifest_table, reference_tables.topics_table),
}


class _Writer:
    """The workbook with its formats, and how a table is laid on a sheet."""

    def __init__(self, book: Workbook, labels: Labels) -> None:
        self.book, self.labels = book, labels
        self.title = book.add_format({"bold": True, "font_size": 14, "font_color": "#173f5f"})
        self.heading = book.add_format({"bold": True, "font_size": 11, "font_color": "#173f5f"})
        self.prose = book.add_format({"text_wrap": True, "valign": "top"})
        self.note = book.add_format({"font_color": "#5f6b76", "italic": True})
        self._looks: dict[tuple[str, str], Format] = {}

    def look(self, column: Column, place: str) -> Format:
        """The format of a column's cells at a place: `header`, `row` or `total`. A workbook has each of them once."""
        key = (column.kind, place)
        if key not in self._looks:
            side = {"align": "right"} if column.is_figure else {"align": "left", "indent": 1}
            number = {"num_format": NUMBER_FORMATS.get(column.kind, "@")} if place != "header" else {}
            colour = {"font_color": "#5f6b76"} if column.kind == "exact" else {}
            self._looks[key] = self.book.add_format(side | number | colour | PLACES[place])
        return self._looks[key]

    def sheet(self, name: str, title: str) -> Worksheet:
        sheet = self.book.add_worksheet(self.labels(f"sheet.{name}"))
        sheet.hide_gridlines(2)
        sheet.set_landscape()
        sheet.set_paper(9)  # A4
        sheet.fit_to_pages(1, 0)
        write_text(sheet, 0, 0, title, self.title)
        return sheet

    def tables_on(self, name: str, listed: Sequence[Table]) -> Table:
        """Lays tables under each other on a new sheet; a single one keeps its header in sight. Returns the first, as it was laid."""
        sheet = self.sheet(name, self.labels(f"section.{name}"))
        laid = [_with_exact_columns(table, self.labels) for table in listed]
        row = FIRST_TABLE_ROW
        for table in laid:
            if len(laid) > 1:
                write_text(sheet, row - 1, 0, table.title, self.heading)
            row = self.lay(sheet, row, table) + 3
        if len(laid) == 1:
            sheet.freeze_panes(FIRST_TABLE_ROW + 1, 1)
            sheet.repeat_rows(FIRST_TABLE_ROW)
        else:
            sheet.freeze_panes(1, 0)
        for position, width in enumerate(_widths(laid)):
            sheet.set_column(position, position, width)
        return laid[0]

    def lay(self, sheet: Worksheet, row: int, table: Table) -> int:
        for position, column in enumerate(table.columns):
            write_text(sheet, row, position, column.label, self.look(column, "header"))
        for line in table.rows:
            row += 1
            self._line(sheet, row, line, table.columns)
        if table.total:
            row += 1
            self._line(sheet, row, table.total, table.columns, "total")
        if table.note:
            row += 1
            write_text(sheet, row, 0, table.note, self.note)
        # an exact decimal kept as text is meant to be one: no green corner in each cell
        sheet.ignore_errors({"number_stored_as_text": "A1:XFD1048576"})
        return row

    def _line(self, sheet: Worksheet, row: int, line: Iterable[Cell], columns: Sequence[Column], place: str = "row") -> None:
        for position, (value, column) in enumerate(zip(line, columns, strict=True)):
            look = self.look(column, place)
            if value is None or value == "":
                sheet.write_blank(row, position, None, look)
            elif isinstance(value, str) and column.kind != "decimal":
                write_text(sheet, row, position, value, look)
            else:
                sheet.write_number(row, position, _number(value, column), look)


def write_text(sheet: Worksheet, row: int, column: int, text: str, look: Format) -> None:
    sheet.write_string(row, column, text[:LONGEST_TEXT], look)


def _number(value: str | int | Fraction, column: Column) -> float:
    return value / MG_PER_TONNE if column.kind == "tonnes" and isinstance(value, int) else float(value)


def _with_exact_columns(table: Table, labels: Labels) -> Table:
    """The table with one text column more, at its right, for each column whose numbers Excel would round."""
    exact = [position for position, column in enumerate(table.columns) if column.kind in ("tonnes", "decimal")]
    added = tuple(
        Column(labels("exact_kg" if table.columns[position].kind == "tonnes" else "exact", column=table.columns[position].label), "exact")
        for position in exact
    )

    def widened(line: tuple[Cell, ...]) -> tuple[Cell, ...]:
        texts = (kilograms(value) if isinstance(value := line[position], int) else value for position in exact)
        return (*line, *texts)

    rows = tuple(widened(line) for line in table.rows)
    return Table(table.title, (*table.columns, *added), rows, widened(table.total) if table.total else None, table.note)


def _widths(listed: Sequence[Table]) -> list[int]:
    widths: list[int] = []
    for table in listed:
        for position, column in enumerate(table.columns):
            texts = [str(line[position] or "") for line in (*table.rows, table.total or ()) if line and isinstance(line[position], str)]
            numbers = 18 if column.kind in ("tonnes", "decimal", "exact") else 10
            needed = min(60, max([numbers, *(len(text) + 2 for text in texts), min(24, len(column.label) + 2)]))
            widths[position : position + 1] = [max(needed, widths[position] if position < len(widths) else 0)]
    return widths


def _fill_summary(writer: _Writer, sheet: Worksheet, content: ReportContent, places: dict[str, Table]) -> None:
    labels = writer.labels
    headline, sentence = narrative.banner(content, labels)
    facts = (
        (labels("organisation"), content.organisation.name),
        (labels("period"), narrative.period(content, labels)),
        (labels("inventory"), narrative.inventory_line(content, labels)),
        (labels("responsible"), content.organisation.responsible or labels("responsible.none")),
        (labels("prepared"), narrative.prepared(content)),
        (labels("report_id"), content.report_id),
        (headline, sentence),
    )
    sheet.set_column(0, 0, 30)
    sheet.set_column(1, 2, 24)
    for row, (label, text) in enumerate(facts, start=FIRST_TABLE_ROW):
        write_text(sheet, row, 0, label, writer.heading)
        write_text(sheet, row, 1, text, writer.look(Column(""), "row"))
    row = _key_figures(writer, sheet, content, FIRST_TABLE_ROW + len(facts) + 1)
    for paragraph in (*narrative.summary(content, labels), labels("reading")):
        sheet.merge_range(row, 0, row, 8, "", writer.prose)
        write_text(sheet, row, 0, paragraph, writer.prose)
        sheet.set_row(row, 32)
        row += 1
    insert_charts(writer.book, sheet, content, labels, tables=places, row=row + 1)


def _key_figures(writer: _Writer, sheet: Worksheet, content: ReportContent, row: int) -> int:
    labels, total = writer.labels, content.total
    figures = [(labels.of("scope_long", str(line.scope)), line.emissions.co2e_mg) for line in content.by_scope]
    figures += [(labels("total"), total.co2e_mg), (labels("key.biogenic"), total.biogenic_co2_mg)]
    if content.inventory_total is not None:
        figures.append((labels("key.inventory"), content.inventory_total.co2e_mg))
    table = Table("", (Column(labels("item")), Column(labels("co2e_t"), "tonnes")), tuple(figures))
    return writer.lay(sheet, row, _with_exact_columns(table, labels)) + 2
