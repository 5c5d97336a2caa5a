"""What a new pack means for the stored factors."""

from services.factors.domain.succession import Change, StoredState, succession


def test_a_new_id_of_a_known_key_supersedes_the_older_one() -> None:
    steps = succession([StoredState("old", "diesel", "national", "published")], {"new": "diesel"}, {"national"})

    assert steps.leaving == (Change("old", "superseded", "new"),)
    assert steps.new == {"new"}


def test_a_factor_that_the_pack_still_has_is_left_alone() -> None:
    steps = succession([StoredState("same", "same", "national", "published")], {"same": "same"}, {"national"})

    assert (steps.leaving, steps.returning, steps.new) == ((), (), frozenset())


def test_a_dropped_factor_is_withdrawn_only_if_its_data_set_is_still_there() -> None:
    stored = [StoredState("dropped", "a", "national", "published"), StoredState("of others", "b", "own", "published")]

    assert succession(stored, {}, {"national"}).leaving == (Change("dropped", "withdrawn", None),)


def test_what_is_not_published_is_not_superseded_again() -> None:
    stored = [StoredState("oldest", "diesel", "national", "superseded"), StoredState("gone", "a", "national", "withdrawn")]

    assert succession(stored, {"new": "diesel"}, {"national"}).leaving == ()


def test_an_id_that_a_pack_brings_back_is_published_again() -> None:
    stored = [StoredState("first", "diesel", "national", "superseded"), StoredState("second", "diesel", "national", "published")]

    steps = succession(stored, {"first": "diesel"}, {"national"})

    assert steps.leaving == (Change("second", "superseded", "first"),)
    assert steps.returning == (Change("first", "published", None),)
