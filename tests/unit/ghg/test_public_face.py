"""`ghg` as other projects would import it: alone, quickly, and with a word about everything that it offers."""

import inspect
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import ghg
from ghg import errors
from tests.docs.pages import ROOT, blocks_of

PAGE = ROOT / "docs" / "methods" / "ghg-library.md"
RUN_EXAMPLES = """
import doctest, sys
examples = sys.stdin.read()
outcome = doctest.DocTestRunner().run(doctest.DocTestParser().get_doctest(examples, {}, "page", "page", 0))
assert outcome.attempted > 20, outcome
sys.exit(outcome.failed)
"""
NAME_MODULES = "import sys; before = set(sys.modules); import ghg; print('\\n'.join(sorted(set(sys.modules) - before)))"
SECONDS_OF_IMPORT = "import time; begun = time.process_time(); import ghg; print(time.process_time() - begun)"


@pytest.fixture(scope="module")
def alone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that holds a copy of `ghg/` and nothing else of ours."""
    folder = tmp_path_factory.mktemp("alone")
    shutil.copytree(Path(ghg.__file__).parent, folder / "ghg", ignore=shutil.ignore_patterns("__pycache__"))
    return folder


def run_alone(folder: Path, program: str, given: str = "") -> str:
    """Python without site packages, environment and current folder, with `folder` as the only place of ours."""
    located = f"import sys; sys.path.insert(0, {str(folder)!r})\n{program}"
    done = subprocess.run([sys.executable, "-I", "-S", "-c", located], input=given, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_the_examples_of_the_page_run_with_nothing_but_the_folder(alone: Path) -> None:
    examples = "\n".join(block.text for block in blocks_of(PAGE) if block.language == "python")

    run_alone(alone, RUN_EXAMPLES, examples)


def test_importing_it_loads_the_standard_library_and_itself_only(alone: Path) -> None:
    loaded = {name.partition(".")[0] for name in run_alone(alone, NAME_MODULES).split()}

    assert loaded - set(sys.stdlib_module_names) == {"ghg"}


def test_importing_it_is_quick(alone: Path) -> None:
    assert float(run_alone(alone, SECONDS_OF_IMPORT)) < 0.5


def test_every_public_name_exists_and_stands_once() -> None:
    assert len(set(ghg.__all__)) == len(ghg.__all__)
    assert [name for name in ghg.__all__ if not hasattr(ghg, name)] == []


@pytest.mark.parametrize("name", ghg.__all__)
def test_every_public_function_and_type_says_what_it_is(name: str) -> None:
    offered = getattr(ghg, name)
    if inspect.isfunction(offered) or inspect.isclass(offered):
        own = offered.__dict__.get("__doc__") if inspect.isclass(offered) else offered.__doc__
        assert own and not own.startswith(f"{name}("), name  # a dataclass without docstring gets its signature as one


def test_every_refusal_can_be_caught_by_its_public_name() -> None:
    refusals = {name for name, kind in inspect.getmembers(errors, inspect.isclass) if issubclass(kind, errors.GhgError)}

    assert refusals <= set(ghg.__all__)


def test_a_public_name_does_not_hide_a_module() -> None:
    modules = {path.stem for path in Path(ghg.__file__).parent.glob("*.py")}

    assert modules & set(ghg.__all__) == set()
