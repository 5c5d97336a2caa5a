"""The shipped pack, read once, finders that fail when a question has not exactly one answer, and sources that were changed."""

import gzip
import hashlib
import shutil
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import pytest

from services.factors import catalogue
from services.factors.catalogue import source_files
from services.factors.catalogue.pack_model import Factor, FuelProperty
from services.factors.catalogue.source_files import SourceFolder
from tests.whole_pack import Pack, read_pack

PACK = Path(catalogue.__file__).parents[1] / "pack"
SOURCES = PACK / "sources"


def masses(factor: Factor) -> dict[str, Fraction]:
    """kg of each gas per unit of the factor."""
    return {part.gas: part.kg_per_unit for part in factor.gases}


@pytest.fixture(scope="session")
def pack() -> Pack:
    return read_pack(PACK)


@pytest.fixture(scope="session")
def factor_of(pack: Pack) -> Callable[..., Factor]:
    """The one factor of an activity with these attributes: `factor_of("fuel.diesel", region="GB", data_year=2021, unit="L")`."""

    def find(activity_type: str, *, stage: str = "direct", is_default: bool = True, **attributes: object) -> Factor:
        wanted = {"activity_type": activity_type, "stage": stage, "is_default": is_default, **attributes}
        found = [one for one in pack.factors if all(getattr(one, name) == value for name, value in wanted.items())]
        assert len(found) == 1, [one.key for one in found]
        return found[0]

    return find


@pytest.fixture(scope="session")
def property_of(pack: Pack) -> Callable[[str, str, str], FuelProperty]:
    """The one property of an activity in a region: `property_of("fuel.diesel", "density", "GB")`."""

    def find(activity_type: str, name: str, region: str) -> FuelProperty:
        (found,) = [one for one in pack.properties if activity_type in one.activity_types and (one.name, one.region) == (name, region)]
        return found

    return find


@pytest.fixture
def change(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str, str, str], SourceFolder]:
    """Changes text in a copy of the sources and pins the changed file, so that importers take it as reviewed."""

    def change(path: str, old: str, new: str) -> SourceFolder:
        folder = Path(shutil.copytree(SOURCES, tmp_path / "sources"))
        zipped = folder / f"{path}.gz"
        text = gzip.decompress(zipped.read_bytes()).decode()
        assert old in text
        content = text.replace(old, new, 1).encode()
        zipped.write_bytes(gzip.compress(content))
        monkeypatch.setitem(source_files.PINNED, path, {**source_files.PINNED[path], "sha256": hashlib.sha256(content).hexdigest()})
        return SourceFolder(folder)

    return change
