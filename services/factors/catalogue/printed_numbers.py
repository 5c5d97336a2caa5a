"""Numbers as publishers print them."""

from fractions import Fraction

from ghg.factors import source_number
from ghg.rounding import ratio_text


def printed_number(cell: str | float) -> Fraction:
    """The exact value of the text of a CSV cell or the double of a workbook cell, at 15 significant digits.

    raises    MalformedNumber, if the cell is blank, negative or holds anything but one number (`< 1`, a range, a word)
    """
    return source_number(str(cell).strip())


def printed_text(cell: str | float) -> str:
    """The cell as a person reads it: text unchanged, doubles without their float noise (`0.21233`)."""
    return cell.strip() if isinstance(cell, str) else ratio_text(printed_number(cell))
