"""The Python examples on the pages say what Python says."""

import doctest
from pathlib import Path

import pytest

from tests.docs.pages import WRITTEN_BY_HAND, blocks_of

PAGES_WITH_PYTHON = [page for page in WRITTEN_BY_HAND if any(block.language == "python" for block in blocks_of(page))]


@pytest.mark.parametrize("page", PAGES_WITH_PYTHON, ids=lambda page: page.stem)
def test_examples_print_what_the_page_shows(page: Path) -> None:
    examples = "\n".join(block.text for block in blocks_of(page) if block.language == "python")
    told: list[str] = []

    outcome = doctest.DocTestRunner().run(doctest.DocTestParser().get_doctest(examples, {}, page.stem, str(page), 0), out=told.append)

    assert outcome.attempted > 0
    assert outcome.failed == 0, "".join(told)
