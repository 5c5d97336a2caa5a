"""Requests that the merged OpenAPI allows, and many that it does not, never make Baseyear fail."""

import subprocess
import sys
import tempfile
from pathlib import Path

from benchmarks.processes import activity, served, with_sites

SCHEMATHESIS = str(Path(sys.executable).parent / "st")
OPTIONS = ["--checks=not_a_server_error", "--phases=examples,coverage,fuzzing", "--max-examples=8", "--generation-deterministic"]
# The token endpoint takes forms and answers in OAuth's own errors; tests/api/gateway has its odd requests.
LEFT_OUT = ["--exclude-path=/oauth2/token"]


def test_no_generated_request_is_answered_with_a_server_error():
    with tempfile.TemporaryDirectory(prefix="baseyear-openapi-") as folder, served(Path(folder)) as running:
        sites = with_sites(running.http, 2)
        running.http.post("/v1/activities", json=activity("a-record", sites[0])).raise_for_status()
        command = [SCHEMATHESIS, "run", f"{running.url}/openapi.json", "-H", f"Authorization: Bearer {running.token}", *OPTIONS, *LEFT_OUT]

        run = subprocess.run(command, capture_output=True, text=True, timeout=600, check=False, cwd=folder)

        assert run.returncode == 0, run.stdout[-6_000:]
        assert running.http.get("/health/ready").status_code == 200
