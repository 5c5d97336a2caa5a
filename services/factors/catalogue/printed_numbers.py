"""Numbers as publishers print them."""

import re
from fractions import Fraction

from ghg.factors import source_number
from ghg.rounding import ratio_text

_RANGE = re.compile(r"\d+(\.\d+)? ?- ?\d+(\.\d+)?")


def printed_number(cell: str | float) -> Fraction:
    """The exact value of the text of a CSV cell or the double of a workbook cell, at 15 significant digits.

    raises    MalformedNumber, if the cell is blank, negative or holds anything but one number (`< 1`, a range, a word)
    """
    return source_number(str(cell).strip())


def printed_text(cell: str | float) -> str:
    """The cell as a person reads it: text unchanged, doubles without their float noise (`0.21233`)."""
    return cell.strip() if isinstance(cell, str) else ratio_text(printed_number(cell))


def is_range(cell: str) -> bool:
    """Whether a cell holds two numbers with a dash between them and nothing else: `27 - 45`."""
    return _RANGE.fullmatch(cell.strip()) is not None
