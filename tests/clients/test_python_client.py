"""A Python client, made from the served document by openapi-python-client: it is whole, its types hold, and it goes on a journey."""

import shutil
import sys
from pathlib import Path

import pytest

from tests.clients.conftest import Serving
from tests.clients.programs import run

JOURNEY = Path(__file__).parent / "python" / "journey.py"
BIN = Path(sys.executable).parent
IMPORT_EVERYTHING = """
import importlib, pkgutil, baseyear_client
for module in pkgutil.walk_packages(baseyear_client.__path__, "baseyear_client."):
    importlib.import_module(module.name)
"""


@pytest.fixture(scope="module")
def made(serving: Serving, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the generated package and the journey; the generator has nothing to warn of."""
    folder = tmp_path_factory.mktemp("python-client")
    (folder / "generator.yaml").write_text("post_hooks: []\n")
    options = ["--meta", "none", "--output-path", "baseyear_client", "--config", "generator.yaml", "--fail-on-warning"]
    run(folder, str(BIN / "openapi-python-client"), "generate", "--path", str(serving.document), *options)
    shutil.copy(JOURNEY, folder)
    return folder


def test_every_module_can_be_imported(made: Path) -> None:
    run(made, sys.executable, "-c", IMPORT_EVERYTHING)


def test_a_program_that_uses_it_is_typed(made: Path) -> None:
    run(made, str(BIN / "mypy"), "--strict", "journey.py")


def test_it_goes_on_a_journey(made: Path, serving: Serving) -> None:
    said = run(made, sys.executable, "journey.py", serving.url, environment=serving.credentials)

    assert said == "done\n"
