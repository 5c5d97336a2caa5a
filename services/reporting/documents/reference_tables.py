"""The tables that say what the figures rest on: boundary, factors and their sources, what is missing, the run itself."""

from services.reporting.documents.conformance import conformance
from services.reporting.documents.figures import months
from services.reporting.documents.labels import Labels
from services.reporting.documents.tables import Cell, Column, Table
from services.reporting.domain.report_content import ReportContent


def entities_table(content: ReportContent, labels: Labels) -> Table:
    return Table(
        title=labels("table.entities"),
        columns=(
            Column(labels("id"), "code", 1.4),
            Column(labels("entity"), width=3.0),
            Column(labels("country"), "code", 0.9),
            Column(labels("parent"), "code", 1.4),
            Column(labels("group_share"), "code", 1.1),
        ),
        rows=tuple((e.external_id, e.name, e.country, e.parent_external_id, e.group_share) for e in content.boundary.entities),
    )


def sites_table(content: ReportContent, labels: Labels) -> Table:
    return Table(
        title=labels("table.sites"),
        columns=(
            Column(labels("id"), "code", 1.6),
            Column(labels("site"), width=2.6),
            Column(labels("entity"), "code", 1.4),
            Column(labels("region"), "code", 0.9),
            Column(labels("tenure"), width=1.3),
        ),
        rows=tuple((s.external_id, s.name, s.entity_external_id, s.region, labels.of("tenure", s.tenure)) for s in content.boundary.sites),
    )


def missing_records_table(content: ReportContent, labels: Labels) -> Table:
    sites = _site_names(content)
    return Table(
        title=labels("table.missing_records"),
        columns=(
            Column(labels("state"), width=1.3),
            Column(labels("id"), "code", 1.3),
            Column(labels("site"), width=1.6),
            Column(labels("item"), "code", 1.5),
            Column(labels("months"), "code", 1.7),
            Column(labels("records"), "count", 0.8),
            Column(labels("reason"), width=1.7),
        ),
        rows=tuple(
            (
                labels.of("missing_state", line.state),
                line.site_external_id or labels("unknown"),
                sites.get(line.site_external_id or ""),
                line.item or labels("unknown"),
                months(line.months),
                line.records,
                line.reason,
            )
            for line in content.missing.records
        ),
    )


def gaps_table(content: ReportContent, labels: Labels) -> Table:
    sites, names = _site_names(content), _activity_names(content)
    return Table(
        title=labels("table.gaps"),
        columns=(
            Column(labels("id"), "code", 1.3),
            Column(labels("site"), width=1.9),
            Column(labels("activity"), width=2.0),
            Column(labels("months"), "code", 2.6),
        ),
        rows=tuple(
            (gap.site_external_id, sites.get(gap.site_external_id), names.get(gap.activity_type, gap.activity_type), months(gap.months))
            for gap in content.missing.gaps
        ),
        note=labels("gaps.note"),
    )


def seldom_table(content: ReportContent, labels: Labels) -> Table:
    sites, names = _site_names(content), _activity_names(content)
    return Table(
        title=labels("table.seldom"),
        columns=(
            Column(labels("id"), "code"),
            Column(labels("site")),
            Column(labels("activity")),
            Column(labels("months_with_data"), "code"),
        ),
        rows=tuple(
            (
                line.site_external_id,
                sites.get(line.site_external_id),
                names.get(line.activity_type, line.activity_type),
                months(line.months),
            )
            for line in content.missing.seldom
        ),
        note=labels("seldom.note"),
    )


def co2_only_table(content: ReportContent, labels: Labels) -> Table:
    names = _activity_names(content)
    return Table(
        title=labels("table.co2_only"),
        columns=(
            Column(labels("activity"), width=2.0),
            Column(labels("region"), "code", 0.8),
            Column(labels("data_year"), "code", 0.8),
            Column(labels("dataset"), "code", 2.2),
            Column(labels("records"), "count", 0.8),
            Column(labels("co2e_t"), "tonnes", 1.3),
        ),
        rows=tuple(
            (
                names.get(factor.activity_type, factor.activity_type),
                factor.region,
                _year(factor.year),
                ", ".join(sorted({gas.dataset for gas in factor.gases})),
                factor.emissions.records,
                factor.emissions.co2e_mg,
            )
            for factor in sorted(content.co2_only_factors, key=lambda factor: (factor.activity_type, factor.region, factor.year or 0))
        ),
    )


def factors_table(content: ReportContent, labels: Labels) -> Table:
    """One row per factor and gas, because each gas has a source of its own; what the factor gave stands in its first row."""
    names, rows = _activity_names(content), []
    for factor in sorted(content.factors, key=lambda factor: (factor.activity_type, factor.region, factor.year or 0, factor.id)):
        given: tuple[Cell, Cell] = (factor.emissions.records, factor.emissions.co2e_mg)
        for gas in factor.gases:
            rows.append(
                (
                    names.get(factor.activity_type, factor.activity_type),
                    factor.activity_type,
                    factor.region,
                    _year(factor.year),
                    labels.of("gas", gas.gas),
                    gas.kg_per_unit,
                    factor.unit,
                    factor.gas_coverage,
                    gas.dataset,
                    gas.source_row,
                    *given,
                    factor.id,
                )
            )
            given = ("", "")
    return Table(
        title=labels("table.factors"),
        columns=(
            Column(labels("activity"), width=1.5),
            Column(labels("activity_type"), "code", 0),
            Column(labels("region"), "code", 0.85),
            Column(labels("data_year"), "code", 0.55),
            Column(labels("gas"), width=1.25),
            Column(labels("kg_per_unit"), "code", 1.85),
            Column(labels("unit"), "code", 0.75),
            Column(labels("gas_coverage"), "code", 0),
            Column(labels("dataset"), "code", 2.15),
            Column(labels("source_row"), "code", 1.2),
            Column(labels("records"), "count", 0),
            Column(labels("co2e_t"), "tonnes", 1.2),
            Column(labels("factor_id"), "code", 0),
        ),
        rows=tuple(rows),
        total=(labels("total"), *(None for _ in range(9)), content.total.records, content.total.co2e_mg, None),
    )


def sources_table(content: ReportContent, labels: Labels) -> Table:
    sources = {(g.dataset, g.publisher, g.licence, g.attribution, g.sha256) for factor in content.factors for g in factor.gases}
    return Table(
        title=labels("table.sources"),
        columns=(
            Column(labels("dataset"), "code", 1.3),
            Column(labels("publisher"), width=1.4),
            Column(labels("licence"), width=1.2),
            Column(labels("attribution"), width=2.0),
            Column(labels("sha256"), "code", 2.0),
        ),
        rows=tuple(sorted(sources)),
    )


def conformance_table(content: ReportContent, labels: Labels) -> Table:
    return Table(
        title=labels("section.conformance"),
        columns=(
            Column("", "code", 0.3),
            Column(labels("requirement"), width=2.6),
            Column(labels("state"), width=0.9),
            Column(labels("answer"), width=3.2),
        ),
        rows=tuple(
            (line.item, line.asks, labels.of("requirement_state", line.state), line.answer) for line in conformance(content, labels)
        ),
    )


def manifest_table(content: ReportContent, labels: Labels) -> Table:
    manifest = content.manifest
    return Table(
        title=labels("section.manifest"),
        columns=(Column(labels("item"), width=1.4), Column(labels("value"), "code", 3.6)),
        rows=(
            (labels("report_id"), content.report_id),
            (labels("manifest.inventory_id"), content.inventory.id),
            (labels("manifest.software"), manifest.software_version),
            (labels("manifest.factor_pack"), manifest.factor_pack_version),
            (labels("manifest.gwp_set"), manifest.gwp_set),
            (labels("manifest.generated_at"), content.generated_at.isoformat()),
            (labels("manifest.time_zone"), content.organisation.time_zone),
            (labels("manifest.inputs"), manifest.inputs_sha256),
        ),
    )


def topics_table(content: ReportContent, labels: Labels) -> Table:
    return Table(
        title=labels("table.topics"),
        columns=(Column(labels("topic"), "code", 3.0), Column(labels("position"), "count", 1.0), Column(labels("events"), "count", 1.0)),
        rows=tuple((line.topic, line.position, line.events) for line in content.manifest.topics),
    )


def _year(year: int | None) -> str | None:
    return str(year) if year is not None else None


def _site_names(content: ReportContent) -> dict[str, str]:
    return {site.external_id: site.name for site in content.boundary.sites}


def _activity_names(content: ReportContent) -> dict[str, str]:
    return {line.activity_type: line.name for line in content.by_activity}
