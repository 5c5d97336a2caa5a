"""Files by content: uploads and documents in one folder, each under the SHA-256 of its bytes, written whole or not at all."""

import asyncio
import hashlib
import os
from pathlib import Path

from kernel.identifiers import uuid7


class Files:
    """The one folder of an installation's files."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    async def put(self, content: bytes) -> str:
        """Keep content; returns its SHA-256, under which it is found. The same content is kept once."""
        sha256 = hashlib.sha256(content).hexdigest()
        if not self.path(sha256).exists():
            await asyncio.to_thread(self._write, sha256, content)
        return sha256

    def path(self, sha256: str) -> Path:
        """Where the content lies, if it is kept."""
        return self._folder / sha256[:2] / sha256

    def _write(self, sha256: str, content: bytes) -> None:
        path = self.path(sha256)
        path.parent.mkdir(parents=True, exist_ok=True)
        partial = path.with_name(f".{uuid7()}.partial")
        try:
            with partial.open("wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            partial.replace(path)
        except OSError:  # a full disk does not get fuller
            partial.unlink(missing_ok=True)
            raise
