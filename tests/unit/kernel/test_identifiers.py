"""Identifiers sort by the time at which they were made."""

import time

from kernel.identifiers import uuid7


def test_an_identifier_is_a_version_7_uuid() -> None:
    """source  RFC 9562, section 5.7"""
    made = uuid7()

    assert made.version == 7
    assert str(made)[19] in "89ab"


def test_its_first_48_bits_are_the_milliseconds_of_now() -> None:
    before = time.time_ns() // 1_000_000
    milliseconds = uuid7().int >> 80
    after = time.time_ns() // 1_000_000

    assert before <= milliseconds <= after


def test_a_later_one_sorts_behind() -> None:
    earlier = uuid7()
    time.sleep(0.002)

    assert str(earlier) < str(uuid7())


def test_identifiers_of_one_moment_differ() -> None:
    assert len({uuid7() for _ in range(10_000)}) == 10_000
