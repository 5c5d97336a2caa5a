"""One reader for all pages: who has taken the README's tour, and then the tutorial."""

from collections.abc import Iterator

import pytest

from tests.docs.desk import Desk, serving
from tests.docs.pages import README, TUTORIAL, Block, blocks_of, to_be_run


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """Baseyear serves as the README says, with nothing in its books; webhooks reach this machine, as the page on them has it."""
    block = next(block for block in blocks_of(README) if block.serves)
    reaching = {".venv/bin/baseyear": "BASEYEAR_WEBHOOK_PRIVATE_NETWORKS=127.0.0.0/8 .venv/bin/baseyear"}
    with serving(tmp_path_factory.mktemp("clone"), block, reaching) as desk:
        yield desk


@pytest.fixture(scope="module")
def connected() -> list[Block]:
    """What every page begins with: the README's address, token and shorthands."""
    return to_be_run(README)[:1]


@pytest.fixture(scope="module")
def after_the_tour(desk: Desk) -> Desk:
    desk.type([], to_be_run(README))
    return desk


@pytest.fixture(scope="module")
def after_the_tutorial(after_the_tour: Desk, connected: list[Block]) -> Desk:
    after_the_tour.type(connected, to_be_run(TUTORIAL))
    return after_the_tour
