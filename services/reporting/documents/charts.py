"""Three charts as self-contained SVG: no scripts, no outside fonts or files, labels beside the things they name.

Scopes keep one colour throughout; the three differ in lightness too, so that they survive a grey printer and colour-blind eyes.
"""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from xml.sax.saxutils import escape, quoteattr

from services.reporting.documents.figures import MG_PER_TONNE, percent, tonnes
from services.reporting.documents.labels import Labels
from services.reporting.documents.tables import pivot, ranked, share_of
from services.reporting.domain.report_content import ReportContent

SCOPE_COLOURS = {1: "#173f5f", 2: "#d9822b", 3: "#8fb8a8"}
INK, MUTED, RULE = "#1f2933", "#5f6b76", "#d5dbe1"
WIDTH = 482  # of the page's text, in points
LARGEST_SITES = 12

Bar = tuple[str, list[tuple[str, int]], str]  # name, (colour, milligrams) from left to right, what is written at the end


@dataclass(frozen=True, slots=True)
class Chart:
    """An SVG image, what it shows in words (for readers who cannot see it), and its title."""

    title: str
    svg: str
    alternative: str


def month_chart(content: ReportContent, labels: Labels, font: str) -> Chart:
    """Stacked columns, one per month, in the order of the scopes from the bottom."""
    months = pivot((line.month, line.scope, line.emissions) for line in content.by_month)
    if not months:
        return _empty(labels("chart.month"), labels, font)
    totals = {month: sum(by_scope.values()) for month, by_scope in months.items()}
    top, base, left = 30, 190, 46
    highest = max(totals.values())
    ticks = _ticks(highest)
    scale = Fraction(base - top, ticks[-1] or 1)
    step = Fraction(WIDTH - left, len(months))
    body = [_legend(content.scopes, labels)]
    for tick in ticks:
        y = base - tick * scale
        body += [_line(left, y, WIDTH, y), _text(left - 6, y + 3, _short(tick, ticks[-1]), anchor="end", colour=MUTED)]
    for position, month in enumerate(sorted(months)):
        middle, bar, y = left + step * (position + Fraction(1, 2)), min(step * Fraction(62, 100), Fraction(48)), Fraction(base)
        for scope in sorted(months[month]):
            height = months[month][scope] * scale
            y -= height
            body.append(_rect(middle - bar / 2, y, bar, height, SCOPE_COLOURS[scope]))
        value = _short(totals[month], highest)
        body += [
            _rect(middle - len(value) * 2, y - 11, len(value) * 4, 9, "#ffffff"),  # keeps the grid out of the figure
            _text(middle, y - 4, value, anchor="middle", size=8),
            _text(middle, base + 13, month, anchor="middle", colour=MUTED, size=8),
        ]
    peak = max(sorted(totals), key=lambda month: totals[month])
    alternative = labels("chart.month.alt", month=peak, tonnes=tonnes(totals[peak]))
    return Chart(labels("chart.month"), _svg(base + 22, body, font), alternative)


def site_chart(content: ReportContent, labels: Labels, font: str) -> Chart:
    """The twelve largest sites as bars by scope; what all the others add up to is written, since its bar would dwarf theirs."""
    totals = pivot((line.site_external_id, line.scope, line.emissions) for line in content.by_site)
    if not totals:
        return _empty(labels("chart.site"), labels, font)
    names = {site.external_id: site.name for site in content.boundary.sites}
    order = ranked(totals)
    rows = [(names.get(id, id), totals[id]) for id in order[:LARGEST_SITES]]
    longest = sum(rows[0][1].values())
    bars: list[Bar] = [
        (name, [(SCOPE_COLOURS[scope], by_scope[scope]) for scope in sorted(by_scope)], _short(sum(by_scope.values()), longest))
        for name, by_scope in rows
    ]
    if rest := order[LARGEST_SITES:]:
        together = _short(sum(sum(totals[id].values()) for id in rest), longest)
        bars.append((labels("others", n=len(rest)), [], labels("others.together", tonnes=together)))
    alternative = labels("chart.site.alt", site=rows[0][0], tonnes=tonnes(sum(rows[0][1].values())))
    return Chart(labels("chart.site"), _bars(bars, [_legend(content.scopes, labels)], font), alternative)


def category_chart(content: ReportContent, labels: Labels, font: str) -> Chart:
    """Categories by falling share, each in the colour of its scope."""
    lines = sorted(content.by_category, key=lambda line: (-line.emissions.co2e_mg, line.scope, line.category))
    shares = [(labels.of("category", line.category), line, share_of(line.emissions.co2e_mg, content.total)) for line in lines]
    known = [(name, line, percent(share)) for name, line, share in shares if share is not None]
    if not known:
        return _empty(labels("chart.category"), labels, font)
    bars: list[Bar] = [(name, [(SCOPE_COLOURS[line.scope], line.emissions.co2e_mg)], share) for name, line, share in known]
    alternative = labels("chart.category.alt", list=", ".join(f"{name} {share}" for name, _, share in known))
    return Chart(labels("chart.category"), _bars(bars, [_legend(content.scopes, labels)], font), alternative)


def _bars(rows: Sequence[Bar], heading: Sequence[str], font: str) -> str:
    top, pitch, thickness, left, right = 28, 17, 11, 170, WIDTH - 64
    longest = max(sum(amount for _, amount in parts) for _, parts, _ in rows) or 1
    body = list(heading)
    for position, (name, parts, value) in enumerate(rows):
        y, x = top + position * pitch, Fraction(left)
        body.append(_text(left - 8, y + 9, _fitting(name), anchor="end"))
        for colour, amount in parts:
            width = Fraction(amount * (right - left), longest)
            body.append(_rect(x, y, width, thickness, colour))
            x += width
        body.append(_text(x + 5, y + 9, value))
    body.append(_line(left, top - 4, left, top + len(rows) * pitch - 2))
    return _svg(top + len(rows) * pitch + 4, body, font)


def _legend(scopes: Sequence[int], labels: Labels) -> str:
    parts = []
    for position, scope in enumerate(scopes):
        x = position * 150
        parts += [_rect(x, 3, 9, 9, SCOPE_COLOURS[scope]), _text(x + 14, 11, labels.of("scope_long", str(scope)), colour=MUTED)]
    return "".join(parts)


def _empty(title: str, labels: Labels, font: str) -> Chart:
    sentence = labels("chart.no_data")
    return Chart(title, _svg(30, [_text(0, 18, sentence, colour=MUTED)], font), sentence)


def _ticks(highest_mg: int) -> list[int]:
    """Zero and up to five round steps, the last at or above the highest value."""
    if highest_mg == 0:
        return [0]
    magnitude = 10 ** (len(str(highest_mg)) - 1)
    step = next(s for s in (magnitude // 5 or 1, magnitude // 2 or 1, magnitude, magnitude * 2) if s * 5 >= highest_mg)
    return [step * n for n in range(-(-highest_mg // step) + 1)]


def _short(mg: int, highest_mg: int) -> str:
    """Tonnes with as many decimals as the chart's largest value leaves room for."""
    if highest_mg < MG_PER_TONNE:
        return tonnes(mg)
    places = 0 if highest_mg >= 100 * MG_PER_TONNE else 1
    return f"{float(Fraction(mg, MG_PER_TONNE)):,.{places}f}"


def _fitting(name: str, room: int = 30) -> str:
    """As much of a name as fits its column; wide (Chinese) characters take the room of two."""
    taken = 0
    for position, character in enumerate(name):
        taken += 2 if unicodedata.east_asian_width(character) in "WF" else 1
        if taken > room:
            return name[: position - 1].rstrip() + "…"
    return name


def _svg(height: int, body: Sequence[str], font: str) -> str:
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" height="{height}"'
    return f"{head} font-family={quoteattr(font)}>{''.join(body)}</svg>"


def _rect(x: Fraction | int, y: Fraction | int, width: Fraction | int, height: Fraction | int, colour: str) -> str:
    return f'<rect x="{_at(x)}" y="{_at(y)}" width="{_at(width)}" height="{_at(height)}" fill="{colour}"/>'


def _line(x1: Fraction | int, y1: Fraction | int, x2: Fraction | int, y2: Fraction | int) -> str:
    return f'<line x1="{_at(x1)}" y1="{_at(y1)}" x2="{_at(x2)}" y2="{_at(y2)}" stroke="{RULE}" stroke-width="0.6"/>'


def _text(x: Fraction | int, y: Fraction | int, text: str, *, anchor: str = "start", colour: str = INK, size: int = 9) -> str:
    return f'<text x="{_at(x)}" y="{_at(y)}" font-size="{size}" text-anchor="{anchor}" fill="{colour}">{escape(text)}</text>'


def _at(number: Fraction | int) -> str:
    return f"{float(number):.2f}"
