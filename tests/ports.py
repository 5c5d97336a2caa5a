"""Ports for what tests start: each is given once, and workers that test side by side are given different ones."""

import os
import random
import socket
from contextlib import suppress

_FIRST, _EACH = 20_000, 1_000  # the system gives none below 32768 to outgoing connections by itself
_WORKER = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw")) % 10
_LEFT = random.SystemRandom().sample(range(_FIRST + _WORKER * _EACH, _FIRST + (_WORKER + 1) * _EACH), _EACH)


def free_port() -> int:
    """A port that is free, and stays so while what answers there is down."""
    while True:
        port = _LEFT.pop()
        with socket.socket() as attempt, suppress(OSError):
            attempt.bind(("127.0.0.1", port))
            return port
