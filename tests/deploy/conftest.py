"""One distributed installation for the run, where a Docker engine answers."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.deploy.installation import ComposeInstallation, engine_is_missing, installed


@pytest.fixture(scope="session")
def compose() -> Iterator[ComposeInstallation]:
    """Everything up and healthy, with two replicas of what calculates and of what reports."""
    reason = engine_is_missing()
    if reason is not None:
        pytest.skip(f"{reason}, so nothing is run in containers")
    with tempfile.TemporaryDirectory(prefix="baseyear-compose-") as folder, installed(Path(folder)) as installation:
        installation.up(inventory=2, reporting=2)
        yield installation
