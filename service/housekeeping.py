"""Keeps the database from growing for ever: what is old and done with goes, a little at a time."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import date, datetime
from functools import partial

from service.clock import Clock
from service.log.source import GROUPS
from service.settings import Settings
from service.store import (
    Database,
    Transaction,
    day_records,
    events,
    expiry,
    failures,
    history,
    matchings,
    positions,
    pruning,
    silences,
)
from service.store.space import give_back
from service.vitals import Vitals

_EVERY = 60.0  # seconds between rounds
_BREATH = 0.05  # seconds between two steps, for those who write
_ROWS = 200  # in one step
_PAGES = 64  # of SQLite's file in one step


class Housekeeping:
    """Deletes what no group has yet to read and nobody is owed, once it is as old as the settings say.

    Each step is a small transaction, and there is a pause behind it: a writer that comes meanwhile waits for one step
    at most. ``run`` it as leader; a second one would do the same again, and nothing else.
    """

    def __init__(self, settings: Settings, database: Database, clock: Clock, vitals: Vitals) -> None:
        self._settings = settings
        self._database = database
        self._clock = clock
        self._vitals = vitals

    async def run(self) -> None:
        """Tidy up without end; raises Unavailable where the database is."""
        while True:
            await self.tidy()
            self._vitals.beat("housekeeping", _EVERY)
            await self._clock.sleep(_EVERY)

    async def tidy(self) -> None:
        """Do what there is to do now."""
        await self._keep_accounts()  # first: people wait for the look that it makes quick
        log_step = self._forget_emptied if self._settings.kafka else self._forget
        await self._all(log_step)
        for forgotten in (expiry.messages_done, expiry.notices_done, expiry.letters_done, silences.forget):
            await self._all(partial(self._expire, forgotten))
        for forgotten in (failures.forget, matchings.forget):  # the latter after the alerts
            await self._all(partial(self._expire, forgotten))
        await self._all(self._forget_past)
        await self._all(self._forget_shared)
        await self._all(self._close_account)
        if self._database.one_machine:
            await self._all(self._give_back)

    async def _all(self, step: Callable[[], Awaitable[bool]]) -> None:
        """Take *step* until there is nothing left for it."""
        self._vitals.beat("housekeeping")
        while await step():
            self._vitals.beat("housekeeping")
            await asyncio.sleep(_BREATH)

    async def _forget(self) -> bool:
        """Events of the embedded log, behind every group."""
        before = await self._read()
        older = self._clock.now() - self._settings.retention
        async with self._database.transaction() as tx:
            return await pruning.forget(tx, before, older, _ROWS) == _ROWS

    async def _read(self) -> dict[str, int]:
        """By topic, before which event its group has read everything."""
        before = await events.after(self._database)  # first: what is appended from now on stays, whoever reads it when
        known = await positions.every(self._database)
        for group, topic in GROUPS.items():
            unread = await events.first_unread(self._database, topic, known.get((group, topic, 0), 0))
            if topic in before and unread is not None:
                before[topic] = min(before[topic], unread)
        return before

    async def _forget_emptied(self) -> bool:
        """Ids of events that are in Kafka and were emptied long ago."""
        async with self._database.transaction() as tx:
            return await pruning.forget_emptied(tx, self._clock.now() - self._settings.history, _ROWS) == _ROWS

    async def _expire(self, forgotten: Callable[[Transaction, datetime, int], Awaitable[int]]) -> bool:
        """What is done with, and older than the history."""
        async with self._database.transaction() as tx:
            return await forgotten(tx, self._clock.now() - self._settings.history, _ROWS) == _ROWS

    async def _forget_past(self) -> bool:
        """What filings said, if it is not kept for ever."""
        before = self._settings.past(self._clock.now())
        if before is None:
            return False
        async with self._database.transaction() as tx:
            return await history.forget(tx, before, _ROWS) == _ROWS

    async def _forget_shared(self) -> bool:
        """What events and messages that are gone had in common."""
        async with self._database.transaction() as tx:
            return await pruning.forget_shared(tx, _ROWS) == _ROWS

    async def _keep_accounts(self) -> None:
        """The counts of each day of which nothing is missing."""
        day: date | None = date.min
        while day is not None:
            self._vitals.beat("housekeeping")
            async with self._database.transaction() as tx:
                day = await day_records.keep_counts(tx, day)
            await asyncio.sleep(_BREATH)

    async def _close_account(self) -> bool:
        """What the index of a day lists, where the day's counts will do."""
        async with self._database.transaction() as tx:
            return await expiry.account_closed(tx, (self._clock.now() - self._settings.history).date())

    async def _give_back(self) -> bool:
        """Pages of SQLite's file, where many are free."""
        async with self._database.transaction() as tx:
            return await give_back(tx, _PAGES)
