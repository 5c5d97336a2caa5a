"""Files by content: uploads and documents in one folder of each service, each under the SHA-256 of its bytes, written whole or not at all.

What nobody names any more is let go by kernel/retention.py; keeping content again that is kept already makes it young.
"""

import asyncio
import hashlib
import os
from collections.abc import Iterable
from pathlib import Path

from kernel.identifiers import uuid7

PARTIAL, ASIDE = ".partial", ".aside"


class Files:
    """The folder of a service's files."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    async def put(self, content: bytes) -> str:
        """Keep content; returns its SHA-256, under which it is found. The same content is kept once."""
        sha256 = hashlib.sha256(content).hexdigest()
        await asyncio.to_thread(self._keep, sha256, content)
        return sha256

    def path(self, sha256: str) -> Path:
        """Where the content lies, if it is kept."""
        return self._folder / sha256[:2] / sha256

    def untouched_since(self, instant: float) -> list[str]:
        """The hashes of what was last kept before `instant`; what a killed process left half written before then is removed.

        Called, like `remove_untouched`, by one process at a time.
        """
        untouched = []
        for path in list(self._folder.glob("??/*")):
            if path.suffix == ASIDE:  # by a process that was killed on the way
                path.replace(self.path(path.stem))
            elif _is_older(path, instant) and path.suffix == PARTIAL:
                path.unlink()
            elif _is_older(path, instant):
                untouched.append(path.name)
        return untouched

    def remove_untouched(self, hashes: Iterable[str], instant: float) -> int:
        """Remove what was not kept again since `instant` either; returns how many."""
        return sum(self._remove(self.path(sha256), instant) for sha256 in hashes)

    def _remove(self, path: Path, instant: float) -> bool:
        """Put aside first: who keeps the content again meanwhile either made it young before, or finds nothing and writes it anew."""
        aside = path.with_name(path.name + ASIDE)
        path.replace(aside)
        if aside.stat().st_mtime < instant:
            aside.unlink()
            return True
        aside.replace(path)
        return False

    def _keep(self, sha256: str, content: bytes) -> None:
        path = self.path(sha256)
        try:
            os.utime(path)
        except FileNotFoundError:
            self._write(path, content)

    def _write(self, path: Path, content: bytes) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        partial = path.with_name(f"{uuid7()}{PARTIAL}")
        try:
            with partial.open("wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            partial.replace(path)
        except OSError:  # a full disk does not get fuller
            partial.unlink(missing_ok=True)
            raise


def _is_older(path: Path, instant: float) -> bool:
    try:
        return path.stat().st_mtime < instant
    except FileNotFoundError:  # a partial one that has just become whole
        return False
