"""A clock that passes when nothing is to be sent, so that days of sending take a moment."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

from service.store import Database, claims, deliveries
from service.store.claims import CLAIM
from tests.kit.sending import LONGEST

PATIENCE = 120.0  # seconds until a test gives up


class Leaping:
    """A clock that stands still until there is nothing to send, and then leaps to when there is."""

    def __init__(self, database: Database, at: datetime, interval: timedelta = timedelta(0)) -> None:
        self.at = at
        self._database = database
        self._interval = interval

    def now(self) -> datetime:
        """Its time."""
        return self.at

    async def until(self, condition: Callable[[], Awaitable[bool]]) -> None:
        """Return once *condition* holds."""
        async with asyncio.timeout(PATIENCE):
            while not await condition():
                await asyncio.sleep(0.002)
                for queue in await claims.queues(self._database):
                    if queue.state.claimed is None:
                        free = queue.state.free(self.at, self._interval, CLAIM, LONGEST)
                        await self._leap(queue.state.channel, max(free, queue.first))

    async def _leap(self, channel: str, at: datetime) -> None:
        if at > self.at:
            self.at = at
            async with self._database.transaction() as tx:
                tx.ring(deliveries.bell(channel))
