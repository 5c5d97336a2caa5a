"""Logs: every line of one form, whoever says it; none that holds a secret; one that cannot be written stops nobody."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

FULL = Path("/dev/full")
CONFIGURED = """
import asyncio, logging, threading, warnings
import structlog
from kernel.telemetry import configure_logging
configure_logging("json", "info")
"""
SECRET = "hunter2-" + "x" * 20
BASIC = "aHVudGVyMi14eHh4eHh4eHh4eA=="
TOKEN = "eyJhbGciOiJFZERTQSJ9.eyJzdWIiOiJtZSJ9.c2lnbmF0dXJl"


def said(script: str) -> list[dict[str, Any]]:
    """The log lines of a script; fails for a line that is not JSON."""
    done = subprocess.run([sys.executable, "-c", CONFIGURED + script], capture_output=True, text=True, check=False, timeout=60)
    return [json.loads(line) for line in done.stderr.splitlines()]


@pytest.mark.skipif(not FULL.exists(), reason="this system has no /dev/full")
def test_who_logs_to_a_full_disk_goes_on() -> None:
    script = 'for _ in range(3): structlog.get_logger().warning("a_line")\nprint("went on")'
    with FULL.open("w") as full:
        done = subprocess.run([sys.executable, "-c", CONFIGURED + script], stdout=subprocess.PIPE, stderr=full, text=True, check=False)

    assert done.stdout == "went on\n"


UNCAUGHT = """
class Finalised:
    def __del__(self):
        raise ValueError("in a finaliser")

async def fail():
    raise ValueError("in a task")

async def main():
    asyncio.create_task(fail())
    await asyncio.sleep(0)

def fail_in_thread():
    raise ValueError("in a thread")

Finalised()
asyncio.run(main())
thread = threading.Thread(target=fail_in_thread)
thread.start()
thread.join()
raise ValueError("in the program")
"""


def test_an_exception_that_nobody_caught_is_one_line_wherever_it_was() -> None:
    lines = said(UNCAUGHT)

    places = ["in a finaliser", "in a task", "in a thread", "in the program"]
    assert [place for line, place in zip(lines, places, strict=True) if f"ValueError: {place}" in line["exception"]] == places
    assert {line["event"].splitlines()[0] for line in lines} == {"uncaught_exception", "Task exception was never retrieved"}


LIBRARIES = """
logging.getLogger("uvicorn.error").warning("Invalid %s", "request")
warnings.warn("an old way", UserWarning)
"""


def test_what_libraries_say_is_a_line_like_ours() -> None:
    invalid, old = said(LIBRARIES)

    assert (invalid["level"], invalid["logger"], invalid["event"]) == ("warning", "uvicorn.error", "Invalid request")
    assert (old["level"], old["logger"]) == ("warning", "py.warnings")
    assert "UserWarning: an old way" in old["event"]


LEAKING = [
    f"Authorization: Bearer {TOKEN}",
    f"the token {TOKEN} was refused",
    f"connecting to postgresql://baseyear:{SECRET}@db:5432/baseyear failed",
    f"client_secret={SECRET}&grant_type=client_credentials",
    json.dumps({"client_secret": SECRET}),
    f"password: {SECRET}",
    f"Authorization: Basic {BASIC}",
]
HARMLESS = "http://factors:8000/v1/factors has no secret in it"


def test_a_secret_in_an_error_is_masked_and_the_rest_stays_readable() -> None:
    lines = said(
        "log = structlog.get_logger()\n"
        f"for words in {LEAKING!r}:\n"
        "    log.error('failed', error=words)\n"
        "    log.error('failed', exc_info=ValueError(words))\n"
        f"log.error({HARMLESS!r})\n"
    )

    assert len(lines) == 2 * len(LEAKING) + 1
    assert [secret for secret in (SECRET, TOKEN, BASIC) if secret in json.dumps(lines)] == []
    assert "db:5432/baseyear failed" in lines[4]["error"]
    assert lines[-1]["event"] == HARMLESS
