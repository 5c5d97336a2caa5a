"""The report as PDF/A-2a and PDF/UA-1 (to be archived, and to be read aloud), set by typst from `iso14064-1.typ`.

Data reaches the template as one JSON text in `sys.inputs` and is placed as strings: nothing in it is read as markup.
"""

import json
import re
from collections.abc import Callable, Collection, Sequence
from fractions import Fraction
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from services.reporting.documents import narrative, reference_tables, tables
from services.reporting.documents.charts import category_chart, month_chart, site_chart
from services.reporting.documents.figures import decimal, percent, tonnes
from services.reporting.documents.labels import Labels, labels_in
from services.reporting.documents.tables import Cell, Column, Table
from services.reporting.domain.report_content import ReportContent

TEMPLATE = Path(__file__).with_name("iso14064-1.typ")
TEXT_FONT = "Libertinus Serif"  # inside typst, so that text in Latin letters looks the same on every machine
FONTS_FOR_OTHER_SCRIPTS = (
    "Noto Serif CJK SC",
    "Noto Sans CJK SC",
    "Source Han Serif SC",
    "Source Han Sans SC",
    "Noto Sans SC",
    "WenQuanYi Micro Hei",
    "WenQuanYi Zen Hei",
    "DejaVu Sans",
    "DejaVu Sans Mono",
)
FONT_PACKAGE = "manimgx_fonts_cjk"  # Noto Sans CJK from PyPI, used where it is installed
MARK = "□"  # stands for a character that no font has
_UNSHOWN = re.compile(r'(?:text|codepoint) `"(.+?)"`', re.DOTALL)
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")
LINE_CHARACTERS = 110  # digits that a line across the page holds, in the largest print of a table
CELL_MARGIN = 2  # digits


class PdfNotInstalled(RuntimeError):
    """The extra `pdf` (typst) is missing on this machine."""

    def __init__(self) -> None:
        super().__init__("PDF reports need typst, which is not installed: pip install 'baseyear[pdf]', or ask for xlsx and json only")


def render_pdf(content: ReportContent, *, system_fonts: bool = True, font_folders: Sequence[Path] | None = None) -> bytes:
    """The report as a paged document; the same content and fonts give the same bytes.

    system_fonts  look for fonts of this machine too, for names in scripts that typst's own fonts lack
    font_folders  further folders with fonts; default: those of an installed font package
    raises        PdfNotInstalled, LanguageNotAvailable; a character without a glyph never fails, it is printed as □ and said so
    """
    try:
        import typst  # noqa: PLC0415 - optional, and half a second that only a PDF should cost
    except ImportError as error:
        raise PdfNotInstalled from error
    folders = _package_folders() if font_folders is None else font_folders
    fonts = typst.Fonts(include_system_fonts=system_fonts, font_paths=[str(folder) for folder in folders])
    families = [TEXT_FONT, *(family for family in FONTS_FOR_OTHER_SCRIPTS if family in fonts.families())]
    unshown: set[str] = set()
    while True:
        inputs = {"report": json.dumps(_payload(content, families, unshown), ensure_ascii=False)}
        timestamp = int(content.generated_at.timestamp())
        try:
            return typst.compile(TEMPLATE, font_paths=fonts, sys_inputs=inputs, pdf_standards=["a-2a", "ua-1"], timestamp=timestamp)
        except typst.TypstError as error:
            found = _characters_without_glyph(error.diagnostic) - unshown
            if not found:
                raise
            unshown |= found


def _package_folders() -> list[Path]:
    package = find_spec(FONT_PACKAGE)
    return [Path(folder) for folder in package.submodule_search_locations or ()] if package else []


def _characters_without_glyph(diagnostic: str) -> set[str]:
    """typst names each text without a glyph and each code point that the standards forbid, as Rust writes strings: `"\\u{e000}"`."""
    texts = (re.sub(r"\\u\{([0-9a-f]+)\}", lambda m: chr(int(m[1], 16)), text) for text in _UNSHOWN.findall(diagnostic))
    return {character for text in texts for character in text if not character.isascii()}


def _payload(content: ReportContent, families: Sequence[str], unshown: Collection[str]) -> dict[str, Any]:
    """What the template prints: strings only, in the order of the pages."""
    labels = labels_in(content.language)
    data: dict[str, Any] = _replaced(_document(content, labels, families), unshown)
    if unshown:
        listed = " ".join(f"U+{ord(character):04X}" for character in sorted(unshown)[:12]) + (" …" if len(unshown) > 12 else "")
        data["notices"].append(labels("glyphs", n=len(unshown), mark=MARK, list=listed))
    return data


def _replaced(value: Any, unshown: Collection[str]) -> Any:
    if isinstance(value, str):
        clean = _CONTROL.sub(" ", value)
        return "".join(MARK if character in unshown else character for character in clean) if unshown else clean
    if isinstance(value, dict):
        return {key: _replaced(item, unshown) for key, item in value.items()}
    return [_replaced(item, unshown) for item in value] if isinstance(value, list) else value


def _document(content: ReportContent, labels: Labels, families: Sequence[str]) -> dict[str, Any]:
    headline, sentence = narrative.banner(content, labels)
    font = ", ".join(families)
    build = (category_chart, month_chart, site_chart)
    return {
        "labels": {key: text for key, text in labels.texts.items() if "{" not in text},
        "language": content.language,
        "fonts": list(families),
        "organisation": content.organisation.name,
        "responsible": content.organisation.responsible or labels("responsible.none"),
        "period": narrative.period(content, labels),
        "prepared": narrative.prepared(content),
        "report_id": content.report_id,
        "inventory": narrative.inventory_line(content, labels),
        "status": content.status,
        "banner": {"headline": headline, "text": sentence},
        "figures": _key_figures(content, labels),
        "summary": list(narrative.summary(content, labels)),
        "notices": [labels("reading")],
        "missing": list(narrative.missing(content, labels)),
        "boundary": narrative.boundary(content, labels),
        "method": [list(pair) for pair in narrative.method(content, labels)],
        "conformance": narrative.conformance_lead(content, labels),
        "charts": {
            chart.__name__.removesuffix("_chart"): {"title": made.title, "svg": made.svg, "alternative": made.alternative}
            for chart, made in ((chart, chart(content, labels, font)) for chart in build)
        },
        "tables": {name: _printed(table(content, labels), in_columns=name != "sources") for name, table in _TABLES.items()},
    }


_TABLES: dict[str, Callable[[ReportContent, Labels], Table]] = {
    "scope_category": tables.scope_category_table,
    "month": tables.month_table,
    "gas": tables.gas_table,
    "site": tables.site_table,
    "entity": tables.entity_table,
    "activity": tables.activity_table,
    "missing_records": reference_tables.missing_records_table,
    "gaps": reference_tables.gaps_table,
    "co2_only": reference_tables.co2_only_table,
    "entities": reference_tables.entities_table,
    "sites": reference_tables.sites_table,
    "factors": reference_tables.factors_table,
    "sources": reference_tables.sources_table,
    "conformance": reference_tables.conformance_table,
    "manifest": reference_tables.manifest_table,
    "topics": reference_tables.topics_table,
}


def _key_figures(content: ReportContent, labels: Labels) -> list[dict[str, str]]:
    figures = [(labels("key.total"), content.total.co2e_mg, labels("unit.t"))]
    figures += [
        (labels.of("scope_long", str(line.scope)), line.emissions.co2e_mg, labels("unit.t"))
        for line in sorted(content.by_scope, key=lambda line: line.scope)
    ]
    figures.append((labels("key.biogenic"), content.total.biogenic_co2_mg, labels("unit.t_co2")))
    return [{"label": label, "value": tonnes(mg) if content.has_figures else "–", "unit": unit} for label, mg, unit in figures]


def _printed(table: Table, *, in_columns: bool) -> dict[str, Any]:
    """A table as strings; where its cells do not stand in columns each has a whole line."""
    shown = [position for position, column in enumerate(table.columns) if column.width]
    columns = [table.columns[position] for position in shown]
    whole = sum(column.width for column in columns)

    def printed(line: Sequence[Cell], nothing: str) -> list[str]:
        return [_text(line[position], table.columns[position], nothing, whole if in_columns else None) for position in shown]

    return {
        "title": table.title,
        "note": table.note,
        "columns": [{"label": c.label, "width": c.width, "right": c.is_figure} for c in columns],
        "rows": [printed(row, "–") for row in table.rows],
        "total": printed(table.total, "") if table.total else [],
    }


def _text(cell: Cell, column: Column, nothing: str, whole_width: float | None) -> str:
    if cell is None:
        return nothing if column.is_figure else ""
    if isinstance(cell, Fraction):
        return percent(cell)
    if isinstance(cell, int):
        return tonnes(cell) if column.kind == "tonnes" else f"{cell:,}"
    if column.kind == "decimal":
        return decimal(cell)
    share = 1 if whole_width is None else column.width / whole_width
    return _breakable(cell, int(LINE_CHARACTERS * share) - CELL_MARGIN)


def _breakable(text: str, room: int) -> str:
    """Lets a run without spaces that its cell may not hold (an id, a path) break, best after its punctuation: zero-width spaces."""
    long_run = re.compile(rf"[^\s\u200b-]{{{room + 1},}}")
    parted = long_run.sub(lambda run: re.sub(r"([_:./|])(?=.)", "\\1\u200b", run[0]), text)
    return long_run.sub(lambda run: "\u200b".join(run[0][i : i + 6] for i in range(0, len(run[0]), 6)), parted)
