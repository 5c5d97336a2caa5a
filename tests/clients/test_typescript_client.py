"""A TypeScript client, made from the served document by @hey-api/openapi-ts: it compiles strictly, and goes on a journey under Node."""

import shutil
from pathlib import Path

import pytest

from tests.clients.conftest import Serving
from tests.clients.npm import PACKAGE, node_modules
from tests.clients.programs import run
from tests.docs.pages import ROOT, blocks_of

PAGE = ROOT / "docs" / "how-to" / "use-a-generated-client.md"


@pytest.fixture(scope="module")
def made(serving: Serving, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the generated client and the programs that use it, compiled."""
    folder = tmp_path_factory.mktemp("typescript-client")
    (folder / "node_modules").symlink_to(node_modules())
    for name in ("package.json", "openapi-ts.config.mjs", "tsconfig.json", "journey.ts"):
        shutil.copy(PACKAGE / name, folder)
    (folder / "page.ts").write_text(shown_on_the_page())
    shutil.copy(serving.document, folder)
    run(folder, "node_modules/.bin/openapi-ts")
    run(folder, "node_modules/.bin/tsc")
    return folder


def shown_on_the_page() -> str:
    """The one TypeScript program of the page."""
    (block,) = [block for block in blocks_of(PAGE) if block.language == "typescript"]
    return block.text


def test_it_goes_on_a_journey(made: Path, serving: Serving) -> None:
    said = run(made, "node", "compiled/journey.js", serving.url, environment=serving.credentials)

    assert said == "done\n"


def test_the_program_that_the_page_shows_runs(made: Path, serving: Serving) -> None:
    own = {"URL": serving.url, "ID": serving.credentials["CLIENT_ID"], "SECRET": serving.credentials["CLIENT_SECRET"]}
    said = run(made, "node", "compiled/page.js", environment=own)

    assert said.endswith("validation_failed\n")
