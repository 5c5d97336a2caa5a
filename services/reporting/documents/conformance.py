"""What ISO 14064-1:2018, clause 9.3.1 asks of a report, item by item, and whether this content answers it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from services.reporting.documents.figures import tonnes
from services.reporting.documents.labels import Labels
from services.reporting.domain.report_content import ReportContent

State = Literal["answered", "partly", "open", "not_applicable"]
Finding = tuple[State, str]


@dataclass(frozen=True, slots=True)
class Requirement:
    item: str  # a … t
    asks: str
    state: State
    answer: str


def conformance(content: ReportContent, labels: Labels) -> tuple[Requirement, ...]:
    """The twenty items in order. Item r, the claim to follow the standard, is made only when no other item is partly or open.

    source  ISO 14064-1:2018, 9.3.1 a) to t), paraphrased
    """
    findings = {item: find(content, labels) for item, find in _FINDINGS.items()}
    complete = all(state in ("answered", "not_applicable") for state, _ in findings.values())
    findings["r"] = ("answered", labels("iso.r.answered")) if complete else ("open", labels("iso.r.open"))
    return tuple(Requirement(item, labels(f"iso.{item}"), *findings[item]) for item in sorted(findings))


def _shown_in(section: str) -> Callable[[ReportContent, Labels], Finding]:
    return lambda content, labels: ("answered", labels("iso.see", section=labels(f"section.{section}")))


def _organisation(content: ReportContent, labels: Labels) -> Finding:
    return "answered", content.organisation.name


def _responsible(content: ReportContent, labels: Labels) -> Finding:
    responsible = content.organisation.responsible
    return ("answered", responsible) if responsible else ("open", labels("iso.b.open"))


def _reporting_boundary(content: ReportContent, labels: Labels) -> Finding:
    return "partly", labels("iso.e.partly")


def _direct_by_gas(content: ReportContent, labels: Labels) -> Finding:
    unsplit = sum(line.co2e_mg or 0 for line in content.by_gas if line.scope == 1 and line.gas == "CO2e")
    if unsplit:
        return "partly", labels("iso.f.partly", tonnes=tonnes(unsplit))
    direct = {line.activity_type for line in content.by_activity if line.scope == 1}
    if any(factor.activity_type in direct for factor in content.co2_only_factors):
        return "partly", labels("iso.f.co2_only")
    return _shown_in("gas")(content, labels)


def _removals(content: ReportContent, labels: Labels) -> Finding:
    return "not_applicable", labels("iso.h.not_applicable")


def _exclusions(content: ReportContent, labels: Labels) -> Finding:
    return "partly", labels("iso.i.partly")


def _indirect(content: ReportContent, labels: Labels) -> Finding:
    return ("partly", labels("iso.j.partly")) if 2 in content.scopes else ("open", labels("iso.j.open"))


def _base_year(content: ReportContent, labels: Labels) -> Finding:
    if content.inventory.is_base_year:
        return "answered", labels("iso.k.answered", year=content.inventory.year)
    return "open", labels("iso.k.open")


def _changes(content: ReportContent, labels: Labels) -> Finding:
    if content.inventory.is_base_year:
        return "not_applicable", labels("iso.l.not_applicable")
    return "open", labels("iso.l.open")


def _uncertainty(content: ReportContent, labels: Labels) -> Finding:
    return "open", labels("iso.uncertainty.open")


def _verification(content: ReportContent, labels: Labels) -> Finding:
    state = content.inventory.state
    if state in ("verified", "locked"):
        return "partly", labels("iso.s.partly", state=labels.of("inventory_state", state))
    return "answered", labels("iso.s.answered")


_FINDINGS: dict[str, Callable[[ReportContent, Labels], Finding]] = {
    "a": _organisation,
    "b": _responsible,
    "c": _shown_in("summary"),
    "d": _shown_in("boundary"),
    "e": _reporting_boundary,
    "f": _direct_by_gas,
    "g": _shown_in("scope_category"),
    "h": _removals,
    "i": _exclusions,
    "j": _indirect,
    "k": _base_year,
    "l": _changes,
    "m": _shown_in("method"),
    "n": _changes,
    "o": _shown_in("factors"),
    "p": _uncertainty,
    "q": _uncertainty,
    "s": _verification,
    "t": _shown_in("gas"),
}
