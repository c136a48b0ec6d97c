"""A clock that passes when nothing is to be sent, so that days of sending take a moment."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime, timedelta

from service.store import Database, claims, deliveries
from service.store.claims import CLAIM, Queue
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
                queues = await claims.queues(self._database)
                if queues and all(queue.state.claimed is None for queue in queues):
                    await self._leap(min(map(self._next, queues)), [queue.state.channel for queue in queues])

    def _next(self, queue: Queue) -> datetime:
        """When the first that waits in *queue* may go."""
        return max(queue.state.free(self.at, self._interval, CLAIM, LONGEST), queue.first)

    async def _leap(self, at: datetime, channels: Sequence[str]) -> None:
        if at > self.at:
            self.at = at
            async with self._database.transaction() as tx:
                for channel in channels:
                    tx.ring(deliveries.bell(channel))
