"""A process of its own in which documents are laid out, so that the service's event loop and memory stay free of it."""

import asyncio
import multiprocessing
import os
import signal
import threading
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import suppress
from time import monotonic

from services.reporting.domain.report import Format
from services.reporting.domain.report_content import ReportContent

IDLE_SECONDS = 60.0
LOOK_SECONDS = 5.0


class DocumentWorker:
    """Starts the process with the first report and ends it after a minute without work, or with the service."""

    def __init__(self) -> None:
        self._process: ProcessPoolExecutor | None = None
        self._at_work = 0
        self._last_used = 0.0

    async def render(self, content: ReportContent, formats: Sequence[Format]) -> dict[Format, bytes]:
        """The report's documents; raises what laying them out raises, and BrokenProcessPool if the process was killed."""
        if self._process is None:
            context = multiprocessing.get_context("spawn")
            self._process = ProcessPoolExecutor(max_workers=1, mp_context=context, initializer=_live_with_parent)
        self._at_work += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._process, _render, content, tuple(formats))
        except BrokenProcessPool:
            self._end()
            raise
        finally:
            self._at_work -= 1
            self._last_used = monotonic()

    async def tend(self) -> None:
        """End the process when it has been idle, and in any case when this task is cancelled."""
        try:
            while True:
                await asyncio.sleep(LOOK_SECONDS)
                if not self._at_work and monotonic() - self._last_used > IDLE_SECONDS:
                    self._end()
        finally:
            self._end()

    def _end(self) -> None:
        if self._process is not None:
            self._process.shutdown(wait=False, cancel_futures=True)
            self._process = None


def _live_with_parent() -> None:
    """In the worker: Ctrl-C is the parent's to act on, and when the parent was killed there is nobody left to work for."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    with suppress(OSError):
        os.nice(5)  # requests come first
    parent = multiprocessing.parent_process()

    def follow() -> None:
        if parent is not None:
            parent.join()
            os._exit(0)

    threading.Thread(target=follow, daemon=True).start()


def _render(content: ReportContent, formats: Sequence[Format]) -> dict[Format, bytes]:
    """In the worker: only here are the libraries that lay documents out imported."""
    from services.reporting.documents.json_document import render_json  # noqa: PLC0415
    from services.reporting.documents.pdf import render_pdf  # noqa: PLC0415
    from services.reporting.documents.workbook import render_workbook  # noqa: PLC0415

    renderers = {"pdf": render_pdf, "xlsx": render_workbook, "json": render_json}
    return {form: renderers[form](content) for form in formats}
