"""The words of a text as the search compares them: folded letters, plurals beside their singular, Chinese by its characters."""

import re
import unicodedata

_CHINESE = "\u3400-\u4dbf\u4e00-\u9fff"
_WORD = re.compile(rf"[{_CHINESE}]+|\d+(?:\.\d+)+(?![^\W_{_CHINESE}])|[^\W_{_CHINESE}]+")
_LINKED = re.compile(rf"[^\W_{_CHINESE}]+(?:-[^\W_{_CHINESE}]+)+")
_POSSESSIVE = re.compile(r"(?<=[^\W\d_])['’]s(?!\w)")
_CHINESE_WORD = re.compile(f"[{_CHINESE}]+")
_ACTIVITY_TYPE = re.compile(r"[a-z][a-z0-9_-]*(?:\.[a-z0-9_-]+)+")
_CONFUSED = str.maketrans("汽它", "气他")  # sounding alike and written for each other: 蒸汽 and 蒸气, 天然气 and 天然汽, 其它 and 其他
LONGEST_WHOLE = 12  # characters of a Chinese phrase that is also kept as a whole


def folded(text: str) -> str:
    """Without accents, letter cases and variants: "CO₂" is "co2", "Électricité" is "electricite", 蒸汽 is 蒸气."""
    decomposed = unicodedata.normalize("NFKD", text).casefold()
    return unicodedata.normalize("NFC", "".join(sign for sign in decomposed if not unicodedata.combining(sign))).translate(_CONFUSED)


def words_of(text: str) -> list[str]:
    """The words of a text in their order, folded; unspaced Chinese is one word, a number with decimals too, and "men's" is "men"."""
    return _WORD.findall(_POSSESSIVE.sub("", folded(text)))


def is_chinese(word: str) -> bool:
    """Whether a word of `words_of` is Chinese; one is never mixed."""
    return _CHINESE_WORD.match(word) is not None


def is_activity_type(piece: str) -> bool:
    """Whether a folded piece of text is written like an activity type: `fuel.natural_gas`."""
    return _ACTIVITY_TYPE.fullmatch(piece) is not None


def singular(word: str) -> str:
    """A word without the ending of an English plural; a form to compare by, not always a word ("gases" is "gase")."""
    if len(word) <= 3 or not word.isalpha() or not word.endswith("s") or word.endswith("ss"):
        return word
    return f"{word[:-3]}y" if word.endswith("ies") and len(word) > 4 else word[:-1]


def pairs(word: str) -> list[str]:
    """The neighbouring characters of a Chinese word, two by two."""
    return [word[place : place + 2] for place in range(len(word) - 1)]


def whole(word: str) -> str:
    """The mark under which a Chinese word stands as a whole, so that it is told from a part of a longer one."""
    return f"={word}"


def lexemes_of(text: str) -> frozenset[str]:
    """All forms under which the words of a text are found: "R-410A" is found as r, 410a and r410a."""
    lexemes = {joined.replace("-", "") for joined in _LINKED.findall(folded(text))}
    for word in words_of(text):
        if is_chinese(word):
            lexemes |= {*word, *pairs(word)}
            if len(word) <= LONGEST_WHOLE:
                lexemes.add(whole(word))
        else:
            lexemes |= {word, singular(word)}
    return frozenset(lexemes)
