"""Ownership and control as their owner describes them."""

from datetime import date

from services.inventory.domain.countries import COUNTRIES
from services.inventory.domain.group_entities import Control, EntityContent, Ownership, control_always


def entity(*ownership: Ownership) -> EntityContent:
    return EntityContent("a", "A", "CN", None, ownership, ())


def test_neither_the_order_of_intervals_nor_trailing_zeroes_make_another_content():
    early = Ownership(None, date(2020, 1, 1), "0.60", None)
    late = Ownership(date(2020, 1, 1), None, "1", None)

    assert entity(early, late).same_as(
        entity(Ownership(date(2020, 1, 1), None, "1.0", None), Ownership(None, date(2020, 1, 1), "0.6", None))
    )
    assert not entity(early, late).same_as(entity(late))


def test_a_control_that_is_not_stated_follows_the_majority_by_date():
    ownership = (Ownership(date(2015, 1, 1), date(2020, 1, 1), "0.5", None), Ownership(date(2020, 1, 1), None, "0.51", None))

    assert control_always(True, None, ownership) == (
        Control(None, date(2015, 1, 1), True, False),
        Control(date(2015, 1, 1), date(2020, 1, 1), True, False),
        Control(date(2020, 1, 1), None, True, True),
    )


def test_an_entity_without_ownership_is_wholly_owned_so_the_other_control_is_given():
    assert control_always(None, False, ()) == (Control(None, None, True, False),)


def test_control_that_is_not_stated_at_all_stays_unstated():
    assert control_always(None, None, ()) == ()


def test_the_countries_are_the_249_of_iso_3166():
    assert len(COUNTRIES) == 249
    assert {"CN", "TW", "HK", "GB"} <= COUNTRIES
    assert not {"UK", "XK", "EU"} & COUNTRIES
