"""The sentences of a report: what a reader should know before, between and after the tables."""

from datetime import UTC, timedelta

from services.reporting.documents.conformance import conformance
from services.reporting.documents.figures import percent, tonnes
from services.reporting.documents.labels import Labels
from services.reporting.documents.tables import share_of
from services.reporting.domain.report_content import MissingState, ReportContent

UNSTATED = "unstated"  # the GWP basis of a publisher that names none
MISSING_STATES: tuple[MissingState, ...] = ("awaiting_factor", "no_factor", "quarantined")


def period(content: ReportContent, labels: Labels) -> str:
    """First and last day, both inside the period."""
    return labels("period.text", first=content.period_start.isoformat(), last=_last_day(content))


def prepared(content: ReportContent) -> str:
    return f"{content.generated_at.astimezone(UTC):%Y-%m-%d %H:%M} UTC"


def inventory_line(content: ReportContent, labels: Labels) -> str:
    state = labels.of("inventory_state", content.inventory.state)
    return labels("inventory.text", name=content.inventory.name, year=content.inventory.year, state=state)


def banner(content: ReportContent, labels: Labels) -> tuple[str, str]:
    """Headline and sentence of the status; a report that is behind names both figures and their difference, or why there is one."""
    if content.status == "behind" and content.inventory_total is None:
        return labels("banner.unanswered"), labels(
            "banner.unanswered.text", reported=tonnes(content.total.co2e_mg), reason=content.behind_because
        )
    values = {"state": labels.of("inventory_state", content.inventory.state)}
    if content.inventory_total is not None:
        reported, inventory = content.total.co2e_mg, content.inventory_total.co2e_mg
        values |= {"reported": tonnes(reported), "inventory": tonnes(inventory), "difference": tonnes(inventory - reported)}
    return labels(f"banner.{content.status}"), labels(f"banner.{content.status}.text", **values)


def summary(content: ReportContent, labels: Labels) -> tuple[str, ...]:
    total, biogenic = content.total, content.total.biogenic_co2_mg
    parts = [
        labels("summary.part", scope=labels.of("scope", str(line.scope)), tonnes=tonnes(line.emissions.co2e_mg), share=percent(share))
        for line in sorted(content.by_scope, key=lambda line: line.scope)
        if (share := share_of(line.emissions.co2e_mg, total)) is not None
    ]
    days = {"organisation": content.organisation.name, "first": content.period_start.isoformat(), "last": _last_day(content)}
    if not content.has_figures:
        uncounted = (_uncounted(content, labels),) if content.missing.records else ()
        return labels("summary.empty", **days), *uncounted
    lead = labels(
        "summary.lead",
        **days,
        total=tonnes(total.co2e_mg),
        parts=labels("summary.parts", list=", ".join(parts)) if parts else "",
        biogenic=labels("summary.biogenic", tonnes=tonnes(biogenic)) if biogenic else "",
        records=labels.counted("count.records", total.records),
        sites=labels.counted("count.sites", len({line.site_external_id for line in content.by_site})),
        entities=labels.counted("count.entities", len({line.entity_external_id for line in content.by_entity})),
    )
    bases = [
        labels(f"summary.{'unstated' if b.gwp_basis == UNSTATED else 'other'}_basis", tonnes=tonnes(b.co2e_mg), basis=b.gwp_basis)
        for b in content.other_gwp_basis
    ]
    return (lead, *bases, _uncounted(content, labels), labels(f"base_year.{'yes' if content.inventory.is_base_year else 'no'}"))


def missing(content: ReportContent, labels: Labels) -> tuple[str, ...]:
    """One plain sentence for each kind of thing that the total lacks, and one for what nobody looked at."""
    counts: list[tuple[str, int]] = [(f"missing.{state}", content.missing.count(state)) for state in MISSING_STATES]
    counts += [("missing.gaps", sum(len(gap.months) for gap in content.missing.gaps)), ("missing.co2_only", len(content.co2_only_factors))]
    sentences = [labels.counted(key, n) for key, n in counts if n]
    if not content.has_figures:
        sentences.insert(0, labels("missing.everything"))
    sentences = sentences or [labels("missing.none")]
    if seldom := len(content.missing.seldom):
        sentences.append(labels.counted("missing.seldom", seldom))
    return tuple(sentences)


def boundary(content: ReportContent, labels: Labels) -> str:
    return labels(
        "boundary.lead",
        approach=labels.of("approach", content.boundary.consolidation_approach),
        entities=labels.counted("count.entities", len(content.boundary.entities)),
        sites=labels.counted("count.sites", len(content.boundary.sites)),
    )


def method(content: ReportContent, labels: Labels) -> tuple[tuple[str, str], ...]:
    """Pairs of heading and paragraph."""
    statement = content.method
    scope2 = labels("method.scope2", method=labels.of("scope2_method", statement.scope2_method))
    return (
        (labels("scope_long.2"), scope2),
        (labels("method.formula"), statement.formula),
        (labels("method.rounding"), statement.rounding),
        (labels("method.gwp"), labels("method.gwp.text", gwp_set=statement.gwp_set, source=statement.gwp_source)),
        *((labels("method.notes"), note) for note in statement.notes),
    )


def conformance_lead(content: ReportContent, labels: Labels) -> str:
    states = [line.state for line in conformance(content, labels)]
    return labels("conformance.lead", **{state: states.count(state) for state in ("answered", "partly", "open", "not_applicable")})


def _uncounted(content: ReportContent, labels: Labels) -> str:
    counts = [(state, content.missing.count(state)) for state in MISSING_STATES]
    listed = ", ".join(labels(f"count.{state}", n=f"{n:,}") for state, n in counts if n)
    return labels("summary.missing", list=listed) if listed else labels("summary.complete")


def _last_day(content: ReportContent) -> str:
    return (content.period_end - timedelta(days=1)).isoformat()
