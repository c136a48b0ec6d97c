"""Sends what is owed: one lane a channel, so that a slow one holds up no other."""

import asyncio
import random
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

import structlog

from consumers.dispatcher.channelbook import ChannelBook
from consumers.dispatcher.guard import Guard
from consumers.dispatcher.lane import LOOK, Lane, Means
from consumers.dispatcher.schedule import RetrySchedule
from consumers.following import Snapshots
from service.model.identity import ChannelId, Revision
from service.store import Database, attempts, channels, claims, deliveries
from service.store.together import Together
from service.vitals import Vitals

_GRACE = timedelta(minutes=15)  # a worker of a newer configuration may know the channel: a deployment rolls

log = structlog.get_logger()


class Sender:
    """Sends every owed alert to its channel, until it is received or refused for good.

    The row that owes it was committed before, and the attempt is recorded after: a crash between sending and
    recording repeats that one request, with the same id. Cancelling ``run`` lets requests in flight end first.
    """

    def __init__(
        self,
        book: Snapshots[ChannelBook],
        guard: Guard,
        database: Database,
        schedule: RetrySchedule,
        clock: Callable[[], datetime],
        chance: random.Random,
        vitals: Vitals,
    ) -> None:
        self._book = book
        self._lanes: dict[ChannelId, tuple[Revision, asyncio.Task[None]]] = {}
        self._database = database
        self._clock = clock
        self._means = Means(
            guard=guard,
            database=database,
            attempts=Together(database, attempts.record),
            schedule=schedule,
            clock=clock,
            chance=chance,
            vitals=vitals,
        )

    async def run(self) -> None:
        """Send without end; raises Unavailable where the database is."""
        if self._database.one_machine:  # nobody else sends from it: claims are those of a run that died
            await claims.release(self._database)
        self._lanes.clear()
        async with asyncio.TaskGroup() as group:
            group.create_task(self._watch_for_missing(), name="missing channels")
            book = self._book.current
            while True:
                async with self._database.transaction() as tx:
                    await channels.served(tx, book.addressees)
                self._serve(book, group)
                book = await self._book.after(book)

    def _serve(self, book: ChannelBook, group: asyncio.TaskGroup) -> None:
        """A lane for each addressee as it stands in *book*; one that changed gets another. Requests in flight end."""
        for known, (revision, lane) in list(self._lanes.items()):
            if known not in book.addressees or book.addressees[known].revision != revision:
                lane.cancel()
                del self._lanes[known]
        for addressee in book.addressees.values():
            if addressee.id not in self._lanes:
                lane = group.create_task(Lane(addressee, self._means).run(), name=f"channel {addressee.name}")
                self._lanes[addressee.id] = (addressee.revision, lane)

    async def _watch_for_missing(self) -> None:
        """Mark channels that are owed something and not configured: it waits until they are, or are moved."""
        told: set[str] = set()
        grace = timedelta(0) if self._database.one_machine else _GRACE
        while True:
            now = self._clock()
            found = await channels.unserved(self._database, self._book.current.addressees, now - grace)
            new = [one for one in found if one not in told]
            if new:
                await self._tell_missing(new, now)
            told = told.intersection(found).union(new)
            await asyncio.sleep(LOOK)

    async def _tell_missing(self, missing: Sequence[str], now: datetime) -> None:
        waiting, names = await deliveries.pending(self._database), await channels.names(self._database)
        async with self._database.transaction() as tx:
            await channels.missing(tx, missing, now)
        for one in missing:
            log.warning(
                "channel_not_configured",
                channel=names[one],
                waiting=waiting.get(one, 0),
                help=f"what it is owed is kept: add or enable it, or: filingbell deliveries move {names[one]} OTHER",
            )
