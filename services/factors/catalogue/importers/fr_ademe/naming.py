"""Names of the Base Carbone's goods and services: ids and English names from its English texts, Chinese ones from our table."""

import re
import unicodedata
from dataclasses import dataclass
from functools import cache

from services.factors.catalogue.importers.fr_ademe.rows import BASE_CARBONE, AdemeRow
from services.factors.catalogue.importers.fr_ademe.units import PrintedUnit
from services.factors.catalogue.refusals import UnmappedRow
from services.factors.catalogue.taxonomy import table_rows

LONGEST_ID = 98
_GOODS = ("food", "goods", "waste")
_FARM = ("farm",)
_SAYS_NOTHING = {"", "manufacture"}  # every good is made
_IMPACTS = " - Impacts"


@dataclass(frozen=True, slots=True)
class Name:
    """What an element is called: parts in English, and Chinese in one text."""

    english: tuple[str, ...]
    chinese: str

    @property
    def english_text(self) -> str:
        """The English parts in one text, beginning with a capital."""
        text = ", ".join(self.english)
        return text[0].upper() + text[1:]


@dataclass(frozen=True, slots=True)
class _Translation:
    english: str
    chinese: str


@cache
def _translations(tables: tuple[str, ...]) -> dict[str, _Translation]:
    rows = [row for table in tables for row in table_rows(f"fr_ademe/names_{table}.csv")]
    return {row["printed"]: _Translation(row["name_en"], row["name_zh"]) for row in rows}


def name_of(row: AdemeRow) -> Name:
    """The name of an element in both languages, each part once; English corrections of our table come before the file's English.

    Where our table names a good in English, so do its French parts say what is to be said: a part in English alone goes.

    raises    UnmappedRow, if the tables tables/fr_ademe/names_*.csv do not know one of the French texts
    """
    found = [_translation(row, part, _GOODS) if part else None for part in row.french]
    english = [part.removesuffix(_IMPACTS) for part in row.english]
    if found[0] is not None and found[0].english:
        english = [(ours.english or theirs) if ours else "" for ours, theirs in zip(found, english, strict=True)]
    if not english[0]:
        raise UnmappedRow(
            f"{BASE_CARBONE} {row.id}: no English name for {row.french[0]!r}: give one in a table tables/fr_ademe/names_*.csv"
        )
    chinese = list(dict.fromkeys(ours.chinese for ours in found if ours and ours.chinese))
    text = chinese[0] + (f"（{'，'.join(chinese[1:])}）" if len(chinese) > 1 else "")
    return Name(tuple(dict.fromkeys(part for part in english if part not in _SAYS_NOTHING)), text)


def base_name_of(row: AdemeRow) -> Name:
    """The name of what a farm or boat brings, without the way in which it was grown or caught."""
    base = _translation(row, row.french[0], _FARM)
    return Name((base.english or row.english[0],), base.chinese)


def with_reference(name: Name, unit: PrintedUnit) -> Name:
    """The name with what its unit measures, where that is not the good itself: "per mass of nitrogen (N)"."""
    if not unit.reference_id:
        return name
    english, chinese = unit.reference
    return Name((*name.english, english), f"{name.chinese}（{chinese}）")


def activity_id(family: str, *parts: str) -> str:
    """An id of a family from English texts: "product.food.apricot_pitted_raw"; what is too long is cut at a word."""
    words = [word for part in parts for word in _slug(part).split("_") if word]
    made = f"{family}.{words[0]}"
    for word in words[1:]:
        if len(made) + 1 + len(word) > LONGEST_ID:
            break
        made += f"_{word}"
    return made


def is_cut(family: str, made: str, *parts: str) -> bool:
    """Whether an id leaves out words, so that it may stand for two things."""
    return len(made) < len(f"{family}.") + len("_".join(_slug(part) for part in parts if _slug(part)))


def _slug(text: str) -> str:
    plain = unicodedata.normalize("NFKD", text.lower().replace("œ", "oe").replace("%", " percent")).encode("ascii", "ignore").decode()
    return re.sub("[^a-z0-9]+", "_", plain).strip("_")


def _translation(row: AdemeRow, part: str, tables: tuple[str, ...]) -> _Translation:
    """Our names for a French text: first for that text of this good alone ("Blé: tendre"), else of any."""
    known = _translations(tables)
    found = known.get(f"{row.french[0]}: {part}") or known.get(part)
    if found is None:
        raise UnmappedRow(f"{BASE_CARBONE} {row.id}: unknown name {part!r}: add it to a table tables/fr_ademe/names_*.csv")
    return found
