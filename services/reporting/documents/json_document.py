"""The report as JSON: every field of the content under its own name, so that a machine needs no other key."""

import json
from dataclasses import fields, is_dataclass
from datetime import date
from typing import Any

from services.reporting.documents.conformance import conformance
from services.reporting.documents.figures import kilograms
from services.reporting.documents.labels import labels_in
from services.reporting.documents.narrative import MISSING_STATES
from services.reporting.domain.report_content import ReportContent

FORMAT = "baseyear.report/1"


def render_json(content: ReportContent) -> bytes:
    """UTF-8 JSON with the fields of `ReportContent`, their order kept, and the twenty items of ISO 14064-1 beside them.

    Beside each `…_mg` (a whole number) stands `…_kg`, a decimal text with six places: the same figure for readers whose numbers are floats.

    raises  LanguageNotAvailable
    """
    labels = labels_in(content.language)
    document = {"format": FORMAT, **_plain(content)}
    document["missing"]["counts"] = {state: content.missing.count(state) for state in MISSING_STATES}
    document["co2_only_factors"] = [factor.id for factor in content.co2_only_factors]
    document["conformance"] = [_plain(line) for line in conformance(content, labels)]
    return (json.dumps(document, ensure_ascii=False, indent=1) + "\n").encode()


def _plain(value: Any) -> Any:
    if is_dataclass(value):
        return dict(pair for field in fields(value) for pair in _pairs(field.name, getattr(value, field.name)))
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    if isinstance(value, date):  # a datetime is a date
        return value.isoformat()
    return value


def _pairs(name: str, value: Any) -> list[tuple[str, Any]]:
    if name.endswith("_mg"):
        return [(name, value), (f"{name.removesuffix('_mg')}_kg", None if value is None else kilograms(value))]
    return [(name, _plain(value))]
