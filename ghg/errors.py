"""What the accounting refuses, each with a code for programs and a hint for people."""

from collections.abc import Sequence
from datetime import date


class GhgError(Exception):
    """A refusal of the accounting. `code` is stable snake_case, `hint` says what to do."""

    code = "ghg_error"

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.hint = hint


class MalformedNumber(GhgError):
    """A number that is not written as the accounting accepts numbers."""

    code = "malformed_number"


class UnknownUnit(GhgError):
    """A unit symbol that is not in the table, or that means several units."""

    code = "unknown_unit"

    def __init__(self, symbol: str, suggestions: Sequence[str]) -> None:
        hint = f"write {' or '.join(suggestions)}" if suggestions else "see the list of units"
        super().__init__(f"unknown unit {symbol!r:.60}", hint)
        self.symbol = symbol
        self.suggestions = tuple(suggestions)


class DimensionMismatch(GhgError):
    """Two units that no exact ratio and no property at hand connects."""

    code = "dimension_mismatch"

    def __init__(self, from_symbol: str, to_symbol: str, what_would_help: str) -> None:
        super().__init__(f"{from_symbol} cannot be converted to {to_symbol}", what_would_help)
        self.from_symbol = from_symbol
        self.to_symbol = to_symbol


class UnknownGwpSet(GhgError):
    """A set of global warming potentials that is not held."""

    code = "unknown_gwp_set"


class UnknownGas(GhgError):
    """A gas name that is not in the table of gases."""

    code = "unknown_gas"


class MissingGwp(GhgError):
    """A gas for which a set has no value. Missing is not zero."""

    code = "missing_gwp"

    def __init__(self, gas: str, gwp_set: str) -> None:
        super().__init__(f"{gwp_set} has no GWP-100 for {gas}", "use a set that has a value for this gas, or report its mass apart")
        self.gas = gas
        self.gwp_set = gwp_set


class InvalidFactor(GhgError):
    """An emission factor that contradicts itself."""

    code = "invalid_factor"


class InvalidPeriod(GhgError):
    """A period that is empty, reversed, or crosses a boundary that it must not cross."""

    code = "invalid_period"

    def __init__(self, start: date, end: date, why: str, hint: str) -> None:
        super().__init__(f"period {start} to {end} {why}", hint)
        self.start = start
        self.end = end


class OutOfRange(GhgError):
    """A figure larger than the accounting stores."""

    code = "out_of_range"


class InvalidOwnership(GhgError):
    """Ownership or control that cannot be true: a share above the whole, a reversed interval, an unknown owner."""

    code = "invalid_ownership"


class OwnershipCycle(InvalidOwnership):
    """A company that owns itself up the tree."""

    code = "ownership_cycle"


class UnknownEntity(GhgError):
    """An entity that the consolidation tree does not hold."""

    code = "unknown_entity"


class InvalidUncertainty(GhgError):
    """Uncertainties that cannot be true or cannot be combined: a negative interval, a sum of zero, contradicting correlations."""

    code = "invalid_uncertainty"


class InvalidDataQuality(GhgError):
    """A data quality score or basic uncertainty outside its scale."""

    code = "invalid_data_quality"


class InvalidAllocation(GhgError):
    """Emissions that cannot be divided as asked: a share above the whole, a negative quantity, years too far apart."""

    code = "invalid_allocation"
