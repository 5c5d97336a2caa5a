"""Words that a misspelt one may have meant."""

from collections.abc import Iterable, Mapping
from functools import reduce
from operator import or_

from services.factors.domain.words import is_chinese

MOST_MEANT = 50
LETTER_BITS = 31  # of an integer of PostgreSQL


def edits_allowed(word: str) -> int:
    """How many letters may be wrong: none in a short word or where there are digits, since another year or code is another thing.

    Chinese words have one edit from two characters on; an edit there is another character.
    """
    if any(sign.isdigit() for sign in word):
        return 0
    one, two = (2, 6) if is_chinese(word) else (4, 8)
    return (len(word) >= one) + (len(word) >= two)


def letters(word: str) -> int:
    """A number with a bit for each letter of a word, some sharing one: each edit changes at most two bits."""
    return reduce(or_, (1 << (ord(sign) % LETTER_BITS) for sign in word), 0)


def edits(word: str, other: str, most: int) -> int | None:
    """The edits between two words, None above `most`: a letter left out, added or replaced, or two neighbours exchanged.

    source  optimal string alignment (Damerau 1964; each place is edited once)
    """
    if abs(len(word) - len(other)) > most:
        return None
    before: list[int] = []
    row = list(range(len(other) + 1))
    for place, letter in enumerate(word, start=1):
        above, before, row = before, row, [place]
        for column, opposite in enumerate(other, start=1):
            least = min(before[column] + 1, row[-1] + 1, before[column - 1] + (letter != opposite))
            if place > 1 and column > 1 and letter == other[column - 2] and word[place - 2] == opposite:
                least = min(least, above[column - 2] + 1)
            row.append(least)
        if min(row) > most:
            return None
    return row[-1] if row[-1] <= most else None


def meant(word: str, vocabulary: Iterable[str]) -> Mapping[int, tuple[str, ...]]:
    """The words of a vocabulary that `word` may be a misspelling of, by the number of edits; the nearest MOST_MEANT of them."""
    most = edits_allowed(word)
    distances = ((edits(word, other, most), other) for other in vocabulary if other != word) if most else ()
    nearest = sorted((distance, other) for distance, other in distances if distance)[:MOST_MEANT]
    return {number: tuple(other for distance, other in nearest if distance == number) for number in range(1, most + 1)}
