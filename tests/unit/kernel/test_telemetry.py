"""Logs: a line that cannot be written stops nobody."""

import subprocess
import sys
from pathlib import Path

import pytest

FULL = Path("/dev/full")
LOGGING = """
import structlog
from kernel.telemetry import configure_logging
configure_logging("json", "info")
for _ in range(3):
    structlog.get_logger().warning("a_line")
print("went on")
"""


@pytest.mark.skipif(not FULL.exists(), reason="this system has no /dev/full")
def test_who_logs_to_a_full_disk_goes_on() -> None:
    with FULL.open("w") as full:
        done = subprocess.run([sys.executable, "-c", LOGGING], stdout=subprocess.PIPE, stderr=full, text=True, check=False)

    assert done.stdout == "went on\n"
