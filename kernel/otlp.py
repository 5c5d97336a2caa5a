"""Spans to a collector, by OpenTelemetry's SDK; only kernel/traces.py imports this, where a collector is named."""

import threading
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager

from opentelemetry import trace
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.trace import Link, NonRecordingSpan, SpanContext, SpanKind, Status, StatusCode, TraceFlags, Tracer

from kernel.telemetry import Place, current_place
from kernel.traces import Kind, Span

LAST_SECONDS = 2.0


class _RecordedSpan(Span):
    def __init__(self, recorded: trace.Span) -> None:
        self._recorded = recorded

    def note(self, facts: Mapping[str, str | int]) -> None:
        self._recorded.set_attributes(facts)

    def answered(self, status: int) -> None:
        self.note({"http.response.status_code": status})
        if status >= 500:
            self._recorded.set_status(Status(StatusCode.ERROR))


class Exporter:
    """Sends spans in batches; every service of the process is a resource of its own."""

    def __init__(self) -> None:
        self._sender = OTLPSpanExporter()
        self._batches = BatchSpanProcessor(self._sender)
        self._providers: dict[str, TracerProvider] = {}

    @contextmanager
    def span(self, service: str, name: str, kind: Kind, links: Iterable[Place]) -> Iterator[tuple[Span, Place]]:
        """A span below the present place, and the place that it is itself."""
        above = current_place()
        parent = trace.set_span_in_context(NonRecordingSpan(_context(above))) if above is not None and above.is_span else None
        recorded = self._tracer(service).start_span(
            name, parent, SpanKind[kind.upper()], links=[Link(_context(place)) for place in links], record_exception=False
        )
        own = recorded.get_span_context()
        try:
            place = Place(f"{own.trace_id:032x}", f"{own.span_id:016x}", f"{own.trace_flags:02x}", True)
            yield _RecordedSpan(recorded), place
        except Exception as error:
            recorded.set_status(Status(StatusCode.ERROR, type(error).__name__))  # its words may hold what does not belong elsewhere
            raise
        finally:
            recorded.end()

    def _tracer(self, service: str) -> Tracer:
        if service not in self._providers:
            resource = Resource.create({"service.namespace": "baseyear", "service.name": service})
            self._providers[service] = TracerProvider(resource=resource, shutdown_on_exit=False)
            self._providers[service].add_span_processor(self._batches)
        return self._providers[service].get_tracer("baseyear")

    def close(self) -> None:
        """Send what is not yet sent, for some seconds: a collector that is away keeps no process from ending."""
        giving_up = threading.Timer(LAST_SECONDS, self._sender.shutdown)
        giving_up.start()
        self._batches.shutdown()  # type: ignore[no-untyped-call]
        giving_up.cancel()


def _context(place: Place) -> SpanContext:
    return SpanContext(int(place.trace_id, 16), int(place.span_id, 16), is_remote=True, trace_flags=TraceFlags(int(place.flags, 16)))
