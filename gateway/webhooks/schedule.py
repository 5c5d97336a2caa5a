"""What follows from an attempt: done, tried again later, or given up. source  Standard Webhooks 1.0, deliverability and reliability"""

import random
import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Literal

_MINUTE, _HOUR = timedelta(minutes=1), timedelta(hours=1)

# Before the first attempt, the second, …; each a little longer by chance, so that what failed together does not come back together.
PAUSES = (
    timedelta(0),
    timedelta(seconds=5),
    5 * _MINUTE,
    30 * _MINUTE,
    2 * _HOUR,
    5 * _HOUR,
    10 * _HOUR,
    14 * _HOUR,
    20 * _HOUR,
    24 * _HOUR,
)
JITTER = 0.2
LONGEST_RETRY_AFTER = 24 * _HOUR
GONE = 410
OVERLOADED = frozenset({429, 502, 504})
SLOWER = _MINUTE

_SECONDS = re.compile(r"[0-9]{1,9}")


@dataclass(frozen=True, slots=True)
class Attempt:
    """One request to a receiver and what came of it.

    status, answer  null where none came; `answer` is the first bytes of its body
    failure         why it counts as failed; null for a delivery
    retry_after     how long the receiver asks to be left alone
    """

    begun_at: datetime
    milliseconds: int
    status: int | None = None
    answer: str | None = None
    failure: str | None = None
    retry_after: timedelta | None = None


@dataclass(frozen=True, slots=True)
class Verdict:
    """What becomes of a delivery after an attempt.

    again_in  when `waiting`: until its next attempt
    rest      how long nothing else is sent to the endpoint either
    disable   why the endpoint gets nothing any more
    """

    state: Literal["delivered", "waiting", "failed"]
    again_in: timedelta = timedelta(0)
    rest: timedelta | None = None
    disable: str | None = None


def verdict(attempt: Attempt, attempts: int, most_attempts: int = len(PAUSES)) -> Verdict:
    """What follows from the last of `attempts` attempts."""
    if attempt.failure is None:
        return Verdict("delivered")
    if attempt.status == GONE:
        return Verdict("failed", disable="The receiver answered 410 Gone.")
    rest = attempt.retry_after
    if rest is None and attempt.status in OVERLOADED:
        rest = _with_jitter(SLOWER)
    if attempts >= most_attempts:
        return Verdict("failed", rest=rest)
    return Verdict("waiting", max(_with_jitter(PAUSES[attempts]), rest or timedelta(0)), rest)


def retry_after(header: str | None, now: datetime) -> timedelta | None:
    """What a Retry-After header asks for, a day at most; None where there is none that can be read. source  RFC 9110, section 10.2.3"""
    if header is None:
        return None
    if _SECONDS.fullmatch(header):
        asked = timedelta(seconds=int(header))
    else:
        try:
            until = parsedate_to_datetime(header)
        except ValueError:
            return None
        asked = (until if until.tzinfo else until.replace(tzinfo=UTC)) - now
    return min(max(asked, timedelta(0)), LONGEST_RETRY_AFTER)


def _with_jitter(pause: timedelta) -> timedelta:
    return pause * random.uniform(1, 1 + JITTER)
