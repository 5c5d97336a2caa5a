"""Identifiers that sort by the time at which they were made."""

import random
import time
from uuid import UUID


def uuid7() -> UUID:
    """A new UUID version 7: 48 bits of milliseconds, then random bits. An identifier is no secret, so they need not be secret ones.

    source  RFC 9562, section 5.7
    """
    milliseconds = time.time_ns() // 1_000_000
    value = milliseconds << 80 | 0x7 << 76 | random.getrandbits(12) << 64 | 0b10 << 62 | random.getrandbits(62)
    return UUID(int=value)
