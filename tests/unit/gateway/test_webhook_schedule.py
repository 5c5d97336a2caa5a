"""What follows from an attempt, and when the next one comes."""

from datetime import UTC, datetime, timedelta

import pytest

from gateway.webhooks.schedule import Attempt, retry_after, verdict

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
MINUTES, HOURS = timedelta(minutes=1), timedelta(hours=1)


def attempt(status: int | None = None, *, asked: timedelta | None = None) -> Attempt:
    failure = None if status is not None and status < 300 else "it failed"
    return Attempt(NOW, 12, status, None, failure, asked)


@pytest.mark.parametrize("status", [200, 201, 202, 204])
def test_an_answer_of_2xx_is_a_delivery(status: int) -> None:
    assert verdict(attempt(status), 1).state == "delivered"


@pytest.mark.parametrize("status", [None, 301, 400, 401, 404, 500, 503])
def test_the_pauses_between_attempts_grow_as_the_specification_says(status: int | None) -> None:
    pauses = [timedelta(seconds=5), 5 * MINUTES, 30 * MINUTES, 2 * HOURS, 5 * HOURS, 10 * HOURS, 14 * HOURS, 20 * HOURS, 24 * HOURS]

    verdicts = [verdict(attempt(status), number) for number in range(1, 11)]

    assert [each.state for each in verdicts] == ["waiting"] * 9 + ["failed"]
    for each, pause in zip(verdicts[:9], pauses, strict=True):
        assert pause <= each.again_in <= 1.2 * pause
    assert all(each.rest is None and each.disable is None for each in verdicts)


def test_what_failed_together_does_not_come_back_together() -> None:
    assert len({verdict(attempt(500), 3).again_in for _ in range(20)}) > 1


def test_who_is_gone_is_asked_no_more() -> None:
    gone = verdict(attempt(410), 1)

    assert gone.state == "failed"
    assert gone.disable is not None


@pytest.mark.parametrize("status", [429, 502, 504])
def test_an_overloaded_receiver_rests_from_every_delivery(status: int) -> None:
    overloaded = verdict(attempt(status), 1)

    assert overloaded.state == "waiting"
    assert overloaded.rest is not None
    assert overloaded.again_in >= overloaded.rest >= MINUTES


def test_a_receiver_that_asks_for_time_is_given_it() -> None:
    asked = verdict(attempt(503, asked=3 * HOURS), 1)

    assert (asked.again_in, asked.rest) == (3 * HOURS, 3 * HOURS)


def test_a_short_wish_does_not_shorten_the_schedule() -> None:
    assert verdict(attempt(503, asked=timedelta(seconds=1)), 4).again_in >= 2 * HOURS


@pytest.mark.parametrize(
    ("header", "pause"),
    [
        (None, None),
        ("120", timedelta(seconds=120)),
        ("0", timedelta(0)),
        ("Sun, 01 Mar 2026 12:05:00 GMT", 5 * MINUTES),
        ("Sun, 01 Mar 2026 11:00:00 GMT", timedelta(0)),
        ("Sun, 01 Mar 2099 12:00:00 GMT", 24 * HOURS),
        ("999999999", 24 * HOURS),
        ("99999999999999999999", None),
        ("-1", None),
        ("soon", None),
        ("", None),
        ("١٢", None),
    ],
)
def test_retry_after_is_read_as_seconds_or_as_a_date_and_is_a_day_at_most(header: str | None, pause: timedelta | None) -> None:
    assert retry_after(header, NOW) == pause
