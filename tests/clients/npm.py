"""The programs from npm that tests use: named by typescript/package.json, fetched once into the ignored folder .cache/clients."""

import hashlib
import os
import re
import shutil
import subprocess
import tempfile
from contextlib import suppress
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parent / "typescript"
NAMED_BY = ("package.json", "package-lock.json", ".npmrc")
CACHE = Path(__file__).parents[2] / ".cache" / "clients"
OLDEST_NODE = (20, 19)


class NoNode(RuntimeError):
    """What this machine lacks to run programs from npm, in words."""


def node_modules() -> Path:
    """The folder with the installed packages. Where they cannot be had the test that asks is skipped; in CI it fails."""
    try:
        return _installed()
    except NoNode as reason:
        if os.environ.get("CI"):
            raise
        pytest.skip(str(reason))


def _installed() -> Path:
    _ask_for_node()
    folder = CACHE / hashlib.sha256(b"".join((PACKAGE / name).read_bytes() for name in NAMED_BY)).hexdigest()[:16]
    if not folder.exists():
        CACHE.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=CACHE, ignore_cleanup_errors=True) as fetched:
            for name in NAMED_BY:
                shutil.copy(PACKAGE / name, fetched)
            command = ["npm", "ci", "--no-audit", "--no-fund", "--ignore-scripts"]
            done = subprocess.run(command, cwd=fetched, capture_output=True, text=True, check=False)
            if done.returncode != 0:
                raise NoNode(f"npm could not fetch what tests/clients/typescript/package.json names: {done.stderr.strip()[-500:]}")
            with suppress(OSError):  # another run was faster
                Path(fetched).rename(folder)
    return folder / "node_modules"


def _ask_for_node() -> None:
    if shutil.which("node") is None or shutil.which("npm") is None:
        raise NoNode("there is no node with npm on the path")
    said = subprocess.run(["node", "--version"], capture_output=True, text=True, check=True).stdout
    found = re.match(r"v(\d+)\.(\d+)\.", said)
    if found is None or (int(found[1]), int(found[2])) < OLDEST_NODE:
        raise NoNode(f"the TypeScript tools need Node {'.'.join(map(str, OLDEST_NODE))}, and this is {said.strip()}")
