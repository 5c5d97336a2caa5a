"""A process of its own in which documents are laid out, so that the service's event loop and memory stay free of it."""

import asyncio
import multiprocessing
import os
import signal
import traceback
from collections.abc import Sequence
from contextlib import suppress
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from time import monotonic

from services.reporting.domain.report import Format
from services.reporting.domain.report_content import ReportContent

IDLE_SECONDS = 60.0
LOOK_SECONDS = 5.0

Documents = dict[Format, bytes]


class DocumentWorkerEnded(Exception):
    """The process ended before its answer, killed for want of memory for example."""


class DocumentWorker:
    """Starts the process with the first report and ends it after a minute without work, or with the service.

    Not a ProcessPoolExecutor: what is given to one at the moment in which its process dies is never answered.
    """

    def __init__(self) -> None:
        self._process: BaseProcess | None = None
        self._turn = asyncio.Lock()
        self._last_used = 0.0

    async def render(self, content: ReportContent, formats: Sequence[Format]) -> Documents:
        """The report's documents; raises what laying them out raises, and DocumentWorkerEnded."""
        async with self._turn:
            if self._process is None:
                self._process, self._pipe = _started()
            try:
                answer = await asyncio.to_thread(_ask, self._pipe, content, tuple(formats))
            except (EOFError, OSError) as error:
                self._end()
                raise DocumentWorkerEnded("The process that lays out documents was killed.") from error
            except asyncio.CancelledError:
                self._end()  # else its answer would be taken for that to the next question
                raise
            finally:
                self._last_used = monotonic()
        if isinstance(answer, Exception):
            raise answer
        return answer

    async def tend(self) -> None:
        """End the process when it has been idle, and in any case when this task is cancelled."""
        try:
            while True:
                await asyncio.sleep(LOOK_SECONDS)
                if not self._turn.locked() and monotonic() - self._last_used > IDLE_SECONDS:
                    self._end()
        finally:
            self._end()

    def _end(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.join()
            self._process = None


def _started() -> tuple[BaseProcess, Connection]:
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=_work, args=(theirs,), name="documents", daemon=True)
    process.start()
    theirs.close()
    return process, ours


def _ask(pipe: Connection, content: ReportContent, formats: tuple[Format, ...]) -> Documents | Exception:
    """Waits in a thread for the answer; raises EOFError or OSError when the process ends."""
    pipe.send((content, formats))
    answer: Documents | Exception = pipe.recv()
    return answer


def _work(pipe: Connection) -> None:
    """In the process: answer until there is nobody left who asks. Ctrl-C is the parent's to act on."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    with suppress(OSError):
        os.nice(5)  # requests come first
    with suppress(EOFError, OSError):
        while True:
            content, formats = pipe.recv()
            pipe.send(_answer(content, formats))


def _answer(content: ReportContent, formats: Sequence[Format]) -> Documents | Exception:
    try:
        return _render(content, formats)
    except Exception as error:
        error.add_note(traceback.format_exc())
        return error


def _render(content: ReportContent, formats: Sequence[Format]) -> Documents:
    """Only here are the libraries that lay documents out imported."""
    from services.reporting.documents.json_document import render_json  # noqa: PLC0415
    from services.reporting.documents.pdf import render_pdf  # noqa: PLC0415
    from services.reporting.documents.workbook import render_workbook  # noqa: PLC0415

    renderers = {"pdf": render_pdf, "xlsx": render_workbook, "json": render_json}
    return {form: renderers[form](content) for form in formats}
