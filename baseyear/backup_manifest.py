"""What a backup says of itself: which parts it has, of which versions, taken when, each with its SHA-256."""

import hashlib
import os
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

MANIFEST = "manifest.json"
FORMAT = 1
CHUNK = 1024 * 1024


class BackupRefused(Exception):
    """A backup cannot be made or used as it is; the message says why and what to do."""


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Part(_Frozen):
    """A file of the backup, by its path in it."""

    path: str
    sha256: str
    bytes: int


class ServiceCopy(_Frozen):
    """A service's schema: as it was at `taken_at`, at the revision of its migrations."""

    dump: Part
    revision: str
    taken_at: datetime


class Manifest(_Frozen):
    """Everything that a backup has; written last, so a folder without one is no backup.

    postgresql  the major version of the server
    home        keys and the operator's file, where they are kept in BASEYEAR_HOME
    """

    format: int
    baseyear: str
    postgresql: int
    services: dict[str, ServiceCopy]
    home: list[Part]
    files: list[Part]

    @property
    def parts(self) -> list[Part]:
        return [*(service.dump for service in self.services.values()), *self.home, *self.files]

    def write(self, folder: Path) -> None:
        write_durably(folder / MANIFEST, self.model_dump_json(indent=1).encode())

    @classmethod
    def read(cls, folder: Path) -> "Manifest":
        """The manifest of a whole backup; raises BackupRefused."""
        try:
            manifest = cls.model_validate_json((folder / MANIFEST).read_bytes())
        except FileNotFoundError:
            raise BackupRefused(f"{folder} is no backup, or one that did not come to its end: it has no {MANIFEST}.") from None
        except ValidationError as error:
            raise BackupRefused(f"{folder / MANIFEST} cannot be read; was it made by another version of Baseyear?\n{error}") from None
        if manifest.format != FORMAT:
            raise BackupRefused(f"{folder} has the format {manifest.format}; this version of Baseyear reads format {FORMAT}.")
        return manifest

    def verify(self, folder: Path) -> None:
        """Raises BackupRefused where a part is missing or is not what it was."""
        for part in self.parts:
            path = folder / part.path
            if not path.is_file():
                raise BackupRefused(f"{path} is missing: take another copy of this backup, or another backup.")
            if sha256_of(path) != part.sha256:
                raise BackupRefused(f"{path} is not what it was when the backup was made: take another copy of it, or another backup.")


def part_of(folder: Path, path: Path) -> Part:
    return Part(path=path.relative_to(folder).as_posix(), sha256=sha256_of(path), bytes=path.stat().st_size)


def sha256_of(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def copy_durably(source: Path, target: Path) -> None:
    """A copy that only its owner may read, whole or not at all, and on the disk when this returns."""
    target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with source.open("rb") as content:
        _write(target, iter(lambda: content.read(CHUNK), b""))


def write_durably(target: Path, content: bytes) -> None:
    _write(target, iter([content]))


def _write(target: Path, chunks: Iterable[bytes]) -> None:
    partial = target.with_name(f".{target.name}.partial")
    with os.fdopen(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        for chunk in chunks:
            file.write(chunk)
        file.flush()
        os.fsync(file.fileno())
    partial.replace(target)
