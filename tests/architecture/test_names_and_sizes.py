"""How files are named and how long they may be."""

from collections.abc import Iterable
from pathlib import PurePosixPath

import pytest

from tests.architecture.source_files import PACKAGES, sources

MEANINGLESS = {"utils", "util", "helpers", "helper", "common", "misc", "base", "manager", "managers", "shared", "lib"}
MOST_LINES = 400
EVERYTHING = (*PACKAGES, "tests", "benchmarks")


def meaningless(paths: Iterable[str]) -> list[str]:
    return [
        path for path in paths if MEANINGLESS & {part for name in PurePosixPath(path).with_suffix("").parts for part in name.split("_")}
    ]


def test_no_file_or_folder_has_a_name_that_says_nothing() -> None:
    assert meaningless(path for path, _ in sources(EVERYTHING)) == []


@pytest.mark.parametrize(
    "path", ["kernel/utils.py", "services/inventory/common/x.py", "kernel/base.py", "ghg/unit_helpers.py", "gateway/client_manager.py"]
)
def test_such_a_name_would_be_found(path: str) -> None:
    assert meaningless([path, "ghg/units.py"]) == [path]


def test_no_file_is_too_long_to_be_read_at_once() -> None:
    too_long = {path: content.count("\n") for path, content in sources(EVERYTHING) if content.count("\n") > MOST_LINES}

    assert {path: lines for path, lines in too_long.items() if "/migrations/versions/" not in path} == {}
