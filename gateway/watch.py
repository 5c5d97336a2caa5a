"""One timer for all exchanges with a service: most are over before anyone need look after them, and a timer for each is dear."""

import asyncio
from typing import Protocol

PERIOD_SECONDS = 0.05


class Watched(Protocol):
    def look_after(self, now: float) -> None:
        """Called in every period while it is under way, with the loop's time."""


class Watch:
    """Knows what is under way; while that is nothing, no timer runs."""

    def __init__(self) -> None:
        self._under_way: dict[Watched, None] = {}
        self._timer: asyncio.TimerHandle | None = None

    def begins(self, exchange: Watched) -> None:
        self._under_way[exchange] = None
        if self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(PERIOD_SECONDS, self._look)

    def ends(self, exchange: Watched) -> None:
        del self._under_way[exchange]

    def _look(self) -> None:
        loop = asyncio.get_running_loop()
        now = loop.time()
        for exchange in tuple(self._under_way):
            exchange.look_after(now)
        self._timer = loop.call_later(PERIOD_SECONDS, self._look) if self._under_way else None
