"""What every command shares: its settings, its output, its event loop."""

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

from rich.console import Console

from kernel.settings import Settings, load_settings
from kernel.telemetry import configure_logging
from kernel.traces import export_traces, stop_exporting

Result = TypeVar("Result")

console = Console()


def settings_of_command(quiet: bool = False) -> Settings:
    """The settings of this process, with logging set up by them, and traces by the environment; a quiet command logs only errors."""
    settings = load_settings()
    configure_logging(settings.log_format, "error" if quiet else settings.log_level)
    export_traces()
    return settings


def run_until_done(work: Coroutine[Any, Any, Result]) -> Result:
    """Run on uvloop where there is one: it halves the cost of a request."""
    try:
        from uvloop import new_event_loop  # noqa: PLC0415 - not on every platform
    except ImportError:
        from asyncio import new_event_loop  # noqa: PLC0415
    try:
        with asyncio.Runner(loop_factory=new_event_loop) as runner:
            return runner.run(work)
    finally:
        stop_exporting()
