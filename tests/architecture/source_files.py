"""The source files that the rules of the architecture are about."""

from collections.abc import Iterable, Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("baseyear", "contracts", "gateway", "ghg", "kernel", "services")


def sources(packages: Iterable[str] = PACKAGES, root: Path = ROOT) -> Iterator[tuple[str, str]]:
    """Path, relative to the root, and content of every Python file."""
    for package in packages:
        for path in sorted((root / package).rglob("*.py")):
            yield path.relative_to(root).as_posix(), path.read_text()
