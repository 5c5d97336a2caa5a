"""When a replica is left in peace, and who tries it again."""

import pytest

from gateway.replicas import FAILURES_IN_A_ROW, REST_SECONDS, Circuit, Place


def failing(times: int, now: float = 0.0) -> Circuit:
    circuit = Circuit()
    for _ in range(times):
        circuit.failed(now)
    return circuit


def test_some_failures_change_nothing_and_a_success_between_begins_anew():
    circuit = failing(FAILURES_IN_A_ROW - 1)
    assert circuit.lets_through(0.0)

    circuit.succeeded()
    circuit.failed(0.0)

    assert circuit.lets_through(0.0)


def test_failures_in_a_row_close_the_way_for_a_rest():
    circuit = failing(FAILURES_IN_A_ROW)

    assert not circuit.lets_through(REST_SECONDS - 0.01)
    assert circuit.lets_through(REST_SECONDS)


def test_after_the_rest_one_request_tries_and_the_next_one_a_rest_later():
    circuit = failing(FAILURES_IN_A_ROW)
    circuit.tries(REST_SECONDS)

    assert not circuit.lets_through(2 * REST_SECONDS - 0.01)
    assert circuit.lets_through(2 * REST_SECONDS)


def test_a_trial_that_fails_begins_the_rest_anew():
    circuit = failing(FAILURES_IN_A_ROW)
    circuit.tries(REST_SECONDS)

    circuit.failed(1.5 * REST_SECONDS)
    assert not circuit.lets_through(2.5 * REST_SECONDS - 0.01)
    assert circuit.lets_through(2.5 * REST_SECONDS)


def test_a_success_opens_the_way_to_all():
    circuit = failing(FAILURES_IN_A_ROW)
    circuit.succeeded()

    assert circuit.lets_through(0.0)


@pytest.mark.parametrize(
    ("url", "place"),
    [
        ("http://factors:8000", Place(False, "factors", 8000, "factors:8000")),
        ("http://factors/", Place(False, "factors", 80, "factors")),
        ("https://factors.example", Place(True, "factors.example", 443, "factors.example")),
        ("http://[::1]:8000", Place(False, "::1", 8000, "[::1]:8000")),
    ],
)
def test_a_service_is_where_its_url_says(url, place):
    assert Place.of(url) == place


@pytest.mark.parametrize(
    "url", ["factors:8000", "ftp://factors", "http://", "http://factors/v1", "http://user@factors", "http://factors?x=1"]
)
def test_a_url_that_is_no_address_of_a_service_is_refused(url):
    with pytest.raises(ValueError, match="http://host:port"):
        Place.of(url)
