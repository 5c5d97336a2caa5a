"""The tables of a report, laid out once for the workbook and the PDF. Cells hold exact values; each document writes them its own way."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

from services.reporting.documents.labels import Labels
from services.reporting.domain.report_content import Emissions, GasTotal, ReportContent

Kind = Literal["text", "code", "decimal", "tonnes", "count", "share", "exact"]
Cell = str | int | Fraction | None  # None: nothing is known, which is not zero


@dataclass(frozen=True, slots=True)
class Column:
    """`tonnes` cells are milligrams, `decimal` cells decimal texts, `share` cells fractions of one, `exact` cells figures kept as text.

    width  share of a printed page, 0 for columns of the workbook only
    """

    label: str
    kind: Kind = "text"
    width: float = 1.0

    @property
    def is_figure(self) -> bool:
        return self.kind not in ("text", "code")


@dataclass(frozen=True, slots=True)
class Table:
    title: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]
    total: tuple[Cell, ...] | None = None
    note: str = ""


def scope_category_table(content: ReportContent, labels: Labels) -> Table:
    rows = tuple(
        (
            labels.of("scope", str(line.scope)),
            labels.of("category", line.category),
            line.iso_category or None,
            line.emissions.records,
            line.emissions.co2e_mg,
            share_of(line.emissions.co2e_mg, content.total),
            line.emissions.biogenic_co2_mg,
        )
        for line in sorted(content.by_category, key=lambda line: (line.scope, line.iso_category, line.category))
    )
    total = content.total
    return Table(
        title=labels("section.scope_category"),
        columns=(
            Column(labels("scope"), width=1.1),
            Column(labels("category"), width=2.6),
            Column(labels("iso_category"), width=0.6),
            Column(labels("records"), "count", 1.0),
            Column(labels("co2e_t"), "tonnes", 1.6),
            Column(labels("share"), "share", 0.9),
            Column(labels("biogenic"), "tonnes", 1.6),
        ),
        rows=rows,
        total=(labels("total"), None, None, total.records, total.co2e_mg, share_of(total.co2e_mg, total), total.biogenic_co2_mg),
        note=labels("scope_category.note"),
    )


def month_table(content: ReportContent, labels: Labels) -> Table:
    months = pivot((line.month, line.scope, line.emissions) for line in content.by_month)
    return Table(
        title=labels("section.month"),
        columns=(Column(labels("month"), "code", 1.2), *scope_columns(content, labels)),
        rows=tuple((month, *scope_cells(months[month], content)) for month in sorted(months)),
        total=(labels("total"), *_scope_totals(content)),
    )


def site_table(content: ReportContent, labels: Labels) -> Table:
    """Every site of the boundary, largest first; those without any figure come last, with dashes."""
    totals = pivot((line.site_external_id, line.scope, line.emissions) for line in content.by_site)
    known = {site.external_id: site for site in content.boundary.sites}
    rows = []
    for id in ranked(totals, known):
        site = known.get(id)
        name, entity, region = (site.name, site.entity_external_id, site.region) if site else (None, None, None)
        rows.append((id, name, entity, region, *scope_cells(totals.get(id, {}), content), _share(totals.get(id), content)))
    return Table(
        title=labels("section.site"),
        columns=(
            Column(labels("id"), "code", 1.5),
            Column(labels("site"), width=2.2),
            Column(labels("entity"), "code", 0),
            Column(labels("region"), "code", 0.8),
            *scope_columns(content, labels),
            Column(labels("share"), "share", 0.8),
        ),
        rows=tuple(rows),
        total=(labels("total"), None, None, None, *_scope_totals(content), share_of(content.total.co2e_mg, content.total)),
        note=labels("site.note"),
    )


def entity_table(content: ReportContent, labels: Labels) -> Table:
    totals = pivot((line.entity_external_id, line.scope, line.emissions) for line in content.by_entity)
    known = {entity.external_id: entity for entity in content.boundary.entities}
    rows = []
    for id in ranked(totals, known):
        entity = known.get(id)
        name, country = (entity.name, entity.country) if entity else (None, None)
        rows.append((id, name, country, *scope_cells(totals.get(id, {}), content), _share(totals.get(id), content)))
    return Table(
        title=labels("section.entity"),
        columns=(
            Column(labels("id"), "code", 1.3),
            Column(labels("entity"), width=2.4),
            Column(labels("country"), "code", 0.9),
            *scope_columns(content, labels),
            Column(labels("share"), "share", 0.8),
        ),
        rows=tuple(rows),
        total=(labels("total"), None, None, *_scope_totals(content), share_of(content.total.co2e_mg, content.total)),
        note=labels("entity.note"),
    )


def gas_table(content: ReportContent, labels: Labels) -> Table:
    lines: dict[str, dict[int, GasTotal]] = defaultdict(dict)
    for line in content.by_gas:
        lines[line.gas if line.gwp_basis is None else f"{line.gas} ({line.gwp_basis})"][line.scope] = line
    rows = []
    for by_scope in lines.values():
        any_line = next(iter(by_scope.values()))
        basis = f" ({labels.of('gwp_basis', any_line.gwp_basis)})" if any_line.gwp_basis else ""
        present = [by_scope.get(scope) for scope in content.scopes]
        rows.append(
            (
                labels.of("gas", any_line.gas) + basis,
                any_line.gwp or (None if any_line.gas == "CO2e" else labels("no_gwp")),
                *(line.mass_mg if line else None for line in present),
                *(line.co2e_mg if line else None for line in present),
                sum(line.co2e_mg or 0 for line in by_scope.values()),
            )
        )
    masses = tuple(Column(labels("mass_scope", scope=scope), "tonnes", 1.5) for scope in content.scopes)
    co2e = tuple(Column(labels("co2e_scope", scope=scope), "tonnes", 1.5) for scope in content.scopes)
    return Table(
        title=labels("section.gas"),
        columns=(
            Column(labels("gas"), width=1.6),
            Column(labels("gwp"), "code", 0.8),
            *masses,
            *co2e,
            Column(f"{labels('total')}, {labels('co2e_t')}", "tonnes", 1.5),
        ),
        rows=tuple(rows),
        total=(labels("total"), None, *(None for _ in masses), *_scope_totals(content)),
        note=labels("gas.note", gwp_set=content.method.gwp_set),
    )


def activity_table(content: ReportContent, labels: Labels) -> Table:
    ordered = sorted(content.by_activity, key=lambda line: (line.scope, -line.emissions.co2e_mg, line.activity_type, line.unit or ""))
    return Table(
        title=labels("section.activity"),
        columns=(
            Column(labels("activity"), width=2.2),
            Column(labels("activity_type"), "code", 2.1),
            Column(labels("scope"), width=0.9),
            Column(labels("category"), width=0),
            Column(labels("quantity"), "decimal", 1.7),
            Column(labels("unit"), "code", 0.7),
            Column(labels("records"), "count", 0.9),
            Column(labels("co2e_t"), "tonnes", 1.5),
        ),
        rows=tuple(
            (
                line.name,
                line.activity_type,
                labels.of("scope", str(line.scope)),
                labels.of("category", line.category),
                line.quantity,
                line.unit,
                line.emissions.records,
                line.emissions.co2e_mg,
            )
            for line in ordered
        ),
        total=(labels("total"), None, None, None, None, None, content.total.records, content.total.co2e_mg),
        note=labels("activity.note"),
    )


def share_of(co2e_mg: int, total: Emissions) -> Fraction | None:
    return Fraction(co2e_mg, total.co2e_mg) if total.co2e_mg else None


def pivot(lines: Iterable[tuple[str, int, Emissions]]) -> dict[str, dict[int, int]]:
    """(key, scope, emissions) → key → scope → milligrams CO2e."""
    table: dict[str, dict[int, int]] = defaultdict(dict)
    for key, scope, emissions in lines:
        table[key][scope] = table[key].get(scope, 0) + emissions.co2e_mg
    return dict(table)


def ranked(totals: dict[str, dict[int, int]], known: Iterable[str] = ()) -> list[str]:
    """Keys by falling total, then those that are known but have no figure; equal ones by their id."""
    with_figures = sorted(totals, key=lambda key: (-sum(totals[key].values()), key))
    return with_figures + sorted(set(known) - totals.keys())


def scope_columns(content: ReportContent, labels: Labels) -> tuple[Column, ...]:
    scopes = tuple(Column(f"{labels.of('scope', str(scope))}, {labels('co2e_t')}", "tonnes", 1.4) for scope in content.scopes)
    return (*scopes, Column(f"{labels('total')}, {labels('co2e_t')}", "tonnes", 1.4))


def scope_cells(by_scope: dict[int, int], content: ReportContent) -> tuple[int | None, ...]:
    return (*(by_scope.get(scope) for scope in content.scopes), sum(by_scope.values()) if by_scope else None)


def _scope_totals(content: ReportContent) -> tuple[int, ...]:
    scopes = {line.scope: line.emissions.co2e_mg for line in content.by_scope}
    return (*(scopes[scope] for scope in content.scopes), content.total.co2e_mg)


def _share(by_scope: dict[int, int] | None, content: ReportContent) -> Fraction | None:
    return share_of(sum(by_scope.values()), content.total) if by_scope else None
