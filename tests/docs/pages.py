"""The pages as a reader finds them: their code blocks, their links, and what a block's answer is expected to look like."""

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent.parent
README = ROOT / "README.md"
TUTORIAL = ROOT / "docs" / "tutorial.md"
IN_CONTAINERS = ROOT / "docs" / "how-to" / "run-with-compose.md"  # run by tests/deploy, where there is a Docker engine
WRITTEN_BY_HAND = sorted({*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")} - set((ROOT / "docs" / "reference").rglob("*.md")))
DOCS = [page for page in WRITTEN_BY_HAND if page.is_relative_to(ROOT / "docs")]

_FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
LEFT_OUT = "…"


@dataclass(frozen=True, slots=True)
class Block:
    """A code block; `expected` is the json or text block that follows a bash block as its answer."""

    page: Path
    line: int
    language: str
    text: str
    expected: "Block | None" = None

    @property
    def place(self) -> str:
        return f"{self.page.relative_to(ROOT)}:{self.line}"

    @property
    def makes(self) -> list[str]:
        """The targets of a block that consists of `make` commands, which a test must not run: they would run the test."""
        lines = self.text.splitlines()
        return [line.removeprefix("make ") for line in lines] if all(line.startswith("make ") for line in lines) else []

    @property
    def serves(self) -> bool:
        """Whether the block is for a terminal of its own."""
        return self.text.rstrip().endswith("baseyear up")


def blocks_of(page: Path) -> list[Block]:
    """The code blocks of a page in order, each answer with the command that it belongs to."""
    content = page.read_text()
    blocks: list[Block] = []
    for found in _FENCE.finditer(content):
        block = Block(page, content.count("\n", 0, found.start()) + 1, found[1], found[2])
        if block.language in ("json", "text") and blocks and blocks[-1].language == "bash" and blocks[-1].expected is None:
            blocks[-1] = Block(page, blocks[-1].line, "bash", blocks[-1].text, block)
        else:
            blocks.append(block)
    return blocks


def to_be_run(page: Path) -> list[Block]:
    """The bash blocks that a reader types into one terminal."""
    return [block for block in blocks_of(page) if block.language == "bash" and not block.serves and not block.makes]


def differences(expected: Block, answer: str) -> list[str]:
    """Where an answer is not what the page shows; a page may leave out members of objects, and what it writes as …

    A json block shows the last answer of its commands, a text block all lines.
    """
    lines = answer.strip().splitlines()
    if expected.language == "json":
        return _differ("", json.loads(expected.text), json.loads(lines[-1]))
    shown = expected.text.splitlines()
    if len(shown) != len(lines):
        return [f"{len(lines)} lines, not {len(shown)}: {answer}"]
    return [f"{one!r} is not like {other!r}" for one, other in zip(shown, lines, strict=True) if not _is_like(one.rstrip(), other.rstrip())]


def _differ(where: str, shown: Any, real: Any) -> list[str]:
    if isinstance(shown, dict) and isinstance(real, dict):
        missing = [f"{where}/{name} is not answered" for name in shown if name not in real]
        return missing + [line for name in shown if name in real for line in _differ(f"{where}/{name}", shown[name], real[name])]
    if isinstance(shown, list) and isinstance(real, list):
        wanted = shown[:-1] if shown[-1:] == [LEFT_OUT] else shown
        if len(real) < len(wanted) or (wanted is shown and len(real) != len(shown)):
            return [f"{where} has {len(real)} items, not {len(shown)}"]
        return [line for place, item in enumerate(wanted) for line in _differ(f"{where}/{place}", item, real[place])]
    if isinstance(shown, str) and isinstance(real, str):
        return [] if _is_like(shown, real) else [f"{where} is {real!r}, shown as {shown!r}"]
    return [] if shown == real else [f"{where} is {real!r}, shown as {shown!r}"]


def _is_like(shown: str, real: str) -> bool:
    return shown == real or (LEFT_OUT in shown and re.fullmatch(".*".join(map(re.escape, shown.split(LEFT_OUT))), real) is not None)


# Pages whose commands continue where the tour and the tutorial ended.
CONTINUED = [page for page in DOCS if page not in (TUTORIAL, IN_CONTAINERS) and to_be_run(page)]
