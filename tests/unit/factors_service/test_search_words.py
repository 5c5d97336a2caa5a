"""What the text search makes of words: folding, Chinese, misspellings, and what each word of a question must find."""

import pytest

from services.factors.catalogue.region_names import region_names
from services.factors.domain.search_entry import Described, entry_of
from services.factors.domain.search_question import MOST_WORDS, TooManyWords, sought, words_asked
from services.factors.domain.spelling import MOST_MEANT, edits, edits_allowed, meant
from services.factors.domain.words import lexemes_of, singular, words_of


def test_letters_are_compared_without_case_accent_and_typography() -> None:
    assert words_of("Électricité, CO₂ per m³ — GÖTEBORG") == ["electricite", "co2", "per", "m3", "goteborg"]


def test_characters_that_are_written_for_each_other_are_one() -> None:
    assert words_of("蒸汽 其它") == words_of("蒸气 其他") == ["蒸气", "其他"]


def test_chinese_stands_apart_from_the_letters_around_it() -> None:
    assert words_of("R-410A制冷剂（3.5吨）") == ["r", "410a", "制冷剂", "3.5", "吨"]


def test_a_possessive_is_its_owner() -> None:
    assert words_of("Men's clothing, infants’ clothing") == ["men", "clothing", "infants", "clothing"]


@pytest.mark.parametrize(
    ("word", "expected"),
    [("trucks", "truck"), ("batteries", "battery"), ("glass", "glass"), ("gas", "gas"), ("ies", "ies"), ("33s", "33s")],
)
def test_a_plural_is_compared_by_its_singular(word: str, expected: str) -> None:
    assert singular(word) == expected


def test_a_linked_word_is_found_by_its_parts_and_written_as_one() -> None:
    assert lexemes_of("HFC-134a") == {"hfc", "134a", "hfc134a"}


def test_a_chinese_phrase_is_found_by_its_characters_their_pairs_and_as_a_whole() -> None:
    assert lexemes_of("天然气") == {"天", "然", "气", "天然", "然气", "=天然气"}


@pytest.mark.parametrize(
    ("word", "other", "expected"),
    [
        ("natrual", "natural", 1),  # two neighbours exchanged
        ("deisel", "diesel", 1),
        ("petrl", "petrol", 1),  # one left out
        ("ccoal", "coal", 1),  # one too many
        ("天然汽", "天然气", 1),  # another one
        ("refrigirent", "refrigerant", 2),
        ("diesel", "diesel", 0),
        ("coal", "gas", None),
        ("abcdef", "fedcba", None),
    ],
)
def test_edits_between_words(word: str, other: str, expected: int | None) -> None:
    assert edits(word, other, most=2) == expected


@pytest.mark.parametrize(
    ("word", "allowed"),
    [("gas", 0), ("coal", 1), ("electricity", 2), ("334111", 0), ("r410a", 0), ("气", 0), ("柴由", 1), ("液化石油气体", 2)],
)
def test_a_short_word_a_year_and_a_code_are_taken_as_written(word: str, allowed: int) -> None:
    assert edits_allowed(word) == allowed


def test_the_nearest_words_are_meant_and_not_more_than_the_bound() -> None:
    crowd = [f"diesel{first}{second}" for first in "abcdefghijkmn" for second in "abcdefgh"]

    found = meant("dieselxy", ["diesel", *crowd])

    assert found[1] == ()
    assert "diesel" in meant("dieselxy", ["diesel", "coal"])[2]
    assert sum(map(len, found.values())) == MOST_MEANT
    assert found == meant("dieselxy", reversed(["diesel", *crowd]))


def test_what_every_factor_is_says_nothing_unless_it_is_all_that_is_asked() -> None:
    assert words_asked("the emission factors of natural gas") == ("natural", "gas")
    assert words_asked("广东电网的碳排放因子") == ("广东电网",)
    assert words_asked("Emission factor") == ("emission", "factor")


def test_an_activity_type_is_one_word() -> None:
    assert words_asked("Fuel.Natural_Gas kWh") == ("fuel.natural_gas", "kwh")


def test_a_long_run_of_chinese_is_asked_for_in_pieces() -> None:
    assert words_asked("工业园区集中供热热力管网") == ("工业园区集中供热", "热力管网")


def test_signs_without_a_word_ask_for_nothing() -> None:
    assert words_asked("% _ ' \\ & | ! :* 。") == ()


def test_more_words_than_the_bound_are_refused() -> None:
    assert len(words_asked(" ".join(f"w{number}" for number in range(MOST_WORDS)))) == MOST_WORDS
    with pytest.raises(TooManyWords):
        words_asked(" ".join(f"w{number}" for number in range(MOST_WORDS + 1)))


@pytest.mark.parametrize("word", ["coal", "fuel.coal", "煤", "天然气", "3.5"])
@pytest.mark.parametrize("meant_words", [{}, {1: ("cool",), 2: ("coral",)}], ids=["as written", "misspelt"])
def test_costs_rise_from_tier_to_tier(word: str, meant_words: dict) -> None:
    costs = [tier.cost for tier in sought(word, meant_words).tiers]

    assert costs == sorted(costs)
    assert costs[0] == 0


def test_a_word_is_exact_before_it_is_a_beginning_before_it_is_misspelt() -> None:
    assert [(tier.cost, tier.query) for tier in sought("coal", {1: ("cool", "coat")}).tiers] == [
        (0, "'coal':A"),
        (1, "'coal'"),
        (2, "'coal':*A"),
        (3, "'coal':*"),
        (4, "'cool':A | 'coat':A"),
        (5, "'cool' | 'coat'"),
    ]


def described(**changes: object) -> Described:
    content = {
        "id": "one", "name_en": "Grid electricity", "name_zh": "电网电力", "activity_type": "electricity.grid",
        "activity_type_en": "Grid electricity", "activity_type_zh": "电网电力", "region": "CN-GD", "data_year": 2022,
        "dataset": "cn-mee-2022", "dataset_name": "China electricity 2022", "publisher": "Ministry",
        "stage": "direct", "purpose": "location_average", "technology": None, "unit": "kWh", "unit_kind": "energy",
        "source_row": "line 28: average",
    }  # fmt: skip
    return Described(**(content | changes))  # type: ignore[arg-type]


def test_an_entry_holds_the_name_before_the_rest_and_the_names_of_the_region_and_of_its_country() -> None:
    entry = entry_of(described())

    assert {"'electricity':1A", "'=电网电力':1A"} <= set(entry.lexemes.split())
    assert {"'guangdong':1", "'广东':1", "'china':1", "'中国':1", "'2022':1", "'electricity.grid':1", "'kwh':1"} <= set(
        entry.lexemes.split()
    )
    assert entry.name_words == 2
    assert {"electricity", "guangdong", "广东", "电网电力"} <= entry.spellings
    assert not {"2022", "gd"} & entry.spellings


def test_an_entry_is_text_for_postgresql_whatever_signs_a_name_has() -> None:
    assert "''" not in entry_of(described(name_en="It's 5' \\ 'x' & (y) | z:*")).lexemes
    assert "'refrigerant.o''neil':1" in entry_of(described(activity_type="refrigerant.o'neil")).lexemes


def test_regions_have_names_in_both_languages() -> None:
    names = region_names()

    assert names["GB"] == "United Kingdom / Great Britain / UK / 英国 / 大不列颠"
    assert names["grid:CN-SOUTH"].startswith("Southern China grid")
    assert {code for code, text in names.items() if not any("\u4e00" <= sign <= "\u9fff" for sign in text)} == set()
    assert len([code for code in names if code.startswith("CN-")]) == 34  # ISO 3166-2:CN
    assert len([code for code in names if code.startswith("US-")]) == 51  # the states and the District of Columbia
