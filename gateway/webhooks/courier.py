"""The courier: takes up what is due and sends it, each webhook by itself, so that a slow receiver holds up no other."""

import asyncio
import contextlib
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from itertools import groupby
from uuid import UUID

import structlog

from gateway.webhooks import deliveries
from gateway.webhooks.deliveries import Leased
from gateway.webhooks.schedule import Attempt
from gateway.webhooks.sending import Sender
from kernel.database import Database

log = structlog.get_logger()

POLL_SECONDS = 0.5
HOUSEKEEPING_SECONDS = 3_600.0
MOST_UNDER_WAY = 256  # deliveries, each with a connection of its own


class Courier:
    """Sends the deliveries of all webhooks; every replica of the gateway has one."""

    def __init__(self, database: Database, sender: Sender) -> None:
        self._database = database
        self._sender = sender
        self._busy: dict[UUID, int] = {}  # how many deliveries of a webhook are under way
        self._returned = asyncio.Event()
        self._tidied_at = -HOUSEKEEPING_SECONDS

    async def run(self) -> None:
        async with asyncio.TaskGroup() as rounds:
            while True:
                self._returned.clear()
                try:
                    await self._tidy()
                    for webhook_id, batch in groupby(await self._lease(), lambda leased: leased.webhook_id):
                        together = list(batch)
                        self._busy[webhook_id] = len(together)
                        rounds.create_task(self._round(webhook_id, together))
                except Exception as error:  # an outage; what is leased comes again when the lease runs out
                    log.warning("courier_waits", error=repr(error))
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(POLL_SECONDS):
                        await self._returned.wait()

    async def _lease(self) -> list[Leased]:
        async with self._database.unit_of_work() as session:
            leased = await deliveries.lease(session, list(self._busy), MOST_UNDER_WAY - sum(self._busy.values()))
        return sorted(leased, key=lambda one: one.webhook_id)

    async def _round(self, webhook_id: UUID, batch: Sequence[Leased]) -> None:
        """Send some deliveries of one webhook at the same time."""
        try:
            await asyncio.gather(*(self._deliver(leased) for leased in batch))
        finally:
            del self._busy[webhook_id]
            self._returned.set()

    async def _deliver(self, leased: Leased) -> None:
        try:
            attempt = await self._sender.send(leased.outgoing)
        except Exception as error:  # a fault of ours: it counts as an attempt, or the delivery would be tried for ever
            log.error("webhook_not_sent", delivery=leased.outgoing.id, exc_info=error)
            attempt = Attempt(datetime.now(UTC), 0, failure="Baseyear failed to send it; the failure is logged.")

        async def settle() -> None:
            async with self._database.unit_of_work() as session:
                await deliveries.settle(session, leased, attempt)

        try:
            await self._database.retried(settle)
        except Exception as error:  # an outage; the same message is sent again when the lease runs out
            log.warning("webhook_attempt_not_kept", delivery=leased.outgoing.id, error=repr(error))

    async def _tidy(self) -> None:
        if time.monotonic() - self._tidied_at >= HOUSEKEEPING_SECONDS:
            async with self._database.unit_of_work() as session:
                await deliveries.forget_old(session)
            self._tidied_at = time.monotonic()
