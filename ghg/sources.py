"""Where a number comes from."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Source:
    """The printed row behind one number: enough for an auditor to open the file and find it.

    `sha256` is that of the source file; `printed_value` and `printed_unit` are as the publisher wrote them, before any derivation.
    """

    dataset: str
    row: str = ""
    sha256: str = ""
    licence: str = ""
    document: str = ""
    printed_value: str = ""
    printed_unit: str = ""
