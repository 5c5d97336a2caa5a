"""Structured logs, and the W3C trace context that ties a request to its events and problems."""

import logging
import random
import re
import sys
from contextlib import suppress
from contextvars import ContextVar
from typing import TextIO, cast

import structlog

_TRACEPARENT = re.compile(r"^00-([0-9a-f]{32})-([0-9a-f]{16})-[0-9a-f]{2}$")
_trace: ContextVar[tuple[str, str] | None] = ContextVar("trace", default=None)


def begin_trace(traceparent: str | None) -> str:
    """Take up the caller's trace, or begin one; returns the trace id.

    source  W3C Trace Context, section 3.2
    """
    match = _TRACEPARENT.match(traceparent or "")
    trace_id = match.group(1) if match and match.group(1) != "0" * 32 else f"{random.getrandbits(128):032x}"
    _trace.set((trace_id, f"{random.getrandbits(64):016x}"))
    return trace_id


def current_traceparent() -> str | None:
    trace = _trace.get()
    return None if trace is None else f"00-{trace[0]}-{trace[1]}-01"


def current_trace_id() -> str | None:
    trace = _trace.get()
    return None if trace is None else trace[0]


class _StandardError:
    """Where log lines go. One that cannot be written, because the disk under it is full, is lost; whoever logged it goes on."""

    def write(self, line: str) -> None:
        with suppress(OSError):
            sys.stderr.write(line)

    def flush(self) -> None:
        with suppress(OSError):
            sys.stderr.flush()


def configure_logging(log_format: str, level: str) -> None:
    """Log lines to standard error: JSON for machines, text for a terminal; `auto` looks who is reading."""
    as_text = log_format == "text" or (log_format == "auto" and sys.stderr.isatty())
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            _add_trace,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty()) if as_text else structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.WriteLoggerFactory(cast(TextIO, _StandardError())),
        cache_logger_on_first_use=True,
    )
    logging.basicConfig(level=logging.WARNING, stream=sys.stderr, format="%(levelname)s %(name)s %(message)s")


def _add_trace(_: object, __: str, line: structlog.types.EventDict) -> structlog.types.EventDict:
    trace_id = current_trace_id()
    if trace_id is not None:
        line.setdefault("trace_id", trace_id)
    return line
