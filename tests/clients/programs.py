"""Running the programs that an author of a client runs."""

import os
import subprocess
from pathlib import Path

LONGEST_SECONDS = 300


def run(folder: Path, *command: str, environment: dict[str, str] | None = None) -> str:
    """Run a program in `folder`; returns what it says, fails with all that it says."""
    done = subprocess.run(
        command, cwd=folder, env=os.environ | (environment or {}), capture_output=True, text=True, timeout=LONGEST_SECONDS, check=False
    )
    assert done.returncode == 0, f"{' '.join(command)} ended with {done.returncode}:\n{done.stdout[-6_000:]}{done.stderr[-6_000:]}"
    return done.stdout
