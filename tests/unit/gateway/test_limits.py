"""Quotas: what is counted, what is told, and when a client may send again. The clock is the test's."""

import pytest

from gateway import limits
from gateway.limits import QUOTAS, Limits, Quota, network_of, quotas_with
from gateway.scopes import KINDS


class Clock:
    def __init__(self) -> None:
        self.now = 1_000_000.0

    def monotonic(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(limits, "time", clock)
    return clock


def told(count: limits.Count) -> str:
    return dict(count.headers)[b"ratelimit"].decode()


def test_a_quota_may_be_used_at_once_and_is_told_with_every_request(clock):
    all_limits = Limits({"app": Quota(3, 60)})

    counts = [all_limits.count("app", "a") for _ in range(3)]

    assert [told(count) for count in counts] == ['"app";r=2;t=20', '"app";r=1;t=40', '"app";r=0;t=60']
    assert {dict(count.headers)[b"ratelimit-policy"] for count in counts} == {b'"app";q=3;w=60'}
    assert all(count.refusal is None for count in counts)


def test_beyond_its_quota_a_client_is_told_when_to_come_again_and_may_then(clock):
    all_limits = Limits({"app": Quota(3, 60)})
    for _ in range(3):
        all_limits.count("app", "a")
    clock.now += 5.5

    refused = all_limits.count("app", "a")

    assert refused.refusal is not None
    assert (refused.refusal.type.code, refused.refusal.type.status) == ("rate_limited", 429)
    assert refused.refusal.headers["Retry-After"] == "15"
    assert told(refused) == '"app";r=0;t=55'
    clock.now += 15
    assert all_limits.count("app", "a").refusal is None
    assert all_limits.count("app", "a").refusal is not None


def test_whoever_keeps_to_the_rate_is_never_refused_and_refusals_cost_nothing(clock):
    all_limits = Limits({"app": Quota(10, 60)})
    for _ in range(1_000):
        while all_limits.count("app", "a").refusal is None:
            pass
        clock.now += 6.0
        assert all_limits.count("app", "a").refusal is None


def test_over_any_long_time_no_more_pass_than_the_quota_allows(clock):
    all_limits = Limits({"app": Quota(100, 60)})
    passed = 0
    for _ in range(6_000):
        clock.now += 0.1
        passed += all_limits.count("app", "a").refusal is None

    assert passed == 100 + 1_000 - 1  # the quota at once, and what 600 seconds bring; the first came at the beginning


def test_clients_and_quotas_are_counted_apart(clock):
    all_limits = Limits({"app": Quota(1, 60), "token": Quota(1, 60)})
    all_limits.count("app", "a")

    assert all_limits.count("app", "a").refusal is not None
    assert all_limits.count("app", "b").refusal is None
    assert all_limits.count("token", "a").refusal is None


def test_looking_costs_nothing(clock):
    all_limits = Limits({"failed_sign_in": Quota(1, 60)})

    assert [all_limits.used_up("failed_sign_in", "a").refusal for _ in range(3)] == [None] * 3
    all_limits.count("failed_sign_in", "a")
    clock.now += 20
    refused = all_limits.used_up("failed_sign_in", "a").refusal

    assert refused is not None
    assert refused.headers["Retry-After"] == "40"
    clock.now += 40
    assert all_limits.used_up("failed_sign_in", "a").refusal is None


def test_what_has_no_quota_is_neither_limited_nor_told(clock):
    count = Limits({}).count("app", "a")

    assert (count.headers, count.refusal) == ((), None)


def test_memory_is_bounded_and_keeps_those_who_send(clock, monkeypatch):
    monkeypatch.setattr(limits, "MOST_COUNTED", 10)
    all_limits = Limits({"anonymous": Quota(1, 60)})
    all_limits.count("anonymous", "first")
    for number in range(10):
        all_limits.count("anonymous", str(number))

    assert all_limits.count("anonymous", "9").refusal is not None
    assert all_limits.count("anonymous", "first").refusal is None, "the one that was longest away is forgotten"


def test_every_kind_of_client_has_a_quota_and_pushers_have_the_most():
    assert {*KINDS, "anonymous", "token", "failed_sign_in"} == QUOTAS.keys()
    assert QUOTAS["ehs"].requests / QUOTAS["ehs"].seconds == max(quota.requests / quota.seconds for quota in QUOTAS.values())


def test_an_operator_changes_quotas_takes_them_away_one_by_one_or_all():
    changed = quotas_with("ehs=120000/60, app=off")

    assert changed["ehs"] == Quota(120_000, 60)
    assert "app" not in changed
    assert changed["supplier"] == QUOTAS["supplier"]
    assert quotas_with("") == QUOTAS
    assert quotas_with("off") == {}


@pytest.mark.parametrize(
    "changes", ["ehs", "ehs=", "ehs=0/60", "ehs=5", "ehs=5/0", "ehs=-1/60", "ehs=1.5/60", "nobody=5/60", "off,ehs=1/1"]
)
def test_a_change_that_cannot_be_meant_is_refused_by_its_name(changes):
    with pytest.raises(ValueError, match=changes.partition(",")[0]):
        quotas_with(changes)


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("192.0.2.1", "192.0.2.1"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
        ("fe80::1%eth0", "fe80::/64"),
    ],
)
def test_an_ipv6_network_counts_as_one_address(address, network):
    assert network_of(address) == network


@pytest.mark.parametrize("made_up", ["", "somebody", "no:address", "192.0.2.1.5", "192.0.2.1, 192.0.2.2"])
def test_all_that_is_no_address_counts_as_one(made_up):
    assert network_of(made_up) == "unknown"
