"""How many requests a client may send: quotas by the kind of client, counted in the memory of this process.

Each gateway process counts for itself, so behind n of them a client has up to n quotas. A batch counts as one request.

A count is one number (the generic cell rate algorithm): the moment at which the client's quota would be whole again. Every request moves it
on by one n-th of the window; as long as it lies less than a window ahead, there is quota left.

source  draft-ietf-httpapi-ratelimit-headers-10, sections 3 and 4, for the headers; ITU-T I.371 for the algorithm
"""

import ipaddress
import math
import re
import time
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass

from gateway.forward import Header
from kernel.problems import Problem, problem_type

MOST_COUNTED = 100_000  # clients and addresses; beyond, the one that was longest away is forgotten
_ROUNDING = 1e-6

RATE_LIMITED = problem_type(
    "rate_limited",
    429,
    "Too many requests",
    "The quota named in the header `RateLimit-Policy` is used up; send again after Retry-After. Batches count as one request.",
)


@dataclass(frozen=True, slots=True)
class Quota:
    """Requests in a window of seconds: all at once, or spread over it."""

    requests: int
    seconds: int


# By kind of client; those without a token by their address.
QUOTAS: Mapping[str, Quota] = {
    "operator": Quota(60_000, 60),
    "ehs": Quota(60_000, 60),
    "service": Quota(60_000, 60),
    "app": Quota(6_000, 60),
    "verifier": Quota(6_000, 60),
    "partner": Quota(6_000, 60),
    "supplier": Quota(1_200, 60),
    "anonymous": Quota(6_000, 60),
    "token": Quota(1_200, 60),
    "failed_sign_in": Quota(30, 300),
}

_CHANGE = re.compile(r"([a-z_]+)=(?:(off)|([1-9]\d{0,8})/([1-9]\d{0,5}))")


def quotas_with(changes: str) -> dict[str, Quota]:
    """The quotas with an operator's changes, such as `ehs=120000/60,app=off`; `off` alone takes all of them away.

    raises  ValueError that says which change is wrong
    """
    if changes == "off":
        return {}
    quotas = dict(QUOTAS)
    for change in filter(None, changes.split(",")):
        match = _CHANGE.fullmatch(change.strip())
        if match is None or match[1] not in QUOTAS:
            raise ValueError(f"{change!r} is not of the form name=requests/seconds or name=off, with a name of {', '.join(QUOTAS)}")
        if match[2]:
            quotas.pop(match[1], None)
        else:
            quotas[match[1]] = Quota(int(match[3]), int(match[4]))
    return quotas


@dataclass(frozen=True, slots=True)
class Count:
    """What a request is told of its quota: headers for its answer, and the problem that refuses it where the quota is used up."""

    headers: tuple[Header, ...] = ()
    refusal: Problem | None = None


_UNCOUNTED = Count()


class Limits:
    """The counts of all clients and addresses. A name without a quota is not limited."""

    def __init__(self, quotas: Mapping[str, Quota]) -> None:
        self._quotas = quotas
        self._policies = {name: f'"{name}";q={quota.requests};w={quota.seconds}'.encode() for name, quota in quotas.items()}
        self._whole_at: OrderedDict[tuple[str, str], float] = OrderedDict()

    def count(self, name: str, who: str) -> Count:
        """Count one request against a quota; one that is refused costs nothing."""
        quota = self._quotas.get(name)
        if quota is None:
            return _UNCOUNTED
        now, key, step = time.monotonic(), (name, who), quota.seconds / quota.requests
        whole_at = max(self._whole_at.get(key, now), now) + step
        wait = whole_at - now - quota.seconds
        if wait > _ROUNDING:
            return self._refusal(name, whole_at - step - now, wait)
        self._whole_at[key] = whole_at
        self._whole_at.move_to_end(key)
        if len(self._whole_at) > MOST_COUNTED:
            self._whole_at.popitem(last=False)
        return Count(self._headers(name, int(_ROUNDING - wait / step), whole_at - now))

    def used_up(self, name: str, who: str) -> Count:
        """What is told of a quota that has nothing left, without counting a request."""
        quota, whole_at = self._quotas.get(name), self._whole_at.get((name, who))
        if quota is None or whole_at is None:
            return _UNCOUNTED
        whole_in = whole_at - time.monotonic()
        wait = whole_in + quota.seconds / quota.requests - quota.seconds
        return self._refusal(name, whole_in, wait) if wait > _ROUNDING else _UNCOUNTED

    def _refusal(self, name: str, whole_in: float, wait: float) -> Count:
        quota = self._quotas[name]
        detail = f"The quota {name} of {quota.requests} in {quota.seconds} s is used up."
        problem = Problem(RATE_LIMITED, detail, headers={"Retry-After": str(max(1, math.ceil(wait - _ROUNDING)))})
        return Count(self._headers(name, 0, whole_in), problem)

    def _headers(self, name: str, left: int, whole_in: float) -> tuple[Header, ...]:
        state = b'"%b";r=%d;t=%d' % (name.encode(), left, math.ceil(whole_in - _ROUNDING))
        return (b"ratelimit-policy", self._policies[name]), (b"ratelimit", state)


def network_of(address: str) -> str:
    """What one stands for that sends from an address: itself, and with IPv6 its network, of which anyone has 2^64 addresses.

    What is no address stands for one and the same, or whoever makes names up would have a quota for each.
    """
    try:
        parsed = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return "unknown"
    if isinstance(parsed, ipaddress.IPv4Address):
        return str(parsed)
    return str(parsed.ipv4_mapped or ipaddress.IPv6Network((int(parsed) >> 64 << 64, 64)))
