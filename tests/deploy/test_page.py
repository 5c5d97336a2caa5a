"""Every command of the page on compose runs, and answers what the page shows."""

import shlex
from dataclasses import replace

import pytest

from tests.deploy.files import ROOT
from tests.deploy.installation import ComposeInstallation
from tests.docs.desk import Desk
from tests.docs.pages import IN_CONTAINERS, Block, to_be_run

pytestmark = pytest.mark.compose


def test_the_page_s_commands_run(compose: ComposeInstallation) -> None:
    """In the clone, with a project, a port and secrets of the test's own."""
    exports = " ".join(f"{name}={shlex.quote(value)}" for name, value in compose.environment().items())
    before = Block(IN_CONTAINERS, 0, "bash", f"export {exports}\n")
    blocks = [
        replace(block, text=block.text.replace("./deploy/secrets", str(compose.folder / "secrets"))) for block in to_be_run(IN_CONTAINERS)
    ]

    Desk(ROOT, compose.url, patience=600).type([before], blocks)
