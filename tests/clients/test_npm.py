"""Where Node is missing the tests that need it say so and are skipped; never in CI. What is fetched is locked, wherever it comes from."""

import json
from pathlib import Path

import pytest

from tests.clients.npm import PACKAGE, NoNode, node_modules


@pytest.fixture
def without_node(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> pytest.MonkeyPatch:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("CI", raising=False)
    return monkeypatch


def test_without_node_a_test_is_skipped_and_says_why(without_node: pytest.MonkeyPatch) -> None:
    with pytest.raises(pytest.skip.Exception, match="there is no node with npm on the path"):
        node_modules()


def test_in_ci_a_test_without_node_fails(without_node: pytest.MonkeyPatch) -> None:
    without_node.setenv("CI", "true")

    with pytest.raises(NoNode):
        node_modules()


def test_the_lock_file_pins_every_package_by_its_hash_and_names_no_registry() -> None:
    packages = json.loads((PACKAGE / "package-lock.json").read_text())["packages"]
    fetched = {name: package for name, package in packages.items() if name}

    assert [name for name, package in fetched.items() if not package["integrity"].startswith("sha512-")] == []
    assert [name for name, package in fetched.items() if "resolved" in package] == []
