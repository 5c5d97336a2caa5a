"""Structured logs, and the W3C trace context that ties a request to its events, its jobs and its problems."""

import logging
import random
import re
import sys
import threading
from contextlib import suppress
from contextvars import ContextVar
from types import TracebackType
from typing import Any, Generic, NamedTuple, TextIO, TypeVar, cast

import structlog

_TRACEPARENT = re.compile(r"00-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})")


class Place(NamedTuple):
    """Where in a trace the work at hand stands.

    is_span  whether `span_id` is a span that others can stand below; else the trace has only its id yet
    """

    trace_id: str
    span_id: str
    flags: str
    is_span: bool


Given = TypeVar("Given")

_place: ContextVar[Place | None] = ContextVar("place_in_trace", default=None)


def begin_trace(traceparent: str | None) -> str:
    """Take up the caller's trace, or begin one; returns the trace id.

    source  W3C Trace Context, section 3.2
    """
    place = place_in(traceparent)
    _place.set(place)
    return place.trace_id


def place_of(traceparent: str | None) -> Place | None:
    """What a traceparent says; None for one that says nothing."""
    match = _TRACEPARENT.fullmatch(traceparent or "")
    if match is None or match[1] == "0" * 32 or match[2] == "0" * 16:
        return None
    return Place(match[1], match[2], match[3], True)


def place_in(traceparent: str | None) -> Place:
    """A place in the caller's trace, or in a new one."""
    return place_of(traceparent) or Place(f"{random.getrandbits(128):032x}", f"{random.getrandbits(64):016x}", "01", False)


class Standing(Generic[Given]):
    """Work at a place of a trace, and be where one was before on leaving; no generator, which would cost every request some microseconds.

    given  what `with … as` gives
    """

    __slots__ = ("_given", "_place", "_token")

    def __init__(self, place: Place, given: Given) -> None:
        self._place = place
        self._given = given

    def __enter__(self) -> Given:
        self._token = _place.set(self._place)
        return self._given

    def __exit__(self, *_: object) -> None:
        _place.reset(self._token)


def standing_at(place: Place) -> Standing[None]:
    """Work at a place of a trace."""
    return Standing(place, None)


def in_trace(traceparent: str | None) -> Standing[None]:
    """Work in the caller's trace, or in a new one."""
    return Standing(place_in(traceparent), None)


def current_place() -> Place | None:
    return _place.get()


def current_traceparent() -> str | None:
    place = _place.get()
    return None if place is None else f"00-{place.trace_id}-{place.span_id}-{place.flags}"


def current_trace_id() -> str | None:
    place = _place.get()
    return None if place is None else place.trace_id


class _StandardError:
    """Where log lines go. One that cannot be written, because the disk under it is full, is lost; whoever logged it goes on."""

    def write(self, line: str) -> None:
        with suppress(OSError):
            sys.stderr.write(line)

    def flush(self) -> None:
        with suppress(OSError):
            sys.stderr.flush()


class _Forwarding(logging.Handler):
    """What libraries say through Python's own logging, as a line like ours."""

    def emit(self, record: logging.LogRecord) -> None:
        structlog.get_logger().log(record.levelno, record.getMessage(), logger=record.name, exc_info=record.exc_info)


def configure_logging(log_format: str, level: str) -> None:
    """Log lines to standard error: JSON for machines, text for a terminal; `auto` looks who is reading.

    Warnings and errors of libraries, and what nobody caught, become lines of the same form.
    """
    as_text = log_format == "text" or (log_format == "auto" and sys.stderr.isatty())
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            _add_trace,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty()) if as_text else structlog.processors.JSONRenderer(),
            _without_secrets,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.WriteLoggerFactory(cast(TextIO, _StandardError())),
        cache_logger_on_first_use=True,
    )
    logging.basicConfig(level=logging.WARNING, handlers=[_Forwarding()])
    logging.captureWarnings(True)
    sys.excepthook = _log_uncaught
    threading.excepthook = lambda lost: _log_uncaught(lost.exc_type, lost.exc_value, lost.exc_traceback)
    sys.unraisablehook = lambda lost: _log_uncaught(lost.exc_type, lost.exc_value, lost.exc_traceback)


def _log_uncaught(kind: type[BaseException], error: BaseException | None, traceback: TracebackType | None) -> None:
    if issubclass(kind, KeyboardInterrupt):
        sys.__excepthook__(kind, error or kind(), traceback)
    else:
        structlog.get_logger().critical("uncaught_exception", exc_info=(kind, error, traceback))


def _add_trace(_: object, __: str, line: structlog.types.EventDict) -> structlog.types.EventDict:
    trace_id = current_trace_id()
    if trace_id is not None:
        line.setdefault("trace_id", trace_id)
    return line


# No line of ours names a secret. This is the second lock, for what errors of libraries quote.
_SIGNS_OF_SECRETS = ("://", "eyJ", "earer ", "asic ", "ecret", "assword")
_SECRETS = (
    (re.compile(r"\b(bearer|basic)\s+[^\s\"',\\]+", re.IGNORECASE), r"\1 ***"),
    (re.compile(r"\beyJ[\w-]+\.[\w-]+\.[\w-]+"), "***"),  # a token of ours
    (re.compile(r"(://[^\s/:@\"']*:)[^\s/@\"']+@"), r"\1***@"),
    (re.compile(r"(\w*(?:secret|password)\w*\\?[\"']?\s*[=:]\s*\\?[\"']?)[^\s\"',&\\]+", re.IGNORECASE), r"\1***"),
)


def _without_secrets(_: object, __: str, line: Any) -> Any:
    if any(sign in line for sign in _SIGNS_OF_SECRETS):
        for pattern, masked in _SECRETS:
            line = pattern.sub(masked, line)
    return line
