"""Looks at the whole service, shared by all who ask within a few seconds."""

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Hashable
from datetime import date, datetime, timedelta
from typing import Any, TypeVar

from service.clock import Clock
from service.control.completeness import SpanAccount, account
from service.control.latency import Took, latency
from service.control.overview import Overview, overview, running
from service.log.source import Log
from service.settings import Settings
from service.store import Database
from service.store.processes import Process
from service.watch.checks import conditions
from service.watch.condition import Condition
from service.watch.look import Look

T = TypeVar("T")

_FRESH = timedelta(seconds=5)
_MOST = 32  # looks that are kept
_NAMED = 100  # missing filings


class Looks:
    """The service as it was a few seconds ago at most; every question raises Unavailable where the database is."""

    def __init__(self, database: Database, log: Log, settings: Settings, clock: Clock) -> None:
        self._database = database
        self._log = log
        self._settings = settings
        self._clock = clock
        self._kept: OrderedDict[Hashable, _Kept] = OrderedDict()

    async def conditions(self) -> tuple[Condition, ...]:
        """What is wrong."""
        return await self._shared("conditions", self._conditions)

    async def account(self, since: date, until: date) -> SpanAccount:
        """What is known of the days from *since* to *until*."""

        async def read(now: datetime) -> SpanAccount:
            return await account(self._database, since, until, self._settings.reconcile_at, now, _NAMED)

        return await self._shared(("account", since, until), read)

    async def latency(self, last: int) -> dict[str, Took]:
        """How long the *last* live filings took."""

        async def read(_now: datetime) -> dict[str, Took]:
            return await latency(self._database, last)

        return await self._shared(("latency", last), read)

    async def overview(self) -> Overview:
        """Whether it runs, how far it has read, and what it asks of the SEC."""

        async def read(now: datetime) -> Overview:
            return await overview(self._look(now))

        return await self._shared("overview", read)

    async def processes(self) -> tuple[Process, ...]:
        """Which processes run, and where."""

        async def read(now: datetime) -> tuple[Process, ...]:
            return await running(self._look(now))

        return await self._shared("processes", read)

    async def _conditions(self, now: datetime) -> tuple[Condition, ...]:
        return await conditions(self._look(now))

    def _look(self, now: datetime) -> Look:
        return Look(self._database, self._log, self._settings, now)

    async def _shared(self, what: Hashable, read: Callable[[datetime], Awaitable[T]]) -> T:
        """What *read* found a few seconds ago, or finds now: it looks once, whoever asks how often."""
        kept = self._kept.setdefault(what, _Kept())
        self._kept.move_to_end(what)
        if len(self._kept) > _MOST:
            self._kept.popitem(last=False)
        async with kept.turn:
            now = self._clock.now()
            if kept.at is None or not timedelta() <= now - kept.at <= _FRESH:
                kept.found, kept.at = await read(now), now
            found: T = kept.found
            return found


class _Kept:
    """What was found."""

    def __init__(self) -> None:
        self.turn = asyncio.Lock()
        self.at: datetime | None = None  # None: nothing was found yet
        self.found: Any = None
