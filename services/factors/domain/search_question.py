"""What a search asks for: its words, and what each of them must find, from the best match to the loosest.

Whether and how well a factor matches follows from the question and the factor alone, whatever else the catalogue holds; so a place in
the order keeps its meaning while factors are added.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from services.factors.domain.search_entry import quoted
from services.factors.domain.words import folded as fold
from services.factors.domain.words import is_activity_type, is_chinese, pairs, singular, whole, words_of

MOST_WORDS = 12
LONGEST_CHINESE = 8  # a longer run of characters is asked for in pieces
# What every factor is says nothing about which one is meant.
SAYING_NOTHING = frozenset({"emission", "factor", "a", "an", "and", "by", "for", "from", "in", "of", "per", "the", "to", "with"})
SAYING_NOTHING_IN_CHINESE = ("碳排放因子", "碳排放系数", "排放因子", "排放系数", "因子", "的")

Meant = Mapping[int, Sequence[str]]  # words that may have been meant, by the number of edits


class TooManyWords(ValueError):
    """A question of more than MOST_WORDS words."""


@dataclass(frozen=True, slots=True)
class Tier:
    """One way in which a word can match; the lower the cost, the better. `query` is a tsquery in its text form."""

    cost: int
    query: str


@dataclass(frozen=True, slots=True)
class Sought:
    """What one word must find: `query` holds for every factor that matches at all, `tiers` say how well, the best first."""

    query: str
    tiers: tuple[Tier, ...]


def words_asked(question: str) -> tuple[str, ...]:
    """The words of a question, folded; those that say nothing are left out unless there are no others.

    raises  TooManyWords
    """
    words = [word for piece in question.split() for word in _words_of_piece(piece)]
    telling = [part for word in words for part in _telling_parts(word)] or words
    unique = tuple(dict.fromkeys(part for word in telling for part in _comparable(word)))
    if len(unique) > MOST_WORDS:
        raise TooManyWords(f"{len(unique)} words are asked for, and {MOST_WORDS} are the most.")
    return unique


def sought(word: str, meant: Meant) -> Sought:
    """What a word must find: itself, a word that it begins, and the words that it may have meant, if it is taken for misspelt.

    meant  empty to take the word as it is written
    """
    if is_activity_type(word):
        return _sought_id(word)
    return _sought_chinese(word, meant) if is_chinese(word) else _sought_word(word, meant)


def _words_of_piece(piece: str) -> list[str]:
    written = fold(piece)
    return [written] if is_activity_type(written) else words_of(written)


def _comparable(word: str) -> list[str]:
    if not is_chinese(word):
        return [singular(word)]
    return [word[place : place + LONGEST_CHINESE] for place in range(0, len(word), LONGEST_CHINESE)]


def _telling_parts(word: str) -> list[str]:
    if not is_chinese(word):
        return [] if singular(word) in SAYING_NOTHING else [word]
    for phrase in SAYING_NOTHING_IN_CHINESE:
        word = word.replace(phrase, " ")
    return word.split()


def _sought_word(word: str, meant: Meant) -> Sought:
    begun = f"{quoted(word)}:*"
    tiers = [*_two(0, [quoted(word)]), Tier(2, f"{begun}A"), Tier(3, begun)]
    for number, others in sorted(meant.items()):
        tiers += _two(2 + 2 * number, map(quoted, others))
    return _any_of([begun, *(quoted(other) for others in meant.values() for other in others)], tiers)


def _sought_id(word: str) -> Sought:
    words = " & ".join(f"{quoted(part)}:*" for part in words_of(word.replace("_", " ")))
    return _any_of([f"{quoted(word)}:*", f"({words})"], [Tier(0, quoted(word)), Tier(2, f"{quoted(word)}:*"), Tier(3, words)])


def _sought_chinese(word: str, meant: Meant) -> Sought:
    """Chinese is found as a phrase, within one, or in pieces: 广东电网 finds the grid of 广东.

    Pieces are at least two of its characters that stand together; of a word that may be misspelt one character may be wrong.
    """
    if len(word) == 1:
        return _any_of([quoted(word)], _two(0, [quoted(word)]))
    tiers = [*_two(0, [quoted(whole(word))]), Tier(2, _all_of(pairs(word), ":A")), Tier(3, _all_of(pairs(word)))]
    every = [_in_pieces(word)]
    for number, others in sorted(meant.items()):
        phrases = [quoted(whole(other)) for other in others]
        tiers += _two(2 + 2 * number, phrases)
        every += phrases
    tiers.append(Tier(5, _in_pieces(word)))
    if meant and len(word) > 2:
        without_one = " | ".join(f"({_all_of(word[:place] + word[place + 1 :])})" for place in range(len(word)))
        tiers.append(Tier(7, without_one))
        every.append(without_one)
    return _any_of(every, sorted(tiers, key=lambda tier: tier.cost))


def _in_pieces(word: str) -> str:
    together = " | ".join(map(quoted, pairs(word)))
    return f"{_all_of(word)} & ({together})"


def _two(cost: int, lexemes: Iterable[str]) -> list[Tier]:
    """The tiers of lexemes of which any will do: in the factor's name, and elsewhere."""
    written = list(lexemes)
    if not written:
        return []
    return [Tier(cost, " | ".join(f"{one}:A" for one in written)), Tier(cost + 1, " | ".join(written))]


def _all_of(lexemes: Iterable[str], weight: str = "") -> str:
    return " & ".join(f"{quoted(one)}{weight}" for one in dict.fromkeys(lexemes))


def _any_of(queries: Iterable[str], tiers: Iterable[Tier]) -> Sought:
    return Sought(" | ".join(f"({query})" for query in queries), tuple(tiers))
