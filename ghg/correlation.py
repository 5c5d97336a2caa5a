"""Inputs that err together: correlation coefficients between named inputs.

Source: JCGM 100:2008 (GUM), clause 5.2. An input that stands in several lines needs no coefficient: it is one input.
"""

from collections.abc import Iterable, Set
from dataclasses import dataclass
from fractions import Fraction

from ghg.errors import InvalidUncertainty


@dataclass(frozen=True, slots=True)
class Correlation:
    """How strongly two inputs err together: 1 wholly, 0 not at all, −1 against each other.

    raises  InvalidUncertainty outside −1 to 1, or of an input with itself
    """

    first: str
    second: str
    coefficient: Fraction

    def __post_init__(self) -> None:
        if not -1 <= self.coefficient <= 1:
            raise InvalidUncertainty(f"correlation {self.coefficient} is not between -1 and 1", "write wholly correlated as 1")
        if self.first == self.second:
            raise InvalidUncertainty(f"input {self.first} correlated with itself", "leave it out: an input is one in all its lines")


@dataclass(frozen=True, slots=True)
class Decomposition:
    """A correlation matrix as L × D × Lᵀ, exactly: `rows` of L below its diagonal of ones, and the `pivots` of D."""

    ids: tuple[str, ...]
    rows: tuple[tuple[Fraction, ...], ...]
    pivots: tuple[Fraction, ...]


def decompose(correlations: Iterable[Correlation], known: Set[str]) -> Decomposition:
    """The correlation matrix of the inputs that are named, in the order of their ids.

    raises  InvalidUncertainty: an input that is not `known`, a pair twice, or coefficients that contradict each other, as when A goes
            with B and B with C, but A against C
    """
    coefficients = _coefficients(correlations, known)
    ids = tuple(sorted({name for pair in coefficients for name in pair}))
    rows: list[tuple[Fraction, ...]] = []
    pivots: list[Fraction] = []
    for name in ids:
        row: list[Fraction] = []
        for column, other in enumerate(ids[: len(rows)]):
            rest = coefficients.get(frozenset((name, other)), Fraction(0))
            rest -= sum((row[k] * pivots[k] * rows[column][k] for k in range(column)), Fraction(0))
            if rest and not pivots[column]:
                raise _contradiction(name, other)
            row.append(rest / pivots[column] if rest else Fraction(0))
        pivot = 1 - sum((entry * entry * pivots[k] for k, entry in enumerate(row)), Fraction(0))
        if pivot < 0:
            raise _contradiction(name, ids[len(rows) - 1])
        rows.append(tuple(row))
        pivots.append(pivot)
    return Decomposition(ids, tuple(rows), tuple(pivots))


def _coefficients(correlations: Iterable[Correlation], known: Set[str]) -> dict[frozenset[str], Fraction]:
    coefficients: dict[frozenset[str], Fraction] = {}
    for correlation in correlations:
        for name in (correlation.first, correlation.second):
            if name not in known:
                raise InvalidUncertainty(f"a correlation names {name}, which is no input", "name inputs by their ids")
        pair = frozenset((correlation.first, correlation.second))
        if pair in coefficients:
            raise InvalidUncertainty(f"the correlation of {' and '.join(sorted(pair))} stands twice", "give each pair once")
        coefficients[pair] = correlation.coefficient
    return coefficients


def _contradiction(name: str, other: str) -> InvalidUncertainty:
    return InvalidUncertainty(
        f"the correlations of {name} contradict those of {other}",
        "no quantities can err together like this: check the signs, and give the coefficient of every pair of the group",
    )
