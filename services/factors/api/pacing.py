"""Long answers computed in short turns, so that other requests of the process get theirs."""

import asyncio
from time import perf_counter

TURN_SECONDS = 0.02


class Pace:
    """Gives way whenever the turn has lasted long enough."""

    def __init__(self) -> None:
        self._turn_began = perf_counter()

    async def step(self) -> None:
        """To be called between two items."""
        if perf_counter() - self._turn_began > TURN_SECONDS:
            await asyncio.sleep(0)
            self._turn_began = perf_counter()
