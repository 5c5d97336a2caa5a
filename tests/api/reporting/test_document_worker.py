"""Documents are laid out in a process of their own, which never outlives its purpose."""

import asyncio
import multiprocessing
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from services.reporting import document_worker
from services.reporting.document_worker import DocumentWorker, DocumentWorkerEnded
from tests.api.reporting.conftest import until
from tests.unit.reporting.sample_content import sample_content


def test_the_service_itself_never_imports_what_lays_documents_out():
    program = "import sys, services.reporting.app; print([name for name in ('typst', 'xlsxwriter') if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True)

    assert done.stdout == "[]\n"


async def test_the_process_begins_with_the_first_report_and_ends_with_the_service():
    before = set(multiprocessing.active_children())
    worker = DocumentWorker()
    tending = asyncio.create_task(worker.tend())
    assert set(multiprocessing.active_children()) == before

    documents = await worker.render(sample_content(), ["json", "xlsx"])
    assert documents["json"].startswith(b"{") and documents["xlsx"].startswith(b"PK")
    assert len(set(multiprocessing.active_children()) - before) == 1

    tending.cancel()
    await _gone(before)


async def test_an_idle_process_is_ended_and_begun_again_when_needed(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(document_worker, "IDLE_SECONDS", 0.0)
    monkeypatch.setattr(document_worker, "LOOK_SECONDS", 0.05)
    before = set(multiprocessing.active_children())
    worker = DocumentWorker()
    tending = asyncio.create_task(worker.tend())

    first = await worker.render(sample_content(), ["json"])
    await _gone(before)
    assert await worker.render(sample_content(), ["json"]) == first
    tending.cancel()
    await _gone(before)


async def test_the_event_loop_goes_on_while_a_pdf_is_laid_out():
    worker = DocumentWorker()
    await worker.render(sample_content(), ["json"])  # the process is there from now on
    longest, started = 0.0, time.perf_counter()
    rendering = asyncio.create_task(worker.render(sample_content(entities=52, sites=60), ["pdf"]))
    while not rendering.done():
        begun = time.perf_counter()
        await asyncio.sleep(0.01)
        longest = max(longest, time.perf_counter() - begun)
    assert (await rendering)["pdf"].startswith(b"%PDF")
    assert longest < (time.perf_counter() - started) / 2
    tending = asyncio.create_task(worker.tend())
    await asyncio.sleep(0)
    tending.cancel()


async def test_after_the_process_was_killed_the_next_report_gets_a_new_one():
    worker = DocumentWorker()
    tending = asyncio.create_task(worker.tend())
    before = set(multiprocessing.active_children())
    first = await worker.render(sample_content(), ["json"])
    (process,) = set(multiprocessing.active_children()) - before
    process.kill()

    with pytest.raises(DocumentWorkerEnded):
        await worker.render(sample_content(), ["json"])
    assert await worker.render(sample_content(), ["json"]) == first
    tending.cancel()
    await _gone(before)


async def test_a_process_that_is_killed_at_work_is_missed_at_once():
    worker = DocumentWorker()
    before = set(multiprocessing.active_children())
    first = await worker.render(sample_content(), ["json"])
    for pause in (0.0, 0.001, 0.01, 0.1):
        (process,) = set(multiprocessing.active_children()) - before
        rendering = asyncio.create_task(worker.render(sample_content(entities=52, sites=60), ["pdf"]))
        await asyncio.sleep(pause)
        process.kill()
        with pytest.raises(DocumentWorkerEnded):
            await rendering
        assert await worker.render(sample_content(), ["json"]) == first


async def test_an_answer_that_nobody_waits_for_any_more_is_not_taken_for_another():
    worker = DocumentWorker()
    first = await worker.render(sample_content(), ["json"])
    given_up = asyncio.create_task(worker.render(sample_content(), ["xlsx"]))
    await asyncio.sleep(0.01)
    given_up.cancel()

    assert await worker.render(sample_content(), ["json"]) == first


async def test_what_goes_wrong_in_the_process_is_raised_here_and_tells_where_it_went_wrong():
    with pytest.raises(KeyError, match="html") as raised:
        await DocumentWorker().render(sample_content(), ["html"])  # type: ignore[list-item]

    assert "in _render" in raised.value.__notes__[0]


def test_the_process_does_not_outlive_a_killed_service():
    program = (
        "import asyncio, multiprocessing, time\n"
        "from services.reporting.document_worker import DocumentWorker\n"
        "from tests.unit.reporting.sample_content import sample_content\n"
        "async def main():\n"
        "    await DocumentWorker().render(sample_content(), ['json'])\n"
        "    print(multiprocessing.active_children()[0].pid, flush=True)\n"
        "    time.sleep(60)\n"
        "if __name__ == '__main__':\n"
        "    asyncio.run(main())\n"
    )
    service = subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True)
    assert service.stdout is not None
    worker = int(service.stdout.readline())
    os.kill(worker, 0)

    service.send_signal(signal.SIGKILL)
    service.wait()

    patience = time.monotonic() + 10
    while _alive(worker):
        assert time.monotonic() < patience
        time.sleep(0.05)


async def _gone(before: set) -> None:
    await until(lambda: set(multiprocessing.active_children()) <= before)


def _alive(pid: int) -> bool:
    """Whether a process is there and at work: one that nobody has buried yet is not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False
