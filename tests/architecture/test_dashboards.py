"""Dashboard and alerts speak of metrics that exist, and the page for operators of all of them."""

import json
import re
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
import pytest_asyncio
import yaml
from prometheus_client import Counter, Histogram
from prometheus_client.metrics import MetricWrapperBase

from baseyear.documents import unconnected
from kernel import metrics
from kernel.metrics import Observed
from tests.architecture.source_files import ROOT

PAGE = ROOT / "docs" / "how-to" / "watch-an-installation.md"
ANSWERS = ROOT / "docs" / "how-to" / "answer-an-alert.md"
DASHBOARD = ROOT / "deploy" / "grafana" / "baseyear.json"
ALERTS = ROOT / "deploy" / "alerts" / "baseyear.yml"
PROMETHEUS = ROOT / "deploy" / "prometheus" / "prometheus.yml"

Names = dict[str, frozenset[str]]

OF_THE_SCRAPE = frozenset(["job", "instance"])
NOT_OURS: Names = {
    "up": OF_THE_SCRAPE,
    "process_resident_memory_bytes": OF_THE_SCRAPE,
    "process_cpu_seconds_total": OF_THE_SCRAPE,
}

_STRING = re.compile(r'"(?:[^"\\]|\\.)*"')
_GROUPING = re.compile(r"\b(?:by|without|on|ignoring|group_left|group_right)\s*\(([^)]*)\)")
_SELECTOR = re.compile(r"\{([^}]*)\}")
_RANGE = re.compile(r"\[[^\]]*\]")
_NAME = re.compile(r"[a-zA-Z_:][a-zA-Z0-9_:]*")
_WORDS = frozenset(["and", "or", "unless", "bool", "offset"])


@dataclass(frozen=True, slots=True)
class Expression:
    """What a PromQL expression names: metrics with the labels that select them, and the labels that it groups by."""

    metrics: tuple[tuple[str, frozenset[str]], ...]
    grouping: frozenset[str]

    @classmethod
    def of(cls, text: str) -> "Expression":
        text = _RANGE.sub("", _STRING.sub('""', text))
        grouping = frozenset(name for found in _GROUPING.finditer(text) for name in _NAME.findall(found[1]))
        text = _GROUPING.sub(" ", text)
        found = []
        for match in _NAME.finditer(_SELECTOR.sub(lambda selector: " " * len(selector[0]), text)):
            rest = text[match.end() :].lstrip()
            if not rest.startswith("(") and match[0] not in _WORDS:
                selector = _SELECTOR.match(rest)
                labels = re.findall(r"(\w+)\s*[=!]", selector[1]) if selector else []
                found.append((match[0], frozenset(labels)))
        return cls(tuple(found), grouping)


def faults(text: str, names: Names) -> list[str]:
    """What an expression names that does not exist."""
    expression = Expression.of(text)
    unknown = [f"there is no metric {name}" for name, _ in expression.metrics if name not in names]
    for name, labels in expression.metrics:
        if name in names:
            missing = (labels | expression.grouping) - names[name]
            unknown += [f"{name} has no label {label}" for label in sorted(missing)]
    return unknown or ([] if expression.metrics else ["it names no metric"])


@dataclass(frozen=True, slots=True)
class Metrics:
    """Ours by the names by which the page speaks of them, and all series by theirs."""

    documented: frozenset[str]
    series: Names = field(repr=False)


def _of_client(metric: MetricWrapperBase) -> tuple[str, Names]:
    (family,) = metric.describe()
    labels = frozenset(metric._labelnames) | OF_THE_SCRAPE
    if isinstance(metric, Histogram):
        plain = {f"{family.name}_count": labels, f"{family.name}_sum": labels}
        return family.name, {**plain, f"{family.name}_bucket": labels | {"le"}}
    name = f"{family.name}_total" if isinstance(metric, Counter) else family.name
    return name, {name: labels}


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def known() -> AsyncIterator[Metrics]:
    """All that kernel/metrics.py names, and what services add."""
    async with unconnected() as parts:
        added = [each.gauge for service in parts.services.values() for each in service.gauges]
    observed = [each for each in vars(metrics).values() if isinstance(each, Observed)] + added
    counted = [_of_client(each) for each in vars(metrics).values() if isinstance(each, MetricWrapperBase)]
    series: Names = {each.name: frozenset(["service", *each.labels]) | OF_THE_SCRAPE for each in observed}
    for _, names in counted:
        series |= names
    yield Metrics(frozenset([each.name for each in observed] + [name for name, _ in counted]), series | NOT_OURS)


def expressions_of_dashboard() -> Iterator[tuple[str, str]]:
    """Panel and expression."""
    for panel in json.loads(DASHBOARD.read_text())["panels"]:
        for target in panel.get("targets", []):
            yield panel["title"], target["expr"]


def alerts() -> list[dict[str, Any]]:
    return [rule for group in yaml.safe_load(ALERTS.read_text())["groups"] for rule in group["rules"]]


def test_every_panel_asks_for_what_exists(known: Metrics) -> None:
    assert {panel: found for panel, expression in expressions_of_dashboard() if (found := faults(expression, known.series))} == {}


def test_every_alert_asks_for_what_exists(known: Metrics) -> None:
    assert {rule["alert"]: found for rule in alerts() if (found := faults(rule["expr"], known.series))} == {}


@pytest.mark.parametrize(
    ("expression", "fault"),
    [
        ("sum(rate(baseyear_requests_total[5m]))", "there is no metric baseyear_requests_total"),
        ("sum by (route) (rate(baseyear_request_seconds_count[5m]))", "baseyear_request_seconds_count has no label route"),
        ('baseyear_jobs_open{phase="queued"} > 0', "baseyear_jobs_open has no label phase"),
        ("sum by (le) (rate(baseyear_request_seconds_count[5m]))", "baseyear_request_seconds_count has no label le"),
        ('max(baseyear_outbox_waiting{service="x"}) > 1 and max(baseyear_outbox_age)', "there is no metric baseyear_outbox_age"),
        ("vector(1)", "it names no metric"),
    ],
)
def test_what_does_not_exist_would_be_found(known: Metrics, expression: str, fault: str) -> None:
    assert faults(expression, known.series) == [fault]


def test_every_metric_is_on_the_dashboard_and_explained_on_the_page(known: Metrics) -> None:
    shown = {name for _, expression in expressions_of_dashboard() for name, _ in Expression.of(expression).metrics}
    shown = {re.sub(r"_(bucket|count|sum)$", "", name) if name not in known.documented else name for name in shown}
    explained = set(re.findall(r"^\| `(baseyear_\w+)` \|", PAGE.read_text(), re.MULTILINE))

    assert known.documented - shown == set()
    assert explained == known.documented


def test_labels_are_explained_as_they_are(known: Metrics) -> None:
    for name, labels in re.findall(r"^\| `(baseyear_\w+)` \| ([^|]*)\|", PAGE.read_text(), re.MULTILINE):
        series = known.series.get(name) or known.series[f"{name}_count"]
        assert series - OF_THE_SCRAPE - {"service"} == set(re.findall(r"\w+", labels)), name


def test_every_alert_says_what_to_do_and_leads_to_its_part_of_the_page() -> None:
    headings = set(re.findall(r"^## (\w+)$", ANSWERS.read_text(), re.MULTILINE))

    assert {rule["alert"] for rule in alerts()} == headings
    for rule in alerts():
        notes = rule["annotations"]
        assert notes["summary"], rule
        assert notes["description"], rule
        assert notes["runbook"] == f"{ANSWERS.relative_to(ROOT)}#{rule['alert'].lower()}"
        assert rule["labels"]["severity"] in ("critical", "warning", "info")


def test_panels_have_places_of_their_own() -> None:
    panels = json.loads(DASHBOARD.read_text())["panels"]
    taken: set[tuple[int, int]] = set()
    for panel in panels:
        place = panel["gridPos"]
        cells = {(x, y) for x in range(place["x"], place["x"] + place["w"]) for y in range(place["y"], place["y"] + place["h"])}
        assert place["x"] + place["w"] <= 24, panel["title"]
        assert taken.isdisjoint(cells), panel["title"]
        taken |= cells
    assert len({panel["id"] for panel in panels}) == len(panels)


def test_prometheus_loads_the_alerts_and_asks_with_the_scope_that_it_needs() -> None:
    configured = yaml.safe_load(PROMETHEUS.read_text())

    assert [(PROMETHEUS.parent / file).resolve() for file in configured["rule_files"]] == [ALERTS]
    (job,) = configured["scrape_configs"]
    assert job["oauth2"]["scopes"] == ["operations:read"]
    assert job["job_name"] == "baseyear"
