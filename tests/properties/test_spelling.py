"""Misspellings: the distance between words is one, and never passes its bound."""

from hypothesis import given
from hypothesis import strategies as st

from services.factors.domain.spelling import edits, letters

WORDS = st.text(alphabet="abcde天然气", min_size=1, max_size=9)


@given(WORDS, WORDS)
def test_words_are_as_far_from_each_other_in_both_directions(word: str, other: str) -> None:
    assert edits(word, other, 2) == edits(other, word, 2)


@given(WORDS, WORDS, st.integers(0, 3))
def test_a_bound_only_hides_what_is_farther(word: str, other: str, most: int) -> None:
    distance = edits(word, other, 20)

    assert distance is not None
    assert edits(word, other, most) == (distance if distance <= most else None)
    assert (distance == 0) == (word == other)


@given(WORDS, st.data())
def test_one_slip_is_one_edit(word: str, data: st.DataObject) -> None:
    place = data.draw(st.integers(0, len(word) - 1))
    letter = data.draw(st.sampled_from("abcde"))
    slips = [
        word[:place] + word[place + 1 :],
        word[:place] + letter + word[place:],
        word[:place] + letter + word[place + 1 :],
        word[:place] + word[place : place + 2][::-1] + word[place + 2 :],
    ]

    assert {edits(slip, word, 2) for slip in slips} <= {0, 1}


@given(WORDS, WORDS)
def test_an_edit_changes_no_more_than_two_of_the_letters_that_are_compared_first(word: str, other: str) -> None:
    distance = edits(word, other, 20)

    assert distance is not None
    assert (letters(word) ^ letters(other)).bit_count() <= 2 * distance
    assert 0 <= letters(word) < 2**31
