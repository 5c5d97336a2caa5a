"""A TypeScript client, made from the served document by @hey-api/openapi-ts: it compiles strictly, and goes on a journey under Node."""

import shutil
from pathlib import Path

import pytest

from tests.clients.conftest import Serving
from tests.clients.npm import PACKAGE, node_modules
from tests.clients.programs import run


@pytest.fixture(scope="module")
def made(serving: Serving, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the generated client and the journey."""
    folder = tmp_path_factory.mktemp("typescript-client")
    (folder / "node_modules").symlink_to(node_modules())
    for name in ("package.json", "openapi-ts.config.mjs", "tsconfig.json", "journey.ts"):
        shutil.copy(PACKAGE / name, folder)
    shutil.copy(serving.document, folder)
    run(folder, "node_modules/.bin/openapi-ts")
    return folder


def test_it_compiles_strictly_and_goes_on_a_journey(made: Path, serving: Serving) -> None:
    run(made, "node_modules/.bin/tsc")
    said = run(made, "node", "compiled/journey.js", serving.url, environment=serving.credentials)

    assert said == "done\n"
