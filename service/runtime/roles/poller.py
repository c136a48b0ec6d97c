"""The role that reads EDGAR: the feed, documents, the indexes of the days, companies' lists."""

import asyncio
import random
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from contextlib import asynccontextmanager, suppress
from datetime import timedelta
from functools import partial
from typing import Any

import aiohttp

from service.clock import now
from service.edgar.client import EdgarClient
from service.edgar.pace import Pace
from service.model.errors import Unavailable
from service.poller import access
from service.poller.backfill import Backfiller
from service.poller.collect import Collector
from service.poller.live import LivePoller
from service.poller.reconcile import Reconciler
from service.poller.requests import Requests
from service.poller.tickers import TickerReader
from service.runtime.ground import Ground
from service.runtime.leader import Leader
from service.runtime.roles import Loops
from service.unbroken import unbroken


def loops(ground: Ground) -> Loops:
    """Of all processes with this role one reads EDGAR."""
    leader = Leader("poller", ground.database, now, ground.vitals)
    yield "poller", partial(leader.run, partial(_Poller(ground).run, leader))


async def background(ground: Ground) -> None:
    """What the role does beside reading the feed."""
    await _Poller(ground).background()


class _Poller:
    """The one that reads EDGAR."""

    def __init__(self, ground: Ground) -> None:
        self._ground = ground
        self._pace = Pace(ground.settings.sec_rate, ground.clock)  # outlives interruptions
        self._requests = Requests(ground.database, ground.clock, ground.vitals)

    async def run(self, leader: Leader) -> None:
        ground = self._ground
        async with self._edgar(leader.permit) as client, asyncio.TaskGroup() as group:
            poller = LivePoller(
                client,
                ground.database,
                forms=ground.settings.forms,
                rhythm=ground.settings.rhythm,
                since=ground.since,
                clock=ground.clock,
                vitals=ground.vitals,
            )
            group.create_task(poller.run(), name="feed")
            for name, loop in self._fetching(client):
                group.create_task(loop, name=name)

    async def background(self) -> None:
        async with self._edgar(lambda: None) as client, asyncio.TaskGroup() as group:
            for name, loop in self._fetching(client):
                group.create_task(loop, name=name)

    def _fetching(self, client: EdgarClient) -> Iterator[tuple[str, Coroutine[Any, Any, None]]]:
        """Name and loop of what fetches, and of what finds what the feed does not show."""
        settings, database = self._ground.settings, self._ground.database
        clock, vitals = self._ground.clock, self._ground.vitals
        chance = random.Random()
        collector = Collector(client, database, give_up=settings.give_up, clock=clock, chance=chance, vitals=vitals)
        reconciler = Reconciler(
            client,
            database,
            forms=settings.forms,
            trusted_at=settings.reconcile_at,
            clock=clock,
            vitals=vitals,
        )
        backfiller = Backfiller(client, database, forms=settings.forms, clock=clock, vitals=vitals)
        yield "collector", collector.run()
        yield "reconciler", reconciler.run()
        yield "backfiller", backfiller.run()
        yield "requests", self._requests.run()
        yield "tickers", TickerReader(client, database, clock=clock, vitals=vitals).run()

    @asynccontextmanager
    async def _edgar(self, permit: Callable[[], None]) -> AsyncIterator[EdgarClient]:
        """The one client, which keeps to the blocks of earlier runs."""
        settings, database, clock = self._ground.settings, self._ground.database, self._ground.clock
        contact = settings.contact()
        await access.recall(database, self._pace, clock, timedelta(seconds=settings.block_seconds * 1.1))
        self._pace.begin()
        async with aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as session:
            try:
                yield EdgarClient(
                    session,
                    self._pace,
                    settings.sites,
                    contact,
                    clock,
                    block_seconds=settings.block_seconds,
                    patience=settings.sec_timeout_seconds,
                    refused=partial(access.remember, database),
                    permit=self._requests.permitted(permit),
                    watcher=self._requests,
                    way=settings.way,
                )
            finally:
                with suppress(Unavailable):  # then they are written by the next
                    await unbroken(self._requests.write())
