"""Client secrets: made of 256 random bits, shown once, kept as SHA-256, compared in constant time."""

import hashlib
import hmac
import secrets
from collections.abc import Iterable

PREFIX = "baseyear_"  # so that a scanner for leaked secrets recognises one


def new_secret() -> str:
    return PREFIX + secrets.token_urlsafe(32)


def digest(secret: str) -> bytes:
    """What is kept of a secret. A plain hash is enough: nobody guesses 256 random bits."""
    return hashlib.sha256(secret.encode()).digest()


def matches(secret: str, digests: Iterable[bytes]) -> bool:
    """Whether a secret is one of those that are kept; takes as long for a wrong one as for a right one."""
    offered = digest(secret)
    return True in [hmac.compare_digest(offered, kept) for kept in digests]
