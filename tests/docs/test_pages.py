"""The pages are true as far as a machine can tell: their links lead somewhere, what they name exists, what they show is run."""

import re
from pathlib import Path

import pytest

from tests.docs.pages import CONTINUED, DOCS, IN_CONTAINERS, README, ROOT, TUTORIAL, WRITTEN_BY_HAND, blocks_of
from tests.docs.settings_page import PAGE, settings_page

DECISIONS = sorted((ROOT / "docs" / "adr").glob("*.md"))
LONGEST_PAGE = 150
LARGEST_IMAGE = 300_000
RUN_LANGUAGES = {"bash", "python", "sql", "typescript"}  # json and text are what these answer; tests/clients runs typescript

_LINK = re.compile(r"\[[^]]*\]\(([^)\s]+)\)")
_NAMED_PATH = re.compile(r"`((?:\w[\w.-]*/)+[\w.-]*)`")
_TOP_FOLDERS = {path.name for path in ROOT.iterdir() if path.is_dir() and not path.name.startswith(".")} - {"demo-output"}

every_page = pytest.mark.parametrize("page", WRITTEN_BY_HAND, ids=lambda page: str(page.relative_to(ROOT)))


@every_page
def test_links_lead_to_something(page: Path) -> None:
    targets = [target for target in _LINK.findall(_prose(page)) if "://" not in target]

    assert [target for target in targets if not _leads_to_something(page, target)] == []


@every_page
def test_paths_that_a_page_names_exist(page: Path) -> None:
    named = {path for path in _NAMED_PATH.findall(_prose(page)) if path.split("/")[0] in _TOP_FOLDERS}

    assert {path for path in named if not (ROOT / path).exists()} == set()


@every_page
def test_every_code_block_is_of_a_language_that_is_run(page: Path) -> None:
    assert [block.place for block in blocks_of(page) if block.language not in RUN_LANGUAGES] == []


@every_page
def test_commands_stand_only_on_pages_that_are_run(page: Path) -> None:
    commands = [block for block in blocks_of(page) if block.language == "bash" and not block.makes and not block.serves]

    assert not commands or page in {README, TUTORIAL, IN_CONTAINERS, *CONTINUED}


@pytest.mark.parametrize("page", DOCS, ids=lambda page: page.stem)
def test_a_page_of_the_docs_is_short(page: Path) -> None:
    assert len(page.read_text().splitlines()) < LONGEST_PAGE


def test_images_are_small() -> None:
    assert [path for path in (ROOT / "docs" / "images").iterdir() if path.stat().st_size > LARGEST_IMAGE] == []


@every_page
def test_make_targets_that_a_page_shows_exist(page: Path) -> None:
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))

    assert {target for block in blocks_of(page) for target in block.makes} <= targets


def test_continuous_integration_runs_the_test_command_of_the_readme() -> None:
    shown = {target for block in blocks_of(README) for target in block.makes}

    assert "test" in shown
    assert re.search(r"^if make test; then$", (ROOT / ".ci" / "run").read_text(), re.MULTILINE)


def test_the_page_of_settings_is_what_the_settings_say() -> None:
    assert PAGE.read_text() == settings_page(), "write it anew: python -m tests.docs.settings_page"


def test_decisions_are_numbered_without_gaps() -> None:
    assert [int(page.name[:4]) for page in DECISIONS] == list(range(1, len(DECISIONS) + 1))


@pytest.mark.parametrize("page", DECISIONS, ids=lambda page: page.stem)
def test_a_decision_has_its_four_parts(page: Path) -> None:
    content = page.read_text()

    assert content.startswith(f"# {page.name[:4]} ")
    assert re.findall(r"^## (.+)$", content, re.MULTILINE) == ["Context", "Decision", "Consequences", "Check"]


def _prose(page: Path) -> str:
    return re.sub(r"^```.*?^```$", "", page.read_text(), flags=re.MULTILINE | re.DOTALL)


def _leads_to_something(page: Path, target: str) -> bool:
    path, _, heading = target.partition("#")
    found = page.parent / path if path else page
    return found.exists() and (not heading or heading in _headings(found))


def _headings(page: Path) -> set[str]:
    """The anchors of a page's headings, as code hosts make them."""
    titles = re.findall(r"^#+ (.+)$", _prose(page), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", title.lower()).replace(" ", "-") for title in titles}
