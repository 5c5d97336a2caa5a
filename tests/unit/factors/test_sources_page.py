"""The page of the factors' sources is made from the pack that ships, and shows every file of it."""

from baseyear.documents import REFERENCE
from baseyear.factor_sources import factor_sources_page
from services.factors.catalogue.source_files import PINNED

PAGE = REFERENCE / "factor-sources.md"


def test_the_committed_page_is_that_of_the_shipped_pack():
    assert PAGE.read_text() == factor_sources_page(), "run: python -m baseyear.documents"


def test_every_file_that_was_read_stands_in_it_with_its_hash():
    rows = [line.split(" | ") for line in PAGE.read_text().splitlines()]
    shown = {cells[0].strip("|` "): cells[2].strip("`") for cells in rows if len(cells) == 4}

    assert {path: shown.get(path) for path in PINNED} == {path: pinned["sha256"] for path, pinned in PINNED.items()}
