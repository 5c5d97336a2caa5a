"""Files by content: whole or not at all, the same content once."""

import asyncio
import hashlib
from pathlib import Path

import pytest

from kernel.files import Files

CONTENT = b"a monthly meter reading"


@pytest.fixture
def files(tmp_path: Path) -> Files:
    return Files(tmp_path / "files")


def kept(tmp_path: Path) -> list[Path]:
    return [path for path in tmp_path.rglob("*") if path.is_file()]


async def test_a_file_is_found_under_the_sha256_of_its_content(files: Files) -> None:
    name = await files.put(CONTENT)

    assert name == hashlib.sha256(CONTENT).hexdigest()
    assert files.path(name).read_bytes() == CONTENT


async def test_the_same_content_is_kept_once(files: Files, tmp_path: Path) -> None:
    names = await asyncio.gather(*(files.put(CONTENT) for _ in range(8)))

    assert len(set(names)) == 1
    assert len(kept(tmp_path)) == 1


async def test_an_empty_file_is_a_file(files: Files) -> None:
    assert files.path(await files.put(b"")).read_bytes() == b""


async def test_a_file_that_could_not_be_written_whole_is_not_there(files: Files, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(OSError, match="No space"):
        await files.put(CONTENT)

    assert not files.path(hashlib.sha256(CONTENT).hexdigest()).exists()
    assert kept(tmp_path) == []
