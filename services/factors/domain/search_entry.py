"""What a factor is found by: the words of its name, and those of its activity type, region, data set, year, unit, stage and purpose."""

from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha256

from ghg.unit_table import UNITS_BY_SPELLING
from ghg.units import unit
from services.factors.catalogue.region_names import REGION_NAMES, region_names
from services.factors.domain.regions import country_of
from services.factors.domain.words import LONGEST_WHOLE, folded, is_chinese, lexemes_of, singular, words_of

REVISION = 2  # raise it when words are made otherwise: what is stored is then made anew at the next start
STAGES = {
    "direct": "direct 直接",
    "upstream": "upstream, well to tank, WTT 上游",
    "transmission_losses": "transmission and distribution losses, T&D 输配电损失",
    "life_cycle": "life cycle, cradle to gate 生命周期",
}
PURPOSES = {
    "location_average": "location average 平均",
    "residual": "residual mix 剩余组合",
    "fossil": "fossil 化石",
    "ets_compliance": "ETS compliance, emissions trading 碳市场",
    "life_cycle": STAGES["life_cycle"],
}
# What people call a family of activity types, beside the names that its members have.
FAMILIES = {
    "accommodation": "hotel stay, lodging 酒店 住宿",
    "cooling": "cooling, chilled water 供冷 冷水",
    "electricity": "electricity, power 电力 用电",
    "freight": "freight, transport of goods, logistics 货运 运输 物流",
    "freight_distance": "freight, transport of goods, logistics 货运 运输 物流",
    "fuel": "fuel, combustion 燃料 燃烧",
    "heat": "heat, district heating 热力 供热",
    "material": "material 材料 原材料",
    "refrigerant": "refrigerant, coolant, leak, fugitive 制冷剂 冷媒 泄漏",
    "spend": "spend, purchase, goods and services 支出 采购",
    "steam": "steam 蒸汽",
    "travel": "travel, business trip 差旅 出行",
    "travel_distance": "travel, business trip 差旅 出行",
    "vehicle_fuel": "fuel, vehicle, fleet 车用燃料",
    "waste": "waste, garbage, disposal 废弃物 垃圾 处置",
    "water": "water 用水",
}
# Words of two spellings, each found by the other.
SYNONYMS = {"petrol": "gasoline", "aluminium": "aluminum", "lorry": "truck", "kerosene": "paraffin", "underground": "subway metro"}
SHORTEST_SPELT = 3


@dataclass(frozen=True, slots=True)
class Described:
    """What the search reads of a factor, its activity type and its data set."""

    id: str
    name_en: str
    name_zh: str
    activity_type: str
    activity_type_en: str
    activity_type_zh: str
    region: str
    data_year: int | None
    dataset: str
    dataset_name: str
    publisher: str
    stage: str
    purpose: str | None
    technology: str | None
    unit: str
    unit_kind: str
    source_row: str


@dataclass(frozen=True, slots=True)
class SearchEntry:
    """A factor as the search finds it.

    lexemes     in the text form of PostgreSQL's tsvector; those of the factor's own names have the weight A
    name_words  how long its English name is: of two that hold all words the shorter one is nearer
    spellings   the words that a misspelt one may have meant
    """

    factor: str
    lexemes: str
    name_words: int
    spellings: frozenset[str]


@lru_cache(maxsize=1)
def rules() -> str:
    """By what entries are made; of another text are those that must be made anew."""
    return f"{REVISION}-{sha256(REGION_NAMES.read_bytes()).hexdigest()[:12]}"


def entry_of(factor: Described) -> SearchEntry:
    """The entry of a factor; the same content makes the same entry."""
    names = (factor.name_en, factor.name_zh)
    about = (
        factor.activity_type_en, factor.activity_type_zh, factor.activity_type, _region(factor.region), factor.dataset, factor.dataset_name,
        factor.publisher, STAGES[factor.stage], PURPOSES.get(factor.purpose or "", factor.purpose or ""),
        factor.technology or "", _unit(factor.unit), factor.unit_kind, "" if factor.data_year is None else str(factor.data_year),
        FAMILIES.get(factor.activity_type.partition(".")[0], ""), _synonyms(factor.name_en),
    )  # fmt: skip
    of_names = frozenset().union(*map(_lexemes, names))
    others = frozenset().union(*map(_lexemes, about), _ends_of_id(factor.activity_type), _as_published(factor.source_row)) - of_names
    return SearchEntry(
        factor.id,
        " ".join([*(f"{quoted(one)}:1A" for one in sorted(of_names)), *(f"{quoted(one)}:1" for one in sorted(others))]),
        len(words_of(factor.name_en)),
        frozenset().union(*map(_spellings, names), *map(_spellings, about)),
    )


@lru_cache(maxsize=20_000)
def quoted(lexeme: str) -> str:
    """A lexeme as PostgreSQL's text search reads it, whatever signs it holds."""
    return "'" + lexeme.replace("\\", "\\\\").replace("'", "''") + "'"


@lru_cache(maxsize=1_000)
def _lexemes(text: str) -> frozenset[str]:
    return lexemes_of(text)


@lru_cache(maxsize=1_000)
def _synonyms(name: str) -> str:
    words = {singular(word) for word in words_of(name)}
    return " ".join(other for one, other in SYNONYMS.items() if one in words)


def _as_published(source_row: str) -> frozenset[str]:
    """The publisher's own words for it, in whatever language, without its numbers and units."""
    return frozenset(singular(word) for word in words_of(source_row) if word.isalpha() and len(word) >= SHORTEST_SPELT)


@lru_cache(maxsize=1_000)
def _region(region: str) -> str:
    codes = dict.fromkeys([region, country_of(region) or region])  # China's provinces are found by China too
    return " / ".join(f"{code} / {region_names().get(code, '')}" for code in codes)


@lru_cache(maxsize=1_000)
def _unit(symbol: str) -> str:
    known = unit(symbol)
    spellings = [spelling for spelling, other in UNITS_BY_SPELLING.items() if other == known]
    return " / ".join([symbol, known.name, *spellings])


def _ends_of_id(activity_type: str) -> frozenset[str]:
    """`spend.naics.334111` is found as a whole and as `naics.334111`."""
    parts = folded(activity_type).split(".")
    return frozenset(".".join(parts[place:]) for place in range(len(parts) - 1))


@lru_cache(maxsize=1_000)
def _spellings(text: str) -> frozenset[str]:
    """The words of a text as they are compared, without those that cannot be misspelt."""
    words = words_of(text)
    chinese = [word for word in words if is_chinese(word) and 2 <= len(word) <= LONGEST_WHOLE]
    return frozenset(
        [*chinese, *(singular(word) for word in words if word.isalpha() and len(word) >= SHORTEST_SPELT and not is_chinese(word))]
    )
