"""Looks at the whole service, shared by all who ask within a few seconds."""

import asyncio
from datetime import timedelta

from service.clock import Clock
from service.log.source import Log
from service.settings import Settings
from service.store import Database
from service.watch.checks import conditions
from service.watch.condition import Condition
from service.watch.look import Look

_FRESH = timedelta(seconds=5)


class Looks:
    """The service as it was a few seconds ago at most."""

    def __init__(self, database: Database, log: Log, settings: Settings, clock: Clock) -> None:
        self._database = database
        self._log = log
        self._settings = settings
        self._clock = clock
        self._look: Look | None = None  # None: nobody has asked yet
        self._turn = asyncio.Lock()

    async def conditions(self) -> tuple[Condition, ...]:
        """What is wrong; raises Unavailable where the database is."""
        async with self._turn:
            now = self._clock.now()
            if self._look is None or not timedelta() <= now - self._look.now <= _FRESH:
                self._look = Look(self._database, self._log, self._settings, now)
            return await conditions(self._look)
