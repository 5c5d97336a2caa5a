"""What a check found: one line each, with what to do where something is not as it should be."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

State = Literal["ok", "look", "wrong"]

_SIGNS: dict[State, str] = {"ok": "ok   ", "look": "LOOK ", "wrong": "WRONG"}


@dataclass(frozen=True, slots=True)
class Finding:
    """What was looked at, how it is, and what to do: `look` may be so, `wrong` may not."""

    state: State
    what: str
    said: str
    remedy: str = ""


def ok(what: str, said: str) -> Finding:
    return Finding("ok", what, said)


def look(what: str, said: str, remedy: str) -> Finding:
    return Finding("look", what, said, remedy)


def wrong(what: str, said: str, remedy: str) -> Finding:
    return Finding("wrong", what, said, remedy)


def page_of(findings: Iterable[Finding]) -> str:
    """The findings as a page of text, and their sum in its last line."""
    found = _joined(findings)
    width = max(len(finding.what) for finding in found)
    lines = []
    for finding in found:
        lines.append(f"{_SIGNS[finding.state]} {finding.what:<{width}}  {finding.said}")
        if finding.remedy:
            lines.append(f"{'':<{width + 6}}  -> {finding.remedy}")
    counts = {state: sum(finding.state == state for finding in found) for state in _SIGNS}
    if counts["wrong"] or counts["look"]:
        lines.append(f"\n{counts['wrong']} wrong, {counts['look']} to look at, {counts['ok']} as they should be.")
    else:
        lines.append("\nAll is as it should be.")
    return "\n".join(lines)


def _joined(findings: Iterable[Finding]) -> list[Finding]:
    """What is as it should be, one thing after the other in the same place, takes one line."""
    joined: list[Finding] = []
    for finding in findings:
        last = joined[-1] if joined else None
        if last is not None and (last.state, last.what) == ("ok", finding.what) and finding.state == "ok":
            joined[-1] = ok(finding.what, f"{last.said}; {finding.said}")
        else:
            joined.append(finding)
    return joined
