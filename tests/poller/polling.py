"""The poller and the collector, running against the look-alike of EDGAR, and what they published."""

import asyncio
import random
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import date, timedelta
from typing import Any

from service.clock import SystemClock
from service.model.filing import FilingEvent
from service.poller.collect import Collector
from service.poller.live import LivePoller
from service.store import Database, events
from service.vitals import Unwatched, Vitals
from service.wire import decode
from service.wire.topics import Topic
from tests.kit.asking import asking
from tests.kit.clocks import RHYTHM, TODAY


@asynccontextmanager
async def polling(
    url: str,
    database: Database,
    *,
    since: date | None = TODAY,
    rate: float = 2000,
    contact: str = "Tests tests@example.com",
    block_seconds: float = 600,
    give_up: timedelta = timedelta(hours=24),
    permit: Callable[[], None] = lambda: None,
    watcher: Vitals | None = None,
) -> AsyncIterator[asyncio.Task[None]]:
    """The poller and the collector, running."""
    timing: dict[str, Any] = {"clock": SystemClock(), "vitals": Unwatched()}
    async with asking(
        url, database, rate=rate, contact=contact, block_seconds=block_seconds, permit=permit, watcher=watcher
    ) as client:
        poller = LivePoller(client, database, forms=("4",), rhythm=RHYTHM, since=since, **timing)
        collector = Collector(client, database, give_up=give_up, chance=random.Random(1), **timing)

        async def both() -> None:
            async with asyncio.TaskGroup() as group:
                group.create_task(poller.run())
                group.create_task(collector.run())

        task = asyncio.create_task(both())
        try:
            yield task
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)


async def published(database: Database) -> list[FilingEvent]:
    records = await events.read(database, Topic.FILINGS, 0, 100_000)
    return [decode(record.value, FilingEvent) for record in records]


async def accessions(database: Database) -> list[str]:
    return [event.filing.accession for event in await published(database)]


def has_published(database: Database, count: int) -> Callable[[], "asyncio.Future[bool]"]:
    async def condition() -> bool:
        return (await events.counts(database)).get(Topic.FILINGS, 0) >= count

    return condition  # type: ignore[return-value]
