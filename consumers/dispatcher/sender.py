"""Sends what is owed: one lane a channel, so that a slow one holds up no other."""

import asyncio
import random
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta

import structlog

from consumers.dispatcher.channels import Channel
from consumers.dispatcher.guard import Guard
from consumers.dispatcher.lane import LOOK, Lane, Means
from consumers.dispatcher.schedule import RetrySchedule
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
        channels: Mapping[str, Channel],
        guard: Guard,
        database: Database,
        schedule: RetrySchedule,
        clock: Callable[[], datetime],
        chance: random.Random,
        vitals: Vitals,
    ) -> None:
        self._channels = channels
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
        async with self._database.transaction() as tx:
            await channels.served(tx, self._channels)
        async with asyncio.TaskGroup() as group:
            for name, channel in self._channels.items():
                group.create_task(Lane(name, channel, self._means).run(), name=f"channel {name}")
            group.create_task(self._watch_for_missing(), name="missing channels")

    async def _watch_for_missing(self) -> None:
        """Mark channels that are owed something and not configured: it waits until they are, or are moved."""
        told: set[str] = set()
        grace = timedelta(0) if self._database.one_machine else _GRACE
        while True:
            now = self._clock()
            found = await channels.unserved(self._database, self._channels, now - grace)
            new = [name for name in found if name not in told]
            if new:
                await self._tell_missing(new, now)
            told = told.intersection(found).union(new)
            await asyncio.sleep(LOOK)

    async def _tell_missing(self, names: Sequence[str], now: datetime) -> None:
        waiting = await deliveries.pending(self._database)
        async with self._database.transaction() as tx:
            await channels.missing(tx, names, now)
        for name in names:
            log.warning(
                "channel_not_configured",
                channel=name,
                waiting=waiting.get(name, 0),
                help=f"what it is owed is kept: configure it again, or: filingbell deliveries move {name} OTHER",
            )
