"""Who may import whom. Each contract of pyproject.toml holds, and each is broken by a twin: a copy of the packages with a bad import."""

import ast
import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterable
from pathlib import Path

import pytest

from tests.architecture.source_files import PACKAGES, ROOT, sources

ROOMS = "inside a service: app, api and handlers, use cases, documents, store, tables, domain, catalogue"

# contract, the module that imports, what it must not import
VIOLATIONS = [
    ("ghg and contracts import nothing of ours", "ghg.units", "kernel.settings"),
    ("ghg and contracts import nothing of ours", "contracts.shapes", "services.factors.tables"),
    ("ghg and contracts do not import each other", "ghg.sources", "contracts.shapes"),
    ("ghg and contracts do not import each other", "contracts.events", "ghg.gwp"),
    ("kernel knows no accounting, no contract and no service", "kernel.pages", "ghg.rounding"),
    ("kernel knows no accounting, no contract and no service", "kernel.revocation", "contracts.topics"),
    ("kernel knows no accounting, no contract and no service", "kernel.tables", "services.inventory.tables"),
    ("a service never imports another", "services.inventory.domain.judgement", "services.factors.domain.catalogue"),
    ("a service never imports another", "services.reporting.handlers", "services.inventory.tables"),
    ("a service imports neither the gateway nor the product", "services.factors.app", "gateway.scopes"),
    ("a service imports neither the gateway nor the product", "services.inventory.app", "baseyear.provisioning"),
    ("the gateway imports kernel and contracts only", "gateway.organisation", "ghg.errors"),
    ("the gateway imports kernel and contracts only", "gateway.clients", "services.reporting.tables"),
    (ROOMS, "services.factors.domain.regions", "services.factors.tables"),
    (ROOMS, "services.inventory.tables", "services.inventory.store.sites"),
    (ROOMS, "services.inventory.store.organisation", "services.inventory.usecases.create_site"),
    (ROOMS, "services.inventory.usecases.change_site", "services.inventory.api.places"),
    (ROOMS, "services.reporting.domain.group", "services.reporting.store.states"),
    (ROOMS, "services.reporting.documents.charts", "services.reporting.usecases.make_report"),
]


def lint(root: Path) -> str:
    """What import-linter says, in one line."""
    program = Path(sys.executable).with_name("lint-imports")
    done = subprocess.run([program, "--no-cache", "--no-logo"], cwd=root, capture_output=True, text=True, check=False)
    return " ".join((done.stdout + done.stderr).split())


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("copy")
    shutil.copy(ROOT / "pyproject.toml", folder)
    for path, content in sources():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(content)
    return folder


def test_the_imports_are_as_they_should_be() -> None:
    assert "0 broken" in lint(ROOT)


@pytest.mark.parametrize(("contract", "importer", "imported"), VIOLATIONS)
def test_a_bad_import_breaks_its_contract(copy: Path, contract: str, importer: str, imported: str) -> None:
    module = copy / f"{importer.replace('.', '/')}.py"
    good = module.read_text()
    try:
        module.write_text(f"{good}\nimport {imported}\n")
        said = lint(copy)
    finally:
        module.write_text(good)

    assert re.search(rf"{re.escape(contract)}[^.]*? BROKEN", said), said
    assert f"{importer} -> {imported} " in said, said


def test_every_contract_has_a_twin() -> None:
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]

    assert {contract["name"] for contract in contracts} == {name for name, _, _ in VIOLATIONS}


def importers_of(library: str, files: Iterable[tuple[str, str]]) -> list[str]:
    """The files that import a library, be it inside a function."""

    def imported(source: str) -> set[str]:
        tree = list(ast.walk(ast.parse(source)))
        names = {alias.name for node in tree if isinstance(node, ast.Import) for alias in node.names}
        return names | {node.module or "" for node in tree if isinstance(node, ast.ImportFrom)}

    return [path for path, source in files if any(name.partition(".")[0] == library for name in imported(source))]


def test_only_the_kafka_bus_may_import_aiokafka() -> None:
    assert [path for path in importers_of("aiokafka", sources()) if not path.startswith("kernel/bus/kafka/")] == []


def test_only_the_gateway_speaks_http_by_hand() -> None:
    assert [path for path in importers_of("httptools", sources()) if path != "gateway/connection.py"] == []


@pytest.mark.parametrize(
    "source", ["import aiokafka", "def f():\n    from aiokafka.errors import KafkaError", "import json, aiokafka.abc as a"]
)
def test_an_import_of_a_library_would_be_found_wherever_it_stands(source: str) -> None:
    assert importers_of("aiokafka", [("services/inventory/app.py", source), ("kernel/jobs.py", "import asyncio")]) == [
        "services/inventory/app.py"
    ]


def test_the_accounting_uses_the_standard_library_only() -> None:
    ours_and_standard = set(sys.stdlib_module_names) | {"ghg"}
    for path, source in sources(["ghg"]):
        for node in ast.walk(ast.parse(source)):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            assert {name.partition(".")[0] for name in names} <= ours_and_standard, path


def test_the_packages_are_all_there_are() -> None:
    """A new package must be put under the contracts; the benchmarks are no part of the product."""
    found = {path.parent.name for path in ROOT.glob("*/__init__.py")}

    assert found - {"benchmarks"} == set(PACKAGES)
