"""The sender at work, and what came of it."""

import asyncio
import random
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from typing import Any

from consumers.dispatcher.channels import load
from consumers.dispatcher.door import doors
from consumers.dispatcher.guard import Guard
from consumers.dispatcher.schedule import RetrySchedule
from consumers.dispatcher.sender import Sender
from service.model.delivery import DeliveryState
from service.model.identity import WorkspaceId
from service.store import Database, deliveries
from service.vitals import Unwatched
from tests.kit.books import a_book
from tests.kit.filings import now
from tests.kit.receiver import SECRET

HOURLY = RetrySchedule(delays=(timedelta(hours=1),) * 3, jitter=0.0)
LONGEST = RetrySchedule().latest
FAST = RetrySchedule(delays=(timedelta(milliseconds=20),) * 3, jitter=0.0)


@asynccontextmanager
async def sending(
    database: Database,
    schedule: RetrySchedule = FAST,
    kind: str = "slack",
    pace: float | None = 0.0,
    quiet: str | None = None,
    most: int | None = None,
    clock: Callable[[], datetime] = now,
    settings: Mapping[str, Any] | None = None,
    guard: type[Guard] = Guard,
    of: Mapping[str, WorkspaceId] | None = None,
    **urls: str,
) -> AsyncIterator[None]:
    more: dict[str, Any] = {"secrets": [SECRET]} if kind == "webhook" else {}
    more |= {"pace_seconds": pace} if pace is not None and kind != "webhook" else {}
    more |= {"quiet": quiet} if quiet else {}
    more |= {"max_per_hour": most} if most else {}
    more |= settings or {}
    place = "server" if kind == "email" else "url"
    loaded = load({name: {"type": kind, place: url, **more} for name, url in urls.items()})
    async with doors() as opened:
        sender = Sender(
            a_book(loaded, of, kind),
            guard(opened, clock, str),
            database,
            schedule,
            clock,
            random.Random(1),
            Unwatched(),
        )
        task = asyncio.create_task(sender.run())
        try:
            yield
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)


def settled(database: Database, state: DeliveryState, count: int = 1) -> Callable[[], Awaitable[bool]]:
    async def condition() -> bool:
        found = await deliveries.counts(database)
        return sum(n for (_, name), n in found.items() if name == state) == count

    return condition
