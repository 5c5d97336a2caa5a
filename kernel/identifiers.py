"""Identifiers that sort by the time at which they were made."""

import os
import time
from uuid import UUID


def uuid7() -> UUID:
    """A new UUID version 7: 48 bits of milliseconds, then random bits.

    source  RFC 9562, section 5.7
    """
    random = int.from_bytes(os.urandom(10), "big")
    value = (time.time_ns() // 1_000_000) << 80 | 0x7 << 76 | (random >> 68 & 0xFFF) << 64 | 0b10 << 62 | random & ((1 << 62) - 1)
    return UUID(int=value)
