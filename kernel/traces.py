"""Spans: pieces of work in a trace, exported over OTLP/HTTP where OTEL_EXPORTER_OTLP_ENDPOINT names a collector.

Without that variable nothing of the OpenTelemetry SDK is imported, and a span costs no more than the trace context that travels anyway.
The variables are those of the OpenTelemetry specification: OTEL_EXPORTER_OTLP_HEADERS, OTEL_TRACES_SAMPLER and so on.
"""

import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import TYPE_CHECKING, Literal

import structlog

from kernel.telemetry import Place, Standing, current_place, in_trace, place_in, place_of, standing_at

if TYPE_CHECKING:
    from kernel.otlp import Exporter

log = structlog.get_logger()

ENDPOINTS = ("OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT")
MOST_LINKS = 100

Kind = Literal["internal", "server", "client", "producer", "consumer"]

_exporter: "Exporter | None" = None


class Span:
    """A span that nobody records."""

    def note(self, facts: Mapping[str, str | int]) -> None:
        """Keep facts with the span."""

    def answered(self, status: int) -> None:
        """Keep the HTTP status of an answer; one of 500 and above is a failure."""


_UNRECORDED = Span()


def export_traces() -> None:
    """Export spans from now on, if the environment names a collector; `stop_exporting` sends the last ones."""
    global _exporter  # noqa: PLW0603 - one for the process, like the variable that decides it
    disabled = os.environ.get("OTEL_SDK_DISABLED", "").lower() == "true"
    if _exporter is not None or disabled or not any(map(os.environ.get, ENDPOINTS)):
        return
    try:
        from kernel.otlp import Exporter  # noqa: PLC0415 - the extra `traces`
    except ImportError:
        log.warning("traces_not_exported", reason=f"{ENDPOINTS[0]} is set, but the extra is missing: pip install 'baseyear[traces]'")
    else:
        _exporter = Exporter()


def stop_exporting() -> None:
    """Send what is not yet sent, and export no more."""
    global _exporter
    if _exporter is not None:
        exporter, _exporter = _exporter, None
        exporter.close()


@contextmanager
def span(service: str, name: str, kind: Kind = "internal", links: Iterable[Place] = ()) -> Iterator[Span]:
    """A piece of work below the present one.

    links  the places of other traces that it goes back to
    """
    if _exporter is None:
        yield _UNRECORDED
        return
    trace = in_trace(None) if current_place() is None else nullcontext()
    with trace, _exporter.span(service, name, kind, links) as (recorded, place), standing_at(place):
        yield recorded


def serving(service: str, operation: str, traceparent: str | None) -> AbstractContextManager[Span]:
    """A request, in its caller's trace or in a new one."""
    return Standing(place_in(traceparent), _UNRECORDED) if _exporter is None else _serving_recorded(service, operation, traceparent)


@contextmanager
def _serving_recorded(service: str, operation: str, traceparent: str | None) -> Iterator[Span]:
    with in_trace(traceparent), span(service, operation, "server") as recorded:
        yield recorded


@contextmanager
def caused_by(traceparents: Iterable[str | None], service: str, name: str, kind: Kind = "internal") -> Iterator[Span]:
    """Work that something else has caused: in that one's trace, or, where there are several, in a new one with links to theirs."""
    causes = dict.fromkeys(traceparents)
    causes.pop(None, None)
    if len(causes) == 1:
        with in_trace(next(iter(causes))), span(service, name, kind) as recorded:
            yield recorded
    else:
        links = [place for place in map(place_of, list(causes)[:MOST_LINKS]) if place is not None] if _exporter else []
        with in_trace(None), span(service, name, kind, links) as recorded:
            yield recorded
